/*
 * conv-int8.h - convolutions in integers: bytes in, exact sums, mostly by oneDNN.
 *
 *	sum = inputs * weights          u8 or s8 times s8, added in int32
 *	y   = clamp(scale[k] * sum + shift[k], low, high)       in float32, k the output channel;
 *	                                rounded, half to even, where y is an integer
 *
 * Images are NHWC, weights OIHW, as in conv.h; y is float32, u8 or s8.
 *
 * Sums are exact on every CPU.  Where there are instructions for it (VNNI, AMX), oneDNN multiplies bytes and
 * adds int32.  Without them dense 1 x 1 convolutions of stride 1 are our own at levels v3 and v4
 * (pointwise.h).  Others are oneDNN's, whose kernels add pairs of products in 16 bits, which saturate: that
 * is as good where no pair can be that large, as is so of all weights and inputs but those that both have 8
 * bits.  Else sums are taken of integers in float32, which are exact below 2^24: inputs are split into two
 * halves of 4 bits where the magnitudes of the weights sum up to more.  HAQ_CPU=x86-64-v3 shows these ways on
 * any machine.
 *
 * Everything computes on the calling thread; different threads may use one struct conv_int8 at a time,
 * but for conv_int8_set_weights.  Dies where sums might not fit: 255 times the weights' magnitudes in
 * 32 bits (8 bits, more than 66,000 products), or 16 times them in the 24 of a float.
 */
#ifndef CONV_INT8_H
#define CONV_INT8_H

#include "engine/bytes.h"
#include "engine/shape.h"
#include "model/quantizer.h"

/* What the integers of an input are: bytes, NUMBER_U8 or NUMBER_S8, none larger in magnitude. */
struct int8_input {
	enum number type;
	int largest;
};

/* Those of a quantizer that is on. */
static inline struct int8_input int8_input_of(struct quantizer q)
{
	return (struct int8_input){ q.low < 0 ? NUMBER_S8 : NUMBER_U8, q.levels };
}

/* The affine function and the bounds that make a result of a sum; bounds may be infinite. */
struct rescale {
	const float *scale, *shift; /* [cout] */
	float low, high;
};

struct conv_int8;

/* dst: any.  Weights, scale and shift are copied. */
struct conv_int8 *conv_int8_new(const struct conv_shape *s, struct int8_input src, enum number dst,
                                const int8_t *oihw, struct rescale r);
/* Other weights for the same scale and shift, none of which may be 0, where conv_int8_fits(). */
void conv_int8_set_weights(struct conv_int8 *c, const int8_t *oihw);
void conv_int8_forward(const struct conv_int8 *c, const void *src, void *dst);

bool conv_has_int8_products(void);                 /* whether the CPU has VNNI or AMX */
bool conv_int8_is_fast(const struct conv_int8 *c); /* whether bytes are multiplied, with the weights it has */
bool conv_int8_fits(const struct conv_shape *s);   /* sums fit into 32 bits, whatever weights and input */

#endif
