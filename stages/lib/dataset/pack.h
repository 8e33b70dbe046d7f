/*
 * pack.h - files of pictures as one .npz of images (images.h).
 *
 * Threads decode some pictures at a time (picture.h), which are then written in their order, so neither
 * memory for all of them is needed nor does the output depend on the number of threads.  A file that is
 * missing, damaged, cut short, of more than 256 MiB, or smaller than the crop is broken.
 */
#ifndef PACK_H
#define PACK_H

#include "dataset/filelist.h"

struct packing {
	const char *path;  /* the output */
	int resize, crop;  /* pixels, as picture_fit has them */
	bool skips_broken; /* which are named and left out; else the first one dies */
	float *mean, *std; /* [3] that the output says */
};

/*
 * Packs the pictures order[0..n-1] of the list; returns how many are broken.  Dies where pictures differ in
 * size, or all are broken.  Shows progress as "pack-images".
 */
long pack_pictures(const struct packing *p, const struct filelist *s, const uint32_t *order, long n);

#endif
