/*
 * simulate-bismo - what each layer of a network costs on BISMO, at every pair of bits.
 *
 *	simulate-bismo -n NET.csv -m hwmodels/bismo-edge.conf -o costs.csv
 *	simulate-bismo -n NET.csv -m hwmodels/bismo-edge.conf -p policy.csv --count all -o costs.csv
 *
 * Reads a network and the numbers of an accelerator; writes, for every layer and 1..8 weight and activation
 * bits, the cycles and milliseconds of one batch and the bytes of the weights (lib/costs.h).  BISMO has no energy
 * model: that column is empty.  With a policy, one row per layer at its bits, and their sum in a row
 * `total`: over the layers whose bits are searched, as Table 3 of the paper counts, or over all.
 */
#include "lib/base.h"
#include "lib/bismo.h"
#include "lib/cli.h"
#include "lib/costs.h"

#include <string.h>

#define REVISION 1

static const char *net_path, *model_path, *policy_path, *count = "searched", *out_path;

static const struct opt options[] = {
	{ 'n', "network", OPT_PATH, &net_path,  "net.csv",    "the network" },
	{ 'm', "model",  OPT_PATH, &model_path,  "model.conf", "the accelerator, one of hwmodels/" },
	{ 'o', "output", OPT_OUT,  &out_path,    "costs.csv",  "what each layer costs" },
	{ 'p', "policy", OPT_PATH, &policy_path, NULL,         "only at these bits, and the sum" },
	{ 0, "count",    OPT_TEXT, &count,       NULL,         "layers in the sum: searched or all" },
	{ 0 }
};

static void fill(struct costs *c, const struct graph *g, const struct bismo *hw)
{
	costs_alloc(c, g);
	for (int i = 0; i < g->layers; i++) {
		for (int w = 1; w <= BITS_MAX; w++) {
			for (int a = 1; a <= BITS_MAX; a++) {
				struct cost *cost = &c->at[i][w - 1][a - 1];

				cost->cycles = bismo_cycles(hw, &g->layer[i], w, a);
				cost->metric[METRIC_LATENCY] = bismo_ms(hw, cost->cycles);
				cost->metric[METRIC_SIZE] = (double)g->layer[i].weights * w / 8;
			}
		}
	}
}

static void write_policy(const struct costs *c, const struct graph *g, const struct bismo *hw, bool all)
{
	struct policy p = policy_read(g, policy_path);
	int64_t cycles = 0;
	double bytes = 0;
	FILE *f = out_open(out_path);

	fputs("layer,weight_bits,activation_bits,cycles,latency_ms,energy_mj,weight_bytes\n", f);
	for (int i = 0; i < g->layers; i++) {
		const struct cost *cost = &c->at[i][p.bits[i].w - 1][p.bits[i].a - 1];

		fprintf(f, "%s,%d,%d,%jd,%.12g,,%.12g\n", g->layer[i].name, p.bits[i].w, p.bits[i].a,
		        (intmax_t)cost->cycles, cost->metric[METRIC_LATENCY], cost->metric[METRIC_SIZE]);
		if (all || g->layer[i].is_searched) {
			cycles += cost->cycles;
			bytes += cost->metric[METRIC_SIZE];
		}
	}
	fprintf(f, "total,,,%jd,%.12g,,%.12g\n", (intmax_t)cycles, bismo_ms(hw, cycles), bytes);
	out_commit(f);
}

int main(int argc, char **argv)
{
	struct graph g;
	struct bismo hw;
	struct costs c;

	cli_begin(argc, argv, "cycles and latency of a network on BISMO", REVISION, options);
	if (strcmp(count, "searched") && strcmp(count, "all"))
		usage("--count is searched or all, not '%s'", count);
	graph_read(&g, net_path);
	bismo_read(&hw, model_path);
	fill(&c, &g, &hw);
	if (policy_path)
		write_policy(&c, &g, &hw, !strcmp(count, "all"));
	else
		costs_write(&c, &g, out_path);
	return cli_end();
}
