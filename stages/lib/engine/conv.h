/*
 * conv.h - convolutions forward and backward, by oneDNN, its versions 2 and 3 hidden.
 *
 *	struct conv *c = conv_new(&shape, CONV_BOTH, FLOAT32);
 *
 *	for each step:
 *		conv_set_weights(c, oihw);                      once for all shards of a batch
 *		conv_forward(c, src, dst);                      each shard
 *		conv_backward_data(c, diff_dst, diff_src);
 *		conv_backward_weights(c, src, diff_dst, false, diff, NULL);
 *		conv_diff_to_oihw(c, diff, oihw_diff);          once, of the sum over shards
 *
 * Images are NHWC: src [n][h][w][cin], dst [n][h'][w'][cout] (shape.h).  Weights are OIHW,
 * [cout][cin/groups][k][k], as in files, in PyTorch and in ONNX; oneDNN wants layouts of its own choice, in
 * which a struct conv keeps them.  A linear layer is a convolution of 1 x 1 images.  There is no bias: batch
 * norm, bias and activation are a pass of ops.h.
 *
 * Results are float32, and so are sums.  What is multiplied - src, diff_dst and weights - is float32, or
 * bfloat16 (bf16.h) where the CPU multiplies these faster.
 *
 * Everything computes on the calling thread; different threads may use one struct conv at a time, but for
 * conv_set_weights.  All functions die where oneDNN cannot do a thing, naming it.
 */
#ifndef CONV_H
#define CONV_H

#include "core/base.h"
#include "engine/bf16.h"
#include "engine/shape.h"

struct conv;

bool conv_has_bf16_products(void); /* whether the CPU multiplies bfloat16 faster than float32: AMX */

enum conv_use { CONV_FORWARD = 1, CONV_BACKWARD = 2, CONV_BOTH = 3 }; /* what is prepared */

/*
 * operands: the format of src and diff_dst, and what
 * weights are rounded to; BFLOAT16 only where conv_has_bf16_products().
 */
struct conv *conv_new(const struct conv_shape *s, enum conv_use use, enum format operands);

/* dst = clamp(convolution + bias, low, high), for inference in float32; bias [cout] is copied. */
struct conv *conv_new_biased(const struct conv_shape *s, const float *bias, float low, float high);

void conv_set_weights(struct conv *c, const float *oihw); /* copies them */

void conv_forward(const struct conv *c, const void *src, float *dst);
void conv_backward_data(const struct conv *c, const void *diff_dst, float *diff_src);

/*
 * The gradient of the weights [:= or, with `add`, +=] is conv_diff_size() bytes of float32 in a layout of its
 * own; those of several shards may be added number by number before they become OIHW.  To add takes as much
 * scratch memory; NULL where add is false.
 */
size_t conv_diff_size(const struct conv *c);
void conv_backward_weights(const struct conv *c, const void *src, const void *diff_dst, bool add, void *diff,
                           void *scratch);
void conv_diff_to_oihw(const struct conv *c, const void *diff, float *oihw);

#endif
