#include "engine/net-inner.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#define UNIT_LEAST 1e-30f  /* what divides by units stays finite */
#define NORM_MOMENTUM 0.1f /* share of a batch in the running statistics; PyTorch's */

/*
 * scale, of z in its units, and shift of a node whose statistics, of z and bias, are known: running
 * ones, or those of the batch
 */
static void fold_norm(struct unit *u, const struct layer_weights *p, int c, const float *mean,
                      const float *variance)
{
	weights_fold(p, c, mean, variance, u->scale, u->shift);
	for (int k = 0; k < c; k++)
		u->scale[k] *= u->unit[k];
	for (int k = 0; u->inverse && k < c; k++) {
		u->inverse[k] = p->gamma ? 1 / sqrtf(variance[k] + BATCH_NORM_EPSILON) : 1;
		u->mean[k] = p->gamma ? mean[k] - (p->bias ? p->bias[k] : 0) : 0;
	}
	for (size_t k = (size_t)c; k < ops_period(c); k++) {
		u->scale[k] = u->scale[k - (size_t)c];
		u->shift[k] = u->shift[k - (size_t)c];
	}
}

static void prepare_integers(struct net *net, int layer, struct unit *u)
{
	const struct layer *l = &net->g->layer[layer];
	size_t each = (size_t)(l->weights / l->cout);

	weights_to_integers(&net->w->layer[layer], l, net->policy, layer, u->integers, u->unit);
	for (size_t k = 0; k < (size_t)l->cout; k++) {
		int8_t *integers = u->integers + k * each;
		float *weights = u->quantized + k * each, step = u->unit[k];

		if (!(step * u->q.step > UNIT_LEAST)) {
			/* a range of nothing: all weights are 0, whatever the unit */
			memset(integers, 0, each);
			step = 1;
		}
		for (size_t i = 0; i < each; i++)
			weights[i] = integers[i] * step;
		u->unit[k] = step * u->q.step;
	}
	conv_int8_set_weights(u->integer, u->integers);
}

static void prepare_weights(struct net *net, int layer, struct unit *u)
{
	const struct layer_weights *p = &net->w->layer[layer];
	const struct layer *l = &net->g->layer[layer];

	if (u->integer) {
		prepare_integers(net, layer, u);
	} else if (net->policy) {
		weights_quantize(p, l, net->policy, layer, u->quantized);
	}
	if (u->conv)
		conv_set_weights(u->conv, u->quantized);
	else
		depthwise_from_oihw(u->quantized, l->cout, u->taps);
}

void net_prepare(struct net *net)
{
	const struct graph *g = net->g;

	net_refresh_quantizers(net);
#pragma omp parallel for schedule(dynamic) num_threads(threads())
	for (int i = 0; i < g->layers; i++) {
		struct unit *u = &net->unit[g->layer[i].node];
		struct layer_weights *p = &net->w->layer[i];

		prepare_weights(net, i, u);
		if (!net->training || !p->gamma)
			fold_norm(u, p, g->layer[i].cout, p->mean, p->variance);
	}
}

/* Mean (of z and bias) and variance of the batch from the shards' sums; running statistics follow. */
static void norm_statistics(struct net *net, struct unit *u, struct layer_weights *p, int c, size_t rows)
{
	float *variance = u->gamma_grad, *mean = u->beta_grad; /* free until the way back */

	for (int k = 0; k < c; k++) {
		double sum = 0, square = 0, m, v;

		for (int s = 0; s < net->shards; s++) {
			sum += u->sums[s * (2 * c + 1) + k];
			square += u->sums[s * (2 * c + 1) + c + k];
		}
		m = sum / (double)rows;
		v = square / (double)rows - m * m;
		m *= (double)u->unit[k];
		v = v > 0 ? v * (double)u->unit[k] * (double)u->unit[k] : 0;
		mean[k] = (float)m + (p->bias ? p->bias[k] : 0);
		variance[k] = (float)v;
		p->mean[k] += NORM_MOMENTUM * (mean[k] - p->mean[k]);
		p->variance[k] +=
			NORM_MOMENTUM *
			((float)(v * (double)rows / (double)(rows > 1 ? rows - 1 : 1)) - p->variance[k]);
	}
	if (net->on_statistics)
		net->on_statistics(net->context, (int)(p - net->w->layer), mean, variance);
	fold_norm(u, p, c, mean, variance);
}

struct workspace *net_workspace(const struct net *net)
{
	return &net->workspace[omp_get_thread_num()];
}

/* The value of a layer from its results. */
static void compute_value(const struct unit *u, int channels, size_t at, size_t n, struct storage y)
{
	ops_forward(storage_at(u->z, at), n, channels, u->scale, u->shift, u->squash, y);
}

float *net_value(const struct net *net, int node, size_t at, size_t n, float *memory)
{
	const struct unit *u = &net->unit[node];

	if (!u->is_lazy)
		return u->out + at;
	compute_value(u, net->g->node[node].channels, at, n, storage_f32(memory));
	return memory;
}

const void *net_read(const struct net *net, int i, size_t at, size_t n, void *memory)
{
	const struct unit *u = &net->unit[i], *in = input_of(net, i, 0);
	struct quantizer none = { 0 };
	struct storage x = { memory, u->operands };

	if (in->is_lazy)
		compute_value(in, net->g->node[net->g->node[i].input[0]].channels, at, n, x);
	else if (u->owns_read || u->operands != FLOAT32)
		ops_quantize(in->out + at, n, ops_squash(ACT_NONE, u->owns_read ? u->q : none), x);
	else
		return in->out + at;
	return memory;
}

const void *net_read_bytes(const struct net *net, int i, size_t at, size_t n, void *memory)
{
	const struct unit *u = &net->unit[i], *in = input_of(net, i, 0);

	if (u->owns_read)
		ops_to_bytes(in->out + at, n, u->q, memory);
	else
		ops_forward_bytes(storage_at(in->z, at), n, net->g->node[net->g->node[i].input[0]].channels,
		                  in->scale, in->shift, in->squash, memory);
	return memory;
}

void net_result(struct net *net, int i, int s, size_t at, size_t n, const float *z)
{
	struct unit *u = &net->unit[i];
	int c = net->g->node[i].channels;

	if (net->training && net->g->node[i].batch_norm) {
		double *sums = u->sums + (size_t)s * (2 * (size_t)c + 1);

		ops_moments(z, n, c, sums, sums + c, storage_at(u->z, at));
	} else if (!u->is_lazy) {
		ops_forward(storage_f32(z), n, c, u->scale, u->shift, u->squash, storage_f32(u->out + at));
	}
}

/* One shard after the other: observers need not know of threads. */
static void observe(const struct net *net, int i)
{
	const struct unit *u = &net->unit[i];

	for (int s = 0; s < net->active; s++)
		FOR_TILES(u, s, t)
			net->observer(net->context, net->g->node[i].layer,
			              net_value(net, net->g->node[i].input[0], (size_t)t * u->reads, u->reads,
			                        net->observed),
			              u->reads);
}

static void forward_tile(struct net *net, int i, int s, int t)
{
	struct unit *u = &net->unit[i];
	struct workspace *ws = net_workspace(net);
	size_t at = (size_t)t * u->count;
	float *z = net_place(u->z, at, ws->z);

	if (u->integer)
		conv_int8_forward(u->integer, net_read_bytes(net, i, (size_t)t * u->reads, u->reads, ws->x),
		                  z);
	else
		conv_forward(u->conv, net_read(net, i, (size_t)t * u->reads, u->reads, ws->x), z);
	net_result(net, i, s, at, u->count, z);
}

static void forward_layer(struct net *net, int i)
{
	const struct node *n = &net->g->node[i];
	struct layer_weights *p = &net->w->layer[n->layer];
	struct unit *u = &net->unit[i];
	bool measure = net->training && n->batch_norm;

	if (measure)
		memset(u->sums, 0, (size_t)net->shards * (2 * (size_t)n->channels + 1) * sizeof *u->sums);
	if (net->observer)
		observe(net, i);
	FOR_SHARDS(net, s)
		FOR_TILES(u, s, t) {
			if (u->conv)
				forward_tile(net, i, s, t);
			else
				net_depthwise_forward(net, i, s, t);
		}
	if (!measure)
		return;
	norm_statistics(net, u, p, n->channels, batch_size(net, u) / (size_t)n->channels);
	if (u->is_lazy)
		return;
	FOR_SHARDS(net, s)
		FOR_TILES(u, s, t)
			compute_value(u, n->channels, (size_t)t * u->count, u->count,
			              storage_f32(u->out + (size_t)t * u->count));
}

/* What a tile of node i reads of its k-th input. */
static const float *read_other(const struct net *net, int i, int k, int t, float *memory)
{
	const struct unit *u = &net->unit[i];
	size_t n = u->count / u->size * input_of(net, i, k)->size;

	return net_value(net, net->g->node[i].input[k], (size_t)t * n, n, memory);
}

static void concatenate(const struct net *net, int i, int t, float *y)
{
	const struct node *n = &net->g->node[i];
	size_t rows = net->unit[i].count / (size_t)n->channels;

	for (int k = 0; k < n->inputs; k++) {
		const float *x = read_other(net, i, k, t, net_workspace(net)->x);

		ops_join(x, rows, net->g->node[n->input[k]].channels, y + channels_before(net, i, k),
		         n->channels);
	}
}

/* A tile of a node that is no layer. */
static void forward_between(struct net *net, int i, int t)
{
	const struct node *n = &net->g->node[i];
	struct unit *u = &net->unit[i];
	struct workspace *ws = net_workspace(net);
	size_t rows = u->count / (size_t)n->channels, images = u->count / u->size;
	float *y = u->out + (size_t)t * u->count;
	const float *x, *other;

	if (n->op == OP_CONCAT) {
		concatenate(net, i, t, y);
		return;
	}
	x = read_other(net, i, 0, t, ws->x);
	other = n->inputs > 1 ? read_other(net, i, 1, t, ws->dz) : NULL;
	if (n->op == OP_ADD)
		ops_add(x, other, u->count, u->squash, y);
	else if (n->op == OP_MULTIPLY)
		ops_multiply(x, other, rows, u->size / input_of(net, i, 1)->size, n->channels, false, y);
	else if (n->op == OP_ACTIVATE)
		ops_activate(x, u->count, (int)n->activation, y);
	else if (u->pool)
		pool_forward(u->pool, x, y, u->pool_where + (size_t)t * pool_workspace(u->pool));
	else
		ops_average(x, (int)images, input_of(net, i, 0)->size / u->size, n->channels, y);
}

static void forward_other(struct net *net, int i)
{
	FOR_SHARDS(net, s)
		FOR_TILES(&net->unit[i], s, t)
			forward_between(net, i, t);
}

void net_forward(struct net *net, int images)
{
	if (images > net->batch || (net->training && images != net->batch))
		BUG("%d images in a batch of %d", images, net->batch);
	net->active = (images + net->each - 1) / net->each;
	for (int i = 1; i < net->g->nodes; i++) {
		if (net->g->node[i].layer >= 0)
			forward_layer(net, i);
		else
			forward_other(net, i);
	}
}
