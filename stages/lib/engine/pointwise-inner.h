/*
 * pointwise-inner.h - what the files of pointwise.h share, and nobody else; of levels with AVX2 or AVX-512.
 */
#ifndef POINTWISE_INNER_H
#define POINTWISE_INNER_H

#include "engine/pointwise.h"

#ifdef __AVX2__
#include <immintrin.h>

#define INLINE static inline __attribute__((always_inline))

/* output channels whose sums are in registers, two for each pixel */
#ifdef __AVX512BW__
#define TILE 32
#else
#define TILE 16
#endif
#define STEP (TILE * 4) /* bytes of their weights: for four input channels, or two of 16 bits */

/*
 * Weights lie as the kernel reads them, [tile][step][channel of the tile][input channels of the step], and
 * zeros where there are no channels.
 */
struct pointwise {
	int cin, cout, tiles, steps;
	size_t pixels, row; /* row: bytes of a pixel's input as the kernel reads it */
	enum number src, dst;
	int largest, by; /* by: what makes a signed input unsigned */
	bool is_wide;    /* of 16 bits */
	int8_t *weights;
	unsigned *run;        /* [tile][steps at most]: steps of each run */
	int32_t *start;       /* [tile][channel] what sums begin with: takes the shift by `by` away again */
	float *scale, *shift; /* likewise */
	float low, high;
};

/* Which channel of a tile is the i-th: with AVX2 in the order that two registers are packed into one. */
INLINE int channel_of(int i)
{
#ifdef __AVX512BW__
	return i;
#else
	return i / 4 == 1 || i / 4 == 2 ? i ^ 12 : i;
#endif
}
#endif
#endif
