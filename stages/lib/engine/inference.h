/*
 * inference.h - a network that runs forward, in the integers its policy says or in floats.
 *
 *	struct inference *net = inference_new(&graph, &weights, &policy, INTEGERS, 64, inference_shards(64));
 *
 *	for each batch:
 *		images_batch(..., inference_input(net));
 *		inference_forward(net, 64);
 *		inference_logits(net);
 *
 * It computes what net.h does with the same policy, but for rounding.  In integers sums are exact: each
 * layer multiplies unsigned or signed bytes with signed bytes and adds int32; batch norm, bias, activation
 * and the quantizer of the reader follow as one affine function, clamp and rounding per channel
 * (conv-int8.h).  So between layers there are bytes, except where a value has several readers, which
 * quantize by ranges of their own, or goes into a node that is no layer (an addition, a pooling, ...):
 * there it is float32, as in net.h.  The first layer reads the image at 8 bits as it is, in float32,
 * because each colour of a normalised image has a grid of its own.
 *
 * In floats numbers are rounded as the policy says and multiplied in float32 (fake quantization); without a
 * policy they are not rounded, batch norm is folded into the weights, and bias and activation are one pass
 * with the convolution, whose bounds a NaN does not pass.
 *
 * A batch is cut into shards, each computed by one thread from the first node to the last.  Within a shard
 * layers of large images take few images at a time, so that their output is still in the cache when it is
 * read; later layers wait for several rounds of those before them, and take more.  Neither the number of
 * threads nor that of shards changes a result.
 *
 * Images are NHWC float32, as images.h makes them.  The graph must outlive the net; weights and policy are
 * only read while it is built.  Dies where a layer has no clipping range for its policy, or sums of integers
 * might not fit (conv-int8.h).
 */
#ifndef INFERENCE_H
#define INFERENCE_H

#include "model/graph.h"
#include "model/policy.h"
#include "model/weights.h"

struct inference;

/* The number of shards for a batch, a multiple of 16: large shards, but enough of them for all threads. */
int inference_shards(int batch);
/* policy NULL: full precision, in floats.  batch must be a multiple of shards. */
enum arithmetic { INTEGERS, FLOATS };
struct inference *inference_new(const struct graph *g, const struct weights *w, const struct policy *p,
                                enum arithmetic how, int batch, int shards);
float *inference_input(struct inference *net);              /* [batch][h][w][c] */
void inference_forward(struct inference *net, int images);  /* images <= batch */
const float *inference_logits(const struct inference *net); /* [batch][classes] */
size_t inference_bytes(const struct inference *net);        /* memory of its buffers */

#endif
