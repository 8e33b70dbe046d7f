#include "net-inner.h"

#include <math.h>
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

static void forward_layer(struct net *net, int i)
{
	const struct node *n = &net->g->node[i];
	const struct unit *in = input_of(net, i, 0);
	struct layer_weights *p = &net->w->layer[n->layer];
	struct unit *u = &net->unit[i];
	bool measure = net->training && n->norm;
	int c = n->channels;
	size_t stride = 2 * (size_t)c + 1;

	if (!u->owns_read)
		u->read = in->out;
	if (measure)
		memset(u->sums, 0, (size_t)net->shards * stride * sizeof *u->sums);
	for (int s = 0; net->observer && s < net->active; s++)
		net->observer(net->context, n->layer, part(net, in->out, in->size, s), part_size(net, in));
	FOR_SHARDS(net, s) {
		float *z = part(net, u->z, u->size, s), *read = part(net, u->read, in->size, s);

		if (u->owns_read)
			ops_quantise(part(net, in->out, in->size, s), part_size(net, in), ops_squash(ACT_NONE, u->q), read);
		dnn_conv_forward(u->conv, read, z);
		if (measure)
			ops_moments(z, part_size(net, u), c, u->sums + (size_t)s * stride, u->sums + (size_t)s * stride + c);
		else
			ops_forward(z, part_size(net, u), c, u->scale, u->shift, u->squash, part(net, u->out, u->size, s));
	}
	if (!measure)
		return;
	norm_statistics(net, u, p, c, (size_t)net->batch * u->size / (size_t)c);
	FOR_SHARDS(net, s)
		ops_forward(part(net, u->z, u->size, s), part_size(net, u), c, u->scale, u->shift, u->squash,
		            part(net, u->out, u->size, s));
}

static void forward_other(struct net *net, int i)
{
	const struct node *n = &net->g->node[i];
	struct unit *u = &net->unit[i];
	const struct unit *in = input_of(net, i, 0), *second = n->op == OP_ADD ? input_of(net, i, 1) : NULL;
	size_t where = u->pool ? dnn_pool_workspace(u->pool) : 0;

	FOR_SHARDS(net, s) {
		float *x = part(net, in->out, in->size, s), *y = part(net, u->out, u->size, s);

		if (n->op == OP_ADD)
			ops_add(x, part(net, second->out, second->size, s), part_size(net, u), u->squash, y);
		else if (n->op == OP_AVERAGE)
			ops_average(x, net->each, in->size / u->size, n->channels, y);
		else
			dnn_pool_forward(u->pool, x, y, u->pool_where + (size_t)s * where);
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
	u->clip_grad = 0;
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
		u->b[k] = (float)(-scale * inverse * product / (double)rows);
		u->d[k] = (float)(scale * (mean * inverse * product - sum) / (double)rows);
	}
	if (p->bias && p->gamma)        /* a bias before a norm has no effect */
		memset(u->bias_grad, 0, (size_t)c * sizeof *u->bias_grad);
	for (size_t k = (size_t)c; k < ops_period(c); k++) {
		u->a[k] = u->a[k - (size_t)c];
		u->b[k] = u->b[k - (size_t)c];
		u->d[k] = u->d[k - (size_t)c];
	}
}

static double sum_clips(const struct net *net, const struct unit *u, int c)
{
	double sum = 0;

	for (int s = 0; s < net->shards; s++)
		sum += u->sums[s * (2 * c + 1) + 2 * c];
	return sum;
}

/* Through quantiser, activation and norm: grad becomes the gradient of z. */
static void backward_squash(struct net *net, int i)
{
	const struct node *n = &net->g->node[i];
	struct unit *u = &net->unit[i];
	int c = n->channels;
	size_t stride = 2 * (size_t)c + 1;

	memset(u->sums, 0, (size_t)net->shards * stride * sizeof *u->sums);
	FOR_SHARDS(net, s) {
		double *sums = u->sums + (size_t)s * stride;

		ops_backward(part(net, u->z, u->size, s), part(net, u->grad, u->size, s), part_size(net, u), c, u->scale, u->shift,
		             u->squash, sums, sums + c, sums + 2 * c);
	}
	norm_coefficients(net, u, &net->w->layer[n->layer], c, (size_t)net->batch * u->size / (size_t)c);
	if (u->fused_reader >= 0)
		net->unit[net->g->layer[u->fused_reader].node].clip_grad = (float)sum_clips(net, u, c);
}

/* Gradient of what the layer read, into the gradient of its input. */
static void backward_read(struct net *net, int i, int s)
{
	struct unit *u = &net->unit[i], *in = &net->unit[net->g->node[i].input[0]];
	float *to = part(net, in->grad, in->size, s), *scratch;

	if (!u->scratch) {
		dnn_conv_backward_data(u->conv, part(net, u->grad, u->size, s), to);
		return;
	}
	scratch = part(net, u->scratch, in->size, s);
	dnn_conv_backward_data(u->conv, part(net, u->grad, u->size, s), scratch);
	if (u->owns_read)
		ops_quantise_backward(part(net, in->out, in->size, s), scratch, part_size(net, in), ops_squash(ACT_NONE, u->q),
		                      !u->is_first[0], to, &u->sums[(size_t)s * (2 * (size_t)net->g->node[i].channels + 1)]);
	else
		ops_accumulate(to, scratch, part_size(net, in));
}

static void backward_layer(struct net *net, int i)
{
	const struct node *n = &net->g->node[i];
	const struct unit *in = input_of(net, i, 0);
	struct unit *u = &net->unit[i];
	float clip = 0;

	backward_squash(net, i);
	memset(u->sums, 0, (size_t)net->shards * (2 * (size_t)n->channels + 1) * sizeof *u->sums);
	FOR_SHARDS(net, s) {
		float *grad = part(net, u->grad, u->size, s);

		if (n->norm)
			ops_affine(grad, part(net, u->z, u->size, s), part_size(net, u), n->channels, u->a, u->b, u->d);
		dnn_conv_backward_weights(u->conv, part(net, u->read, in->size, s), grad, u->diff + (size_t)s * u->diff_size);
		if (n->input[0])
			backward_read(net, i, s);
	}
	for (int s = 1; s < net->shards; s++)
		ops_accumulate((float *)(void *)u->diff, (float *)(void *)(u->diff + (size_t)s * u->diff_size),
		               dnn_conv_diff_size(u->conv) / sizeof(float));
	dnn_conv_diff_to_oihw(u->conv, u->diff, u->weight_grad);
	for (int s = 0; u->owns_read && s < net->shards; s++)
		clip += (float)u->sums[(size_t)s * (2 * (size_t)n->channels + 1)];
	if (u->owns_read)
		u->clip_grad = clip;
}

static void backward_other(struct net *net, int i)
{
	const struct node *n = &net->g->node[i];
	struct unit *u = &net->unit[i];
	size_t where = u->pool ? dnn_pool_workspace(u->pool) : 0;

	for (int k = 0; k < n->inputs; k++) {
		struct unit *in = &net->unit[n->input[k]];
		bool add = !u->is_first[k];

		FOR_SHARDS(net, s) {
			float *dy = part(net, u->grad, u->size, s), *dx = part(net, in->grad, in->size, s);
			double unused = 0;

			if (n->op == OP_ADD)
				ops_quantise_backward(part(net, u->out, u->size, s), dy, part_size(net, u), u->squash, add, dx, &unused);
			else if (n->op == OP_AVERAGE)
				ops_average_backward(dy, net->each, in->size / u->size, n->channels, add, dx);
			else
				dnn_pool_backward(u->pool, dy, u->pool_where + (size_t)s * where,
				                  add ? part(net, u->scratch, in->size, s) : dx);
			if (n->op == OP_MAX && add)
				ops_accumulate(dx, part(net, u->scratch, in->size, s), part_size(net, in));
		}
	}
}

double net_backward(struct net *net, const int32_t *labels)
{
	const struct graph *g = net->g;
	struct unit *last = &net->unit[g->nodes - 1];
	double loss = ops_cross_entropy(last->out, labels, net->batch, graph_classes(g), 1 / (float)net->batch, last->grad);

	for (int i = g->nodes - 1; i > 0; i--) {
		if (g->node[i].layer >= 0)
			backward_layer(net, i);
		else
			backward_other(net, i);
	}
	return loss / net->batch;
}
