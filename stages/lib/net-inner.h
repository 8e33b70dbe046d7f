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
/* the first image of each chunk of a shard */
#define FOR_CHUNKS(net, u, s, first) \
	for (int first = (s) * (net)->each; first < ((s) + 1) * (net)->each; first += (u)->chunk)

/*
 * A node at work.  Sizes in floats; buffers hold the whole batch, image after image.
 *
 * A layer keeps the result of its convolution, z.  Its value - after norm, activation and, if fused, the quantiser of its
 * reader - is computed again by whoever reads it, in pieces that stay in the cache, where it has one reader (is_lazy);
 * that costs less than writing and reading it.  Other nodes, and layers of several readers, keep their value in out.
 */
struct unit {
	size_t size;                    /* of the output, per image */
	float *z, *out, *grad;          /* grad: gradient of the value */
	bool is_lazy, shares_grad;      /* shares_grad: its gradient is that of its reader, an addition */
	int chunk;                      /* images at a time */
	struct squash squash;           /* what makes the value from z, or of a sum */
	int fused_reader;               /* layer whose quantiser is in it, or -1 */
	bool is_first[2];               /* backward: the first to write the gradient of its input */
	struct dnn_conv *conv;
	struct dnn_pool *pool;
	char *pool_where;               /* [chunks of the batch] */
	/* layers */
	bool owns_read;                 /* quantises what it reads itself */
	struct quantiser q;             /* of what it reads */
	float *quantised;               /* weights */
	char *diff;                     /* [shards] gradients of weights in oneDNN's layout */
	size_t diff_size;
	float *scale, *shift;           /* [period] */
	float *a, *b, *d;               /* [period], of ops_backward_apply */
	double *sums;                   /* [shards][2 * channels + 1]: of z, or of the gradient and its clips */
	double *clips;                  /* [shards] gradient of the range of its own quantiser */
	float *inverse, *mean;          /* [channels], of the batch */
	float *weight_grad, *bias_grad, *gamma_grad, *beta_grad, clip_grad;
};

/* Memory of a thread for a chunk: what a layer reads, gradients of its result and of what it read, of its weights. */
struct workspace {
	float *x, *dz, *dx;
	char *diff;
};

struct net {
	const struct graph *g;
	struct weights *w;
	const struct policy *policy;
	int batch, shards, each, active;
	bool training;
	struct unit *unit;
	struct workspace *workspace;    /* [threads] */
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

static inline const struct unit *input_of(const struct net *net, int node, int k)
{
	return &net->unit[net->g->node[node].input[k]];
}

#endif
