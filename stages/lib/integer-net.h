/*
 * integer-net.h - a network that runs forward in the integers its policy says.
 *
 * Each layer reads unsigned or signed bytes, multiplies them with signed bytes and adds up int32;
 * batch norm, bias, activation and the quantiser of the reader follow in one affine function, clamp
 * and rounding a channel (dnn-integer.h).  So between layers there are bytes, but where a value has
 * several readers, of which each quantises by its own range, or goes into a node that is no layer
 * (an addition, a pooling, ...): those are float32, as in the fake-quantised network (net.h).  The
 * first layer reads the image at 8 bits as it is, in float32: normalised, its grid is another one
 * in each colour.
 *
 * Computes what net.h does with the same policy, but for rounding: sums are exact here.
 *
 * A shard runs in stages: layers of large images take few images at a time, so that what they write
 * is still in the cache when it is read; later ones wait for several rounds of those before them,
 * and take more.
 */
#ifndef INTEGER_NET_H
#define INTEGER_NET_H

#include "graph.h"
#include "policy.h"
#include "weights.h"

struct integer_net;

/* In how many shards to cut a batch, a multiple of 16: large ones, but enough for all threads. */
int integer_net_shards(int batch);
/* A batch is cut into shards, each computed by one thread; batch must be a multiple of shards. */
struct integer_net *integer_net_new(const struct graph *g, const struct weights *w,
                                    const struct policy *p, int batch, int shards);
float *integer_net_input(struct integer_net *net);              /* NHWC, [batch][h][w][c] */
void integer_net_forward(struct integer_net *net, int images);  /* images <= batch */
const float *integer_net_logits(const struct integer_net *net); /* [batch][classes] */
size_t integer_net_bytes(const struct integer_net *net);        /* memory of its buffers */

#endif
