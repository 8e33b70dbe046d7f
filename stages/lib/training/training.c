#include "training/training.h"
#include "core/progress.h"
#include "dataset/augment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REVISION 1 /* raise when the numbers change */

#define SHARD 16 /* images that a thread takes at a time, where none are trained on */

/*
 * Steps whose loss is known well enough to be compared; by how much another one is worse, as a share and
 * in nats.
 */
#define STEPS_OF_LOSS 100
#define WORSE_SHARE 0.05
#define WORSE 0.05
#define CHECKED \
	2048 /* images that are evaluated for it, whose loss is known to 0.02 then, and how many at once */
#define CHECKED_AT_ONCE 64L

/* The net that learns, and what it needs; nothing where there is nothing to learn. */
static void build(struct training *t)
{
	const struct recipe *r = &t->recipe;

	t->net = net_new(t->graph, t->weights, t->policy, (int)r->batch, (int)r->shards, r->use);
	net_learn_clips(t->net, r->clips);
	t->tutor = r->distillation > 0
	                   ? net_new(t->graph, t->teacher, NULL, (int)r->batch, (int)r->shards, NET_INFERENCE)
	                   : NULL;
	if (t->tutor)
		net_prepare(t->tutor);
	t->sgd = recipe_sgd(r, t->net);
	t->labels = xmalloc((size_t)r->batch, sizeof *t->labels);
	t->views = xmalloc((size_t)r->batch, sizeof *t->views);
}

void training_begin(struct training *t, const struct checkpoint *c)
{
	const struct recipe *r = &t->recipe;

	t->epochs = epochs_new(t->seed, t->images->n, r->images);
	t->steps = (long)t->epochs.used / r->batch * r->epochs;
	t->step = (long)c->step;
	t->loss = c->loss;
	if (r->epochs && !t->steps)
		die("%s: a batch of %ld needs more than %u images", r->path, r->batch, t->epochs.used);
	if (t->steps)
		build(t);
	if (c->step)
		checkpoint_restore(c, &t->sgd);
}

/* --- a step ----------------------------------------------------------------------------------- */

/* The batch as the net reads it; its labels, and what a teacher answers. */
static struct targets next_batch(struct training *t, const uint32_t *these, uint64_t first, long epoch)
{
	const struct recipe *r = &t->recipe;
	const struct node *image = &t->graph->node[0];
	const struct augment augment = { t->seed, (int)r->crop, (int)r->cutout, r->flips, r->reflects };
	int n = (int)r->batch;

	for (int i = 0; i < n; i++)
		t->views[i] = augment_view(&augment, t->images, epoch, first + (uint64_t)i);
	images_batch(t->images, these, t->views, n, net_input(t->net));
	for (int i = 0; i < n; i++)
		t->labels[i] = t->images->labels[these[i]];
	if (!t->tutor)
		return (struct targets){ .labels = t->labels, .smoothing = r->smoothing };
	memcpy(net_input(t->tutor), net_input(t->net),
	       (size_t)n * (size_t)(image->h * image->w * image->channels) * sizeof(float));
	net_forward(t->tutor, n);
	return (struct targets){ t->labels, r->smoothing, net_logits(t->tutor), r->distillation };
}

/* The mean cross-entropy of n images with their labels, whatever else the net is taught. */
static double loss_of_labels(const struct training *t, const struct net *net, const int32_t *labels, int n)
{
	return ops_cross_entropy(net_logits(net), &(struct targets){ .labels = labels }, n,
	                         graph_classes(t->graph), 0, NULL) /
	       n;
}

static void train_batch(struct training *t, const uint32_t *these, uint64_t first, long epoch)
{
	struct targets targets = next_batch(t, these, first, epoch);
	double now;

	if ((double)t->step >= (1 - t->recipe.freeze) * (double)t->steps)
		net_freeze_statistics(t->net);
	net_prepare(t->net);
	net_forward(t->net, (int)t->recipe.batch);
	now = loss_of_labels(t, t->net, t->labels, (int)t->recipe.batch);
	if (!isfinite(net_backward(t->net, &targets)) || !isfinite(now))
		die("the loss is not finite at step %ld of %ld: lower learning_rate in %s", t->step + 1,
		    t->steps, t->recipe.path);
	t->loss += (t->step < 50 ? 1.0 / (double)(t->step + 1) : 0.02) * (now - t->loss);
	sgd_step(&t->sgd, (float)schedule_rate(&t->recipe.schedule, t->step, t->steps));
	if (weights_have_codebook(t->weights))
		weights_apply_codebook(t->weights, t->graph);
	t->step++;
}

/* --- all of them ------------------------------------------------------------------------------ */

/* Integers have no way to say that a weight is no number: the loss may not tell. */
static void require_numbers(const struct training *t)
{
	if (t->steps && !sgd_is_finite(&t->sgd))
		die("weights are no longer finite: lower learning_rate in %s", t->recipe.path);
}

void training_run(struct training *t, struct checkpoint *c, const char *name)
{
	long batch = t->recipe.batch, epochs = t->recipe.epochs, per_epoch = epochs ? t->steps / epochs : 1;

	if (t->step)
		note("goes on from step %ld of %ld", t->step, t->steps);
	progress_resume(xprintf("finetune %s", name), t->step, t->steps);
	while (t->step < t->steps) {
		long epoch = t->step / per_epoch, first = t->step % per_epoch * batch;

		train_batch(t, epochs_order(&t->epochs, epoch) + first, (uint64_t)first, epoch);
		progress(t->step, "epoch %ld/%ld  loss %.4f", epoch + 1, epochs, t->loss);
		if (t->step < t->steps && checkpoint_is_due(c)) {
			require_numbers(t);
			checkpoint_keep(c, t->weights, t->graph, &t->sgd, t->step, t->loss);
		}
	}
	progress_end();
	require_numbers(t);
	note("%ld steps of %ld images, loss %.6f, %.1f MiB of buffers", t->steps, batch, t->loss,
	     t->steps ? (double)net_bytes(t->net) / 1048576 : 0);
}

/* --- as evaluation will see it ----------------------------------------------------------------- */

/* Images that a net reads, and how many. */
struct sample_of_images {
	const uint32_t *order;
	long n;
};

/* A net that runs forward, and the mean loss of the images in it, as many as fill whole batches. */
static double loss_in(struct training *t, struct net *net, struct sample_of_images s, long batch)
{
	int32_t *labels = xmalloc((size_t)batch, sizeof *labels);
	double loss = 0;
	long batches = batch ? s.n / batch : 0;

	net_prepare(net);
	for (long at = 0; at < batches * batch; at += batch) {
		for (long i = 0; i < batch; i++)
			labels[i] = t->images->labels[s.order[at + i]];
		images_batch(t->images, s.order + at, NULL, (int)batch, net_input(net));
		net_forward(net, (int)batch);
		loss += loss_of_labels(t, net, labels, (int)batch);
	}
	free(labels);
	return loss / (double)batches;
}

/* Statistics of all images at once, or a few less where threads would not share them evenly. */
static void take_statistics(struct training *t, struct sample_of_images s)
{
	int shards = s.n < SHARD ? 1 : (int)(s.n / SHARD);
	struct net *net;
	double loss;

	s.n -= s.n % shards;
	net = net_new(t->graph, t->weights, t->policy, (int)s.n, shards, NET_STATISTICS);
	loss = loss_in(t, net, s, s.n);
	note("statistics of %ld images, loss %.6f, %.1f MiB of buffers", s.n, loss,
	     (double)net_bytes(net) / 1048576);
}

/* Warns where other images than the statistics are of are far worse evaluated than they were in training. */
static void compare_losses(struct training *t, struct sample_of_images s, const char *name)
{
	long batch = s.n < CHECKED_AT_ONCE ? s.n : CHECKED_AT_ONCE;
	struct net *net = net_new(t->graph, t->weights, t->policy, (int)batch, 1, NET_INFERENCE);
	double loss = loss_in(t, net, s, batch);

	note("loss %.6f of %ld training images", loss, s.n);
	if (!(loss > t->loss * (1 + WORSE_SHARE) + WORSE))
		return;
	warn("%s: the loss of its training images is %.3f as they are evaluated, %.3f in training: %s", name,
	     loss, t->loss,
	     t->recipe.statistics_images
	             ? "numbers lie near borders of rounding; try more statistics_images, or another seed"
	             : "running statistics are not those of its layers; set statistics_images");
}

static bool has_batch_norm(const struct training *t)
{
	for (int i = 0; i < t->graph->nodes; i++)
		if (t->graph->node[i].batch_norm)
			return true;
	return false;
}

void training_finish(struct training *t, const char *name)
{
	long used = (long)t->epochs.used,
	     n = t->recipe.statistics_images < used ? t->recipe.statistics_images : used;
	const uint32_t *order = epochs_order(&t->epochs, t->recipe.epochs);
	long checked = used < CHECKED ? used : CHECKED; /* the last ones, others where there are so many */

	if (n && !has_batch_norm(t))
		note("no statistics are taken: %s has no batch norm", t->graph->path);
	else if (n)
		take_statistics(t, (struct sample_of_images){ order, n });
	if (t->steps >= STEPS_OF_LOSS)
		compare_losses(t, (struct sample_of_images){ order + (used - checked), checked }, name);
}
