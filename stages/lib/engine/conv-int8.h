/*
 * conv-int8.h - convolutions in integers: bytes in, exact sums, by oneDNN.
 *
 *	sum = inputs * weights          u8 or s8 times s8, added in int32
 *	y   = clamp(scale[k] * sum + shift[k], low, high)       in float32, k the output channel;
 *	                                rounded, half to even, where y is an integer
 *
 * Images are NHWC, weights OIHW, as in conv.h; y is float32, u8 or s8.
 *
 * Sums are exact on every CPU.  Where there are instructions for it (VNNI, AMX), oneDNN multiplies bytes and
 * adds int32.  Without them its kernels would add pairs of products in 16 bits and saturate; there the sums
 * are taken of integers in float32 instead, which are exact below 2^24: inputs are split into two
 * halves of 4 bits where the magnitudes of the weights sum up to more.  ONEDNN_MAX_CPU_ISA=AVX2 shows that
 * way on any machine.
 *
 * Everything computes on the calling thread; different threads may use one struct conv_int8 at a time,
 * but for conv_int8_set_weights.  Dies where sums might not fit: 255 times the weights' magnitudes in
 * 32 bits (8 bits, more than 66,000 products), or 16 times them in the 24 of a float.
 */
#ifndef CONV_INT8_H
#define CONV_INT8_H

#include "core/base.h"
#include "engine/shape.h"

enum number { NUMBER_F32, NUMBER_U8, NUMBER_S8 };

/* Bytes of a number. */
static inline size_t number_size(enum number n)
{
	return n == NUMBER_F32 ? sizeof(float) : 1;
}

/* The affine function and the bounds that make a result of a sum; bounds may be infinite. */
struct rescale {
	const float *scale, *shift; /* [cout] */
	float low, high;
};

struct conv_int8;

/* src: NUMBER_U8 or NUMBER_S8; dst: any.  Weights, scale and shift are copied. */
struct conv_int8 *conv_int8_new(const struct conv_shape *s, enum number src, enum number dst,
                                const int8_t *oihw, struct rescale r);
/* Other weights for the same scale and shift; of any magnitudes where conv_has_int8_products(). */
void conv_int8_set_weights(struct conv_int8 *c, const int8_t *oihw);
void conv_int8_forward(const struct conv_int8 *c, const void *src, void *dst);

bool conv_has_int8_products(void);               /* whether the CPU has VNNI or AMX */
bool conv_int8_fits(const struct conv_shape *s); /* sums fit into 32 bits, whatever weights and input */

#endif
