/*
 * simulate-bismo - what each layer of a network costs on BISMO, at every pair of bits.
 *
 *	simulate-bismo -n NET.csv -m hwmodels/bismo-edge.conf -o costs.csv
 *	simulate-bismo -n NET.csv -m hwmodels/bismo-edge.conf -p policy.csv --count all -o costs.csv
 *
 * Reads a network and the numbers of an accelerator; writes, for every layer and 1..8 weight
 * and activation bits, the cycles and milliseconds of one batch and the bytes of the weights
 * (lib/hw/costs.h).  BISMO has no energy model: that column is empty.  With a policy, one row per
 * layer at its bits, and their sum in a row `total`: over the layers whose bits are searched, as
 * Table 3 of the paper counts, or over all.
 *
 * The model is lib/hw/bismo.h.  Kernel-wise policies (--kernels) are costed by the schedule that the
 * accelerator names: its kernels of the same bits one width after the other, or sorted.
 */
#include "hw/bismo.h"
#include "hw/simulator.h"

#include <string.h>

#define REVISION 1

static struct bismo hw;

static void read(const char *path, const struct graph *g)
{
	(void)g;
	bismo_read(&hw, path);
}

static void cost(const struct graph *g, int layer, int channels, int w, int a, struct cost *c)
{
	c->cycles = bismo_cycles(&hw, &g->layer[layer], channels, w, a);
	c->metric[METRIC_LATENCY] = bismo_ms(&hw, c->cycles);
}

static bool mixed(const struct graph *g, int layer, const int *channels, int a, struct cost *c)
{
	if (strcmp(hw.schedule, "sorted"))
		return false;
	c->cycles = bismo_sorted_cycles(&hw, &g->layer[layer], channels, a);
	c->metric[METRIC_LATENCY] = bismo_ms(&hw, c->cycles);
	return true;
}

/* Weights once for the batch, inputs for each image; results are written beside, at no cost. */
static struct roof roof(const struct layer *l, int w, int a)
{
	return (struct roof){
		.macs = (double)(l->macs * hw.batch),
		.bits = (double)(l->weights * w) + (double)(l->input_numbers * a * hw.batch),
		.macs_per_cycle = (double)(hw.pe_rows * hw.pe_columns * hw.word_bits) / (w * a),
		.bits_per_cycle = (double)(2 * hw.port_bits),
		.clock_mhz = hw.clock_mhz,
	};
}

int main(int argc, char **argv)
{
	static const struct simulator simulator = {
		.about = "cycles and latency of a network on BISMO",
		.revision = REVISION,
		.count = COUNT_SEARCHED,
		.read = read,
		.cost = cost,
		.mixed = mixed,
		.roof = roof,
	};

	return simulator_main(argc, argv, &simulator);
}
