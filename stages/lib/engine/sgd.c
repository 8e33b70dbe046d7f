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

static void step_param(const struct sgd *o, struct param *p, float *velocity, float rate, float decay)
{
	(o->is_nesterov ? step_nesterov : step_plain)(p, velocity, rate, o->momentum, decay);
}

/* Clipping ranges, one by one: each stays above what is left of it at least. */
static void step_clips(const struct sgd *o, struct param *p, float *velocity, float rate, float decay)
{
	for (size_t k = 0; k < p->n; k++) {
		struct param one = { p->value + k, p->grad + k, 1, p->kind };
		float least = fminf(CLIP_LEAST, *one.value / 10);

		step_param(o, &one, velocity + k, rate, decay);
		if (*one.value < least)
			*one.value = least;
	}
}

void sgd_step(struct sgd *o, float rate)
{
#pragma omp parallel for schedule(dynamic) num_threads(threads())
	for (int i = 0; i < o->n; i++) {
		struct param *p = &o->params[i];
		bool is_batch_norm = p->kind == PARAM_BATCH_NORM || p->kind == PARAM_BIAS;
		float decay = is_batch_norm && !o->decays_batch_norm ? 0 : o->decay;

		if (p->kind == PARAM_WEIGHT_CLIP)
			step_clips(o, p, o->velocity[i], rate, 0);
		else if (p->kind != PARAM_CLIP)
			step_param(o, p, o->velocity[i], rate, decay);
		else if (o->clips)
			step_clips(o, p, o->velocity[i], rate, decay);
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
