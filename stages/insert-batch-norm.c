/*
 * insert-batch-norm - batch norms for a network that was deployed without them: the same function,
 * ready to be finetuned at few bits.
 *
 *	insert-batch-norm -n NET.csv -w NET.npz -d train.npz --network-out NORMED.csv --weights-out NORMED.npz
 *
 * Deployed networks have their batch norms folded into the weights.  A folded filter is as large as its
 * channel's scale, so filters of a layer differ by orders of magnitude, and the one clipping range
 * of the layer (HAQ) leaves the small ones no bits.  Here each convolution, but the last layer,
 * gets one: its filters are brought to equal (Euclidean) norms, the rest goes into gamma, bias into beta, and
 * mean and variance are measured on images:
 *
 *	w'_k = w_k t / |w_k|,  t^2 the mean of |w_k|^2;
 *	gamma_k = sqrt(variance_k + epsilon) |w_k| / t;   beta_k = bias_k + mean_k |w_k| / t
 *
 * In float32 the network computes what it computed.  Statistics are those of whole batches,
 * averaged; images that do not fill a batch are left out.
 *
 * A network that has a batch norm already is refused, and so is one with codebooks: their values cannot be
 * scaled filter by filter.  Clipping ranges are left out: they were those of the filters as they were.
 */
#include "core/cli.h"
#include "dataset/images.h"
#include "engine/net.h"
#include "core/progress.h"
#include "core/threads.h"
#include "model/weights.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REVISION 1
#define BATCH 32

static const char *graph_path, *weights_path, *images_path, *network_out, *weights_out;
static long images_used = 1024;

static const struct opt options[] = {
	{ 'n', "network", OPT_PATH, &graph_path, "NET.csv", "the network" },
	{ 'w', "weights", OPT_PATH, &weights_path, "NET.npz", "its weights" },
	{ 'd', "images", OPT_PATH, &images_path, "train.npz", "images; the first ones are used" },
	{ 0, "network-out", OPT_OUT, &network_out, "NORMED.csv", "the network with batch norms" },
	{ 0, "weights-out", OPT_OUT, &weights_out, "NORMED.npz", "its weights" },
	{ 'k', "count", OPT_INT, &images_used, NULL, "how many images" },
	{ 0 }
};

/* A layer that gets a batch norm. */
struct inserted {
	bool is_new;
	float *size;             /* [cout] |w_k| / t: what the batch norm has to give back */
	float *bias;             /* [cout] */
	double *mean, *variance; /* [cout] summed over batches */
};

struct insertion {
	const struct graph *g;
	struct weights *w;
	struct inserted *layer;
};

static float *zeros(int n)
{
	return xmalloc((size_t)n, sizeof(float));
}

static double filter_norm(const struct layer_weights *p, const struct layer *l, int k)
{
	size_t each = (size_t)(l->weights / l->cout);
	double sum = 0;

	for (size_t i = 0; i < each; i++)
		sum += (double)p->weight[(size_t)k * each + i] * (double)p->weight[(size_t)k * each + i];
	return sqrt(sum);
}

/* Filters of equal norm; those of nothing but zeros stay, and their channel keeps its bias. */
static void even_out(struct layer_weights *p, const struct layer *l, struct inserted *to)
{
	size_t each = (size_t)(l->weights / l->cout);
	double target = 0;

	for (int k = 0; k < l->cout; k++)
		target += filter_norm(p, l, k) * filter_norm(p, l, k) / l->cout;
	target = sqrt(target);
	for (int k = 0; k < l->cout; k++) {
		double norm = filter_norm(p, l, k);

		to->size[k] = target > 0 ? (float)(norm / target) : 0;
		for (size_t i = 0; i < each && norm > 0; i++)
			p->weight[(size_t)k * each + i] =
				(float)((double)p->weight[(size_t)k * each + i] * target / norm);
	}
}

static void insert(struct insertion *x, struct graph *g, int layer)
{
	const struct layer *l = &g->layer[layer];
	struct layer_weights *p = &x->w->layer[layer];
	struct inserted *to = &x->layer[layer];
	struct node *n = &g->node[l->node];

	if (n->batch_norm)
		die("%s: '%s' has a batch norm already; expected a network without any", graph_path, l->name);
	if (n->op != OP_CONV || layer == g->layers - 1)
		return;
	*to = (struct inserted){ true, zeros(l->cout), zeros(l->cout),
		                 xmalloc((size_t)l->cout, sizeof(double)),
		                 xmalloc((size_t)l->cout, sizeof(double)) };
	even_out(p, l, to);
	if (p->bias)
		memcpy(to->bias, p->bias, (size_t)l->cout * sizeof *to->bias);
	p->bias = NULL;
	p->gamma = zeros(l->cout);
	p->beta = zeros(l->cout);
	p->mean = zeros(l->cout);
	p->variance = zeros(l->cout);
	n->bias = false;
	n->batch_norm = true;
}

/* Sets the batch norm that undoes these statistics and the new size of the filters. */
static void set_norm(struct layer_weights *p, const struct inserted *to, int k, double mean, double variance)
{
	p->gamma[k] = (float)(sqrt(variance + (double)BATCH_NORM_EPSILON) * (double)to->size[k]);
	p->beta[k] = (float)((double)to->bias[k] + mean * (double)to->size[k]);
}

static void measure(void *context, int layer, const float *mean, const float *variance)
{
	struct insertion *x = context;
	struct inserted *to = &x->layer[layer];

	for (int k = 0; to->is_new && k < x->g->layer[layer].cout; k++) {
		to->mean[k] += (double)mean[k];
		to->variance[k] += (double)variance[k] + (double)mean[k] * (double)mean[k];
		set_norm(&x->w->layer[layer], to, k, (double)mean[k], (double)variance[k]);
	}
}

/* Each batch runs through the same function, whatever its statistics. */
static void run_batches(struct insertion *x, const struct images *images, int batches)
{
	struct net *net = net_new(x->g, x->w, NULL, BATCH, 4, NET_TRAINING);
	uint32_t order[BATCH];

	net_on_statistics(net, measure, x);
	net_prepare(net);
	progress_start("insert-batch-norm", batches);
	for (int b = 0; b < batches; b++) {
		for (int i = 0; i < BATCH; i++)
			order[i] = (uint32_t)(b * BATCH + i);
		images_batch(images, order, NULL, BATCH, net_input(net));
		net_forward(net, BATCH);
		progress(b + 1, "batches");
	}
	progress_end();
}

static void finish(struct insertion *x, int batches)
{
	for (int i = 0; i < x->g->layers; i++) {
		struct layer_weights *p = &x->w->layer[i];

		for (int k = 0; x->layer[i].is_new && k < x->g->layer[i].cout; k++) {
			double mean = x->layer[i].mean[k] / batches,
			       variance = x->layer[i].variance[k] / batches - mean * mean;

			if (!isfinite(mean) || !isfinite(variance))
				die("%s: statistics of layer '%s' are not finite", images_path,
				    x->g->layer[i].name);
			variance = variance > 0 ? variance : 0;
			p->mean[k] = (float)mean;
			p->variance[k] = (float)variance;
			set_norm(p, &x->layer[i], k, mean, variance);
		}
	}
}

int main(int argc, char **argv)
{
	struct weights weights;
	struct images images;
	struct graph graph;
	struct insertion x;
	int batches, inserted = 0;

	threads_init();
	cli_begin(argc, argv,
	          "batch norms for a network that has none, which change nothing that it computes", REVISION,
	          options);
	if (images_used < BATCH)
		usage("--count must be at least %d", BATCH);
	graph_read(&graph, graph_path);
	images_read(&images, images_path);
	images_check(&images, &graph);
	weights_read(&weights, &graph, weights_path);
	images_normalise(&images, weights.image_mean, weights.image_std);
	if (weights_have_codebook(&weights))
		die("%s: weights of a codebook; expected some before `quantize --codebook`", weights_path);
	weights.has_clips = false;
	if (images.n < BATCH)
		die("%s: %d images; expected at least %d", images_path, images.n, BATCH);
	batches = (images_used < images.n ? (int)images_used : images.n) / BATCH;
	x = (struct insertion){ &graph, &weights, xmalloc((size_t)graph.layers, sizeof *x.layer) };
	for (int i = 0; i < graph.layers; i++) {
		insert(&x, &graph, i);
		inserted += x.layer[i].is_new;
	}
	if (!inserted)
		die("%s: no convolution but the last layer", graph_path);
	run_batches(&x, &images, batches);
	finish(&x, batches);
	weights_write(&weights, &graph, weights_out);
	graph_write(&graph, network_out);
	return cli_end();
}
