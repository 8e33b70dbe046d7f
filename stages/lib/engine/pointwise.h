/*
 * pointwise.h - 1 x 1 convolutions of bytes on CPUs that cannot add products of bytes to int32 (no VNNI).
 *
 * AVX2's vpmaddubsw adds two products of bytes in 16 bits, and two more instructions add that to an int32
 * sum; so do oneDNN's kernels.  But products of few bits are small, and many pairs of them fit into 16 bits
 * before they must be widened: how many follows from the weights at hand and the largest input alone.
 * Weights are cut into runs, over which no sum can leave 16 bits, whatever the input; at 4 bits a whole
 * layer is mostly one run.  Where runs are so short that it does not pay, or where two products may be too
 * large, as of 8 and 8 bits, numbers are widened to 16 bits first, and vpmaddwd adds two products in 32,
 * always exactly.
 *
 * What sums become is what bytes_of_sums() makes of them, in the same pass, so that the numbers made here
 * are those of bytes.h.
 *
 * Each function computes on the calling thread.  Different threads may use one struct pointwise at a time,
 * each with memory of its own, but for pointwise_set_weights.  What a level of the CPU (cpu.h) made is for
 * that level.
 */
#ifndef POINTWISE_H
#define POINTWISE_H

#include "engine/bytes.h"
#include "engine/shape.h"

struct pointwise;

/* Whether it is such a convolution, and this level of the CPU has the instructions: AVX2 or AVX-512. */
bool pointwise_can(const struct conv_shape *s);

/* src: NUMBER_U8 or NUMBER_S8, no number larger in magnitude than `largest`.  dst: any.  r is copied. */
struct pointwise *pointwise_new(const struct conv_shape *s, enum number src, int largest, enum number dst,
                                struct sum_rescale r);
void pointwise_set_weights(struct pointwise *p, const int8_t *oi); /* [cout][cin], -127 to 127 */

size_t pointwise_memory(const struct pointwise *p); /* bytes that pointwise_forward() needs, aligned to 4 */
void pointwise_forward(const struct pointwise *p, const void *src, void *memory, void *dst);

/* Steps of four input channels in a run, on average; 0 where numbers are widened first.  For tests. */
double pointwise_run(const struct pointwise *p);

/* --- each at several levels of the CPU (cpu.h) --------------------------------------------------- */

CPU_LEVELS(pointwise_can);
#define pointwise_can CPU_LEVEL(pointwise_can)
CPU_LEVELS(pointwise_new);
#define pointwise_new CPU_LEVEL(pointwise_new)
CPU_LEVELS(pointwise_set_weights);
#define pointwise_set_weights CPU_LEVEL(pointwise_set_weights)
CPU_LEVELS(pointwise_memory);
#define pointwise_memory CPU_LEVEL(pointwise_memory)
CPU_LEVELS(pointwise_forward);
#define pointwise_forward CPU_LEVEL(pointwise_forward)
CPU_LEVELS(pointwise_run);
#define pointwise_run CPU_LEVEL(pointwise_run)

#endif
