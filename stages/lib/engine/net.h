/*
 * net.h - a network that computes: forward, and backward for training, over batches of images.
 *
 * Every layer quantizes what it reads and its weights, where a policy is given (HAQ: fake
 * quantization): in float32, or in training on CPUs that multiply bytes in integers, whose sums
 * are exact.  Batch norm, activation and the quantizer of the reader are one pass.  Where a layer
 * has one reader that pass is the reader's, for a tile that stays in the cache, and the value is
 * never stored.
 *
 * A batch is cut into shards, each computed by one thread; sums over shards are taken in their
 * order.  Shards and tiles are part of the numbers, the number of threads is not.
 *
 *	net_new, then for each step: fill net_input(), net_prepare() if the weights changed, net_forward(),
 *	and in training net_backward(), sgd_step() (sgd.h).
 */
#ifndef NET_H
#define NET_H

#include "model/graph.h"
#include "model/policy.h"
#include "model/weights.h"

struct net;

/* A parameter that learns. */
struct param {
	float *value, *grad;
	size_t n;
	enum param_kind { PARAM_WEIGHT, PARAM_BIAS, PARAM_NORM, PARAM_CLIP } kind;
};

/*
 * NET_TRAINING_HALF keeps results of layers and their gradients as bfloat16 (bf16.h): half as
 * long to wait for.  Where the CPU multiplies these faster (conv.h), convolutions do, too.
 */
enum net_use { NET_INFERENCE, NET_TRAINING, NET_TRAINING_HALF };

/* policy NULL: full precision.  batch must be a multiple of shards. */
struct net *net_new(const struct graph *g, struct weights *w, const struct policy *p, int batch, int shards,
                    enum net_use use);

void net_prepare(struct net *net);              /* quantize weights, fold norms */
float *net_input(struct net *net);              /* NHWC, [batch][h][w][c] */
void net_forward(struct net *net, int images);  /* images <= batch; training: all of them */
const float *net_logits(const struct net *net); /* [batch][classes] */

/* Mean cross-entropy of the batch (smoothing: ops.h); gradients into the params.  Training nets only. */
double net_backward(struct net *net, const int32_t *labels, double smoothing);
struct param *net_params(struct net *net, int *n);

/*
 * Called in net_forward() with what a layer reads, some images at a time, in their order.
 * For networks without a policy.
 */
typedef void net_observer(void *context, int layer, const float *x, size_t count);
void net_observe(struct net *net, net_observer *observer, void *context);

/*
 * Called in net_forward() of a network in training with the mean and variance of a layer's results
 * in this batch, before its norm uses them: it may change the norm's gamma and beta.
 */
typedef void net_statistics(void *context, int layer, const float *mean, const float *variance);
void net_on_statistics(struct net *net, net_statistics *call, void *context);

size_t net_bytes(const struct net *net); /* memory of its buffers */

#endif
