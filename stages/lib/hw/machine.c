#include "hw/machine.h"
#include "model/policy.h"

#define REVISION 1 /* raise when the numbers change */

struct cost simulator_part_cost(const struct simulator *s, const struct graph *g, int layer, int channels,
                                struct bits b)
{
	const struct layer *l = &g->layer[layer];
	struct cost cost = COST_NONE;
	int64_t weights = l->weights / l->cout * channels;

	cost.metric[METRIC_SIZE] = (double)weights * b.w / 8;
	s->cost(g, layer, channels, b.w, b.a, &cost);
	return cost;
}

void cost_add(struct cost *sum, const struct cost *x)
{
	sum->cycles = sum->cycles < 0 || x->cycles < 0 ? -1 : sum->cycles + x->cycles;
	for (int m = 0; m < METRICS; m++)
		sum->metric[m] += x->metric[m];
}

struct cost simulator_layer_cost(const struct simulator *s, const struct graph *g, int layer,
                                 const int channels[BITS_MAX + 1], int a)
{
	struct cost sum = { 0, { 0 } };
	int widths = 0, n = 0, cout = g->layer[layer].cout;

	for (int w = 1; w <= BITS_MAX; w++) { /* one after the other */
		struct cost part;

		if (!channels[w])
			continue;
		part = simulator_part_cost(s, g, layer, channels[w],
		                           (struct bits){ (unsigned char)w, (unsigned char)a });
		cost_add(&sum, &part);
		widths++;
		n += channels[w];
	}
	if (n != cout)
		BUG("%d of %d output channels", n, cout);
	if (widths == 1)
		return sum;
	sum.metric[METRIC_SIZE] += (double)KERNEL_INDEX_BITS * cout / 8;
	if (s->mixed)
		s->mixed(g, layer, channels, a, &sum);
	return sum;
}

int simulator_kernels_together(const struct simulator *s)
{
	return s->kernels_together ? s->kernels_together() : 1;
}
