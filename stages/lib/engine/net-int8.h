/*
 * net-int8.h - a network that runs forward in the integers its policy says.
 *
 *	struct net_int8 *net = net_int8_new(&graph, &weights, &policy, 64, net_int8_shards(64));
 *
 *	for each batch:
 *		images_batch(..., net_int8_input(net));
 *		net_int8_forward(net, 64);
 *		net_int8_logits(net);
 *
 * It computes what net.h does with the same policy, but for rounding: sums are exact here.  Each layer
 * multiplies unsigned or signed bytes with signed bytes and adds int32; batch norm, bias, activation and
 * the quantizer of the reader follow as one affine function, clamp and rounding per channel
 * (conv-int8.h).  So between layers there are bytes, except where a value has several readers, which
 * quantize by ranges of their own, or goes into a node that is no layer (an addition, a pooling, ...):
 * there it is float32, as in net.h.  The first layer reads the image at 8 bits as it is, in float32,
 * because each colour of a normalised image has a grid of its own.
 *
 * A batch is cut into shards, each computed by one thread from the first node to the last.  Within a shard
 * layers of large images take few images at a time, so that their output is still in the cache when it is
 * read; later layers wait for several rounds of those before them, and take more.  Neither the number of
 * threads nor that of shards changes a result.
 *
 * Images are NHWC float32, as images.h makes them.  The graph must outlive the net; weights and policy are
 * only read while it is built.  Dies where a layer has no clipping range for its policy, or sums might not
 * fit (conv-int8.h).
 */
#ifndef NET_INT8_H
#define NET_INT8_H

#include "model/graph.h"
#include "model/policy.h"
#include "model/weights.h"

struct net_int8;

/* The number of shards for a batch, a multiple of 16: large shards, but enough of them for all threads. */
int net_int8_shards(int batch);
/* batch must be a multiple of shards. */
struct net_int8 *net_int8_new(const struct graph *g, const struct weights *w, const struct policy *p,
                              int batch, int shards);
float *net_int8_input(struct net_int8 *net);              /* [batch][h][w][c] */
void net_int8_forward(struct net_int8 *net, int images);  /* images <= batch */
const float *net_int8_logits(const struct net_int8 *net); /* [batch][classes] */
size_t net_int8_bytes(const struct net_int8 *net);        /* memory of its buffers */

#endif
