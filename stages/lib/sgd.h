/*
 * sgd.h - stochastic gradient descent with momentum and weight decay, as in PyTorch:
 *
 *	v = momentum * v + grad + decay * value;  value -= rate * v
 */
#ifndef SGD_H
#define SGD_H

#include "net.h"

struct sgd {
	struct param *params;
	int n;
	float **velocity;
	float momentum, decay;
	bool clips;             /* whether clipping ranges learn (PACT); they stay positive */
};

struct sgd sgd_new(struct net *net, float momentum, float decay, bool clips);
void sgd_step(struct sgd *o, float rate);

#endif
