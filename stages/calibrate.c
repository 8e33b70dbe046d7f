/*
 * calibrate - activation histograms: how the inputs of each layer of a network are distributed over images.
 *
 *	calibrate -n NET.csv -w weights.npz -d train.npz -o histograms.npz
 *
 * `quantize` chooses the clipping ranges of activations from them (eq. 6), for any policy; they depend on
 * network and images alone and are made once.  The network computes in full precision.  There are two
 * passes: the first finds the largest magnitude that each layer reads, the second counts.
 *
 * Writes model/histograms.h's file.
 */
#include "core/cli.h"
#include "dataset/images.h"
#include "engine/net.h"
#include "model/histograms.h"
#include "core/threads.h"

#include <math.h>

#define REVISION 2 /* raise when the numbers below change */

static const char *graph_path, *weights_path, *images_path, *out_path;
static long images_used = 1024;

static const struct opt options[] = {
	{ 'n', "network", OPT_PATH, &graph_path, "NET.csv", "the network" },
	{ 'w', "weights", OPT_PATH, &weights_path, "weights.npz", "its weights" },
	{ 'd', "images", OPT_PATH, &images_path, "images.npz", "images; the first ones are used" },
	{ 'o', "output", OPT_OUT, &out_path, "histograms.npz", "the histograms of its layers' inputs" },
	{ 'k', "count", OPT_INT, &images_used, NULL, "how many images, in whole batches of 64" },
	{ 0 }
};

#define BATCH 64

static struct graph graph;

static void find_maximum(void *context, int layer, const float *x, size_t count)
{
	struct histogram *h = (struct histogram *)context + layer;
	float max = (float)h->max;

	for (size_t i = 0; i < count; i++) {
		if (!isfinite(x[i]))
			die("%s: layer '%s' reads a number that is not finite; nothing is written",
			    weights_path, graph.layer[layer].name);
		max = fabsf(x[i]) > max ? fabsf(x[i]) : max;
	}
	h->max = (double)max;
}

static void count_values(void *context, int layer, const float *x, size_t count)
{
	histogram_add((struct histogram *)context + layer, x, count);
}

static void pass(struct net *net, const struct images *images, int n, net_observer *observer,
                 struct histogram *h)
{
	uint32_t order[BATCH];

	net_observe(net, observer, h);
	for (int at = 0; at + BATCH <= n; at += BATCH) {
		for (int i = 0; i < BATCH; i++)
			order[i] = (uint32_t)(at + i);
		images_batch(images, order, NULL, BATCH, net_input(net));
		net_forward(net, BATCH);
	}
}

int main(int argc, char **argv)
{
	struct histogram *h;
	struct weights weights;
	struct images images;
	struct net *net;
	int n;

	threads_init();
	cli_begin(argc, argv, "histograms of the inputs of a network's layers", REVISION, options);
	if (images_used < BATCH)
		usage("--count must be at least %d", BATCH);
	graph_read(&graph, graph_path);
	images_read(&images, images_path);
	images_check(&images, &graph);
	weights_read(&weights, &graph, weights_path);
	images_normalise(&images, weights.image_mean, weights.image_std);
	if (images.n < BATCH)
		die("%s: %d images; expected at least %d", images_path, images.n, BATCH);
	n = images_used < images.n ? (int)images_used : images.n;
	h = xmalloc((size_t)graph.layers, sizeof *h);
	net = net_new(&graph, &weights, NULL, BATCH, 4, NET_INFERENCE);
	net_prepare(net);
	pass(net, &images, n, find_maximum, h);
	pass(net, &images, n, count_values, h);
	histograms_write(h, &graph, out_path);
	return cli_end();
}
