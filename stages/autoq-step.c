/*
 * autoq-step - bits for every kernel (AutoQ, ICLR 2020): so far around those of a layer-wise policy.
 *
 *	autoq-step formula -n NET.csv -w weights.npz -p policy.csv -o kernel.policy.csv -k kernel.kernels.npy
 *
 * formula keeps the mean bits of each searched layer, to a kernel's bit, and gives its kernels those of least
 * noise (lib/search/kernel-bits.h), each with a range of its own: finetune and evaluate them so (`quantize
 * --kernels`).  The table of the new policy has the widest kernel of each layer.  What such a policy costs,
 * simulate-KIND says.
 */
#include "core/cli.h"
#include "model/graph.h"
#include "search/kernel-bits.h"

#include <stdlib.h>

#define REVISION 1

static const char *net_path, *weights_path, *policy_path, *out_path, *kernels_path;
static long min_bits = 2, max_bits = BITS_MAX;

static const struct opt formula_options[] = {
	{ 'n', "network", OPT_PATH, &net_path, "net.csv", "the network" },
	{ 'w', "weights", OPT_PATH, &weights_path, "weights.npz", "its weights in full precision" },
	{ 'p', "policy", OPT_PATH, &policy_path, "policy.csv", "bits of each layer" },
	{ 'o', "output", OPT_OUT, &out_path, "kernel.policy.csv", "bits of each layer's widest kernel" },
	{ 'k', "kernels", OPT_OUT, &kernels_path, "kernel.kernels.npy", "bits of each kernel" },
	{ 0, "min", OPT_INT, &min_bits, NULL, "least bits of a kernel, where its layer has no fewer: 2" },
	{ 0, "max", OPT_INT, &max_bits, NULL, "most bits of a kernel, where its layer has no more: 8" },
	{ 0 }
};

/* The kernels of a layer get the bits of least noise whose mean is that of the layer. */
static void allot(const struct layer *l, const struct layer_weights *w, struct bits *bits,
                  unsigned char *kernels)
{
	const struct bit_range range = { bits->w < min_bits ? bits->w : (int)min_bits,
		                         bits->w > max_bits ? bits->w : (int)max_bits };
	double *s = xmalloc((size_t)l->cout, sizeof *s);
	int sum = bits->w * l->cout;

	kernel_sensitivities(l, w, true, s);
	kernel_bits(s, l->cout, sum, range, kernels);
	for (int k = 0; k < l->cout; k++)
		bits->w = kernels[k] > bits->w ? kernels[k] : bits->w;
	free(s);
}

static void formula(void)
{
	struct graph g;
	struct policy p;
	struct weights w;

	if (min_bits < 1 || max_bits > BITS_MAX || min_bits > max_bits)
		usage("--min and --max are 1 to %d, not %ld and %ld", BITS_MAX, min_bits, max_bits);
	graph_read(&g, net_path);
	p = policy_read(&g, policy_path);
	weights_read(&w, &g, weights_path);
	p.kernels = xmalloc((size_t)g.layers, sizeof *p.kernels);
	for (int i = 0; i < g.layers; i++) {
		const struct layer *l = &g.layer[i];

		p.kernels[i] = xmalloc((size_t)l->cout, 1);
		if (l->is_searched)
			allot(l, &w.layer[i], &p.bits[i], p.kernels[i]);
		else
			for (int k = 0; k < l->cout; k++)
				p.kernels[i][k] = p.bits[i].w;
	}
	policy_write_kernels(&g, &p, kernels_path);
	policy_write(&g, &p, out_path);
}

int main(int argc, char **argv)
{
	static const struct verb verbs[] = {
		{ "formula", "bits of kernels around those of their layers", formula_options, formula }, { 0 }
	};

	return cli_verbs(argc, argv, "bits for every kernel", REVISION, verbs);
}
