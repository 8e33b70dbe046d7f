/*
 * kmeans.h - codebooks: k-means in one dimension (Deep Compression, section 3; HAQ, Table 6).
 *
 * The codebook of a layer of b bits is 2^b values, the centroids, ascending; a weight is the index of the
 * nearest.  In one dimension clusters are ranges of the sorted numbers, and the best ones can be computed
 * (dynamic programming over their borders): of up to 2048 numbers exactly; of more, over at most 2048
 * groups of neighbours, and Lloyd's iteration moves borders within groups until nothing moves, or 200
 * times.  Nothing is drawn at random: equal numbers give equal codebooks.
 */
#ifndef KMEANS_H
#define KMEANS_H

#include "core/base.h"

#define KMEANS_MOST 256

/*
 * The centroids[clusters] of x[n], n > 0 finite numbers, 1 to KMEANS_MOST clusters; index[n] says which is
 * nearest.  Clusters beyond the distinct numbers are empty copies of another.
 */
void kmeans(const float *x, size_t n, int clusters, float *centroid, uint8_t *index);

#endif
