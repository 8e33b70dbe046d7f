/*
 * evaluate - the accuracy of a network on images: top-1 and top-5 in percent, mean cross-entropy.
 *
 * With -p the network is quantised to a policy (its weights need the clipping ranges of `quantize`),
 * without it computes in full precision.  Writes one row: images,top1,top5,loss.  A class ties with another in
 * favour of the lower index.
 */
#include "lib/cli.h"
#include "lib/images.h"
#include "lib/net.h"
#include "lib/ops.h"
#include "lib/progress.h"
#include "lib/threads.h"

#include <math.h>

#define REVISION 1      /* raise when the numbers below change */

static const char *graph_path, *weights_path, *policy_path, *images_path, *out_path;
static long batch = 64;

static const struct opt options[] = {
	{ 'n', "network", OPT_PATH, &graph_path,   "NET.csv",     "the network" },
	{ 'w', "weights", OPT_PATH, &weights_path, "weights.npz", "its weights" },
	{ 'p', "policy",  OPT_PATH, &policy_path,  NULL,          "bits of each layer; none: full precision" },
	{ 'd', "images",  OPT_PATH, &images_path,  "images.npz",  "images to score on" },
	{ 'o', "output",  OPT_OUT,  &out_path,     "score.csv",   "accuracy and loss" },
	{ 'b', "batch",   OPT_INT,  &batch,        NULL,          "images at a time" },
	{ 0 }
};

#define SHARD 16        /* images that a thread takes at a time */

struct score { long images, top1, top5; double loss; };

/* How many classes come before the right one. */
static int rank_of(const float *logits, int classes, int32_t label)
{
	int rank = 0;

	for (int k = 0; k < classes; k++) {
		if (!isfinite(logits[k]))
			die("the network's output is not finite; nothing is written");
		rank += logits[k] > logits[label] || (logits[k] == logits[label] && k < label);
	}
	return rank;
}

static struct score evaluate(struct net *net, const struct images *images, int classes)
{
	uint32_t *order = xmalloc((size_t)batch, sizeof *order);
	struct score s = { images->n, 0, 0, 0 };

	net_prepare(net);
	progress_start("evaluate", images->n);
	for (int at = 0; at < images->n; at += (int)batch) {
		int n = images->n - at < batch ? images->n - at : (int)batch;

		for (int i = 0; i < n; i++)
			order[i] = (uint32_t)(at + i);
		images_batch(images, order, n, net_input(net));
		net_forward(net, n);
		for (int i = 0; i < n; i++) {
			int rank = rank_of(net_logits(net) + (size_t)i * (size_t)classes, classes, images->labels[at + i]);

			s.top1 += rank < 1;
			s.top5 += rank < 5;
		}
		s.loss += ops_cross_entropy(net_logits(net), images->labels + at, n, classes, 0, NULL);
		progress(at + n, "top-1 %.2f %%", 100.0 * (double)s.top1 / (at + n));
	}
	progress_end();
	return s;
}

int main(int argc, char **argv)
{
	struct policy policy;
	struct weights weights;
	struct images images;
	struct graph graph;
	struct score s;
	FILE *out;

	threads_init();
	cli_begin(argc, argv, "the accuracy of a network, quantised to a policy or in full precision", REVISION, options);
	if (batch < 1 || batch > 4096)
		usage("--batch must lie in 1..4096");
	batch = (batch + SHARD - 1) / SHARD * SHARD;
	graph_read(&graph, graph_path);
	images_read(&images, images_path);
	images_check(&images, &graph);
	if (policy_path)
		policy = policy_read(&graph, policy_path);
	weights_read(&weights, &graph, weights_path);
	s = evaluate(net_new(&graph, &weights, policy_path ? &policy : NULL, (int)batch, (int)batch / SHARD, false), &images,
	             graph_classes(&graph));
	out = out_open(out_path);
	fprintf(out, "images,top1,top5,loss\n%ld,%.4f,%.4f,%.6f\n", s.images, 100.0 * (double)s.top1 / (double)s.images,
	        100.0 * (double)s.top5 / (double)s.images, s.loss / (double)s.images);
	out_commit(out);
	return cli_end();
}
