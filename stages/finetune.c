/*
 * finetune - train a network: quantized to a policy, or in full precision; from weights, or from nothing.
 *
 * With -p the layers quantize their inputs and their weights (HAQ, section 3.5): gradients pass straight
 * through the quantizers.  Images that do not fill a batch are left out of an epoch; images may be larger
 * than the network's input.  The .conf has
 *
 *	images          how many are used, drawn by --seed; 0: all
 *	epochs, batch   each epoch in an order of its own (dataset/epoch.h)
 *	shards          parts of a batch that threads share; results are of them, not of the threads
 *	init_gain       without -w: random weights, by --seed, so many times He's
 *	learning_rate, warmup, schedule
 *	                from 0 up over a share of the steps, then constant or half a cosine
 *	momentum, nesterov, weight_decay, decay_batch_norm
 *	                SGD (engine/sgd.h); whether gamma, beta and biases decay too
 *	label_smoothing share of a target that is spread over all classes
 *	learn_clips     whether clipping ranges learn (PACT)
 *	flip, crop, border, cutout
 *	                random views (dataset/augment.h): every second image flipped; up to so many pixels
 *	                off the centre, each way; outside is black, or reflects the image; side of a hole
 *	storage         of activations and their gradients: float32 or bfloat16
 *
 * Weights of a codebook (quantize --codebook) keep sharing values: those of a cluster take the mean of
 * their steps.  With --checkpoint FILE long training that was interrupted goes on from there, to the same
 * bytes (engine/checkpoint.h).
 */
#include "core/cli.h"
#include "core/conf.h"
#include "core/progress.h"
#include "core/threads.h"
#include "dataset/augment.h"
#include "dataset/epoch.h"
#include "dataset/images.h"
#include "engine/checkpoint.h"
#include "engine/net.h"
#include "engine/sgd.h"

#include <math.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define REVISION 4 /* raise when the numbers below change */

static const char *graph_path, *weights_path, *policy_path, *kernels_path, *images_path, *conf_path,
	*out_path, *checkpoint_path;
static long seed = -1, checkpoint_seconds = 60;

static const struct opt options[] = {
	{ 'n', "network", OPT_PATH, &graph_path, "NET.csv", "the network" },
	{ 'w', "weights", OPT_PATH, &weights_path, NULL, "weights to begin with; none: random ones" },
	{ 'p', "policy", OPT_PATH, &policy_path, NULL, "bits of each layer; none: full precision" },
	{ 'k', "kernels", OPT_PATH, &kernels_path, NULL,
	  "with -p: weight bits of each output channel, .npy" },
	{ 'd', "images", OPT_PATH, &images_path, "images.npz", "images to train on" },
	{ 'c', "conf", OPT_PATH, &conf_path, "finetune.conf", "epochs, batch, learning rate, ..." },
	{ 's', "seed", OPT_INT, &seed, "SEED", "of the order of images and of random weights" },
	{ 'o', "output", OPT_OUT, &out_path, "tuned.npz", "trained weights" },
	{ 0, "checkpoint", OPT_OUT, &checkpoint_path, NULL,
	  "interrupted training goes on from here; removed at its end" },
	{ 0, "checkpoint-seconds", OPT_INT, &checkpoint_seconds, NULL, "between two of them" },
	{ 0 }
};

static long images_used, epochs, batch, shards, crop, cutout;
static double init_gain, rate, momentum, decay, rate_warmup, smoothing;
static const char *schedule, *nesterov, *decay_batch_norm, *clips, *flips, *border, *storage;

static const struct conf_key keys[] = { { "images", CONF_INT, &images_used, 0, 1e9, NULL },
	                                { "epochs", CONF_INT, &epochs, 0, 1e6, NULL },
	                                { "batch", CONF_INT, &batch, 1, 4096, NULL },
	                                { "shards", CONF_INT, &shards, 1, 256, NULL },
	                                { "init_gain", CONF_REAL, &init_gain, 0, 10, NULL },
	                                { "learning_rate", CONF_REAL, &rate, 0, 10, NULL },
	                                { "warmup", CONF_REAL, &rate_warmup, 0, 1, NULL },
	                                { "schedule", CONF_WORD, &schedule, 0, 0, "constant cosine" },
	                                { "momentum", CONF_REAL, &momentum, 0, 1, NULL },
	                                { "nesterov", CONF_WORD, &nesterov, 0, 0, "no yes" },
	                                { "weight_decay", CONF_REAL, &decay, 0, 1, NULL },
	                                { "decay_batch_norm", CONF_WORD, &decay_batch_norm, 0, 0, "no yes" },
	                                { "label_smoothing", CONF_REAL, &smoothing, 0, 1, NULL },
	                                { "learn_clips", CONF_WORD, &clips, 0, 0, "no yes" },
	                                { "flip", CONF_WORD, &flips, 0, 0, "no yes" },
	                                { "crop", CONF_INT, &crop, 0, 1024, NULL },
	                                { "border", CONF_WORD, &border, 0, 0, "black reflect" },
	                                { "cutout", CONF_INT, &cutout, 0, 1024, NULL },
	                                { "storage", CONF_WORD, &storage, 0, 0, "float32 bfloat16" },
	                                { 0 } };

/* Training: all it needs at hand, and how far it is. */
struct training {
	struct net *net;
	struct weights *weights;
	const struct graph *graph;
	const struct images *images;
	struct sgd sgd;
	struct schedule schedule;
	struct augment augment;
	int32_t *labels;    /* [batch] */
	struct view *views; /* [batch] */
	long step, steps;
	double loss; /* running mean */
};

static void train_batch(struct training *t, const uint32_t *these, uint64_t first, long epoch)
{
	double now;

	for (long i = 0; i < batch; i++)
		t->views[i] = augment_view(&t->augment, t->images, epoch, first + (uint64_t)i);
	images_batch(t->images, these, t->views, (int)batch, net_input(t->net));
	for (long i = 0; i < batch; i++)
		t->labels[i] = t->images->labels[these[i]];
	net_prepare(t->net);
	net_forward(t->net, (int)batch);
	now = net_backward(t->net, t->labels, smoothing);
	if (!isfinite(now))
		die("the loss is not finite at step %ld of %ld: lower learning_rate in %s", t->step + 1,
		    t->steps, conf_path);
	t->loss += (t->step < 50 ? 1.0 / (double)(t->step + 1) : 0.02) * (now - t->loss);
	sgd_step(&t->sgd, (float)schedule_rate(&t->schedule, t->step, t->steps));
	if (weights_have_codebook(t->weights))
		weights_apply_codebook(t->weights, t->graph);
	t->step++;
}

/* Integers have no way to say that a weight is no number: the loss may not tell. */
static void require_numbers(const struct training *t)
{
	if (!sgd_is_finite(&t->sgd))
		die("weights are no longer finite: lower learning_rate in %s", conf_path);
}

static void train(struct training *t, struct checkpoint *checkpoint)
{
	struct epochs e = epochs_new((uint64_t)seed, t->images->n, images_used);
	const char *slash = strrchr(out_path, '/');
	long per_epoch = (long)e.used / batch;

	if (epochs && !per_epoch)
		die("%s: a batch of %ld needs more than %u images", conf_path, batch, e.used);
	t->steps = per_epoch * epochs;
	if (t->step)
		note("goes on from step %ld of %ld", t->step, t->steps);
	progress_resume(xprintf("finetune %s", slash ? slash + 1 : out_path), t->step, t->steps);
	while (t->step < t->steps) {
		long epoch = t->step / per_epoch, first = t->step % per_epoch * batch;

		train_batch(t, epochs_order(&e, epoch) + first, (uint64_t)first, epoch);
		progress(t->step, "epoch %ld/%ld  loss %.4f", epoch + 1, epochs, t->loss);
		if (t->step < t->steps && checkpoint_is_due(checkpoint)) {
			require_numbers(t);
			checkpoint_keep(checkpoint, t->weights, t->graph, &t->sgd, t->step, t->loss);
		}
	}
	progress_end();
	require_numbers(t);
	note("%ld steps of %ld images, loss %.6f, %.1f MiB of buffers", t->steps, batch, t->loss,
	     (double)net_bytes(t->net) / 1048576);
}

/* A checksum of all that the outcome depends on, which a checkpoint belongs to. */
static uint32_t sum_of_run(const struct images *images)
{
	const char *const paths[] = { graph_path, weights_path, policy_path, kernels_path, conf_path };
	const int64_t numbers[] = { REVISION, seed, images->sum };
	uint32_t sum = (uint32_t)crc32_z(0, (const unsigned char *)numbers, sizeof numbers);

	for (size_t i = 0; i < LEN(paths); i++)
		sum = checkpoint_sum(sum, paths[i]);
	return sum;
}

/* Training at its beginning, or where a checkpoint left it. */
static struct training begin(struct net *net, const struct checkpoint *c)
{
	struct training t = {
		.net = net,
		.sgd = sgd_new(net, (float)momentum, (float)decay, !strcmp(clips, "yes")),
		.schedule = { rate, rate_warmup, !strcmp(schedule, "cosine") },
		.augment = { (uint64_t)seed, (int)crop, (int)cutout, !strcmp(flips, "yes"),
		             !strcmp(border, "reflect") },
		.labels = xmalloc((size_t)batch, sizeof *t.labels),
		.views = xmalloc((size_t)batch, sizeof *t.views),
		.step = (long)c->step,
		.loss = c->loss,
	};

	t.sgd.is_nesterov = !strcmp(nesterov, "yes");
	t.sgd.decays_batch_norm = !strcmp(decay_batch_norm, "yes");
	if (c->step)
		checkpoint_restore(c, &t.sgd);
	return t;
}

static struct policy read_policy(const struct graph *g)
{
	struct policy p = policy_read(g, policy_path);

	if (kernels_path)
		policy_read_kernels(&p, g, kernels_path);
	return p;
}

int main(int argc, char **argv)
{
	struct checkpoint checkpoint;
	struct training t;
	struct policy policy;
	struct weights weights;
	struct images images;
	struct graph graph;

	threads_init();
	cli_begin(argc, argv, "train a network, quantized to a policy or in full precision", REVISION,
	          options);
	if (kernels_path && !policy_path)
		usage("--kernels goes with --policy");
	conf_read(conf_path, keys);
	if (batch % shards)
		die("%s: %ld shards do not divide a batch of %ld", conf_path, shards, batch);
	graph_read(&graph, graph_path);
	images_read(&images, images_path);
	images_check(&images, &graph);
	if (policy_path)
		policy = read_policy(&graph);
	checkpoint = checkpoint_find(checkpoint_path, checkpoint_path ? sum_of_run(&images) : 0,
	                             (double)checkpoint_seconds);
	if (checkpoint.step || weights_path)
		weights_read(&weights, &graph, checkpoint.step ? checkpoint_path : weights_path);
	else
		weights_random(&weights, &graph, init_gain, (uint64_t)seed);
	images_normalise(&images, weights.image_mean, weights.image_std);
	if (policy_path && weights_have_codebook(&weights))
		die("%s: weights with a codebook have their bits already; they are tuned without a policy",
		    weights_path);
	t = begin(net_new(&graph, &weights, policy_path ? &policy : NULL, (int)batch, (int)shards,
	                  strcmp(storage, "bfloat16") ? NET_TRAINING : NET_TRAINING_HALF),
	          &checkpoint);
	t.weights = &weights;
	t.graph = &graph;
	t.images = &images;
	train(&t, &checkpoint);
	weights_write(&weights, &graph, out_path);
	if (checkpoint_path)
		unlink(checkpoint_path);
	return cli_end();
}
