/*
 * histograms.h - how magnitudes are distributed: histograms of |x|, and HISTOGRAMS.npz, those of what each
 * layer of a network reads.  Written by calibrate, read by quantize.
 *
 *	maxima      float64 [layers]          the largest |x| that the layer read
 *	histograms  float64 [layers][2048]    how many numbers were in each of 2048 even parts of [0, maximum]
 *
 * quantizer_clip() chooses clipping ranges from them.
 */
#ifndef HISTOGRAMS_H
#define HISTOGRAMS_H

#include "model/graph.h"

#define HISTOGRAM_BINS 2048

struct histogram {
	double max; /* upper end of the last bin */
	double bin[HISTOGRAM_BINS];
};

/* Counts x[n] in a histogram whose max is set and no smaller than any |x|. */
void histogram_add(struct histogram *h, const float *x, size_t n);
void histogram_of(struct histogram *h, const float *x, size_t n); /* anew, on [0, max |x|] */

/* [layers of g]; reading dies of counts that are none, and where a layer read nothing but zeros. */
void histograms_write(const struct histogram *h, const struct graph *g, const char *path);
struct histogram *histograms_read(const struct graph *g, const char *path);

#endif
