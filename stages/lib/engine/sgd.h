/*
 * sgd.h - stochastic gradient descent with momentum and weight decay, as in PyTorch:
 *
 *	g = grad + decay * value;  v = momentum * v + g;  value -= rate * v,
 *
 * or, after Nesterov, value -= rate * (g + momentum * v).
 *
 * Every parameter of a net (net.h) is one step ahead after sgd_step, in parallel over parameters; results do
 * not depend on the number of threads.  Nothing here can fail.
 */
#ifndef SGD_H
#define SGD_H

#include "engine/net.h"

struct sgd {
	struct param *params;
	int n;
	float **velocity; /* [n][params[i].n] */
	float momentum, decay;
	bool clips; /* whether clipping ranges learn (PACT); they stay positive */
	bool is_nesterov;
	bool decays_batch_norm; /* whether gamma, beta and biases decay, too */
};

/* PyTorch's defaults, which callers may change: no Nesterov, and everything decays. */
struct sgd sgd_new(struct net *net, float momentum, float decay, bool clips);
void sgd_step(struct sgd *o, float rate);
bool sgd_is_finite(const struct sgd *o); /* whether all parameters still are */

/* The learning rate: from 0 up over a share `warmup` of all steps, then constant or half a cosine to 0. */
struct schedule {
	double rate, warmup;
	bool is_cosine;
};

double schedule_rate(const struct schedule *s, long step, long steps); /* step counts from 0 */

#endif
