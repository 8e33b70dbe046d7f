/*
 * kmeans.h - weights that share few values: k-means in one dimension (Deep Compression, section 3;
 * HAQ, table 6).
 *
 * The values of a layer of b bits are a codebook of 2^b numbers, the centroids, ascending; a weight
 * is the index of the nearest.  In one dimension clusters are ranges of the sorted numbers, and
 * the best ones can be computed (dynamic programming over their borders): of up to 2048 numbers
 * exactly; of more, over at most 2048 groups of neighbours, and Lloyd's iteration moves borders
 * within groups until nothing moves, or 200 times.  No chance takes part.
 */
#ifndef KMEANS_H
#define KMEANS_H

#include "core/base.h"

#define KMEANS_MOST 256

/*
 * of n > 0 finite numbers; centroid[clusters], index[n].  Clusters beyond the distinct numbers are
 * empty copies of another.
 */
void kmeans(const float *x, size_t n, int clusters, float *centroid, uint8_t *index);

#endif
