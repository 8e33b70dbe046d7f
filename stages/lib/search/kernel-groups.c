#include "search/kernel-groups.h"
#include "search/kernel-bits.h"

#include <math.h>
#include <stdlib.h>

#define REVISION 1   /* raise when the numbers change */
#define DEAD_SHARE 3 /* bits that a dead kernel is below the least of the others */

struct ranked {
	double logarithm; /* log2 of the sensitivity */
	int kernel;
};

static int by_sensitivity(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->logarithm > y->logarithm || x->logarithm < y->logarithm)
		return x->logarithm > y->logarithm ? -1 : 1;
	return x->kernel - y->kernel;
}

/* Logarithms of n sensitivities, of dead ones too, as far as they are trusted. */
static void take_logarithms(const double *s, int n, double trust, struct ranked *r)
{
	double least = INFINITY;

	for (int k = 0; k < n; k++)
		if (s[k] > 0)
			least = fmin(least, s[k]);
	if (isinf(least)) /* all are dead, and alike */
		least = 1;
	for (int k = 0; k < n; k++)
		r[k] = (struct ranked){ trust * log2(s[k] > 0 ? s[k] : ldexp(least, -2 * DEAD_SHARE)), k };
}

/* Sensitivities of the ranked, 1 in the mean. */
static void take_order(struct kernel_layer *l, const struct ranked *r)
{
	double mean = 0, sum = 0;

	for (int k = 0; k < l->kernels; k++)
		mean += r[k].logarithm / l->kernels;
	for (int k = 0; k < l->kernels; k++) {
		l->order[k] = r[k].kernel;
		l->sensitivity[k] = exp2(r[k].logarithm - mean);
		sum += l->sensitivity[k];
	}
	for (int k = 0; k < l->kernels; k++) {
		l->sensitivity[k] *= l->kernels / sum;
		l->group[k / l->together] += l->sensitivity[k];
	}
}

static void group_layer(struct kernel_layer *l, const struct layer *layer, const struct layer_weights *w,
                        struct kernel_order order)
{
	size_t n = (size_t)layer->cout;
	struct ranked *r = xmalloc(n, sizeof *r);
	double *s = xmalloc(n, sizeof *s);

	l->kernels = layer->cout;
	l->together = order.together;
	l->groups = (layer->cout + order.together - 1) / order.together;
	l->order = xmalloc(n, sizeof *l->order);
	l->sensitivity = xmalloc(n, sizeof *l->sensitivity);
	l->group = xmalloc((size_t)l->groups, sizeof *l->group);
	for (int i = 0; i < l->groups; i++)
		l->group[i] = 0;
	kernel_sensitivities(layer, w, !order.shares_range, s);
	take_logarithms(s, layer->cout, order.trust, r);
	qsort(r, n, sizeof *r, by_sensitivity);
	take_order(l, r);
	free(r);
	free(s);
}

void kernel_groups_of(struct kernel_groups *k, const struct graph *g, const struct weights *w,
                      struct kernel_order order)
{
	*k = (struct kernel_groups){ g->layers, xmalloc((size_t)g->layers, sizeof *k->layer) };
	for (int i = 0; i < g->layers; i++) {
		k->layer[i] = (struct kernel_layer){ 0 };
		if (g->layer[i].is_searched)
			group_layer(&k->layer[i], &g->layer[i], &w->layer[i], order);
	}
}

void kernel_groups_set(const struct kernel_layer *l, const unsigned char *bits, unsigned char *kernels)
{
	for (int k = 0; k < l->kernels; k++)
		kernels[l->order[k]] = bits[k / l->together];
}

void kernel_groups_get(const struct kernel_layer *l, const unsigned char *kernels, unsigned char *bits)
{
	for (int i = 0; i < l->groups; i++)
		bits[i] = kernels[l->order[i * l->together]];
}

double kernel_groups_noise(const struct kernel_layer *l, const unsigned char *kernels)
{
	double sum = 0;

	for (int k = 0; k < l->kernels; k++)
		sum += ldexp(l->sensitivity[k], 2 * (4 - kernels[l->order[k]]));
	return sum / l->kernels;
}
