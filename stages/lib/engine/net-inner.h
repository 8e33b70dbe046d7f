/*
 * net-inner.h - what net.c, which builds a network, and net-forward.c, net-backward.c and
 * net-depthwise.c, which run it, share; for nobody else.
 */
#ifndef NET_INNER_H
#define NET_INNER_H

#include "engine/depthwise.h"
#include "engine/conv-int8.h"
#include "engine/net.h"
#include "engine/ops.h"
#include "engine/bf16.h"
#include "core/threads.h"

/* whoever is free takes the next: other work on a core holds the rest up less */
#define FOR_SHARDS(net, s) \
	_Pragma("omp parallel for schedule(dynamic) num_threads(threads())") for (int s = 0; \
	                                                                          s < (net)->active; s++)
/* the tiles of a shard; they are counted over the whole batch */
#define FOR_TILES(u, s, t) for (int t = (s) * (u)->tiles; t < ((s) + 1) * (u)->tiles; t++)

/*
 * A node at work.  Sizes in floats unless told; buffers hold the whole batch, image after image.
 *
 * A layer keeps the result of its convolution, z.  Its value - after norm, activation and, if
 * fused, the quantizer of its reader - is computed again by whoever reads it, in pieces that stay
 * in the cache, where it has one reader (is_lazy); that costs less than writing and reading it.
 * Other nodes, and layers of several readers, keep their value in out.
 *
 * Where a layer has `integer`, in training with a policy, z comes from integers: it is their sum, in units.
 *
 * Work goes tile by tile, small enough for the cache: of a 1 x 1 convolution some pixels,
 * of others some images, of a depthwise one with large images one, in turn row by row.
 */
struct unit {
	size_t size;            /* of the output, per image */
	struct storage z, grad; /* grad: gradient of the value */
	float *out;
	bool is_lazy, shares_grad; /* shares_grad: its gradient is that of its reader, an addition */
	int tiles;                 /* of a shard */
	size_t count, reads;       /* of a tile: of the output, of what is read */
	struct squash squash;      /* what makes the value from z, or of a sum */
	int fused_reader;          /* layer whose quantizer is in it, or -1 */
	bool *is_first;            /* [inputs] backward: the first to write the gradient of its input */
	struct conv *conv;         /* or, where that is NULL, depthwise */
	enum format operands;      /* of what it multiplies */
	struct conv_int8 *integer; /* computes results in its stead, in integers; or NULL */
	struct depthwise depthwise;
	bool by_rows;
	float *taps; /* its weights */
	struct pool *pool;
	char *pool_where; /* [tiles of the batch] */
	/* layers */
	bool owns_read;     /* quantizes what it reads itself */
	struct quantizer q; /* of what it reads */
	float *quantized;   /* weights */
	int8_t *integers;   /* the same in units */
	/* [channels] what z counts in: step of weights times step of what is read, or 1 */
	float *unit;
	char *diff;           /* [shards] gradients of weights in the convolution's layout */
	size_t diff_size;     /* bytes */
	float *scale, *shift; /* [period] */
	float *a, *b, *d;     /* [period], of ops_backward_apply */
	/* [shards][2 * channels + 1]: of z, or of the gradient and its clips */
	double *sums;
	double *clips;         /* [shards] gradient of the range of its own quantizer */
	float *inverse, *mean; /* [channels], of the batch */
	float *weight_grad, *bias_grad, *gamma_grad, *beta_grad, clip_grad;
};

/*
 * Memory of a thread for a tile: what a layer reads, its result where that is not kept in floats,
 * gradients of its result and of what it read, of its weights.
 */
struct workspace {
	float *x, *z, *dz, *dx;
	char *diff;
};

struct net {
	const struct graph *g;
	struct weights *w;
	const struct policy *policy;
	int batch, shards, each, active;
	bool training, is_half;
	struct unit *unit;
	struct workspace *workspace; /* [threads] */
	struct param *params;
	int nparams;
	size_t bytes;
	net_observer *observer;
	net_statistics *on_statistics;
	void *context;
	float *observed; /* what the observer is shown: a whole tile */
};

/* Quantizers follow the clipping ranges, which may learn. */
void net_refresh_quantizers(struct net *net);

struct workspace *net_workspace(const struct net *net); /* of the calling thread */

/* n floats from the at-th of a node's value; where it is lazy, computed into memory. */
float *net_value(const struct net *net, int node, size_t at, size_t n, float *memory);
/* The same of what layer i reads, quantized, in the format of its operands; or as bytes in those steps. */
const void *net_read(const struct net *net, int i, size_t at, size_t n, void *memory);
const void *net_read_bytes(const struct net *net, int i, size_t at, size_t n, void *memory);
/* Where to compute numbers that are kept in s: there, or, if those are no floats, in memory. */
static inline float *net_place(struct storage s, size_t at, float *memory)
{
	return s.format == FLOAT32 ? (float *)s.data + at : memory;
}

/* What becomes of n results of layer i, computed at net_place(). */
void net_result(struct net *net, int i, int s, size_t at, size_t n, const float *z);

/* Gradient of n results of layer i, from that of its value, in the format of its operands. */
void net_apply(const struct net *net, int i, size_t at, size_t n, void *dz);
/* Whether anybody wants the gradient of what layer i reads: of the image, only the range it is clipped to. */
static inline bool net_passes_on(const struct net *net, int i)
{
	return net->g->node[i].input[0] || net->unit[i].owns_read;
}

/* Where layer i computes the gradient of what it reads, n floats from the at-th, and what becomes of it. */
float *net_read_place(const struct net *net, int i, size_t at);
void net_deliver(const struct net *net, int i, int s, size_t at, size_t n, float *dx);

/* A tile of a depthwise layer. */
void net_depthwise_forward(struct net *net, int i, int s, int t);
void net_depthwise_backward(struct net *net, int i, int s, int t);

static inline size_t batch_size(const struct net *net, const struct unit *u)
{
	return (size_t)net->batch * u->size;
}

/* Channels of the inputs before the k-th; of a concatenation, where the k-th begins. */
static inline int channels_before(const struct net *net, int node, int k)
{
	int sum = 0;

	while (k-- > 0)
		sum += net->g->node[net->g->node[node].input[k]].channels;
	return sum;
}

static inline const struct unit *input_of(const struct net *net, int node, int k)
{
	return &net->unit[net->g->node[node].input[k]];
}

#endif
