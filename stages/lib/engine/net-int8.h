/*
 * net-int8.h - a network that runs forward in the integers its policy says.
 *
 * Each layer reads unsigned or signed bytes, multiplies them with signed bytes and adds up int32;
 * batch norm, bias, activation and the quantizer of the reader follow in one affine function, clamp
 * and rounding a channel (conv-int8.h).  So between layers there are bytes, but where a value has
 * several readers, of which each quantizes by its own range, or goes into a node that is no layer
 * (an addition, a pooling, ...): those are float32, as in the fake-quantized network (net.h).  The
 * first layer reads the image at 8 bits as it is, in float32: normalised, its grid is another one
 * in each colour.
 *
 * Computes what net.h does with the same policy, but for rounding: sums are exact here.
 *
 * A shard runs in stages: layers of large images take few images at a time, so that what they write
 * is still in the cache when it is read; later ones wait for several rounds of those before them,
 * and take more.
 */
#ifndef NET_INT8_H
#define NET_INT8_H

#include "model/graph.h"
#include "model/policy.h"
#include "model/weights.h"

struct net_int8;

/* In how many shards to cut a batch, a multiple of 16: large ones, but enough for all threads. */
int net_int8_shards(int batch);
/* A batch is cut into shards, each computed by one thread; batch must be a multiple of shards. */
struct net_int8 *net_int8_new(const struct graph *g, const struct weights *w, const struct policy *p,
                              int batch, int shards);
float *net_int8_input(struct net_int8 *net);              /* NHWC, [batch][h][w][c] */
void net_int8_forward(struct net_int8 *net, int images);  /* images <= batch */
const float *net_int8_logits(const struct net_int8 *net); /* [batch][classes] */
size_t net_int8_bytes(const struct net_int8 *net);        /* memory of its buffers */

#endif
