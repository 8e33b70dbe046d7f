#include "engine/net-inner.h"

#include <string.h>

/*
 * Batch norm's gradient, with S = sum g and P = sum g * xhat over the batch of N rows,
 * xhat = (z - mean) * inverse:
 *	dz = scale * (g - S / N - xhat * P / N) = a * g + b * z + d,   dgamma = P,   dbeta = S
 * z is kept in units; these gradients are with respect to z itself.
 */
static void norm_coefficients(struct net *net, struct unit *u, const struct layer_weights *p, int c,
                              size_t rows)
{
	for (int k = 0; k < c; k++) {
		double sum = 0, product = 0, unit = (double)u->unit[k], scale = (double)u->scale[k] / unit;
		double inverse = (double)u->inverse[k], mean = (double)u->mean[k];

		for (int s = 0; s < net->shards; s++) {
			sum += u->sums[s * (2 * c + 1) + k];
			product += u->sums[s * (2 * c + 1) + c + k];
		}
		product = (product * unit - mean * sum) * inverse;
		u->bias_grad[k] = (float)sum;
		u->beta_grad[k] = (float)sum;
		u->gamma_grad[k] = (float)product;
		u->a[k] = (float)scale;
		u->b[k] = p->gamma ? (float)(-scale * inverse * product / (double)rows * unit) : 0;
		u->d[k] = p->gamma ? (float)(scale * (mean * inverse * product - sum) / (double)rows) : 0;
	}
	if (p->bias && p->gamma) /* a bias before a norm has no effect */
		memset(u->bias_grad, 0, (size_t)c * sizeof *u->bias_grad);
	for (size_t k = (size_t)c; k < ops_period(c); k++) {
		u->a[k] = u->a[k - (size_t)c];
		u->b[k] = u->b[k - (size_t)c];
		u->d[k] = u->d[k - (size_t)c];
	}
}

/*
 * Sums of the gradient of a layer's value, for norm_coefficients; where gradients are kept in 16
 * bits they get there so.
 */
static void sum_gradient(const struct net *net, int i, int s, size_t at, size_t n, const float *dy)
{
	const struct unit *u = &net->unit[i];
	int c = net->g->node[i].channels;
	double *sums = u->sums + (size_t)s * (2 * (size_t)c + 1);

	ops_backward_sums(storage_at(u->z, at), dy, n, c, u->scale, u->shift, u->squash, sums, sums + c,
	                  sums + 2 * c, storage_at(u->grad, at));
}

void net_apply(const struct net *net, int i, size_t at, size_t n, void *dz)
{
	const struct unit *u = &net->unit[i];

	ops_backward_apply(storage_at(u->z, at), storage_at(u->grad, at), n, net->g->node[i].channels,
	                   u->scale, u->shift, u->squash, u->a, u->b, u->d,
	                   (struct storage){ dz, u->operands });
}

/* Nothing is to be added to the gradient of the input, or done to what reaches it. */
static bool is_direct(const struct unit *u)
{
	return !u->owns_read && u->is_first[0];
}

float *net_read_place(const struct net *net, int i, size_t at)
{
	float *memory = net_workspace(net)->dx;

	return is_direct(&net->unit[i]) ? net_place(input_of(net, i, 0)->grad, at, memory) : memory;
}

static float *gradient(const struct unit *u, size_t at)
{
	return net_place(u->grad, at, NULL);
}

void net_deliver(const struct net *net, int i, int s, size_t at, size_t n, float *dx)
{
	struct unit *u = &net->unit[i];
	const struct unit *in = input_of(net, i, 0);

	if (u->owns_read) {
		bool is_image = !net->g->node[i].input[0]; /* has no gradient: it goes where it came from */

		ops_quantize_backward(in->out + at, dx, n, ops_squash(ACT_NONE, u->q),
		                      !is_image && !u->is_first[0], is_image ? dx : gradient(in, at),
		                      &u->clips[s]);
	} else if (!u->is_first[0])
		ops_accumulate(gradient(in, at), dx, n);
	if (in->is_lazy) /* it was all there is; its sums are taken while it is in the cache */
		sum_gradient(net, net->g->node[i].input[0], s, at, n, dx);
}

/* A tile on its way back through norm, activation and convolution. */
static void backward_tile(struct net *net, int i, int s, int t)
{
	struct unit *u = &net->unit[i];
	struct workspace *ws = net_workspace(net);
	size_t at = (size_t)t * u->reads;
	char *diff = u->diff + (size_t)s * u->diff_size;
	bool is_first = t == s * u->tiles;
	const void *x = net_read(net, i, at, u->reads, ws->x);
	float *dx;

	net_apply(net, i, (size_t)t * u->count, u->count, ws->dz);
	conv_backward_weights(u->conv, x, ws->dz, is_first ? diff : ws->diff);
	if (!is_first)
		ops_accumulate((float *)(void *)diff, (const float *)(const void *)ws->diff,
		               conv_diff_size(u->conv) / sizeof(float));
	if (!net_passes_on(net, i))
		return;
	dx = net_read_place(net, i, at);
	conv_backward_data(u->conv, ws->dz, dx);
	net_deliver(net, i, s, at, u->reads, dx);
}

/* The clipping range of a reader's quantizer learns from what it cut off. */
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

static void gather_weights(struct net *net, struct unit *u, int channels)
{
	for (int s = 1; s < net->shards; s++)
		ops_accumulate((float *)(void *)u->diff,
		               (float *)(void *)(u->diff + (size_t)s * u->diff_size),
		               u->diff_size / sizeof(float));
	if (u->conv)
		conv_diff_to_oihw(u->conv, u->diff, u->weight_grad);
	else
		depthwise_to_oihw((float *)(void *)u->diff, channels, u->weight_grad);
}

static void backward_layer(struct net *net, int i)
{
	const struct node *n = &net->g->node[i];
	struct unit *u = &net->unit[i];

	if (!u->is_lazy)
		FOR_SHARDS(net, s)
			FOR_TILES(u, s, t)
				sum_gradient(net, i, s, (size_t)t * u->count, u->count,
				             gradient(u, (size_t)t * u->count));
	norm_coefficients(net, u, &net->w->layer[n->layer], n->channels,
	                  batch_size(net, u) / (size_t)n->channels);
	FOR_SHARDS(net, s)
		FOR_TILES(u, s, t) {
			if (u->conv)
				backward_tile(net, i, s, t);
			else
				net_depthwise_backward(net, i, s, t);
		}
	gather_weights(net, u, n->channels);
	gather_clips(net, i);
}

/* Gradient of the k-th input of a product: that of the product times the other. */
static void backward_factor(const struct net *net, int i, int k, int t, const float *dy, bool add, float *dx)
{
	const struct node *n = &net->g->node[i];
	const struct unit *u = &net->unit[i], *other = input_of(net, i, 1 - k);
	size_t rows = u->count / (size_t)n->channels, count = u->count / u->size * other->size;
	size_t area = u->size / input_of(net, i, 1)->size;
	const float *x = net_value(net, n->input[1 - k], (size_t)t * count, count, net_workspace(net)->x);

	if (k == 0)
		ops_multiply(dy, x, rows, area, n->channels, add, dx);
	else
		ops_multiply_backward(dy, x, rows, area, n->channels, add, dx);
}

static void backward_pool(const struct net *net, int i, int t, const float *dy, bool add, float *dx)
{
	const struct unit *u = &net->unit[i];
	float *memory = net_workspace(net)->dx;

	pool_backward(u->pool, dy, u->pool_where + (size_t)t * pool_workspace(u->pool), add ? memory : dx);
	if (add)
		ops_accumulate(dx, memory, u->reads);
}

/* A tile of a node that is no layer, on its way to the k-th input. */
static void backward_between(const struct net *net, int i, int k, int t, float *dx)
{
	const struct node *n = &net->g->node[i], *from = &net->g->node[n->input[k]];
	const struct unit *u = &net->unit[i], *in = input_of(net, i, k);
	size_t at = (size_t)t * u->count, rows = u->count / (size_t)n->channels, images = u->count / u->size;
	const float *dy = gradient(u, at);
	bool add = !u->is_first[k];
	double unused = 0;

	if (n->op == OP_ADD && !in->shares_grad)
		ops_quantize_backward(u->out + at, dy, u->count, u->squash, add, dx, &unused);
	else if (n->op == OP_MULTIPLY)
		backward_factor(net, i, k, t, dy, add, dx);
	else if (n->op == OP_CONCAT)
		ops_split(dy + channels_before(net, i, k), n->channels, rows, from->channels, add, dx);
	else if (n->op == OP_ACTIVATE)
		ops_activate_backward(
			net_value(net, n->input[k], (size_t)t * u->reads, u->reads, net_workspace(net)->x),
			dy, u->count, (int)n->activation, add, dx);
	else if (u->pool)
		backward_pool(net, i, t, dy, add, dx);
	else if (n->op == OP_AVERAGE)
		ops_average_backward(dy, (int)images, in->size / u->size, n->channels, add, dx);
}

static void backward_other(struct net *net, int i, int k)
{
	int from = net->g->node[i].input[k];
	const struct unit *u = &net->unit[i], *in = &net->unit[from];
	size_t reads = u->count / u->size * in->size;

	if (!from) /* the image needs no gradient */
		return;
	FOR_SHARDS(net, s)
		FOR_TILES(u, s, t) {
			float *dx = gradient(in, (size_t)t * reads);

			backward_between(net, i, k, t, dx);
			if (in->is_lazy)
				sum_gradient(net, from, s, (size_t)t * reads, reads, dx);
		}
}

static void clear_sums(struct net *net)
{
	for (int i = 0; i < net->g->layers; i++) {
		struct unit *u = &net->unit[net->g->layer[i].node];

		memset(u->sums, 0,
		       (size_t)net->shards * (2 * (size_t)net->g->layer[i].cout + 1) * sizeof *u->sums);
		memset(u->clips, 0, (size_t)net->shards * sizeof *u->clips);
	}
}

double net_backward(struct net *net, const int32_t *labels, double smoothing)
{
	const struct graph *g = net->g;
	struct unit *last = &net->unit[g->nodes - 1];
	double loss = ops_cross_entropy(last->out, labels, net->batch, graph_classes(g), smoothing,
	                                1 / (float)net->batch, gradient(last, 0));

	clear_sums(net);
	for (int i = g->nodes - 1; i > 0; i--) {
		if (g->node[i].layer >= 0)
			backward_layer(net, i);
		for (int k = 0; g->node[i].layer < 0 && k < g->node[i].inputs; k++)
			backward_other(net, i, k);
	}
	return loss / net->batch;
}
