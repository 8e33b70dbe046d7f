/*
 * evaluate - the accuracy of a network on images: top-1 and top-5 in percent, mean cross-entropy.
 *
 * With -p the network is quantized to a policy (its weights need the clipping ranges of `quantize`)
 * and computes in integers of those bits (engine/inference.h); with --float in float32 on the same
 * grid, as finetuning does, which gives the same classes but where two are as good as equal.
 * Without -p it computes in full precision.
 *
 * Writes one row (model/score.h).  A class ties with another in favour of the lower index.
 */
#include "core/cli.h"
#include "core/progress.h"
#include "core/threads.h"
#include "dataset/images.h"
#include "engine/conv-int8.h"
#include "engine/inference.h"
#include "engine/ops.h"
#include "io/npz.h"
#include "model/score.h"

#include <math.h>
#include <string.h>

#define REVISION 2 /* raise when the numbers below change */

static const char *graph_path, *weights_path, *policy_path, *kernels_path, *images_path, *logits_path,
	*out_path;
static long batch = 64;
static bool in_float;

static const struct opt options[] = {
	{ 'n', "network", OPT_PATH, &graph_path, "NET.csv", "the network" },
	{ 'w', "weights", OPT_PATH, &weights_path, "weights.npz", "its weights" },
	{ 'p', "policy", OPT_PATH, &policy_path, NULL, "bits of each layer; none: full precision" },
	{ 'd', "images", OPT_PATH, &images_path, "images.npz", "images to score on" },
	{ 'o', "output", OPT_OUT, &out_path, "score.csv", "accuracy and loss" },
	{ 'k', "kernels", OPT_PATH, &kernels_path, NULL,
	  "with -p: weight bits of each output channel, .npy" },
	{ 'f', "float", OPT_FLAG, &in_float, NULL, "fake-quantized float32, not integers" },
	{ 'l', "logits", OPT_OUT, &logits_path, NULL, "its outputs too: float32 [images][classes], .npy" },
	{ 'b', "batch", OPT_INT, &batch, NULL, "images at a time, in sixteens" },
	{ 0 }
};

#define SHARD 16 /* images that a thread takes at a time, at most */

/* The number of classes that come before the right one. */
static int rank_of(const float *logits, int classes, int32_t label)
{
	int rank = 0;

	for (int k = 0; k < classes; k++) {
		if (!isfinite(logits[k]))
			die("%s: outputs of %s are not finite; nothing is written", weights_path, graph_path);
		rank += logits[k] > logits[label] || (k < label && logits[k] == logits[label]);
	}
	return rank;
}

static struct inference *network_of(const struct graph *g, struct weights *w, const struct policy *p)
{
	struct inference *net = inference_new(g, w, p, in_float ? FLOATS : INTEGERS, (int)batch,
	                                      inference_shards((int)batch));

	note("%s, %.1f MiB of buffers",
	     !p || in_float             ? "floats"
	     : conv_has_int8_products() ? "byte products"
	                                : "byte products where they cannot saturate",
	     (double)inference_bytes(net) / 1048576);
	return net;
}

/* all: [images][classes] for the outputs of all images, or NULL. */
static struct score evaluate(struct inference *net, const struct images *images, int classes, float *all)
{
	uint32_t *order = xmalloc((size_t)batch, sizeof *order);
	long top1 = 0, top5 = 0;
	double loss = 0, n_images = (double)images->n;

	progress_start("evaluate", images->n);
	for (int at = 0; at < images->n; at += (int)batch) {
		int n = images->n - at < batch ? images->n - at : (int)batch;
		const float *logits;

		for (int i = 0; i < n; i++)
			order[i] = (uint32_t)(at + i);
		images_batch(images, order, NULL, n, inference_input(net));
		inference_forward(net, n);
		logits = inference_logits(net);
		for (int i = 0; i < n; i++) {
			int rank = rank_of(logits + (size_t)i * (size_t)classes, classes,
			                   images->labels[at + i]);

			top1 += rank < 1;
			top5 += rank < 5;
		}
		loss += ops_cross_entropy(logits, &(struct targets){ .labels = images->labels + at }, n,
		                          classes, 0, NULL);
		if (all)
			memcpy(all + (size_t)at * (size_t)classes, logits,
			       (size_t)n * (size_t)classes * sizeof *all);
		progress(at + n, "top-1 %.2f %%", 100.0 * (double)top1 / (at + n));
	}
	progress_end();
	return (struct score){ 100.0 * (double)top1 / n_images, 100.0 * (double)top5 / n_images,
		               loss / n_images };
}

int main(int argc, char **argv)
{
	struct policy policy;
	struct weights weights;
	struct images images;
	struct graph graph;
	struct inference *net;
	struct score s;
	float *logits = NULL;
	size_t classes;

	threads_init();
	cli_begin(argc, argv, "the accuracy of a network, quantized to a policy or in full precision",
	          REVISION, options);
	if (batch < 1 || batch > 4096)
		usage("--batch must lie in 1..4096");
	if (kernels_path && !policy_path)
		usage("--kernels goes with --policy");
	batch = (batch + SHARD - 1) / SHARD * SHARD;
	graph_read(&graph, graph_path);
	images_read(&images, images_path);
	images_check(&images, &graph);
	if (policy_path)
		policy = policy_read(&graph, policy_path);
	if (kernels_path)
		policy_read_kernels(&policy, &graph, kernels_path);
	weights_read(&weights, &graph, weights_path);
	images_normalise(&images, weights.image_mean, weights.image_std);
	net = network_of(&graph, &weights, policy_path ? &policy : NULL);
	classes = (size_t)graph_classes(&graph);
	if (logits_path)
		logits = xmalloc((size_t)images.n * classes, sizeof *logits);
	s = evaluate(net, &images, (int)classes, logits);
	if (logits_path)
		npy_write(logits_path, F32, 2, SHAPE((size_t)images.n, classes), logits);
	score_write(&s, images.n, out_path);
	return cli_end();
}
