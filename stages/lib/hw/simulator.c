#include "hw/simulator.h"
#include "core/cli.h"
#include "model/policy.h"

#include <math.h>
#include <string.h>

#define REVISION 1 /* raise when the numbers change */

static bool wants_roofline;
static const char *net_path, *model_path, *policy_path, *kernels_path, *count, *out_path;

static const struct opt options[] = {
	{ 'n', "network", OPT_PATH, &net_path, "net.csv", "the network" },
	{ 'm', "model", OPT_PATH, &model_path, "model", "the accelerator, one of hwmodels/" },
	{ 'o', "output", OPT_OUT, &out_path, "costs.csv", "what each layer costs" },
	{ 'p', "policy", OPT_PATH, &policy_path, NULL, "only at these bits, and the sum" },
	{ 'k', "kernels", OPT_PATH, &kernels_path, NULL,
	  "with the policy: weight bits of each output channel, .npy" },
	{ 'r', "roofline", OPT_FLAG, &wants_roofline, NULL,
	  "with the policy: how near each layer is to the limits" },
	{ 0, "count", OPT_TEXT, &count, NULL, "layers in the sum: searched or all" },
	{ 0 }
};

/* Some output channels of a layer. */
static struct cost part_cost(const struct simulator *s, const struct graph *g, int layer, int channels, int w,
                             int a)
{
	const struct layer *l = &g->layer[layer];
	struct cost cost = COST_NONE;

	cost.metric[METRIC_SIZE] = (double)(l->weights / l->cout * channels) * w / 8;
	s->cost(g, layer, channels, w, a, &cost);
	return cost;
}

static void add(struct cost *sum, const struct cost *x)
{
	sum->cycles = sum->cycles < 0 || x->cycles < 0 ? -1 : sum->cycles + x->cycles;
	for (int m = 0; m < METRICS; m++)
		sum->metric[m] += x->metric[m]; /* NAN where one of them is */
}

/* A layer of a policy: what each of its widths costs, one after the other.  Its mean bits into *mean. */
static struct cost layer_cost(const struct simulator *s, const struct graph *g, const struct policy *p,
                              int layer, double *mean)
{
	int channels[BITS_MAX + 1] = { 0 }, bits = 0, cout = g->layer[layer].cout;
	struct cost sum = { 0, { 0 } };

	for (int c = 0; c < cout; c++)
		channels[policy_kernel_bits(p, layer, c)]++;
	for (int w = 1; w <= BITS_MAX; w++) {
		struct cost part;

		if (!channels[w])
			continue;
		part = part_cost(s, g, layer, channels[w], w, p->bits[layer].a);
		if (!s->has_no_time && isnan(part.metric[METRIC_LATENCY]))
			die("%s: no latency for layer '%s' at %d/%d bits", model_path, g->layer[layer].name,
			    w, p->bits[layer].a);
		add(&sum, &part);
		bits += w * channels[w];
	}
	*mean = (double)bits / cout;
	return sum;
}

static void write_policy(const struct simulator *s, const struct graph *g, bool all)
{
	struct policy p = policy_read(g, policy_path);
	struct cost total = { 0, { 0 } };
	FILE *f = out_open(out_path);

	if (kernels_path)
		policy_read_kernels(&p, g, kernels_path);
	costs_header(f);
	for (int i = 0; i < g->layers; i++) {
		double mean;
		struct cost cost = layer_cost(s, g, &p, i, &mean);

		fprintf(f, "%s,%.6g,%d", g->layer[i].name, mean, p.bits[i].a);
		cost_write(f, &cost);
		if (all || g->layer[i].is_searched)
			add(&total, &cost);
	}
	fputs("total,,", f);
	cost_write(f, &total);
	out_commit(f);
}

static void write_roofline(const struct simulator *s, const struct graph *g)
{
	struct policy p = policy_read(g, policy_path);
	FILE *f = out_open(out_path);

	fputs("layer,kind,weight_bits,activation_bits,macs,bytes,intensity,"
	      "gmacs,roof_gmacs,peak_gmacs,bandwidth_gbs\n",
	      f);
	for (int i = 0; i < g->layers; i++) {
		const struct layer *l = &g->layer[i];
		struct roof r = s->roof(l, p.bits[i].w, p.bits[i].a);
		struct cost cost = part_cost(s, g, i, l->cout, p.bits[i].w, p.bits[i].a);
		double intensity = r.macs / (r.bits / 8), peak = r.macs_per_cycle * r.clock_mhz * 1e-3;
		double bandwidth = r.bits_per_cycle / 8 * r.clock_mhz * 1e-3;

		fprintf(f, "%s,%s,%d,%d,%.12g,%.12g,%.6g,%.6g,%.6g,%.6g,%.6g\n", l->name, layer_kind(l),
		        p.bits[i].w, p.bits[i].a, r.macs, r.bits / 8, intensity,
		        r.macs / cost.metric[METRIC_LATENCY] * 1e-6, fmin(peak, intensity * bandwidth), peak,
		        bandwidth);
	}
	out_commit(f);
}

static void write_table(const struct simulator *s, const struct graph *g)
{
	struct costs c;

	costs_alloc(&c, g);
	for (int i = 0; i < g->layers * 64; i++)
		c.at[i / 64][i / 8 % 8][i % 8] =
			part_cost(s, g, i / 64, g->layer[i / 64].cout, i / 8 % 8 + 1, i % 8 + 1);
	costs_write(&c, g, out_path);
}

int simulator_main(int argc, char **argv, const struct simulator *s)
{
	struct graph g;

	count = s->count == COUNT_ALL ? "all" : "searched";
	cli_begin(argc, argv, s->about, s->revision, options);
	if (strcmp(count, "searched") && strcmp(count, "all"))
		usage("--count is searched or all, not '%s'", count);
	if (kernels_path && !policy_path)
		usage("--kernels goes with --policy");
	if (wants_roofline && (!policy_path || kernels_path))
		usage("--roofline goes with --policy, and without --kernels");
	if (wants_roofline && !s->roof)
		usage("the limits of this accelerator are not known");
	graph_read(&g, net_path);
	s->read(model_path, &g);
	if (wants_roofline)
		write_roofline(s, &g);
	else if (policy_path)
		write_policy(s, &g, !strcmp(count, "all"));
	else
		write_table(s, &g);
	return cli_end();
}
