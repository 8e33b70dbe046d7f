/*
 * finetune - train a network: quantized to a policy, or in full precision; from weights, or from nothing.
 *
 * With -p the layers quantize their inputs and their weights (HAQ, section 3.5): gradients pass straight
 * through the quantizers.  Images that do not fill a batch are left out of an epoch; images may be larger
 * than the network's input.  The .conf says how (training/recipe.h).
 *
 * Weights of a codebook (quantize --codebook) keep sharing values: those of a cluster take the mean of
 * their steps.  With --checkpoint FILE long training that was interrupted goes on from there, to the same
 * bytes (engine/checkpoint.h).
 */
#include "core/cli.h"
#include "core/threads.h"
#include "training/training.h"

#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define REVISION 4 /* raise when the numbers below change */

static const char *graph_path, *weights_path, *policy_path, *kernels_path, *images_path, *conf_path,
	*teacher_path, *out_path, *checkpoint_path;
static long seed = -1, checkpoint_seconds = 60;

static const struct opt options[] = {
	{ 'n', "network", OPT_PATH, &graph_path, "NET.csv", "the network" },
	{ 'w', "weights", OPT_PATH, &weights_path, NULL, "weights to begin with; none: random ones" },
	{ 'p', "policy", OPT_PATH, &policy_path, NULL, "bits of each layer; none: full precision" },
	{ 'k', "kernels", OPT_PATH, &kernels_path, NULL,
	  "with -p: weight bits of each output channel, .npy" },
	{ 'd', "images", OPT_PATH, &images_path, "images.npz", "images to train on" },
	{ 'c', "conf", OPT_PATH, &conf_path, "finetune.conf", "epochs, batch, learning rate, ..." },
	{ 't', "teacher", OPT_PATH, &teacher_path, NULL,
	  "weights in full precision, whose answers are learnt (distillation)" },
	{ 's', "seed", OPT_INT, &seed, "SEED", "of the order of images and of random weights" },
	{ 'o', "output", OPT_OUT, &out_path, "tuned.npz", "trained weights" },
	{ 0, "checkpoint", OPT_OUT, &checkpoint_path, NULL,
	  "interrupted training goes on from here; removed at its end" },
	{ 0, "checkpoint-seconds", OPT_INT, &checkpoint_seconds, NULL, "between two of them" },
	{ 0 }
};

/* A checksum of all that the outcome depends on, which a checkpoint belongs to. */
static uint32_t sum_of_run(const struct images *images)
{
	const char *const paths[] = { graph_path,   weights_path, policy_path,
		                      kernels_path, teacher_path, conf_path };
	const int64_t numbers[] = { REVISION, seed, images->sum };
	uint32_t sum = (uint32_t)crc32_z(0, (const unsigned char *)numbers, sizeof numbers);

	for (size_t i = 0; i < LEN(paths); i++)
		sum = checkpoint_sum(sum, paths[i]);
	return sum;
}

static struct policy read_policy(const struct graph *g)
{
	struct policy p = policy_read(g, policy_path);

	if (kernels_path)
		policy_read_kernels(&p, g, kernels_path);
	return p;
}

static void read_weights(struct weights *w, const struct graph *g, const struct recipe *r,
                         const struct checkpoint *c)
{
	if (c->step || weights_path)
		weights_read(w, g, c->step ? checkpoint_path : weights_path);
	else
		weights_random(w, g, r->init_gain, (uint64_t)seed);
	if (policy_path && weights_have_codebook(w))
		die("%s: weights with a codebook have their bits already; they are tuned without a policy",
		    weights_path);
}

static bool is_same(const float *a, const float *b, int n)
{
	return !a == !b && (!a || !memcmp(a, b, (size_t)n * sizeof *a));
}

/* A teacher is shown what the network is shown. */
static void read_teacher(struct weights *teacher, const struct graph *g, const struct weights *w)
{
	int channels = g->node[0].channels;

	weights_read(teacher, g, teacher_path);
	if (weights_have_codebook(teacher))
		die("%s: weights with a codebook; expected a teacher in full precision", teacher_path);
	if (!is_same(teacher->image_mean, w->image_mean, channels) ||
	    !is_same(teacher->image_std, w->image_std, channels))
		die("%s: another mean or std of pixels than that of the network it is to teach",
		    teacher_path);
}

/* The last part of a path. */
static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

int main(int argc, char **argv)
{
	struct training t = { 0 };
	struct checkpoint checkpoint;
	struct policy policy;
	struct weights weights, teacher;
	struct images images;
	struct graph graph;

	threads_init();
	cli_begin(argc, argv, "train a network, quantized to a policy or in full precision", REVISION,
	          options);
	if (kernels_path && !policy_path)
		usage("--kernels goes with --policy");
	t = (struct training){ .graph = &graph,
		               .weights = &weights,
		               .images = &images,
		               .recipe = recipe_read(conf_path),
		               .seed = (uint64_t)seed };
	if (!teacher_path != !(t.recipe.distillation > 0))
		die("%s: distillation = %g %s --teacher", conf_path, t.recipe.distillation,
		    teacher_path ? "makes no use of" : "needs");
	graph_read(&graph, graph_path);
	images_read(&images, images_path);
	images_check(&images, &graph);
	if (policy_path) {
		policy = read_policy(&graph);
		t.policy = &policy;
	}
	checkpoint = checkpoint_find(checkpoint_path, checkpoint_path ? sum_of_run(&images) : 0,
	                             (double)checkpoint_seconds);
	read_weights(&weights, &graph, &t.recipe, &checkpoint);
	if (teacher_path) {
		read_teacher(&teacher, &graph, &weights);
		t.teacher = &teacher;
	}
	images_normalise(&images, weights.image_mean, weights.image_std);
	training_begin(&t, &checkpoint);
	training_run(&t, &checkpoint, name_of(out_path));
	training_finish(&t, out_path);
	weights_write(&weights, &graph, out_path);
	if (checkpoint_path)
		unlink(checkpoint_path);
	return cli_end();
}
