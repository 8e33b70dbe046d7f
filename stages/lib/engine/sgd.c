#include "engine/sgd.h"
#include "core/threads.h"

#include <math.h>

#define REVISION 1 /* raise when the numbers change */

#define CLIP_LEAST 1e-3f /* least range; one that is small already keeps a tenth in a step */

struct sgd sgd_new(struct net *net, float momentum, float decay, bool clips)
{
	struct sgd o = { .momentum = momentum, .decay = decay, .clips = clips, .decays_batch_norm = true };

	o.params = net_params(net, &o.n);
	o.velocity = xmalloc((size_t)o.n, sizeof *o.velocity);
	for (int i = 0; i < o.n; i++)
		o.velocity[i] = xmalloc(o.params[i].n, sizeof **o.velocity);
	return o;
}

static void step_plain(struct param *p, float *v, float rate, float momentum, float decay)
{
	float *value = p->value;
	const float *grad = p->grad;

#pragma omp simd
	for (size_t k = 0; k < p->n; k++) {
		v[k] = momentum * v[k] + grad[k] + decay * value[k];
		value[k] -= rate * v[k];
	}
}

static void step_nesterov(struct param *p, float *v, float rate, float momentum, float decay)
{
	float *value = p->value;
	const float *grad = p->grad;

#pragma omp simd
	for (size_t k = 0; k < p->n; k++) {
		float g = grad[k] + decay * value[k];

		v[k] = momentum * v[k] + g;
		value[k] -= rate * (g + momentum * v[k]);
	}
}

void sgd_step(struct sgd *o, float rate)
{
#pragma omp parallel for schedule(dynamic) num_threads(threads())
	for (int i = 0; i < o->n; i++) {
		struct param *p = &o->params[i];
		bool is_batch_norm = p->kind == PARAM_BATCH_NORM || p->kind == PARAM_BIAS;
		float decay = is_batch_norm && !o->decays_batch_norm ? 0 : o->decay;
		float least = fminf(CLIP_LEAST, *p->value / 10);

		if (p->kind == PARAM_CLIP && !o->clips)
			continue;
		if (o->is_nesterov)
			step_nesterov(p, o->velocity[i], rate, o->momentum, decay);
		else
			step_plain(p, o->velocity[i], rate, o->momentum, decay);
		if (p->kind == PARAM_CLIP && *p->value < least)
			*p->value = least;
	}
}

bool sgd_is_finite(const struct sgd *o)
{
	for (int i = 0; i < o->n; i++)
		for (size_t k = 0; k < o->params[i].n; k++)
			if (!isfinite(o->params[i].value[k]))
				return false;
	return true;
}

double schedule_rate(const struct schedule *s, long step, long steps)
{
	double warm = s->warmup * (double)steps, x = (double)step;

	if (x < warm)
		return s->rate * (x + 1) / (warm + 1);
	if (!s->is_cosine)
		return s->rate;
	return s->rate * 0.5 * (1 + cos(3.14159265358979323846 * (x - warm) / ((double)steps - warm)));
}
