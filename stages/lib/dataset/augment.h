/*
 * augment.h - how training looks at an image: off its centre, flipped, with a hole in it.
 *
 * Draws are of (seed, epoch, place in the epoch) alone, so that all policies of a search see the
 * same views.
 */
#ifndef AUGMENT_H
#define AUGMENT_H

#include "dataset/images.h"

struct augment {
	uint64_t seed;
	int crop;      /* pixels off the centre at most, each way */
	int cutout;    /* side of the hole; its centre is anywhere in the view */
	bool flips;    /* every second image, at random */
	bool reflects; /* as a view's */
};

/* Of the image at this place in the epoch, which counts from 0. */
struct view augment_view(const struct augment *a, const struct images *im, long epoch, uint64_t at);

#endif
