/*
 * sgd.h - stochastic gradient descent with momentum and weight decay, as in PyTorch:
 *
 *	g = grad + decay * value;  v = momentum * v + g;  value -= rate * v,
 *
 * or, after Nesterov, rate * (g + momentum * v).
 */
#ifndef SGD_H
#define SGD_H

#include "engine/net.h"

struct sgd {
	struct param *params;
	int n;
	float **velocity;
	float momentum, decay;
	bool clips; /* whether clipping ranges learn (PACT); they stay positive */
	bool is_nesterov;
	bool spares_batch_norm; /* gamma, beta and biases do not decay */
};

/* The rule is plain: callers set the last two. */
struct sgd sgd_new(struct net *net, float momentum, float decay, bool clips);
void sgd_step(struct sgd *o, float rate);

/* The learning rate over all steps: from 0 up over a share of them, then constant or half a cosine. */
struct schedule {
	double rate, warmup;
	bool is_cosine;
};

double schedule_rate(const struct schedule *s, long step, long steps); /* step counts from 0 */

#endif
