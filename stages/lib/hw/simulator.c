#include "hw/simulator.h"
#include "core/cli.h"
#include "model/policy.h"

#include <math.h>
#include <string.h>

#define REVISION 2 /* raise when the numbers change */

static bool wants_roofline;
static const char *net_path, *model_path, *policy_path, *kernels_path, *count_name, *out_path;

static const struct opt options[] = {
	{ 'n', "network", OPT_PATH, &net_path, "net.csv", "the network" },
	{ 'm', "model", OPT_PATH, &model_path, "model", "the accelerator, one of hwmodels/" },
	{ 'o', "output", OPT_OUT, &out_path, "costs.csv", "what each layer costs" },
	{ 'p', "policy", OPT_PATH, &policy_path, NULL, "only at these bits, and the sum" },
	{ 'k', "kernels", OPT_PATH, &kernels_path, NULL,
	  "with the policy: weight bits of each output channel, .npy" },
	{ 'r', "roofline", OPT_FLAG, &wants_roofline, NULL,
	  "with the policy: how near each layer is to the limits" },
	{ 0, "count", OPT_TEXT, &count_name, NULL, "layers in the sum: searched or all" },
	{ 0 }
};

/* --- the program ----------------------------------------------------------------------------- */

static _Noreturn void die_of_hole(const struct simulator *s, const struct graph *g, int layer,
                                  const int *channels, int a)
{
	int w = 1;

	for (; w < BITS_MAX; w++) {
		struct bits b = { (unsigned char)w, (unsigned char)a };

		if (channels[w] &&
		    isnan(simulator_part_cost(s, g, layer, channels[w], b).metric[METRIC_LATENCY]))
			break;
	}
	die("%s: no latency for layer '%s' at %d/%d bits", model_path, g->layer[layer].name, w, a);
}

static struct layer_cost layer_cost(const struct simulator *s, const struct graph *g, const struct policy *p,
                                    int layer)
{
	int channels[BITS_MAX + 1] = { 0 }, bits = 0, cout = g->layer[layer].cout, a = p->bits[layer].a;
	struct cost cost;

	for (int c = 0; c < cout; c++) {
		channels[policy_kernel_bits(p, layer, c)]++;
		bits += policy_kernel_bits(p, layer, c);
	}
	cost = simulator_layer_cost(s, g, layer, channels, a);
	if (!s->has_no_time && isnan(cost.metric[METRIC_LATENCY]))
		die_of_hole(s, g, layer, channels, a);
	return (struct layer_cost){ (double)bits / cout, cost };
}

static void write_policy(const struct simulator *s, const struct graph *g, enum costs_count count)
{
	struct policy p = policy_read(g, policy_path);
	struct layer_cost *layers = xmalloc((size_t)g->layers, sizeof *layers);
	struct cost total = { 0, { 0 } };

	if (kernels_path)
		policy_read_kernels(&p, g, kernels_path);
	for (int i = 0; i < g->layers; i++) {
		layers[i] = layer_cost(s, g, &p, i);
		if (count == COUNT_ALL || g->layer[i].is_searched)
			cost_add(&total, &layers[i].cost);
	}
	costs_write_policy(g, &p, layers, &total, out_path);
}

static void write_roof(struct csv_writer *t, const struct layer *l, struct bits b, const struct roof *r,
                       double latency_ms)
{
	double intensity = r->macs / (r->bits / 8), peak = r->macs_per_cycle * r->clock_mhz * 1e-3,
	       bandwidth = r->bits_per_cycle / 8 * r->clock_mhz * 1e-3;

	csv_text(t, l->name);
	csv_text(t, layer_kind(l));
	csv_int(t, b.w);
	csv_int(t, b.a);
	csv_real(t, r->macs, 12);
	csv_real(t, r->bits / 8, 12);
	csv_real(t, intensity, 6);
	csv_real(t, r->macs / latency_ms * 1e-6, 6);
	csv_real(t, fmin(peak, intensity * bandwidth), 6);
	csv_real(t, peak, 6);
	csv_real(t, bandwidth, 6);
	csv_end_row(t);
}

static void write_roofline(const struct simulator *s, const struct graph *g)
{
	struct policy p = policy_read(g, policy_path);
	struct csv_writer t =
		csv_create(out_path, "layer,kind,weight_bits,activation_bits,macs,bytes,intensity,"
	                             "gmacs,roof_gmacs,peak_gmacs,bandwidth_gbs");

	for (int i = 0; i < g->layers; i++) {
		const struct layer *l = &g->layer[i];
		struct roof r = s->roof(l, p.bits[i].w, p.bits[i].a);
		struct cost cost = simulator_part_cost(s, g, i, l->cout, p.bits[i]);

		write_roof(&t, l, p.bits[i], &r, cost.metric[METRIC_LATENCY]);
	}
	csv_commit(&t);
}

static void write_table(const struct simulator *s, const struct graph *g)
{
	struct costs c;

	costs_alloc(&c, g);
	for (int i = 0; i < g->layers; i++)
		FOR_BITS(b, ALL_BITS)
			*costs_at(&c, i, b) = simulator_part_cost(s, g, i, g->layer[i].cout, b);
	costs_write(&c, g, out_path);
}

static void check_options(const struct simulator *s)
{
	if (kernels_path && !policy_path)
		usage("--kernels goes with --policy");
	if (wants_roofline && (!policy_path || kernels_path))
		usage("--roofline goes with --policy, and without --kernels");
	if (wants_roofline && !s->roof)
		usage("the limits of this accelerator are not known");
}

int simulator_main(int argc, char **argv, const struct simulator *s, int revision)
{
	enum costs_count count;
	struct graph g;

	count_name = s->count == COUNT_ALL ? "all" : "searched";
	cli_begin(argc, argv, s->about, revision, options);
	check_options(s);
	count = costs_count_named(count_name);
	graph_read(&g, net_path);
	s->read(model_path, &g);
	if (wants_roofline)
		write_roofline(s, &g);
	else if (policy_path)
		write_policy(s, &g, count);
	else
		write_table(s, &g);
	return cli_end();
}
