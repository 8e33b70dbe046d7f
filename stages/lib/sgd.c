#include "sgd.h"
#include "threads.h"

#include <math.h>

#define CLIP_LEAST 1e-3f        /* or, of a range that is small itself, a tenth of what it was */

struct sgd sgd_new(struct net *net, float momentum, float decay, bool clips)
{
	struct sgd o = { .momentum = momentum, .decay = decay, .clips = clips };

	o.params = net_params(net, &o.n);
	o.velocity = xmalloc((size_t)o.n, sizeof *o.velocity);
	for (int i = 0; i < o.n; i++)
		o.velocity[i] = xmalloc(o.params[i].n, sizeof **o.velocity);
	return o;
}

void sgd_step(struct sgd *o, float rate)
{
#pragma omp parallel for schedule(dynamic) num_threads(threads())
	for (int i = 0; i < o->n; i++) {
		struct param *p = &o->params[i];
		float *value = p->value, *v = o->velocity[i], momentum = o->momentum, decay = o->decay;
		const float *grad = p->grad, least = fminf(CLIP_LEAST, *value / 10);

		if (p->kind == PARAM_CLIP && !o->clips)
			continue;
#pragma omp simd
		for (size_t k = 0; k < p->n; k++) {
			v[k] = momentum * v[k] + grad[k] + decay * value[k];
			value[k] -= rate * v[k];
		}
		if (p->kind == PARAM_CLIP && *value < least)
			*value = least;
	}
}
