/*
 * describe-network - the layers of a network, or what bits of each of its kernels could win.
 *
 *	describe-network -n data/networks/resnet-50.csv -o layers.csv
 *	describe-network -n NET.csv -w weights.npz --kernels -o kernels.csv
 *	describe-network -n NET.csv -p policy.csv -b kernels.npy -o widths.csv
 *
 * Writes a row for each layer, and their sum in a row `total`:
 *
 *	layer,kind,cin,cout,kernel,stride,dilation,groups,hin,win,hout,wout,weights,biases,norms,macs
 *
 * kind is conv, pointwise, depthwise or linear; norms counts gamma and beta of batch norms; macs are the
 * multiplications for one image.  The bytes that weights take at the bits of a policy are in the costs of
 * any simulator.
 *
 * With --kernels, a row for each searched layer, by the sensitivities of its kernels
 * (lib/search/kernel-bits.h), where each has a range of its own, and where all share one (layer_...):
 *
 *	layer,kind,kernels,dead,spread,gain,gain_at_4,layer_spread,layer_gain,layer_gain_at_4
 *
 * dead kernels compute the same for all images; spread is the standard deviation of log4 of the
 * sensitivities of the others; gain is how many bits of weights could be saved at the same noise if kernels
 * had bits of their own, fractions and all; gain_at_4 the same of whole bits from 2 to 8 whose mean is 4.
 * An estimate by the weights alone, of what can be won at most, before there is a search.
 *
 * With --policy, a row for each layer: how many of its kernels a kernel-wise policy gives 1 bit, 2 bits, ...
 *
 *	layer,kind,kernels,activation_bits,mean,w1,w2,w3,w4,w5,w6,w7,w8
 */
#include "core/cli.h"
#include "io/csv.h"
#include "model/graph.h"
#include "search/kernel-bits.h"

#include <math.h>
#include <stdlib.h>

#define REVISION 2

static const char *net_path, *weights_path, *policy_path, *bits_path, *out_path;
static bool wants_kernels;

static const struct opt options[] = {
	{ 'n', "network", OPT_PATH, &net_path, "net.csv", "the network" },
	{ 'w', "weights", OPT_PATH, &weights_path, NULL, "with --kernels: its weights" },
	{ 'k', "kernels", OPT_FLAG, &wants_kernels, NULL, "what bits of each kernel could win, instead" },
	{ 'p', "policy", OPT_PATH, &policy_path, NULL, "its kernels by their bits, instead: a policy" },
	{ 'b', "bits", OPT_PATH, &bits_path, NULL, "and bits of each kernel, .npy" },
	{ 'o', "output", OPT_OUT, &out_path, "layers.csv", "its layers" },
	{ 0 }
};

/* --- layers ---------------------------------------------------------------------------------- */

static void add_layer(struct csv_writer *t, const struct graph *g, const struct layer *l)
{
	const int shape[] = { l->cin,    l->cout, l->kernel, l->stride, g->node[l->node].dilation,
		              l->groups, l->hin,  l->win,    l->hout,   l->wout };

	csv_text(t, l->name);
	csv_text(t, layer_kind(l));
	for (size_t i = 0; i < LEN(shape); i++)
		csv_int(t, shape[i]);
}

static void add_sums(struct csv_writer *t, const struct layer *l)
{
	csv_int(t, l->weights);
	csv_int(t, l->biases);
	csv_int(t, l->batch_norms);
	csv_int(t, l->macs);
	csv_end_row(t);
}

static void write_layers(const struct graph *g)
{
	struct layer sum = { 0 };
	struct csv_writer t =
		csv_create(out_path, "layer,kind,cin,cout,kernel,stride,dilation,groups,hin,win,"
	                             "hout,wout,weights,biases,norms,macs");

	for (int i = 0; i < g->layers; i++) {
		const struct layer *l = &g->layer[i];

		add_layer(&t, g, l);
		add_sums(&t, l);
		sum.weights += l->weights;
		sum.biases += l->biases;
		sum.batch_norms += l->batch_norms;
		sum.macs += l->macs;
	}
	csv_text(&t, "total");
	csv_empty(&t, 11);
	add_sums(&t, &sum);
	csv_commit(&t);
}

/* --- kernels --------------------------------------------------------------------------------- */

/* Spread, gain and gain_at_4 of sensitivities s[n], none of which is 0. */
static void add_gains(struct csv_writer *t, const double *s, int n)
{
	double mean = 0, square = 0, of_logs = 0;
	unsigned char *bits = xmalloc((size_t)n + 1, 1);

	for (int k = 0; k < n; k++) {
		mean += s[k] / n;
		of_logs += log2(s[k]) / 2 / n;
	}
	for (int k = 0; k < n; k++)
		square += (log2(s[k]) / 2 - of_logs) * (log2(s[k]) / 2 - of_logs) / n;
	kernel_bits(s, n, 4 * n, (struct bit_range){ 2, BITS_MAX }, bits);
	csv_real(t, sqrt(square), 4);
	csv_real(t, n ? log2(mean) / 2 - of_logs : 0, 4);
	csv_real(t, n ? log2(kernel_noise_uniform(s, n, 4) / kernel_noise(s, n, bits)) / 2 : 0, 4);
	free(bits);
}

/* Leaves out sensitivities of 0; how many are left. */
static int without_dead(double *s, int n)
{
	int left = 0;

	for (int k = 0; k < n; k++)
		if (s[k] > 0)
			s[left++] = s[k];
	return left;
}

static void write_kernels(const struct graph *g)
{
	struct weights w;
	struct csv_writer t;

	weights_read(&w, g, weights_path);
	t = csv_create(out_path, "layer,kind,kernels,dead,spread,gain,gain_at_4,layer_spread,layer_gain,"
	                         "layer_gain_at_4");
	for (int i = 0; i < g->layers; i++) {
		const struct layer *l = &g->layer[i];
		double *s = xmalloc((size_t)l->cout, sizeof *s);

		if (!l->is_searched)
			continue;
		csv_text(&t, l->name);
		csv_text(&t, layer_kind(l));
		csv_int(&t, l->cout);
		for (int own = 1; own >= 0; own--) {
			int n;

			kernel_sensitivities(l, &w.layer[i], own, s);
			n = without_dead(s, l->cout);
			if (own)
				csv_int(&t, l->cout - n);
			add_gains(&t, s, n);
		}
		csv_end_row(&t);
		free(s);
	}
	csv_commit(&t);
}

/* --- a policy -------------------------------------------------------------------------------- */

static void write_widths(const struct graph *g)
{
	struct policy p = policy_read(g, policy_path);
	struct csv_writer t;

	policy_read_kernels(&p, g, bits_path);
	t = csv_create(out_path, "layer,kind,kernels,activation_bits,mean,w1,w2,w3,w4,w5,w6,w7,w8");
	for (int i = 0; i < g->layers; i++) {
		int channels[BITS_MAX + 1], sum = 0;

		policy_count_widths(&p, g, i, channels);
		for (int w = 1; w <= BITS_MAX; w++)
			sum += w * channels[w];
		csv_text(&t, g->layer[i].name);
		csv_text(&t, layer_kind(&g->layer[i]));
		csv_int(&t, g->layer[i].cout);
		csv_int(&t, p.bits[i].a);
		csv_real(&t, (double)sum / g->layer[i].cout, 4);
		for (int w = 1; w <= BITS_MAX; w++)
			csv_int(&t, channels[w]);
		csv_end_row(&t);
	}
	csv_commit(&t);
}

int main(int argc, char **argv)
{
	struct graph g;

	cli_begin(argc, argv, "the layers of a network: shapes, parameters, multiplications", REVISION,
	          options);
	if (wants_kernels != !!weights_path)
		usage("--kernels and --weights go together");
	if (!policy_path != !bits_path || (policy_path && wants_kernels))
		usage("--policy and --bits go together, and without --kernels");
	graph_read(&g, net_path);
	if (policy_path)
		write_widths(&g);
	else if (wants_kernels)
		write_kernels(&g);
	else
		write_layers(&g);
	return cli_end();
}
