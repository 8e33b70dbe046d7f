/*
 * epoch.h - which images training sees in an epoch, in which order.
 *
 * Some of the images are chosen by the seed, the same ones in all epochs; the order of an epoch is drawn by
 * (seed, epoch) alone.  So all policies of a search are tuned on the same batches, and training that was
 * interrupted goes on with the same ones.
 */
#ifndef EPOCH_H
#define EPOCH_H

#include "core/base.h"

struct epochs {
	uint64_t seed;
	uint32_t used;            /* images of an epoch */
	uint32_t *chosen, *order; /* [images], [used] */
	long drawn;               /* the epoch that `order` is of; -1: none */
};

/* used: how many of the images, 0 or more than there are: all. */
struct epochs epochs_new(uint64_t seed, int images, long used);
/* [used] indices of images; valid until another epoch, counted from 0, is asked for. */
const uint32_t *epochs_order(struct epochs *e, long epoch);

#endif
