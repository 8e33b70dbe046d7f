/*
 * quantize - give every layer the clipping ranges, or the codebook, for the bits its policy says.
 *
 *	quantize -n NET.csv -w weights.npz -p policy.csv -a histograms.npz -o quantized.npz
 *	quantize -n NET.csv -w weights.npz -p policy.csv --codebook -o quantized.npz
 *
 * Reads a policy, full-precision weights and the activation histograms of `calibrate`; writes the
 * weights with a range per layer for weights and activations, chosen by eq. 6 (--clip kl), by least
 * squared error (mse) or the largest magnitude (max).  --ranges kernel is a range of weights for each
 * output channel, which a kernel-wise policy (--kernels) has unless --ranges layer says otherwise.
 * The one range of kernels of different bits is chosen for their bits in the mean, rounded to nearest;
 * each has as many levels in it as its own bits say.  One of 1 bit becomes the ends of that range,
 * larger than its mean magnitude, which it has alone or among its like; batch norms undo such a factor.
 *
 * Weights stay in full precision unless --grid: finetuning moves them and quantizes where they are
 * used.  With --grid they are written as eq. 4 leaves them, for those who want to look at them or
 * deploy them.
 *
 * With --codebook (Deep Compression; Table 6) a layer's weights of b bits become those of a codebook of 2^b
 * values, by k-means; activations, and the layer that reads the image, stay in full precision.  finetune
 * moves the values and keeps the codebook.
 */
#include "core/cli.h"
#include "model/kmeans.h"
#include "model/policy.h"
#include "model/quantizer.h"
#include "core/threads.h"
#include "model/weights.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REVISION 2 /* raise when the numbers below change */

static const char *graph_path, *weights_path, *policy_path, *histograms_path, *kernels_path, *out_path,
	*clip = "kl", *ranges;
static bool grid, codebook, by_kernel; /* by_kernel: each kernel has a range of weights of its own */

static const struct opt options[] = {
	{ 'n', "network", OPT_PATH, &graph_path, "NET.csv", "the network" },
	{ 'w', "weights", OPT_PATH, &weights_path, "weights.npz", "full-precision weights" },
	{ 'p', "policy", OPT_PATH, &policy_path, "policy.csv", "bits of each layer" },
	{ 'k', "kernels", OPT_PATH, &kernels_path, NULL, "weight bits of each output channel, .npy" },
	{ 'a', "activations", OPT_PATH, &histograms_path, NULL,
	  "histograms of `calibrate`; not with --codebook" },
	{ 'o', "output", OPT_OUT, &out_path, "quant.npz", "weights with their ranges" },
	{ 'c', "clip", OPT_TEXT, &clip, NULL, "how ranges are chosen: kl (eq. 6), mse or max" },
	{ 'r', "ranges", OPT_TEXT, &ranges, NULL,
	  "whose weights share a range: layer or kernel; unless told, kernel with --kernels" },
	{ 'g', "grid", OPT_FLAG, &grid, NULL, "quantized weights, not full-precision ones" },
	{ 'b', "codebook", OPT_FLAG, &codebook, NULL, "codebooks for weights, none for activations" },
	{ 0 }
};

static float mean_magnitude(const float *w, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double)fabsf(w[i]);
	return (float)(sum / (double)n);
}

static enum clip_rule parse_rule(void)
{
	static const char *const words[] = { [CLIP_KL] = "kl", [CLIP_MSE] = "mse", [CLIP_MAX] = "max" };

	for (size_t i = 0; i < LEN(words); i++)
		if (!strcmp(clip, words[i]))
			return (enum clip_rule)i;
	usage("--clip must be kl, mse or max, not '%s'", clip);
}

static bool parse_ranges(void)
{
	if (!ranges)
		return kernels_path;
	if (strcmp(ranges, "layer") && strcmp(ranges, "kernel"))
		usage("--ranges must be layer or kernel, not '%s'", ranges);
	return !strcmp(ranges, "kernel");
}

/* The clipping range of n weights; h is scratch. */
static float weight_range(const float *w, size_t n, int bits, enum clip_rule rule, struct histogram *h)
{
	if (bits == 1)
		return mean_magnitude(w, n); /* least squares for two levels */
	histogram_of(h, w, n);
	return quantizer_clip(h, bits, true, rule);
}

/* The bits of kernels that share a range, in the mean, to nearest. */
static int mean_bits(const struct policy *p, int layer, int first, int end)
{
	int sum = 0, n = end - first;

	for (int k = first; k < end; k++)
		sum += policy_kernel_bits(p, layer, k);
	return (2 * sum + n) / (2 * n);
}

static void choose_weight_ranges(struct layer_weights *v, const struct layer *l, const struct policy *p,
                                 int layer, enum clip_rule rule)
{
	struct histogram *h = xmalloc(1, sizeof *h);
	int sharing = by_kernel ? 1 : l->cout;
	size_t each = (size_t)(l->weights / l->cout) * (size_t)sharing;

	v->weight_clips = by_kernel ? l->cout : 1;
	v->weight_clip = xmalloc((size_t)v->weight_clips, sizeof *v->weight_clip);
	for (int k = 0; k < v->weight_clips; k++)
		v->weight_clip[k] =
			weight_range(v->weight + (size_t)k * each, each,
		                     mean_bits(p, layer, k * sharing, (k + 1) * sharing), rule, h);
	free(h);
}

static void choose_ranges(const struct graph *g, struct weights *w, const struct policy *p,
                          const struct histogram *inputs, enum clip_rule rule)
{
	for (int i = 0; i < g->layers; i++) {
		const struct layer *l = &g->layer[i];
		struct layer_weights *v = &w->layer[i];

		choose_weight_ranges(v, l, p, i, rule);
		if (!quantizer_has_bits(p->bits[i].a, l->input_is_signed))
			die("%s: layer '%s': %d-bit activations are not defined where they may be negative",
			    policy_path, l->name, p->bits[i].a);
		v->activation_clip = quantizer_clip(&inputs[i], p->bits[i].a, l->input_is_signed, rule);
		if (grid)
			weights_quantize(v, l, p, i, v->weight);
	}
	w->has_clips = true;
}

static void make_codebooks(const struct graph *g, struct weights *w, const struct policy *p)
{
#pragma omp parallel for schedule(dynamic) num_threads(threads())
	for (int i = 0; i < g->layers; i++) {
		struct layer_weights *v = &w->layer[i];
		size_t n = (size_t)g->layer[i].weights;
		float centroid[KMEANS_MOST];

		if (g->node[g->layer[i].node].input[0] == 0)
			continue;
		v->cluster = xmalloc(n, 1);
		kmeans(v->weight, n, 1 << p->bits[i].w, centroid, v->cluster);
		for (size_t k = 0; k < n; k++)
			v->weight[k] = centroid[v->cluster[k]];
	}
}

/* Drops ranges and codebooks of an earlier policy. */
static void forget_bits(struct weights *w)
{
	for (int i = 0; i < w->layers; i++)
		w->layer[i].cluster = NULL;
	w->has_clips = false;
}

int main(int argc, char **argv)
{
	struct histogram *histograms;
	struct weights weights;
	struct policy policy;
	struct graph graph;
	enum clip_rule rule;

	threads_init();
	cli_begin(argc, argv,
	          "give every layer the clipping ranges, or the codebook, for the bits its policy says",
	          REVISION, options);
	if (codebook && (histograms_path || kernels_path || ranges || grid || strcmp(clip, "kl")))
		usage("--codebook goes without --activations, --kernels, --ranges, --grid and --clip");
	if (!codebook && !histograms_path)
		usage("--activations is needed: the histograms of calibrate");
	rule = parse_rule();
	by_kernel = parse_ranges();
	graph_read(&graph, graph_path);
	policy = policy_read(&graph, policy_path);
	if (kernels_path)
		policy_read_kernels(&policy, &graph, kernels_path);
	weights_read(&weights, &graph, weights_path);
	forget_bits(&weights);
	if (codebook) {
		make_codebooks(&graph, &weights, &policy);
	} else {
		histograms = histograms_read(&graph, histograms_path);
		choose_ranges(&graph, &weights, &policy, histograms, rule);
	}
	weights_write(&weights, &graph, out_path);
	return cli_end();
}
