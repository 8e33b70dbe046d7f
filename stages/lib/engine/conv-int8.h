/*
 * conv-int8.h - convolutions in integers: u8 or s8 inputs, s8 weights, sums of int32, by oneDNN.
 *
 *	sum = inputs * weights, exactly
 *	y   = clamp(scale[k] * sum + shift[k], low, high)       per output channel k, in float32;
 *	      rounded, half to even, where y is an integer
 *
 * Images are NHWC, weights OIHW, as in conv.h.
 *
 * Exact on every CPU.  Where there are instructions for it (VNNI, AMX), oneDNN multiplies bytes and
 * adds int32.  Without them its kernels add pairs of products in 16 bits and saturate; there the
 * sums are taken of integers in float32 instead, which are exact below 2^24: inputs are split into
 * two halves of 4 bits where the weights' magnitudes sum up to more.  ONEDNN_MAX_CPU_ISA=AVX2 shows
 * that way on any machine.
 *
 * Dies where sums might not fit: 255 times the weights' magnitudes in 32 bits (8 bits,
 * more than 66,000 products), or 16 times them in the 24 of a float.
 */
#ifndef CONV_INT8_H
#define CONV_INT8_H

#include "engine/conv.h"

enum number { NUMBER_F32, NUMBER_U8, NUMBER_S8 };

static inline size_t number_size(enum number n)
{
	return n == NUMBER_F32 ? sizeof(float) : 1;
}

struct conv_int8;

/* src U8 or S8; dst any.  oihw, scale and shift are copied. */
struct conv_int8 *conv_int8_new(const struct conv_shape *s, enum number src, enum number dst,
                                const int8_t *oihw, const float *scale, const float *shift, float low,
                                float high);
/* other weights, of any magnitudes where byte products are used; scale and shift stay */
void conv_int8_set_weights(struct conv_int8 *c, const int8_t *oihw);
void conv_int8_forward(const struct conv_int8 *c, const void *src, void *dst);

bool conv_has_int8_products(void); /* VNNI or AMX */
/* whatever the weights and the input, sums fit into 32 bits */
bool conv_int8_fits(const struct conv_shape *s);

#endif
