#include "numbers.h"
#include "hw/bismo.h"
#include "hw/bitfusion.h"
#include "hw/budget.h"
#include "hw/kind.h"

#include <stdlib.h>

#define NETWORK "data/networks/mobilenet-v2.csv"
enum { BITS = 4 }; /* 2, 4, 6, 8 */

static int nth(int i)
{
	return 2 + 2 * i;
}

static void bismo(const struct graph *g, const char *path)
{
	struct bismo hw;
	double *cycles = xmalloc((size_t)g->layers * BITS * BITS, sizeof *cycles);

	bismo_read(&hw, path);
	for (int i = 0; i < g->layers * BITS * BITS; i++) {
		const struct layer *l = &g->layer[i / (BITS * BITS)];

		cycles[i] = (double)bismo_cycles(&hw, l, l->cout, nth(i / BITS % BITS), nth(i % BITS));
	}
	numbers_double("bismo", path, cycles, (size_t)g->layers * BITS * BITS, 1e-12);
	number("bismo", xprintf("%s: ms", path), bismo_ms(&hw, 1000003), ROUNDING);
	free(cycles);
}

/* Layers whose channels differ: a third of them each at 2, 4 and 7 bits. */
static void bismo_sorted(const struct graph *g, const char *path)
{
	struct bismo hw;
	double *cycles = xmalloc((size_t)g->layers, sizeof *cycles);

	bismo_read(&hw, path);
	for (int i = 0; i < g->layers; i++) {
		int third = g->layer[i].cout / 3;
		int channels[BITS_MAX + 1] = { [2] = third, [4] = third, [7] = g->layer[i].cout - 2 * third };

		cycles[i] = (double)bismo_sorted_cycles(&hw, &g->layer[i], channels, 4);
	}
	numbers_double("bismo", xprintf("%s: sorted", path), cycles, (size_t)g->layers, 1e-12);
	free(cycles);
}

static void bitfusion(const struct graph *g, const char *path)
{
	enum { LAYERS = 8 };
	struct bitfusion hw;
	double cycles[LAYERS * 4], energy[LAYERS * 4];

	bitfusion_read(&hw, path);
	for (int i = 0; i < LAYERS * 4; i++) {
		const struct layer *l = &g->layer[i / 4];
		struct bitfusion_cost c =
			bitfusion_cost(&hw, l, i < 4, l->cout, nth(i / 2 % 2 * 3), nth(i % 2 * 3));

		cycles[i] = (double)c.cycles;
		energy[i] = c.pj;
	}
	numbers_double("bitfusion", xprintf("%s: cycles", path), cycles, LEN(cycles), 1e-12);
	numbers_double("bitfusion", xprintf("%s: energy", path), energy, LEN(energy), 1e-9);
}

/* A number where an accelerator has none. */
static double figure(double x)
{
	return isnan(x) ? -1 : x;
}

/* What a kind makes of its model: costs of a third of the channels, of all where they differ, and limits. */
static void kind(const struct graph *g, const char *module, const char *path)
{
	enum { LAYERS = 8 };
	const struct simulator *s = simulator_of_model(path);
	double part[LAYERS * METRICS], mixed[LAYERS], roof[LAYERS * 3];

	s->read(path, g);
	for (int i = 0; i < LAYERS; i++) {
		int third = g->layer[i].cout / 3;
		const int channels[BITS_MAX + 1] = { [2] = third, [7] = g->layer[i].cout - third };
		struct roof r = s->roof ? s->roof(&g->layer[i], 3, 5) : (struct roof){ 0 };
		struct cost c = COST_NONE;

		s->cost(g, i, third, 3, 5, &c);
		for (int m = 0; m < METRICS; m++)
			part[i * METRICS + m] = figure(c.metric[m]);
		mixed[i] = s->mixed && s->mixed(g, i, channels, 4, &c) ? c.metric[METRIC_LATENCY] : -1;
		roof[3 * i] = r.macs;
		roof[3 * i + 1] = r.bits;
		roof[3 * i + 2] = r.macs_per_cycle * r.bits_per_cycle;
	}
	numbers_double(module, xprintf("%s: parts", path), part, LEN(part), 1e-9);
	if (s->mixed)
		numbers_double(module, xprintf("%s: mixed", path), mixed, LEN(mixed), 1e-9);
	if (s->roof)
		numbers_double(module, xprintf("%s: roof", path), roof, LEN(roof), 1e-9);
}

/* An accelerator of which no module knows. */
static void made_up(const struct graph *g, int layer, int channels, int w, int a, struct cost *cost)
{
	(void)g;
	cost->cycles = 1000 * (layer + 1) + channels * w * a;
	cost->metric[METRIC_LATENCY] = 1 + channels * w + 0.5 * a;
}

static void simulator(const struct graph *g)
{
	const struct simulator s = { .kind = "made-up", .cost = made_up };
	double *x = xmalloc((size_t)g->layers * 3, sizeof *x);

	for (int i = 0; i < g->layers; i++) {
		int third = g->layer[i].cout / 3;
		const int channels[BITS_MAX + 1] = { [2] = third, [7] = g->layer[i].cout - third };
		struct cost c = simulator_layer_cost(&s, g, i, channels, 4);

		x[3 * i] = (double)c.cycles;
		x[3 * i + 1] = c.metric[METRIC_LATENCY];
		x[3 * i + 2] = c.metric[METRIC_SIZE];
	}
	numbers_double("machine", "channels that differ", x, (size_t)g->layers * 3, 1e-12);
	free(x);
}

static void costs(const struct graph *g)
{
	struct costs c;
	struct policy p = policy_uniform(g, 7, 8);

	costs_alloc(&c, g);
	for (int i = 0; i < g->layers; i++)
		FOR_BITS(b, ALL_BITS)
			*costs_at(&c, i, b) =
				(struct cost){ 1, { b.w * b.a * (1 + i % 5), b.w + (b.a ^ 3), b.w } };
	for (int m = 0; m < METRICS; m++) {
		struct bit_range range = { 2, 8 };
		struct budget b = budget_parse(xprintf("%s-0.60", metric_names[m]), &c, g, COUNT_ALL, range);
		struct policy walked = policy_uniform(g, 7, 8);

		number("costs", xprintf("%s: sum", metric_names[m]),
		       costs_of(&c, g, &p, (enum metric)m, COUNT_SEARCHED), ROUNDING);
		number("budget", xprintf("%s: limit", metric_names[m]), b.limit, ROUNDING);
		budget_enforce(&b, &c, g, &walked, range);
		numbers_policy("budget", xprintf("%s: walk", metric_names[m]), &walked, 0);
	}
}

void numbers_of_hw(void)
{
	struct graph g;

	graph_read(&g, NETWORK);
	bismo(&g, "hwmodels/bismo-edge.conf");
	bismo(&g, "hwmodels/bismo-cloud.conf");
	bismo_sorted(&g, "hwmodels/bismo-edge-sorted.conf");
	bismo_sorted(&g, "hwmodels/bismo-cloud-sorted.conf");
	bitfusion(&g, "hwmodels/bitfusion.conf");
	bitfusion(&g, "hwmodels/bitfusion-grouped.conf");
	kind(&g, "kind-bismo", "hwmodels/bismo-edge.conf");
	kind(&g, "kind-bismo", "hwmodels/bismo-cloud-sorted.conf");
	kind(&g, "kind-bitfusion", "hwmodels/bitfusion.conf");
	kind(&g, "kind-size", "hwmodels/size-codebook.conf");
	simulator(&g);
	costs(&g);
}
