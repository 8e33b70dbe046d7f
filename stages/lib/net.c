#include "buffers.h"
#include "net-inner.h"
#include "reading.h"

#include <stdlib.h>

#define CHUNK_BYTES (1 << 19)   /* half of the second-level cache of most CPUs */

/* --- buffers --------------------------------------------------------------------------------- */

static float *floats(struct net *net, size_t n)
{
	net->bytes += n * sizeof(float);
	return xmalloc(n, sizeof(float));
}

/* Inference: an output lives until its last reader has run. */
static void plan_inference(struct net *net)
{
	const struct graph *g = net->g;
	size_t *bytes = xmalloc(2 * (size_t)g->nodes, sizeof *bytes);
	struct place *place = xmalloc(2 * (size_t)g->nodes, sizeof *place);

	for (int i = 0; i < g->nodes; i++)
		bytes[i] = batch_size(net, &net->unit[i]) * sizeof(float);
	net->bytes += buffers_inference(g, 1, bytes, bytes + g->nodes, place, place + g->nodes);
	for (int i = 0; i < g->nodes; i++)
		net->unit[i].out = net->unit[i].z = place[i].data;
	free(bytes);
	free(place);
}

/* The gradient of an addition without activation is that of its inputs; one that it alone reads needs no copy. */
static bool shares_grad(const struct net *net, int i, int k)
{
	const struct node *n = &net->g->node[i], *in = &net->g->node[n->input[k]];

	return n->op == OP_ADD && n->activation == ACT_NONE && in->layer >= 0 && in->users == 1 && n->input[0] != n->input[1] &&
	       !(k == 1 && shares_grad(net, i, 0));
}

/* Training: results stay until the way back; gradients live from their first writer to their node. */
static void plan_training(struct net *net)
{
	const struct graph *g = net->g;
	struct buffers b = buffers_plan(2 * g->nodes);
	int *grad = xmalloc((size_t)g->nodes, sizeof *grad);

	for (int i = 0; i < g->nodes; i++)
		grad[i] = -1;
	grad[g->nodes - 1] = buffers_take(&b, batch_size(net, &net->unit[g->nodes - 1]) * sizeof(float));
	for (int i = g->nodes - 1; i > 0; i--) {
		const struct node *n = &g->node[i];
		struct unit *u = &net->unit[i];
		bool is_shared = false;

		for (int k = 0; k < n->inputs; k++) {
			struct unit *in = &net->unit[n->input[k]];

			u->is_first[k] = grad[n->input[k]] < 0;
			in->shares_grad = shares_grad(net, i, k);
			is_shared |= in->shares_grad;
			if (in->shares_grad)
				grad[n->input[k]] = grad[i];
			else if (n->input[k] && u->is_first[k])
				grad[n->input[k]] = buffers_take(&b, batch_size(net, in) * sizeof(float));
		}
		if (!is_shared)
			buffers_release(&b, grad[i]);
	}
	net->bytes += buffers_allocate(&b, 1);
	for (int i = 0; i < g->nodes; i++) {
		struct unit *u = &net->unit[i];

		u->grad = grad[i] >= 0 ? b.all[grad[i]].data : NULL;
		u->z = g->node[i].layer >= 0 ? floats(net, batch_size(net, u)) : NULL;
		u->out = u->is_lazy ? NULL : floats(net, batch_size(net, u));
	}
	buffers_forget(&b);
	free(grad);
}

/* Of each thread, for the largest chunk there is. */
static void plan_workspace(struct net *net)
{
	size_t x = 0, dz = 0, diff = 0;

	for (int i = 1; i < net->g->nodes; i++) {
		const struct unit *u = &net->unit[i];
		size_t in = (size_t)u->chunk * input_of(net, i, 0)->size, out = (size_t)u->chunk * u->size;

		x = in > x ? in : x;
		dz = out > dz ? out : dz;
		diff = u->diff_size > diff ? u->diff_size : diff;
	}
	net->workspace = xmalloc((size_t)threads(), sizeof *net->workspace);
	for (int t = 0; t < threads(); t++) {
		net->workspace[t] = (struct workspace){ floats(net, x), floats(net, dz > x ? dz : x), NULL, NULL };
		if (!net->training)
			continue;
		net->workspace[t].dx = floats(net, x);
		net->workspace[t].diff = xmalloc(diff + 64, 1);
		net->bytes += diff + 64;
	}
}

/* --- building -------------------------------------------------------------------------------- */

void net_refresh_quantisers(struct net *net)
{
	const struct graph *g = net->g;

	for (int i = 0; i < g->nodes; i++) {
		struct unit *u = &net->unit[i];
		struct quantiser none = { 0 };

		if (g->node[i].layer >= 0)
			u->q = reading_quantiser(g, net->w, net->policy, g->node[i].layer);
		u->squash = ops_squash((int)g->node[i].activation,
		                       u->fused_reader >= 0 ? reading_quantiser(g, net->w, net->policy, u->fused_reader) : none);
	}
}

/* As many images as stay in the cache while a layer works on them, dividing a shard. */
static int chunk_of(const struct net *net, int i)
{
	size_t each = (input_of(net, i, 0)->size + net->unit[i].size) * sizeof(float);
	int chunk = net->each;

	while (chunk > 1 && ((size_t)chunk * each > CHUNK_BYTES || net->each % chunk))
		chunk--;
	return chunk;
}

static struct dnn_shape shape_of(const struct net *net, int i)
{
	const struct node *n = &net->g->node[i], *in = &net->g->node[n->input[0]];

	return (struct dnn_shape){ net->unit[i].chunk, in->channels, in->h, in->w, n->channels, n->size, n->stride, n->pad, n->groups };
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
	u->clips = xmalloc((size_t)net->shards, sizeof *u->clips);
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
		if (reading_quantiser(g, net->w, net->policy, i).on)
			add_param(net, &p->activation_clip, &u->clip_grad, 1, PARAM_CLIP);
	}
}

struct net *net_new(const struct graph *g, struct weights *w, const struct policy *p, int batch, int shards, bool training)
{
	struct net *net = xmalloc(1, sizeof *net);

	if (batch % shards)
		BUG("a batch of %d in %d shards", batch, shards);
	*net = (struct net){ .g = g, .w = w, .policy = p, .batch = batch, .shards = shards, .each = batch / shards,
	                     .active = shards, .training = training, .unit = xmalloc((size_t)g->nodes, sizeof *net->unit) };
	check_ranges(g, w, p);
	for (int i = 0; i < g->nodes; i++)
		net->unit[i].fused_reader = fused_reader(g, w, p, i);
	for (int i = 0; i < g->nodes; i++)
		net->unit[i].owns_read = quantises_for_itself(g, w, p, i);
	net_refresh_quantisers(net);
	for (int i = 0; i < g->nodes; i++) {
		struct unit *u = &net->unit[i];

		u->size = (size_t)g->node[i].h * (size_t)g->node[i].w * (size_t)g->node[i].channels;
		u->is_lazy = g->node[i].layer >= 0 && g->node[i].users == 1;
		u->chunk = i ? chunk_of(net, i) : net->each;
		if (g->node[i].layer >= 0)
			build_layer(net, i);
		if (g->node[i].op == OP_MAX) {
			struct dnn_shape s = shape_of(net, i);

			u->pool = dnn_pool_new(&s, training);
			u->pool_where = xmalloc((size_t)(batch / u->chunk), dnn_pool_workspace(u->pool));
		}
	}
	if (training) {
		plan_training(net);
		list_params(net);
	} else {
		plan_inference(net);
	}
	plan_workspace(net);
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
