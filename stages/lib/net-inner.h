/*
 * net-inner.h - what net.c, which builds a network, and net-pass.c, which runs it, share; for nobody else.
 */
#ifndef NET_INNER_H
#define NET_INNER_H

#include "dnn.h"
#include "net.h"
#include "ops.h"
#include "threads.h"

#define FOR_SHARDS(net, s) \
	_Pragma("omp parallel for schedule(static) num_threads(threads())") for (int s = 0; s < (net)->active; s++)

/* A node at work.  Sizes in floats; buffers hold the whole batch, a shard's part at part(). */
struct unit {
	size_t size;                    /* of the output, per image */
	float *z, *out, *grad;          /* before and after norm, activation and quantiser; gradient of out */
	struct squash squash;           /* what makes out from z, with the quantiser of the reader where it is the only one */
	int fused_reader;               /* layer whose quantiser that is, or -1 */
	bool is_first[2];               /* backward: the first to write the gradient of its input */
	struct dnn_conv *conv;
	struct dnn_pool *pool;
	char *pool_where;
	/* layers */
	float *read;                    /* what the layer reads, quantised; own buffer where not fused */
	bool owns_read;
	struct quantiser q;             /* of what it reads */
	float *quantised;               /* weights */
	float *scratch;                 /* gradient of `read` where it cannot be the input's own */
	char *diff;                     /* [shards] gradients of weights in oneDNN's layout */
	size_t diff_size;
	float *scale, *shift;           /* [period] */
	float *a, *b, *d;               /* [period], of ops_affine */
	double *sums;                   /* [shards][2 * channels + 1] */
	float *inverse, *mean;          /* [channels], of the batch */
	float *weight_grad, *bias_grad, *gamma_grad, *beta_grad, clip_grad;
};

struct net {
	const struct graph *g;
	struct weights *w;
	const struct policy *policy;
	int batch, shards, each, active;
	bool training;
	struct unit *unit;
	struct param *params;
	int nparams;
	size_t bytes;
	net_observer *observer;
	void *context;
};

/* Quantisers follow the clipping ranges, which may learn. */
void net_refresh_quantisers(struct net *net);

static inline size_t batch_size(const struct net *net, const struct unit *u)
{
	return (size_t)net->batch * u->size;
}

static inline float *part(const struct net *net, float *whole, size_t size, int shard)
{
	return whole + (size_t)shard * (size_t)net->each * size;
}

static inline size_t part_size(const struct net *net, const struct unit *u)
{
	return (size_t)net->each * u->size;
}

static inline const struct unit *input_of(const struct net *net, int node, int k)
{
	return &net->unit[net->g->node[node].input[k]];
}

#endif
