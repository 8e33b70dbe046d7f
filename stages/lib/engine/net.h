/*
 * net.h - a network that computes: forward, and backward for training, over batches of images.
 *
 *	struct net *net = net_new(&graph, &weights, &policy, 64, 4, NET_TRAINING);
 *	struct sgd sgd = sgd_new(net, 0.9f, 4e-5f, true);
 *
 *	for each batch:
 *		images_batch(..., net_input(net));
 *		net_prepare(net);                               weights changed
 *		net_forward(net, 64);
 *		loss = net_backward(net, &targets);
 *		sgd_step(&sgd, rate);
 *
 * Images are NHWC float32, as images.h makes them, logits [batch][classes].  Where a policy is given, each
 * layer quantizes its input and its weights (fake quantization: HAQ, section 3.5; eq. 4, 5; quantizer.h), in
 * float32, or in training on CPUs that multiply bytes in integers, whose sums are exact.  Gradients pass
 * straight through the quantizers; clipping ranges learn as in PACT.
 *
 * Batch norm, activation and the quantizer of the reader are one pass over a layer's result.  Where a
 * layer has one reader that pass is the reader's, for a tile that stays in the cache, and the value is
 * never written to memory.
 *
 * A batch is cut into shards, each computed by one thread; sums over shards are taken in their order.
 * Shards and tiles are part of the numbers, the number of threads is not.
 *
 * Graph, weights and policy are the caller's and must outlive the net, which changes the weights only where
 * they are trained: running means and variances in net_forward, the rest by who uses net_params.
 *
 * Dies where a layer has no clipping range for its policy, or what oneDNN cannot do.
 */
#ifndef NET_H
#define NET_H

#include "engine/ops.h"
#include "model/graph.h"
#include "model/policy.h"
#include "model/weights.h"

struct net;

/* A parameter that learns: n numbers and their gradients. */
struct param {
	float *value, *grad;
	size_t n;
	enum param_kind { PARAM_WEIGHT, PARAM_BIAS, PARAM_BATCH_NORM, PARAM_CLIP, PARAM_WEIGHT_CLIP } kind;
};

/*
 * NET_STATISTICS runs forward as training does, batch norms by mean and variance of the batch, which become
 * the running ones as they are (training/training.h); it keeps nothing for a way back.
 *
 * NET_TRAINING_HALF keeps results of layers and their gradients as bfloat16 (bf16.h): half as long to
 * wait for.  Where the CPU multiplies these faster (conv.h), convolutions multiply bfloat16, too.
 */
enum net_use { NET_INFERENCE, NET_STATISTICS, NET_TRAINING, NET_TRAINING_HALF };

/* policy NULL: full precision.  batch must be a multiple of shards. */
struct net *net_new(const struct graph *g, struct weights *w, const struct policy *p, int batch, int shards,
                    enum net_use use);

void net_prepare(struct net *net); /* quantizes weights, folds batch norm */
float *net_input(struct net *net); /* [batch][h][w][c] */
/* images <= batch; where batch norms take statistics of the batch: all of them */
void net_forward(struct net *net, int images);
const float *net_logits(const struct net *net); /* [batch][classes] */

/*
 * After net_forward of a net in training: gradients into the params; returns the mean cross-entropy of
 * the batch with its targets [batch] (ops.h), in nats.
 */
double net_backward(struct net *net, const struct targets *targets);
struct param *net_params(struct net *net, int *n);

/*
 * How clipping ranges get their gradients: those of activations by PACT or by LSQ (ops.h), those of weights
 * by LSQ or not at all.  LSQ's are scaled as its section 2.2 says, by 1 / sqrt(numbers * levels), for a step:
 * of the range, which is so many levels, that is levels^1.5 / sqrt(numbers).  Unlike there, weights beyond
 * their range keep their own gradient, as in HAQ.  PACT, alone, to begin with.
 */
struct net_clips {
	bool lsq, weights;
};
void net_learn_clips(struct net *net, struct net_clips how);

/*
 * From now on batch norms of a net in training use the running statistics, as inference will, and leave them;
 * they are an affine function, whose gamma and beta go on learning.
 */
void net_freeze_statistics(struct net *net);

/*
 * The observer is called in net_forward() with the input of each layer, some images at a time, in their
 * order.  For networks without a policy.
 */
typedef void net_observer(void *context, int layer, const float *x, size_t count);
void net_observe(struct net *net, net_observer *observer, void *context);

/*
 * The callback gets mean and variance [channels] of a layer's results in this batch, in net_forward() of a
 * network in training, before batch norm uses them: it may change gamma and beta.
 */
typedef void net_statistics(void *context, int layer, const float *mean, const float *variance);
void net_on_statistics(struct net *net, net_statistics *call, void *context);

size_t net_bytes(const struct net *net); /* memory of its buffers */

#endif
