/*
 * net-inner.h - a network at work (net.h), as the net-*.c files share it; for nobody else.
 *
 *	net.c             builds it
 *	net-plan.c        gives it memory
 *	net-forward.c     runs it forward, tile by tile
 *	net-backward.c    and backward
 *	net-depthwise.c   does both for depthwise layers
 *	net-tile.c        what they do to a tile before and after: reads, keeps, delivers
 */
#ifndef NET_INNER_H
#define NET_INNER_H

#include "engine/bf16.h"
#include "engine/conv-int8.h"
#include "engine/conv.h"
#include "engine/depthwise.h"
#include "engine/net.h"
#include "engine/ops.h"
#include "engine/pool.h"

/*
 * A node at work.  Sizes count numbers unless told; buffers hold the whole batch, image after image.
 *
 * A layer keeps the result of its convolution, z.  Its value - after batch norm, activation and, if
 * fused (fusion.h), the quantizer of its reader - is computed again by its reader, in pieces that stay
 * in the cache, where it has only one (is_lazy): that costs less than writing and reading it.  Other
 * nodes, and layers of several readers, keep their value in `out`.
 *
 * Where a layer has `integer`, in training with a policy, z is a sum of products of integers; what it
 * stands for is z * step[channel].
 *
 * Work goes tile by tile, each small enough for the cache.  A tile is some pixels of a 1 x 1 convolution,
 * some images of another node, one image of a depthwise layer with large ones, in turn row by row
 * (by_rows).  Tiles are numbered over the whole batch: shard s has those from s * tiles on.
 */
struct net_node {
	size_t size;               /* numbers of the output, per image */
	struct storage z, grad;    /* grad: gradient of the value */
	float *out;                /* the value; none in training where it is lazy */
	bool is_lazy, shares_grad; /* shares_grad: its gradient is that of its reader, an addition */
	int tiles;                 /* tiles of a shard */
	size_t tile_out, tile_in;  /* numbers of a tile: of the output, of the first input */
	/* makes the value from z; of an addition, what clamps it */
	struct activation_quantizer output;
	int fused_reader; /* the layer whose quantizer is part of `output`, or -1 */
	bool *is_first;   /* [inputs] backward: whether it is the first to write an input's gradient */
	struct pool *pool;
	char *pool_where; /* [tiles of the batch] */

	/* layers: a convolution by oneDNN, or where conv is NULL a depthwise one */
	struct conv *conv;
	enum format operands;      /* format of what conv multiplies */
	struct conv_int8 *integer; /* computes z in its stead; or NULL */
	struct depthwise depthwise;
	bool by_rows;
	float *taps; /* weights of a depthwise layer */
	/* layers: their input and weights */
	bool quantizes_input; /* itself; else whoever makes the input does, or nobody */
	struct quantizer input_quantizer;
	float *quantized; /* weights */
	int8_t *integers; /* weights / their step */
	float *step;      /* [channels] of z: step of the weights * step of the input; 1 of floats */
	/* layers: the affine function after the convolution, and backward (ops.h) */
	float *scale, *shift; /* [period] */
	float *a, *b, *d;     /* [period], of ops_backward_apply */
	double *sums;         /* [shards][2 * channels + 1]: of z, or of the gradient and its clips */
	double *clips;        /* [shards] gradient of the range of its own quantizer */
	/* [channels] of the batch: 1 / standard deviation, and mean of the convolution's result */
	float *inverse, *mean;
	char *diff;       /* [shards] gradients of weights in the convolution's layout */
	size_t diff_size; /* bytes of one */
	float *weight_grad, *bias_grad, *gamma_grad, *beta_grad, clip_grad;
	float *weight_clip_grad; /* [weight_clips], where they learn */
};

/*
 * Memory of a thread for a tile: the input of a layer, its result where that is not kept in float32,
 * gradients of the result, of the input and of the weights.
 */
struct workspace {
	float *x, *z, *dz, *dx;
	char *diff;
};

struct net {
	const struct graph *g;
	struct weights *w;
	const struct policy *policy;
	int batch, shards, each, active; /* images; shards, images of one, those that run */
	bool training, is_half;          /* is_half: NET_TRAINING_HALF */
	bool has_statistics;             /* batch norms take mean and variance of the batch */
	bool is_frozen;                  /* ... they did, until net_freeze_statistics() */
	struct net_clips clips;
	struct net_node *node;       /* [nodes] */
	struct workspace *workspace; /* [threads] */
	struct param *params;
	int nparams;
	size_t bytes; /* memory of buffers */
	net_observer *observer;
	net_statistics *on_statistics;
	void *context;
	float *observed; /* the input of a tile, as the observer is shown it */
};

/* Memory that net_bytes() counts. */
void *net_alloc(struct net *net, size_t bytes);
float *net_alloc_floats(struct net *net, size_t n);

/* Memory for outputs, gradients and threads, once all nodes know their tiles. */
void net_plan(struct net *net);

/* Quantizers follow the clipping ranges, which may learn. */
void net_refresh_quantizers(struct net *net);

/* A tile of a depthwise layer. */
void net_depthwise_forward(struct net *net, int i, int tile);
void net_depthwise_backward(struct net *net, int i, int tile);

static inline size_t batch_size(const struct net *net, const struct net_node *node)
{
	return (size_t)net->batch * node->size;
}

/* The node that node i reads as its k-th input. */
static inline const struct net_node *input_of(const struct net *net, int i, int k)
{
	return &net->node[net->g->node[i].input[k]];
}

#endif
