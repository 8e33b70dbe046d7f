#include "hw/kind-bismo.h"
#include "hw/bismo.h"

#include <string.h>

#define REVISION 1 /* raise when the numbers change */

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

static int kernels_together(void)
{
	return (int)hw.pe_rows;
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

const struct simulator bismo_simulator = {
	.kind = "bismo",
	.about = "cycles and latency of a network on BISMO",
	.count = COUNT_SEARCHED,
	.read = read,
	.cost = cost,
	.mixed = mixed,
	.kernels_together = kernels_together,
	.roof = roof,
};
