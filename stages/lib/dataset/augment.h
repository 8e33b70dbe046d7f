/*
 * augment.h - random views of an image for training: off its centre, flipped, with a hole in it.
 *
 * Draws depend on (seed, epoch, place in the epoch) alone, so that all policies of a search see the same
 * views.  Holes are those of DeVries and Taylor, arXiv:1708.04552.
 */
#ifndef AUGMENT_H
#define AUGMENT_H

#include "dataset/images.h"

struct augment {
	uint64_t seed;
	int crop;      /* pixels off the centre at most, each way */
	int cutout;    /* side of the hole; its centre is anywhere in the view */
	bool flips;    /* every second image, at random */
	bool reflects; /* outside is the reflection of the image; else black */
};

/* The view of the image at this place in the epoch; both count from 0. */
struct view augment_view(const struct augment *a, const struct images *im, long epoch, uint64_t at);

#endif
