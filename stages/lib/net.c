#include "net.h"
#include "dnn.h"
#include "ops.h"
#include "threads.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NORM_MOMENTUM 0.1f      /* share of a batch in the running statistics; PyTorch's */
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

/* --- buffers --------------------------------------------------------------------------------- */

/* Buffers whose lives do not overlap share memory: planned first, allocated after. */
struct pool {
	struct pool_buffer { size_t size; bool used; float *data; } *buffers;
	int n;
};

static int pool_take(struct pool *p, size_t size)
{
	int best = -1;

	for (int i = 0; i < p->n; i++) {
		struct pool_buffer *b = &p->buffers[i], *c = best >= 0 ? &p->buffers[best] : NULL;

		if (b->used)
			continue;
		/* the smallest that is large enough, else the largest */
		if (!c || (c->size >= size ? b->size >= size && b->size < c->size : b->size > c->size))
			best = i;
	}
	if (best < 0)
		best = p->n++;
	if (p->buffers[best].size < size)
		p->buffers[best].size = size;
	p->buffers[best].used = true;
	return best;
}

static float *floats(struct net *net, size_t n)
{
	net->bytes += n * sizeof(float);
	return xmalloc(n, sizeof(float));
}

static size_t batch_size(const struct net *net, const struct unit *u)
{
	return (size_t)net->batch * u->size;
}

static float *part(const struct net *net, float *whole, size_t size, int shard)
{
	return whole + (size_t)shard * (size_t)net->each * size;
}

static size_t part_size(const struct net *net, const struct unit *u)
{
	return (size_t)net->each * u->size;
}

static const struct unit *input_of(const struct net *net, int node, int k)
{
	return &net->unit[net->g->node[node].input[k]];
}

static void allocate_pool(struct net *net, struct pool *p)
{
	for (int i = 0; i < p->n; i++)
		p->buffers[i].data = floats(net, p->buffers[i].size);
}

/* Inference: an output lives until its last reader has run. */
static void plan_inference(struct net *net)
{
	const struct graph *g = net->g;
	struct pool p = { xmalloc((size_t)g->nodes * 2, sizeof *p.buffers), 0 };
	int *out = xmalloc((size_t)g->nodes, sizeof *out), *read = xmalloc((size_t)g->nodes, sizeof *read);
	int *left = xmalloc((size_t)g->nodes, sizeof *left);

	for (int i = 0; i < g->nodes; i++)
		left[i] = g->node[i].users;
	for (int i = 0; i < g->nodes; i++) {
		const struct node *n = &g->node[i];
		struct unit *u = &net->unit[i];

		read[i] = u->owns_read ? pool_take(&p, batch_size(net, input_of(net, i, 0))) : -1;
		out[i] = pool_take(&p, batch_size(net, u));
		for (int k = 0; k < n->inputs; k++)
			if (--left[n->input[k]] == 0)
				p.buffers[out[n->input[k]]].used = false;
		if (read[i] >= 0)
			p.buffers[read[i]].used = false;
	}
	allocate_pool(net, &p);
	for (int i = 0; i < g->nodes; i++) {
		net->unit[i].out = net->unit[i].z = p.buffers[out[i]].data;
		if (read[i] >= 0)
			net->unit[i].read = p.buffers[read[i]].data;
	}
	free(p.buffers);
	free(out);
	free(read);
	free(left);
}

/* Training: outputs stay until the way back; gradients live from their first writer to their node. */
static void plan_training(struct net *net)
{
	const struct graph *g = net->g;
	struct pool p = { xmalloc((size_t)g->nodes * 2, sizeof *p.buffers), 0 };
	int *grad = xmalloc((size_t)g->nodes, sizeof *grad), *scratch = xmalloc((size_t)g->nodes, sizeof *scratch);

	for (int i = 0; i < g->nodes; i++)
		grad[i] = scratch[i] = -1;
	grad[g->nodes - 1] = pool_take(&p, batch_size(net, &net->unit[g->nodes - 1]));
	for (int i = g->nodes - 1; i > 0; i--) {
		const struct node *n = &g->node[i];
		struct unit *u = &net->unit[i];

		for (int k = 0; k < n->inputs; k++) {
			int from = n->input[k];

			u->is_first[k] = grad[from] < 0;
			if (from && u->is_first[k])
				grad[from] = pool_take(&p, batch_size(net, &net->unit[from]));
			if (from && n->op != OP_ADD && n->op != OP_AVERAGE && (u->owns_read || !u->is_first[k]))
				scratch[i] = pool_take(&p, batch_size(net, &net->unit[from]));
		}
		p.buffers[grad[i]].used = false;
		if (scratch[i] >= 0)
			p.buffers[scratch[i]].used = false;
	}
	allocate_pool(net, &p);
	for (int i = 0; i < g->nodes; i++) {
		struct unit *u = &net->unit[i];

		u->grad = grad[i] >= 0 ? p.buffers[grad[i]].data : NULL;
		u->scratch = scratch[i] >= 0 ? p.buffers[scratch[i]].data : NULL;
		u->out = floats(net, batch_size(net, u));
		u->z = g->node[i].norm || u->squash.q.on || g->node[i].activation ? floats(net, batch_size(net, u)) : u->out;
		if (u->owns_read)
			u->read = floats(net, batch_size(net, input_of(net, i, 0)));
	}
	free(p.buffers);
	free(grad);
	free(scratch);
}

/* --- building -------------------------------------------------------------------------------- */

/* Which quantiser a layer applies to what it reads.  The image has 8 bits already: nothing is done to it at 8. */
static struct quantiser reading_quantiser(const struct net *net, int layer)
{
	const struct layer *l = &net->g->layer[layer];
	int bits = net->policy ? net->policy->bits[layer].a : 0;

	if (!net->policy || (net->g->node[l->node].input[0] == 0 && bits == BITS_MAX))
		return (struct quantiser){ 0 };
	return quant_activations(bits, net->w->layer[layer].activation_clip, l->input_is_signed);
}

static void choose_fusions(struct net *net)
{
	const struct graph *g = net->g;

	for (int i = 0; i < g->nodes; i++)
		net->unit[i].fused_reader = -1;
	for (int i = 0; i < g->nodes; i++) {
		int from = g->node[i].inputs ? g->node[i].input[0] : -1;

		if (g->node[i].layer < 0 || !reading_quantiser(net, g->node[i].layer).on)
			continue;
		if (g->node[from].layer >= 0 && g->node[from].users == 1)
			net->unit[from].fused_reader = g->node[i].layer;
		else
			net->unit[i].owns_read = true;
	}
}

/* Quantisers follow the clipping ranges, which may learn. */
static void refresh_quantisers(struct net *net)
{
	const struct graph *g = net->g;

	for (int i = 0; i < g->nodes; i++) {
		struct unit *u = &net->unit[i];
		struct quantiser none = { 0 };

		if (g->node[i].layer >= 0)
			u->q = reading_quantiser(net, g->node[i].layer);
		u->squash = ops_squash((int)g->node[i].activation,
		                       u->fused_reader >= 0 ? reading_quantiser(net, u->fused_reader) : none);
	}
}

static struct dnn_shape shape_of(const struct net *net, int i)
{
	const struct node *n = &net->g->node[i], *in = &net->g->node[n->input[0]];

	return (struct dnn_shape){ net->each, in->channels, in->h, in->w, n->channels, n->size, n->stride, n->pad, n->groups };
}

static void build_layer(struct net *net, int i)
{
	const struct node *n = &net->g->node[i];
	const struct layer *l = &net->g->layer[n->layer];
	struct dnn_shape s = shape_of(net, i);
	struct unit *u = &net->unit[i];
	size_t c = (size_t)n->channels, period = ops_period(n->channels);

	u->conv = dnn_conv_new(&s, net->training);
	u->quantised = net->policy ? floats(net, (size_t)l->weights) : net->w->layer[n->layer].weight;
	u->scale = floats(net, period);
	u->shift = floats(net, period);
	if (!net->training)
		return;
	u->a = floats(net, period);
	u->b = floats(net, period);
	u->d = floats(net, period);
	u->inverse = floats(net, c);
	u->mean = floats(net, c);
	u->sums = xmalloc((size_t)net->shards * (2 * c + 1), sizeof *u->sums);
	u->diff_size = (dnn_conv_diff_size(u->conv) + 63) / 64 * 64;
	u->diff = xmalloc((size_t)net->shards, u->diff_size);
	net->bytes += (size_t)net->shards * u->diff_size;
	u->weight_grad = floats(net, (size_t)l->weights);
	u->bias_grad = floats(net, c);
	u->gamma_grad = floats(net, c);
	u->beta_grad = floats(net, c);
}

static void add_param(struct net *net, float *value, float *grad, size_t n, enum param_kind kind)
{
	if (value)
		net->params[net->nparams++] = (struct param){ value, grad, n, kind };
}

static void list_params(struct net *net)
{
	const struct graph *g = net->g;

	net->params = xmalloc((size_t)g->layers * 5, sizeof *net->params);
	for (int i = 0; i < g->layers; i++) {
		struct unit *u = &net->unit[g->layer[i].node];
		struct layer_weights *p = &net->w->layer[i];
		size_t c = (size_t)g->layer[i].cout;

		add_param(net, p->weight, u->weight_grad, (size_t)g->layer[i].weights, PARAM_WEIGHT);
		add_param(net, p->bias, u->bias_grad, c, PARAM_BIAS);
		add_param(net, p->gamma, u->gamma_grad, c, PARAM_NORM);
		add_param(net, p->beta, u->beta_grad, c, PARAM_NORM);
		if (reading_quantiser(net, i).on)
			add_param(net, &p->activation_clip, &u->clip_grad, 1, PARAM_CLIP);
	}
}

static void check_ranges(const struct net *net)
{
	for (int i = 0; net->policy && i < net->g->layers; i++) {
		const struct layer *l = &net->g->layer[i];

		if (!(net->w->layer[i].activation_clip > 0) || !(net->w->layer[i].weight_clip >= 0))
			die("layer '%s' has no clipping range: run quantize on the weights first", l->name);
		if (!quant_has(net->policy->bits[i].a, l->input_is_signed))
			die("layer '%s': %d-bit activations are not defined where they may be negative", l->name, net->policy->bits[i].a);
	}
}

struct net *net_new(const struct graph *g, struct weights *w, const struct policy *p, int batch, int shards, bool training)
{
	struct net *net = xmalloc(1, sizeof *net);

	if (batch % shards)
		BUG("a batch of %d in %d shards", batch, shards);
	*net = (struct net){ .g = g, .w = w, .policy = p, .batch = batch, .shards = shards, .each = batch / shards,
	                     .active = shards, .training = training, .unit = xmalloc((size_t)g->nodes, sizeof *net->unit) };
	check_ranges(net);
	choose_fusions(net);
	refresh_quantisers(net);
	for (int i = 0; i < g->nodes; i++) {
		struct unit *u = &net->unit[i];

		u->size = (size_t)g->node[i].h * (size_t)g->node[i].w * (size_t)g->node[i].channels;
		if (g->node[i].layer >= 0)
			build_layer(net, i);
		if (g->node[i].op == OP_MAX) {
			struct dnn_shape s = shape_of(net, i);

			u->pool = dnn_pool_new(&s, training);
			u->pool_where = xmalloc((size_t)shards, dnn_pool_workspace(u->pool));
		}
	}
	if (training) {
		plan_training(net);
		list_params(net);
	} else {
		plan_inference(net);
	}
	return net;
}

/* --- forward --------------------------------------------------------------------------------- */

/* scale and shift of a node whose statistics, of z and bias, are known: running ones, or those of the batch */
static void fold_norm(struct unit *u, const struct layer_weights *p, int c, const float *mean, const float *variance)
{
	for (int k = 0; k < c; k++) {
		float inverse = p->gamma ? 1 / sqrtf(variance[k] + NORM_EPSILON) : 1;
		float scale = p->gamma ? p->gamma[k] * inverse : 1, bias = p->bias ? p->bias[k] : 0;

		u->scale[k] = scale;
		u->shift[k] = p->gamma ? p->beta[k] - (mean[k] - bias) * scale : bias;
		if (u->inverse) {
			u->inverse[k] = inverse;
			u->mean[k] = p->gamma ? mean[k] - bias : 0;
		}
	}
	for (size_t k = (size_t)c; k < ops_period(c); k++) {
		u->scale[k] = u->scale[k - (size_t)c];
		u->shift[k] = u->shift[k - (size_t)c];
	}
}

void net_prepare(struct net *net)
{
	const struct graph *g = net->g;

	refresh_quantisers(net);
#pragma omp parallel for schedule(dynamic) num_threads(threads())
	for (int i = 0; i < g->layers; i++) {
		struct unit *u = &net->unit[g->layer[i].node];
		struct layer_weights *p = &net->w->layer[i];

		if (net->policy)
			quant_weights(p->weight, (size_t)g->layer[i].weights, net->policy->bits[i].w, p->weight_clip, u->quantised);
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

float *net_input(struct net *net)
{
	return net->unit[0].out;
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

const float *net_logits(const struct net *net)
{
	return net->unit[net->g->nodes - 1].out;
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

struct param *net_params(struct net *net, int *n)
{
	*n = net->nparams;
	return net->params;
}

void net_observe(struct net *net, net_observer *observer, void *context)
{
	net->observer = observer;
	net->context = context;
}

size_t net_bytes(const struct net *net)
{
	return net->bytes;
}
