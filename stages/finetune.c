/*
 * finetune - train a network: quantised to a policy, or in full precision; from weights, or from nothing.
 *
 * Weights that share values (quantize --codebook) keep sharing them: those of a cluster take the mean of their steps.
 *
 * With -p the layers quantise what they read and their weights (HAQ, section 3.5): gradients pass straight
 * through the quantisers, clipping ranges may learn (PACT).  Without -w weights begin at random, by --seed.
 * SGD with momentum; batch norm takes the statistics of the batch.  The images of an epoch come in an order drawn by
 * (seed, epoch) alone, so that all policies of a search are tuned on the same batches.
 */
#include "lib/cli.h"
#include "lib/conf.h"
#include "lib/images.h"
#include "lib/net.h"
#include "lib/progress.h"
#include "lib/rng.h"
#include "lib/sgd.h"
#include "lib/threads.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REVISION 3      /* raise when the numbers below change */

static const char *graph_path, *weights_path, *policy_path, *kernels_path, *images_path, *conf_path, *out_path;
static long seed = -1;

static const struct opt options[] = {
	{ 'n', "network", OPT_PATH, &graph_path,   "NET.csv",      "the network" },
	{ 'w', "weights", OPT_PATH, &weights_path, NULL,           "weights to begin with; none: random ones" },
	{ 'p', "policy",  OPT_PATH, &policy_path,  NULL,           "bits of each layer; none: full precision" },
	{ 'k', "kernels", OPT_PATH, &kernels_path, NULL,           "with -p: weight bits of each output channel, .npy" },
	{ 'd', "images",  OPT_PATH, &images_path,  "images.npz",   "images to train on" },
	{ 'c', "conf",    OPT_PATH, &conf_path,    "finetune.conf", "epochs, batch, learning rate, ..." },
	{ 's', "seed",    OPT_INT,  &seed,         "SEED",         "of the order of images and of random weights" },
	{ 'o', "output",  OPT_OUT,  &out_path,     "tuned.npz",    "trained weights" },
	{ 0 }
};

static long images_used, epochs, batch, shards;
static double rate, momentum, decay, rate_warmup;
static const char *schedule, *clips, *flips, *storage;

static const struct conf_key keys[] = {
	{ "images",         CONF_INT,  &images_used, 0, 1e9, NULL },
	{ "epochs",         CONF_INT,  &epochs,      0, 1e6, NULL },
	{ "batch",          CONF_INT,  &batch,       1, 4096, NULL },
	{ "shards",         CONF_INT,  &shards,      1, 256, NULL },
	{ "learning_rate",  CONF_REAL, &rate,        0, 10, NULL },
	{ "warmup",         CONF_REAL, &rate_warmup, 0, 1, NULL },
	{ "schedule",       CONF_WORD, &schedule,    0, 0, "constant cosine" },
	{ "momentum",       CONF_REAL, &momentum,    0, 1, NULL },
	{ "weight_decay",   CONF_REAL, &decay,       0, 1, NULL },
	{ "learn_clips",    CONF_WORD, &clips,       0, 0, "no yes" },
	{ "flip",           CONF_WORD, &flips,       0, 0, "no yes" },
	{ "storage",        CONF_WORD, &storage,     0, 0, "float32 bfloat16" },
	{ 0 }
};

/* Share of the learning rate at step of steps: linear warm-up, then constant or half a cosine. */
static double rate_at(long step, long steps)
{
	double warm = rate_warmup * (double)steps, x = (double)step;

	if (x < warm)
		return rate * (x + 1) / (warm + 1);
	if (strcmp(schedule, "cosine"))
		return rate;
	return rate * 0.5 * (1 + cos(3.14159265358979323846 * (x - warm) / ((double)steps - warm)));
}

/* The order of an epoch: of all images, or of those that a search may use (always the same ones). */
static void draw_order(uint32_t *order, uint32_t used, long epoch, uint32_t *chosen)
{
	struct rng rng = { (uint64_t)seed, (uint32_t)epoch + 1, RNG_SHUFFLE };

	rng_permute(rng, order, used);
	for (uint32_t i = 0; i < used; i++)
		order[i] = chosen[order[i]];
}

static void flip_some(float *x, const struct images *images, int n, uint64_t first, long epoch)
{
	struct rng rng = { (uint64_t)seed, (uint32_t)epoch + 1, RNG_AUGMENT };
	size_t w = (size_t)images->w, c = (size_t)images->c, rows = (size_t)images->h;

	for (int i = 0; i < n; i++) {
		if (rng_bits(rng, first + (uint64_t)i) & 1)
			continue;
		for (size_t r = 0; r < rows; r++) {
			float *row = x + ((size_t)i * rows + r) * w * c;

			for (size_t a = 0, b = w - 1; a < b; a++, b--)
				for (size_t k = 0; k < c; k++) {
					float t = row[a * c + k];

					row[a * c + k] = row[b * c + k];
					row[b * c + k] = t;
				}
		}
	}
}

/* Integers have no way to say that a weight is no number: the loss may not tell. */
static void require_numbers(struct net *net)
{
	int n;
	const struct param *params = net_params(net, &n);

	for (int i = 0; i < n; i++)
		for (size_t k = 0; k < params[i].n; k++)
			if (!isfinite(params[i].value[k]))
				die("weights are no longer finite: lower learning_rate in %s", conf_path);
}

static void train(struct net *net, struct weights *weights, const struct graph *graph, const struct images *images)
{
	uint32_t used = images_used && images_used < images->n ? (uint32_t)images_used : (uint32_t)images->n;
	uint32_t *order = xmalloc(used, sizeof *order), *chosen = xmalloc((size_t)images->n, sizeof *chosen);
	long per_epoch = (long)used / batch, steps = per_epoch * epochs, step = 0;
	int32_t *labels = xmalloc((size_t)batch, sizeof *labels);
	struct sgd sgd = sgd_new(net, (float)momentum, (float)decay, !strcmp(clips, "yes"));
	bool is_shared = weights_are_shared(weights);
	double loss = 0;

	if (epochs && !per_epoch)
		die("%s: a batch of %ld needs more than %u images", conf_path, batch, used);
	rng_permute((struct rng){ (uint64_t)seed, 0, RNG_SHUFFLE }, chosen, (uint32_t)images->n);
	progress_start(xprintf("finetune %s", strrchr(out_path, '/') ? strrchr(out_path, '/') + 1 : out_path), steps);
	for (long epoch = 0; epoch < epochs; epoch++) {
		draw_order(order, used, epoch, chosen);
		for (long b = 0; b < per_epoch; b++, step++) {
			const uint32_t *these = order + b * batch;
			double now;

			images_batch(images, these, (int)batch, net_input(net));
			if (!strcmp(flips, "yes"))
				flip_some(net_input(net), images, (int)batch, (uint64_t)(b * batch), epoch);
			for (long i = 0; i < batch; i++)
				labels[i] = images->labels[these[i]];
			net_prepare(net);
			net_forward(net, (int)batch);
			now = net_backward(net, labels);
			if (!isfinite(now))
				die("the loss is not finite at step %ld of %ld: lower learning_rate in %s", step + 1, steps, conf_path);
			loss += (step < 50 ? 1.0 / (double)(step + 1) : 0.02) * (now - loss);
			sgd_step(&sgd, (float)rate_at(step, steps));
			if (is_shared)
				weights_share(weights, graph);
			progress(step + 1, "epoch %ld/%ld  loss %.4f", epoch + 1, epochs, loss);
		}
	}
	progress_end();
	require_numbers(net);
	note("%ld steps of %ld images, loss %.6f, %.1f MiB of buffers", steps, batch, loss, (double)net_bytes(net) / 1048576);
}

int main(int argc, char **argv)
{
	struct policy policy;
	struct weights weights;
	struct images images;
	struct graph graph;

	threads_init();
	cli_begin(argc, argv, "train a network, quantised to a policy or in full precision", REVISION, options);
	if (kernels_path && !policy_path)
		usage("--kernels goes with --policy");
	conf_read(conf_path, keys);
	if (batch % shards)
		die("%s: %ld shards do not divide a batch of %ld", conf_path, shards, batch);
	graph_read(&graph, graph_path);
	images_read(&images, images_path);
	images_check(&images, &graph);
	if (policy_path)
		policy = policy_read(&graph, policy_path);
	if (kernels_path)
		policy_read_kernels(&policy, &graph, kernels_path);
	if (weights_path)
		weights_read(&weights, &graph, weights_path);
	else
		weights_random(&weights, &graph, (uint64_t)seed);
	if (policy_path && weights_are_shared(&weights))
		die("%s: weights with a codebook have their bits already; they are tuned without a policy", weights_path);
	train(net_new(&graph, &weights, policy_path ? &policy : NULL, (int)batch, (int)shards,
	              strcmp(storage, "bfloat16") ? NET_TRAINING : NET_TRAINING_HALF), &weights, &graph, &images);
	weights_write(&weights, &graph, out_path);
	return cli_end();
}
