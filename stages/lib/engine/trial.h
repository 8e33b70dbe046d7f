/*
 * trial.h - a network with random weights that trains or runs on random images, to see how long that takes.
 *
 *	struct trial *t = trial_new(&graph, TRIAL_FINETUNE_HALF, 32, 1);
 *
 *	for each batch:
 *		trial_step(t);
 *
 * A step is what the programs `finetune` and `evaluate` do to a batch but for reading its images.  Where the
 * network is quantized, bits are mixed, 4 to 8.  Numbers take as long as others, whatever they are.
 *
 * The graph must outlive the trial.  Nothing here can fail that net_new and inference_new do not die of.
 */
#ifndef TRIAL_H
#define TRIAL_H

#include "model/graph.h"

enum trial_use {
	TRIAL_TRAIN,          /* in full precision, storage float32 */
	TRIAL_TRAIN_HALF,     /* storage bfloat16 */
	TRIAL_FINETUNE,       /* quantized */
	TRIAL_FINETUNE_HALF,  /* likewise, storage bfloat16 */
	TRIAL_EVALUATE,       /* in integers */
	TRIAL_EVALUATE_W8A8,  /* in integers of 8 bits */
	TRIAL_EVALUATE_FAKE,  /* on the same grid in float32 */
	TRIAL_EVALUATE_FLOAT, /* in full precision */
};

struct trial;

/* batch must be a multiple of shards, which are those of training; evaluation chooses its own. */
struct trial *trial_new(const struct graph *g, enum trial_use use, int batch, int shards);
void trial_step(struct trial *t);

#endif
