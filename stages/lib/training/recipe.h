/*
 * recipe.h - how a network is trained: the settings of finetune, experiments/training/NAME.conf.
 *
 *	images          how many are used, drawn by the seed; 0: all
 *	epochs, batch   each epoch in an order of its own (dataset/epoch.h)
 *	shards          parts of a batch that threads share; results are of them, not of the threads
 *	init_gain       where training begins from nothing: random weights, so many times He's
 *	learning_rate, warmup, schedule
 *	                from 0 up over a share of the steps, then constant or half a cosine (sgd.h)
 *	momentum, nesterov, weight_decay, decay_batch_norm
 *	                SGD (sgd.h); whether gamma, beta and biases decay too
 *	label_smoothing share of a target that is spread over all classes
 *	distillation    share of a target that is what a teacher answers: the network in full precision
 *	learn_clips, clip_gradient
 *	                whether clipping ranges of activations learn, and by whose gradient: pact or lsq
 *	learn_weight_clips
 *	                whether those of weights learn (LSQ)
 *	freeze_statistics
 *	                last share of the steps, in which batch norms go by their running statistics
 *	statistics_images
 *	                how many images these are taken anew from at the end, or a few less, so that threads
 *	                share them evenly; 0: they stay as they run
 *	flip, crop, border, cutout
 *	                random views (dataset/augment.h): every second image flipped; up to so many pixels
 *	                off the centre, each way; outside is black, or reflects the image; side of a hole
 *	storage         of activations and their gradients: float32 or bfloat16
 */
#ifndef RECIPE_H
#define RECIPE_H

#include "engine/net.h"
#include "engine/sgd.h"

struct recipe {
	const char *path; /* of the file, for messages */
	long images, epochs, batch, shards;
	double init_gain, smoothing, distillation;
	struct schedule schedule;
	double momentum, decay;
	bool is_nesterov, decays_batch_norm;
	bool learns_clips; /* of activations */
	struct net_clips clips;
	double freeze;
	long statistics_images;
	bool flips, reflects;
	long crop, cutout;
	enum net_use use; /* how activations are stored: NET_TRAINING or NET_TRAINING_HALF */
};

/* Dies where a setting is missing, unknown or out of bounds, or shards do not divide a batch. */
struct recipe recipe_read(const char *path);

/* SGD by the recipe, of the parameters of a net in training. */
struct sgd recipe_sgd(const struct recipe *r, struct net *net);

#endif
