#include "hw/kind-bitfusion.h"
#include "hw/bitfusion.h"

#define REVISION 1 /* raise when the numbers change */

static struct bitfusion hw;

static void read(const char *path, const struct graph *g)
{
	(void)g;
	bitfusion_read(&hw, path);
}

static void cost(const struct graph *g, int layer, int channels, int w, int a, struct cost *c)
{
	struct bitfusion_cost x = bitfusion_cost(&hw, &g->layer[layer], layer == 0, channels, w, a);

	c->cycles = x.cycles;
	c->metric[METRIC_LATENCY] = (double)x.cycles / (hw.clock_mhz * 1e3);
	c->metric[METRIC_ENERGY] = x.pj * 1e-9;
}

static int kernels_together(void)
{
	return (int)hw.columns;
}

/* Weights once for the batch, inputs for each image, sums there and back. */
static struct roof roof(const struct layer *l, int w, int a)
{
	int64_t sums = (int64_t)l->cout * l->hout * l->wout * 2 * hw.sum_bits;

	return (struct roof){
		.macs = (double)(l->macs * hw.batch),
		.bits = (double)(l->weights * w) + (double)((l->input_numbers * a + sums) * hw.batch),
		.macs_per_cycle = (double)bitfusion_macs_per_cycle(&hw, w, a),
		.bits_per_cycle = (double)hw.port_bits,
		.clock_mhz = hw.clock_mhz,
	};
}

const struct simulator bitfusion_simulator = {
	.kind = "bitfusion",
	.about = "cycles, latency and energy of a network on BitFusion",
	.count = COUNT_ALL,
	.read = read,
	.cost = cost,
	.kernels_together = kernels_together,
	.roof = roof,
};
