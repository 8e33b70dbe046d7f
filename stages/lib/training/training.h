/*
 * training.h - a network learns from images, batch after batch, as a recipe says.
 *
 *	struct training t = { .graph = &g, .weights = &w, .policy = &p, .images = &im,
 *	                      .recipe = recipe_read(path), .seed = 1 };
 *
 *	training_begin(&t, &checkpoint);
 *	training_run(&t, &checkpoint, "tuned.npz");
 *	training_finish(&t, "tuned.npz");
 *
 * The weights change in place.  Images that do not fill a batch are left out of an epoch.  Results are a
 * function of the files and the seed, not of the number of threads, nor of where training was interrupted.
 *
 * Dies, with the name of the recipe, where the loss or a weight is no longer finite, or a batch is larger
 * than all images.
 */
#ifndef TRAINING_H
#define TRAINING_H

#include "dataset/epoch.h"
#include "dataset/images.h"
#include "engine/checkpoint.h"
#include "training/recipe.h"

struct training {
	/* by the caller */
	const struct graph *graph;
	struct weights *weights;
	const struct policy *policy; /* NULL: full precision, or codebooks */
	const struct images *images;
	struct weights
		*teacher; /* of the same graph, in full precision; NULL where the recipe distils nothing */
	struct recipe recipe;
	uint64_t seed;

	/* by training_begin */
	struct net *net;
	struct net *tutor; /* the teacher at work */
	struct sgd sgd;
	struct epochs epochs;
	int32_t *labels;    /* [batch] */
	struct view *views; /* [batch] */
	long step, steps;
	double loss; /* running mean of the cross-entropy with the labels, in nats */
};

/* At its beginning, or where the checkpoint left it. */
void training_begin(struct training *t, const struct checkpoint *c);
/* To its end; shows progress under a name, and keeps checkpoints. */
void training_run(struct training *t, struct checkpoint *c, const char *name);

/*
 * Takes mean and variance of every batch norm anew, from images as evaluation sees them, all of them in one
 * batch: so each layer is measured behind layers that are normalised already by what was measured of them,
 * and evaluation of these images computes what was measured.  (Statistics averaged over training's small
 * batches are of a network that does not exist: each batch saw other ones.)
 *
 * Warns, with a name, where the network is far worse as it is evaluated than it was in training.
 */
void training_finish(struct training *t, const char *name);

#endif
