/*
 * checkpoint.h - training that goes on where it was interrupted, to the same bytes in the end.
 *
 * The file is an .npz of the weights as weights.h describes them, so `evaluate` can look at it any time, and
 *
 *	run        f64 [1]    checksum of what the training is made of: another one does not go on from here
 *	step       i64 [1]    steps done
 *	loss       f64 [1]    its running mean
 *	velocity   f32 [n]    of all parameters (sgd.h), one behind the other
 *
 * It is written beside and renamed, at most once in some seconds, and removed by whoever has written
 * the outcome.
 */
#ifndef CHECKPOINT_H
#define CHECKPOINT_H

#include "engine/sgd.h"
#include "model/weights.h"

struct checkpoint {
	const char *path; /* NULL: none is kept */
	uint32_t run;
	double seconds, written; /* least time between two; when the last one was */
	int64_t step;            /* 0: there was nothing to go on from */
	double loss;
	const float *velocity;
	size_t velocities;
};

/* Adds the bytes of a file, none where the path is NULL, to the checksum of a run.  Dies where it cannot. */
uint32_t checkpoint_sum(uint32_t run, const char *path);

/*
 * How far a training got, where its file is there and of this run; warns where it is of another, or damaged.
 * Dies where it is no checkpoint, which would be replaced.
 */
struct checkpoint checkpoint_find(const char *path, uint32_t run, double seconds);

/* Gives sgd its velocities back; weights_read reads the weights.  Dies where they do not fit. */
void checkpoint_restore(const struct checkpoint *c, struct sgd *sgd);

bool checkpoint_is_due(const struct checkpoint *c);
void checkpoint_keep(struct checkpoint *c, const struct weights *w, const struct graph *g,
                     const struct sgd *sgd, int64_t step, double loss);

#endif
