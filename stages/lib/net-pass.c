#include "net-inner.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#define NORM_MOMENTUM 0.1f      /* share of a batch in the running statistics; PyTorch's */

/* --- forward --------------------------------------------------------------------------------- */

/* scale and shift of a node whose statistics, of z and bias, are known: running ones, or those of the batch */
static void fold_norm(struct unit *u, const struct layer_weights *p, int c, const float *mean, const float *variance)
{
	weights_fold(p, c, mean, variance, u->scale, u->shift);
	for (int k = 0; u->inverse && k < c; k++) {
		u->inverse[k] = p->gamma ? 1 / sqrtf(variance[k] + NORM_EPSILON) : 1;
		u->mean[k] = p->gamma ? mean[k] - (p->bias ? p->bias[k] : 0) : 0;
	}
	for (size_t k = (size_t)c; k < ops_period(c); k++) {
		u->scale[k] = u->scale[k - (size_t)c];
		u->shift[k] = u->shift[k - (size_t)c];
	}
}

void net_prepare(struct net *net)
{
	const struct graph *g = net->g;

	net_refresh_quantisers(net);
#pragma omp parallel for schedule(dynamic) num_threads(threads())
	for (int i = 0; i < g->layers; i++) {
		struct unit *u = &net->unit[g->layer[i].node];
		struct layer_weights *p = &net->w->layer[i];

		if (net->policy)
			weights_quantise(p, &g->layer[i], net->policy, i, u->quantised);
		dnn_conv_set_weights(u->conv, u->quantised);
		if (!net->training || !p->gamma)
			fold_norm(u, p, g->layer[i].cout, p->mean, p->variance);
	}
}

/* Mean (of z and bias) and variance of the batch from the shards' sums; running statistics follow. */
static void norm_statistics(struct net *net, struct unit *u, struct layer_weights *p, int c, size_t rows)
{
	float *variance = u->gamma_grad, *mean = u->beta_grad;  /* free until the way back */

	for (int k = 0; k < c; k++) {
		double sum = 0, square = 0, m, v;

		for (int s = 0; s < net->shards; s++) {
			sum += u->sums[s * (2 * c + 1) + k];
			square += u->sums[s * (2 * c + 1) + c + k];
		}
		m = sum / (double)rows;
		v = square / (double)rows - m * m;
		v = v > 0 ? v : 0;
		mean[k] = (float)m + (p->bias ? p->bias[k] : 0);
		variance[k] = (float)v;
		p->mean[k] += NORM_MOMENTUM * (mean[k] - p->mean[k]);
		p->variance[k] += NORM_MOMENTUM * ((float)(v * (double)rows / (double)(rows > 1 ? rows - 1 : 1)) - p->variance[k]);
	}
	fold_norm(u, p, c, mean, variance);
}

static struct workspace *own_workspace(const struct net *net)
{
	return &net->workspace[omp_get_thread_num()];
}

/* The value of a node for n images from the first; where it is lazy, computed into memory. */
static float *value(const struct net *net, int node, int first, int n, float *memory)
{
	const struct unit *u = &net->unit[node];

	if (!u->is_lazy)
		return u->out + (size_t)first * u->size;
	ops_forward(u->z + (size_t)first * u->size, (size_t)n * u->size, net->g->node[node].channels, u->scale, u->shift, u->squash, memory);
	return memory;
}

/* What a layer reads, a chunk of it, quantised. */
static const float *read_chunk(const struct net *net, int i, int first, float *memory)
{
	const struct unit *u = &net->unit[i], *in = input_of(net, i, 0);
	float *x = value(net, net->g->node[i].input[0], first, u->chunk, memory);

	if (!u->owns_read)
		return x;
	ops_quantise(x, (size_t)u->chunk * in->size, ops_squash(ACT_NONE, u->q), memory);
	return memory;
}

/* One shard after the other: observers need not know of threads. */
static void observe(const struct net *net, int i)
{
	const struct unit *u = &net->unit[i], *in = input_of(net, i, 0);

	for (int s = 0; s < net->active; s++)
		FOR_CHUNKS(net, u, s, first)
			net->observer(net->context, net->g->node[i].layer,
			              value(net, net->g->node[i].input[0], first, u->chunk, net->workspace[0].x), (size_t)u->chunk * in->size);
}

static void forward_layer(struct net *net, int i)
{
	const struct node *n = &net->g->node[i];
	struct layer_weights *p = &net->w->layer[n->layer];
	struct unit *u = &net->unit[i];
	bool measure = net->training && n->norm;
	size_t stride = 2 * (size_t)n->channels + 1, count = (size_t)u->chunk * u->size;

	if (measure)
		memset(u->sums, 0, (size_t)net->shards * stride * sizeof *u->sums);
	if (net->observer)
		observe(net, i);
	FOR_SHARDS(net, s)
		FOR_CHUNKS(net, u, s, first) {
			float *z = u->z + (size_t)first * u->size;
			double *sums = u->sums + (size_t)s * stride;

			dnn_conv_forward(u->conv, read_chunk(net, i, first, own_workspace(net)->x), z);
			if (measure)
				ops_moments(z, count, n->channels, sums, sums + n->channels);
			else if (!u->is_lazy)
				ops_forward(z, count, n->channels, u->scale, u->shift, u->squash, u->out + (size_t)first * u->size);
		}
	if (!measure)
		return;
	norm_statistics(net, u, p, n->channels, (size_t)net->batch * u->size / (size_t)n->channels);
	if (u->is_lazy)
		return;
	FOR_SHARDS(net, s)
		FOR_CHUNKS(net, u, s, first)
			ops_forward(u->z + (size_t)first * u->size, count, n->channels, u->scale, u->shift, u->squash,
			            u->out + (size_t)first * u->size);
}

static void forward_other(struct net *net, int i)
{
	const struct node *n = &net->g->node[i];
	struct unit *u = &net->unit[i];
	const struct unit *in = input_of(net, i, 0);
	size_t where = u->pool ? dnn_pool_workspace(u->pool) : 0;

	FOR_SHARDS(net, s)
		FOR_CHUNKS(net, u, s, first) {
			struct workspace *ws = own_workspace(net);
			float *x = value(net, n->input[0], first, u->chunk, ws->x), *y = u->out + (size_t)first * u->size;

			if (n->op == OP_ADD)
				ops_add(x, value(net, n->input[1], first, u->chunk, ws->dz), (size_t)u->chunk * u->size, u->squash, y);
			else if (n->op == OP_AVERAGE)
				ops_average(x, u->chunk, in->size / u->size, n->channels, y);
			else
				dnn_pool_forward(u->pool, x, y, u->pool_where + (size_t)(first / u->chunk) * where);
		}
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

/* --- backward -------------------------------------------------------------------------------- */

/*
 * Batch norm's gradient, with S = sum g and P = sum g * xhat over the batch of N rows, xhat = (z - mean) * inverse:
 *	dz = scale * (g - S / N - xhat * P / N) = a * g + b * z + d,   dgamma = P,   dbeta = S
 */
static void norm_coefficients(struct net *net, struct unit *u, const struct layer_weights *p, int c, size_t rows)
{
	for (int k = 0; k < c; k++) {
		double sum = 0, product = 0, scale = (double)u->scale[k], inverse = (double)u->inverse[k], mean = (double)u->mean[k];

		for (int s = 0; s < net->shards; s++) {
			sum += u->sums[s * (2 * c + 1) + k];
			product += u->sums[s * (2 * c + 1) + c + k];
		}
		product = (product - mean * sum) * inverse;
		u->bias_grad[k] = (float)sum;
		u->beta_grad[k] = (float)sum;
		u->gamma_grad[k] = (float)product;
		u->a[k] = (float)scale;
		u->b[k] = p->gamma ? (float)(-scale * inverse * product / (double)rows) : 0;
		u->d[k] = p->gamma ? (float)(scale * (mean * inverse * product - sum) / (double)rows) : 0;
	}
	if (p->bias && p->gamma)        /* a bias before a norm has no effect */
		memset(u->bias_grad, 0, (size_t)c * sizeof *u->bias_grad);
	for (size_t k = (size_t)c; k < ops_period(c); k++) {
		u->a[k] = u->a[k - (size_t)c];
		u->b[k] = u->b[k - (size_t)c];
		u->d[k] = u->d[k - (size_t)c];
	}
}

/* Sums over a chunk of the gradient of a layer's value, for norm_coefficients. */
static void sum_gradient(const struct net *net, int i, int s, int first, int n)
{
	const struct unit *u = &net->unit[i];
	int c = net->g->node[i].channels;
	double *sums = u->sums + (size_t)s * (2 * (size_t)c + 1);
	size_t at = (size_t)first * u->size;

	ops_backward_sums(u->z + at, u->grad + at, (size_t)n * u->size, c, u->scale, u->shift, u->squash, sums, sums + c, sums + 2 * c);
}

/* After something was added to the gradient of an input: where that was all of it, its sums are taken while it is in the cache. */
static void sum_if_whole(const struct net *net, int input, int s, int first, int n)
{
	if (net->unit[input].is_lazy)
		sum_gradient(net, input, s, first, n);
}

/* Gradient of what the layer read, from dz, into the gradient of its input. */
static void backward_read(struct net *net, int i, int s, int first, struct workspace *ws)
{
	int input = net->g->node[i].input[0];
	struct unit *u = &net->unit[i], *in = &net->unit[input];
	float *to = in->grad + (size_t)first * in->size;
	size_t count = (size_t)u->chunk * in->size;
	bool is_direct = !u->owns_read && u->is_first[0];

	dnn_conv_backward_data(u->conv, ws->dz, is_direct ? to : ws->dx);
	if (u->owns_read)
		ops_quantise_backward(in->out + (size_t)first * in->size, ws->dx, count, ops_squash(ACT_NONE, u->q), !u->is_first[0], to,
		                      &u->clips[s]);
	else if (!is_direct)
		ops_accumulate(to, ws->dx, count);
	sum_if_whole(net, input, s, first, u->chunk);
}

/* A chunk on its way back through norm, activation and convolution. */
static void backward_chunk(struct net *net, int i, int s, int first)
{
	const struct node *n = &net->g->node[i];
	struct unit *u = &net->unit[i];
	struct workspace *ws = own_workspace(net);
	size_t at = (size_t)first * u->size;
	char *diff = u->diff + (size_t)s * u->diff_size;
	bool is_first = first == s * net->each;
	const float *x = read_chunk(net, i, first, ws->x);

	ops_backward_apply(u->z + at, u->grad + at, (size_t)u->chunk * u->size, n->channels, u->scale, u->shift, u->squash,
	                   u->a, u->b, u->d, ws->dz);
	dnn_conv_backward_weights(u->conv, x, ws->dz, is_first ? diff : ws->diff);
	if (!is_first)
		ops_accumulate((float *)(void *)diff, (const float *)(const void *)ws->diff, dnn_conv_diff_size(u->conv) / sizeof(float));
	if (n->input[0])
		backward_read(net, i, s, first, ws);
}

/* The clipping range of a reader's quantiser learns from what it cut off. */
static void gather_clips(struct net *net, int i)
{
	struct unit *u = &net->unit[i];
	size_t stride = 2 * (size_t)net->g->node[i].channels + 1;
	double fused = 0, own = 0;

	for (int s = 0; s < net->shards; s++) {
		fused += u->sums[(size_t)s * stride + stride - 1];
		own += u->clips[s];
	}
	if (u->fused_reader >= 0)
		net->unit[net->g->layer[u->fused_reader].node].clip_grad = (float)fused;
	if (u->owns_read)
		u->clip_grad = (float)own;
}

static void backward_layer(struct net *net, int i)
{
	const struct node *n = &net->g->node[i];
	struct unit *u = &net->unit[i];

	if (!u->is_lazy)
		FOR_SHARDS(net, s)
			FOR_CHUNKS(net, u, s, first)
				sum_gradient(net, i, s, first, u->chunk);
	norm_coefficients(net, u, &net->w->layer[n->layer], n->channels, (size_t)net->batch * u->size / (size_t)n->channels);
	FOR_SHARDS(net, s)
		FOR_CHUNKS(net, u, s, first)
			backward_chunk(net, i, s, first);
	for (int s = 1; s < net->shards; s++)
		ops_accumulate((float *)(void *)u->diff, (float *)(void *)(u->diff + (size_t)s * u->diff_size),
		               dnn_conv_diff_size(u->conv) / sizeof(float));
	dnn_conv_diff_to_oihw(u->conv, u->diff, u->weight_grad);
	gather_clips(net, i);
}

static void backward_other(struct net *net, int i, int k)
{
	const struct node *n = &net->g->node[i];
	struct unit *u = &net->unit[i], *in = &net->unit[n->input[k]];
	size_t where = u->pool ? dnn_pool_workspace(u->pool) : 0;
	bool add = !u->is_first[k];

	if (!n->input[k])               /* the image needs no gradient */
		return;
	FOR_SHARDS(net, s)
		FOR_CHUNKS(net, u, s, first) {
			const float *dy = u->grad + (size_t)first * u->size;
			float *dx = in->grad + (size_t)first * in->size, *memory = own_workspace(net)->dx;
			double unused = 0;

			if (n->op == OP_ADD && !in->shares_grad)
				ops_quantise_backward(u->out + (size_t)first * u->size, dy, (size_t)u->chunk * u->size, u->squash, add, dx, &unused);
			else if (n->op == OP_AVERAGE)
				ops_average_backward(dy, u->chunk, in->size / u->size, n->channels, add, dx);
			else if (n->op == OP_MAX)
				dnn_pool_backward(u->pool, dy, u->pool_where + (size_t)(first / u->chunk) * where, add ? memory : dx);
			if (n->op == OP_MAX && add)
				ops_accumulate(dx, memory, (size_t)u->chunk * in->size);
			sum_if_whole(net, n->input[k], s, first, u->chunk);
		}
}

static void clear_sums(struct net *net)
{
	for (int i = 0; i < net->g->layers; i++) {
		struct unit *u = &net->unit[net->g->layer[i].node];

		memset(u->sums, 0, (size_t)net->shards * (2 * (size_t)net->g->layer[i].cout + 1) * sizeof *u->sums);
		memset(u->clips, 0, (size_t)net->shards * sizeof *u->clips);
	}
}

double net_backward(struct net *net, const int32_t *labels)
{
	const struct graph *g = net->g;
	struct unit *last = &net->unit[g->nodes - 1];
	double loss = ops_cross_entropy(last->out, labels, net->batch, graph_classes(g), 1 / (float)net->batch, last->grad);

	clear_sums(net);
	for (int i = g->nodes - 1; i > 0; i--) {
		if (g->node[i].layer >= 0)
			backward_layer(net, i);
		for (int k = 0; g->node[i].layer < 0 && k < g->node[i].inputs; k++)
			backward_other(net, i, k);
	}
	return loss / net->batch;
}
