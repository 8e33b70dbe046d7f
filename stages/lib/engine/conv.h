/*
 * conv.h - convolutions by oneDNN, its versions 2 and 3 hidden.
 *
 * Activations are NHWC float32; weights in files are OIHW, as in PyTorch and ONNX: [cout][cin/groups][k][k].
 * What a convolution multiplies may be bfloat16 (bf16.h), where the CPU multiplies these faster; sums and
 * results are float32.
 * A linear layer is a convolution of 1 x 1 images.  oneDNN wants weights in layouts of its own choice: a
 * struct conv keeps them so, converted once a step for all shards of a batch.
 *
 * Everything here computes on the calling thread; different threads may use one struct conv at a time.
 * All functions die when oneDNN cannot do a thing, naming it.
 */
#ifndef CONV_H
#define CONV_H

#include "core/base.h"
#include "engine/bf16.h"

struct conv_shape {
	int n;         /* images */
	int cin, h, w; /* input */
	int cout, kernel, stride;
	int pad, pad_end; /* above and left, below and right */
	int dilation, groups;
};

/* Side of the output, of that of the input. */
static inline int conv_out(const struct conv_shape *s, int side)
{
	return (side + s->pad + s->pad_end - s->dilation * (s->kernel - 1) - 1) / s->stride + 1;
}

struct conv;

bool conv_has_bf16_products(void); /* of bfloat16, faster than of float32: AMX */

/*
 * with_gradients: backward passes are prepared too.  operands: of src and diff_dst below, and what
 * weights are rounded to; BFLOAT16 only where conv_has_bf16_products().
 */
struct conv *conv_new(const struct conv_shape *s, bool with_gradients, enum format operands);

/* oihw [cout][cin/groups][k][k] -> the layouts of the forward and backward passes, kept inside */
void conv_set_weights(struct conv *c, const float *oihw);

void conv_forward(const struct conv *c, const void *src, float *dst); /* no bias */
void conv_backward_data(const struct conv *c, const void *diff_dst, float *diff_src);

/*
 * diff_weights in a layout of its own: conv_diff_size() bytes of floats; sums of several shards
 * may be added elementwise
 */
size_t conv_diff_size(const struct conv *c);
void conv_backward_weights(const struct conv *c, const void *src, const void *diff_dst, void *diff_weights);
void conv_diff_to_oihw(const struct conv *c, const void *diff_weights, float *oihw);

/*
 * The largest of each window, or the mean of those of its numbers that are in the image.
 * `where` is pool_workspace() bytes, written forward and read backward (0: NULL will do)
 */
struct pool;
enum pooling { POOL_MAX, POOL_AVERAGE };
struct pool *pool_new(const struct conv_shape *s, enum pooling how, bool with_gradients);
size_t pool_workspace(const struct pool *p);
void pool_forward(const struct pool *p, const float *src, float *dst, void *where);
void pool_backward(const struct pool *p, const float *diff_dst, const void *where, float *diff_src);

#endif
