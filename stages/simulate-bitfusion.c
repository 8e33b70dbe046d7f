/*
 * simulate-bitfusion - what each layer of a network costs on BitFusion, at every pair of bits.
 *
 *	simulate-bitfusion -n NET.csv -m hwmodels/bitfusion.conf -o costs.csv
 *	simulate-bitfusion -n NET.csv -m hwmodels/bitfusion.conf -p policy.csv -o costs.csv
 *
 * Reads a network and the numbers of an accelerator; writes, for every layer and 1..8 weight
 * and activation bits, the cycles, milliseconds and millijoules of one batch and the bytes of
 * the weights (lib/hw/costs.h).  With a policy, one row per layer at its bits, and their sum in
 * a row `total`: over all layers, as Tables 4 and 5 of the paper count, or over those whose bits
 * are searched.
 *
 * The model is lib/hw/bitfusion.h; kernel-wise policies are costed as lib/hw/simulator.h says.
 */
#include "hw/bitfusion.h"
#include "hw/simulator.h"

#define REVISION 1

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

int main(int argc, char **argv)
{
	static const struct simulator simulator = {
		.about = "cycles, latency and energy of a network on BitFusion",
		.revision = REVISION,
		.count = COUNT_ALL,
		.read = read,
		.cost = cost,
		.roof = roof,
	};

	return simulator_main(argc, argv, &simulator);
}
