#include "net-inner.h"

#include <stdlib.h>

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

void net_refresh_quantisers(struct net *net)
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
	net_refresh_quantisers(net);
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

float *net_input(struct net *net)
{
	return net->unit[0].out;
}

const float *net_logits(const struct net *net)
{
	return net->unit[net->g->nodes - 1].out;
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
