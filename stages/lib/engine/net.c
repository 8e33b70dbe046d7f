#include "engine/buffers.h"
#include "engine/net-inner.h"
#include "model/fusion.h"

#include <math.h>
#include <stdlib.h>

#define REVISION 1 /* raise when the numbers change */

#define TILE_BYTES (1 << 19) /* half of the second-level cache of most CPUs */

/* --- buffers --------------------------------------------------------------------------------- */

static void *bytes(struct net *net, size_t n)
{
	net->bytes += n;
	return xmalloc(n, 1);
}

static float *floats(struct net *net, size_t n)
{
	return bytes(net, n * sizeof(float));
}

/* Inference: an output lives until its last reader has run. */
static void plan_inference(struct net *net)
{
	const struct graph *g = net->g;
	size_t *bytes = xmalloc(2 * (size_t)g->nodes, sizeof *bytes);
	struct place *place = xmalloc(2 * (size_t)g->nodes, sizeof *place);

	for (int i = 0; i < g->nodes; i++)
		bytes[i] = batch_size(net, &net->unit[i]) * sizeof(float);
	net->bytes += buffers_inference(g, 1, bytes, bytes + g->nodes, NULL, place, place + g->nodes);
	for (int i = 0; i < g->nodes; i++)
		net->unit[i].z.data = net->unit[i].out = place[i].data;
	free(bytes);
	free(place);
}

/*
 * The gradient of an addition without activation is that of its inputs;
 * one that it alone reads needs no copy.
 */
static bool shares_grad(const struct net *net, int i, int k)
{
	const struct node *n = &net->g->node[i], *in = &net->g->node[n->input[k]];

	return n->op == OP_ADD && n->activation == ACT_NONE && in->layer >= 0 && in->users == 1 &&
	       n->input[0] != n->input[1] && !(k == 1 && shares_grad(net, i, 0));
}

/* Whose only reader is a layer, so that nothing is ever added to it. */
static bool has_half_grad(const struct net *net, int i)
{
	for (int k = i + 1; net->is_half && net->unit[i].is_lazy && k < net->g->nodes; k++)
		if (net->g->node[k].layer >= 0 && net->g->node[k].input[0] == i)
			return true;
	return false;
}

/* Training: results stay until the way back; gradients live from their first writer to their node. */
static void plan_training(struct net *net)
{
	const struct graph *g = net->g;
	struct buffers b = buffers_plan(2 * g->nodes);
	int *grad = xmalloc((size_t)g->nodes, sizeof *grad);

	for (int i = 0; i < g->nodes; i++) {
		grad[i] = -1;
		net->unit[i].grad.format = has_half_grad(net, i) ? BFLOAT16 : FLOAT32;
		net->unit[i].z.format = net->is_half && g->node[i].batch_norm ? BFLOAT16 : FLOAT32;
	}
	grad[g->nodes - 1] = buffers_take(&b, batch_size(net, &net->unit[g->nodes - 1]) * sizeof(float));
	for (int i = g->nodes - 1; i > 0; i--) {
		const struct node *n = &g->node[i];
		struct unit *u = &net->unit[i];
		bool is_shared = false;

		u->is_first = xmalloc((size_t)n->inputs, sizeof *u->is_first);
		for (int k = 0; k < n->inputs; k++) {
			struct unit *in = &net->unit[n->input[k]];

			u->is_first[k] = grad[n->input[k]] < 0;
			in->shares_grad = shares_grad(net, i, k);
			is_shared |= in->shares_grad;
			if (in->shares_grad)
				grad[n->input[k]] = grad[i];
			else if (n->input[k] && u->is_first[k])
				grad[n->input[k]] =
					buffers_take(&b, batch_size(net, in) * storage_size(in->grad.format));
		}
		if (!is_shared)
			buffers_release(&b, grad[i]);
	}
	net->bytes += buffers_allocate(&b, 1);
	for (int i = 0; i < g->nodes; i++) {
		struct unit *u = &net->unit[i];

		u->grad.data = grad[i] >= 0 ? b.all[grad[i]].data : NULL;
		u->z.data = g->node[i].layer >= 0 ? bytes(net, batch_size(net, u) * storage_size(u->z.format))
		                                  : NULL;
		u->out = u->is_lazy ? NULL : floats(net, batch_size(net, u));
	}
	buffers_forget(&b);
	free(grad);
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* Of each thread, for the largest tile there is. */
static void plan_workspace(struct net *net)
{
	size_t x = 0, z = 0, dx = 0, diff = 0;

	for (int i = 1; i < net->g->nodes; i++) {
		const struct unit *u = &net->unit[i];
		const struct depthwise *d = &u->depthwise;
		size_t in = (size_t)(d->w_in * d->c), out = (size_t)(d->w_out * d->c);

		x = larger(x, u->by_rows ? DEPTHWISE_SIDE * in : u->reads);
		for (int k = 1; k < net->g->node[i].inputs; k++)
			x = larger(x, u->count / u->size * input_of(net, i, k)->size);
		z = larger(z, u->by_rows ? DEPTHWISE_SIDE * out : u->count);
		dx = larger(dx, u->by_rows ? in : u->reads);
		diff = larger(diff, u->taps ? 0 : u->diff_size);
	}
	net->workspace = xmalloc((size_t)threads(), sizeof *net->workspace);
	for (int t = 0; t < threads(); t++) {
		struct workspace *ws = &net->workspace[t];

		ws->x = floats(net, x);
		ws->dz = floats(net, larger(z, x));
		if (!net->training)
			continue;
		ws->z = net->is_half ? floats(net, z) : NULL;
		ws->dx = floats(net, dx);
		ws->diff = bytes(net, diff + 64);
	}
}

/* --- building -------------------------------------------------------------------------------- */

void net_refresh_quantizers(struct net *net)
{
	const struct graph *g = net->g;

	for (int i = 0; i < g->nodes; i++) {
		struct unit *u = &net->unit[i];
		struct quantizer none = { 0 };

		if (g->node[i].layer >= 0)
			u->q = fusion_input_quantizer(g, net->w, net->policy, g->node[i].layer);
		u->squash = ops_squash(
			g->node[i].op == OP_ACTIVATE ? ACT_NONE : (int)g->node[i].activation,
			u->fused_reader >= 0 ? fusion_input_quantizer(g, net->w, net->policy, u->fused_reader)
					     : none);
	}
}

/* The largest divisor of n that is not above most. */
static size_t divisor(size_t n, size_t most)
{
	size_t d = most < 1 ? 1 : most < n ? most : n;

	while (n % d)
		d--;
	return d;
}

static bool is_pointwise(const struct node *n)
{
	return n->layer >= 0 && n->size == 1 && n->stride == 1;
}

static struct conv_shape shape_of_images(const struct net *net, int i, int images)
{
	const struct node *n = &net->g->node[i], *in = &net->g->node[n->input[0]];

	return (struct conv_shape){ images,    in->channels, in->h,      in->w,       n->channels, n->size,
		                    n->stride, n->pad,       n->pad_end, n->dilation, n->groups };
}

static bool is_depthwise(const struct net *net, int i)
{
	struct conv_shape s;

	if (net->g->node[i].op != OP_CONV)
		return false;
	s = shape_of_images(net, i, 1);
	return depthwise_can(&s);
}

/*
 * How a shard is cut into tiles.  Layers whose weights are larger than a tile take more: weights
 * are read for each.
 */
static void cut(struct net *net, int i)
{
	const struct node *n = &net->g->node[i];
	struct unit *u = &net->unit[i];
	size_t in = i ? input_of(net, i, 0)->size : 0, each = (size_t)net->each,
	       area = (size_t)n->h * (size_t)n->w, tile;

	if (is_pointwise(n)) {
		size_t weights = (size_t)net->g->layer[n->layer].weights * sizeof(float);

		tile = divisor(each * area,
		               larger(TILE_BYTES, weights) / ((in + u->size) / area * sizeof(float)));
		u->count = tile * u->size / area;
		u->reads = tile * in / area;
		u->tiles = (int)(each * area / tile);
		return;
	}
	u->by_rows = u->taps && (in + u->size) * sizeof(float) > TILE_BYTES / 2;
	tile = u->by_rows ? 1 : divisor(each, TILE_BYTES / ((in + u->size) * sizeof(float)));
	u->count = tile * u->size;
	u->reads = tile * in;
	u->tiles = (int)(each / tile);
}

/* Of a tile; the pixels of a 1 x 1 convolution are one image, as high as there are pixels. */
static struct conv_shape shape_of(const struct net *net, int i)
{
	const struct node *n = &net->g->node[i], *in = &net->g->node[n->input[0]];
	int count = (int)(net->unit[i].count / (size_t)n->channels), images = count / (n->h * n->w);

	if (is_pointwise(n))
		return (struct conv_shape){
			1, in->channels, count, 1, n->channels, 1, 1, 0, 0, 1, n->groups
		};
	return shape_of_images(net, i, images);
}

static void build_integer(struct net *net, int i, const struct conv_shape *s)
{
	struct unit *u = &net->unit[i];
	size_t cout = (size_t)s->cout, weights = (size_t)net->g->layer[net->g->node[i].layer].weights;
	float *ones, *zeros;

	if (!net->training || !u->q.on || !conv_has_int8_products() || !conv_int8_fits(s))
		return;
	u->integers = bytes(net, weights);
	ones = xmalloc(cout, sizeof *ones);
	zeros = xmalloc(cout, sizeof *zeros);
	for (size_t k = 0; k < cout; k++)
		ones[k] = 1;
	u->integer = conv_int8_new(s, u->q.low < 0 ? NUMBER_S8 : NUMBER_U8, NUMBER_F32, u->integers, ones,
	                           zeros, -INFINITY, INFINITY);
	free(ones);
	free(zeros);
}

/*
 * What is quantized must be so to the bit: in bfloat16 only where results come from integers, and
 * these are of gradients.  The image and the logits, where errors are everybody's, stay as they are.
 */
static enum format operands(const struct net *net, int i)
{
	const struct node *n = &net->g->node[i];

	return net->is_half && n->op == OP_CONV && n->input[0] && (net->unit[i].integer || !net->policy) &&
	                       conv_has_bf16_products()
	               ? BFLOAT16
	               : FLOAT32;
}

static void build_conv(struct net *net, int i)
{
	struct conv_shape s = shape_of(net, i);
	struct unit *u = &net->unit[i];

	if (u->taps) {
		u->depthwise = depthwise_of(&s);
		u->diff_size = (size_t)(DEPTHWISE_TAPS * s.cin) * sizeof(float);
		return;
	}
	build_integer(net, i, &s);
	u->operands = operands(net, i);
	u->conv = conv_new(&s, net->training, u->operands);
	u->diff_size = net->training ? (conv_diff_size(u->conv) + 63) / 64 * 64 : 0;
}

static void build_layer(struct net *net, int i)
{
	const struct node *n = &net->g->node[i];
	const struct layer *l = &net->g->layer[n->layer];
	struct unit *u = &net->unit[i];
	size_t c = (size_t)n->channels, period = ops_period(n->channels);

	build_conv(net, i);
	u->quantized = net->policy ? floats(net, (size_t)l->weights) : net->w->layer[n->layer].weight;
	u->unit = floats(net, c);
	for (size_t k = 0; k < c; k++)
		u->unit[k] = 1;
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
	u->diff = bytes(net, (size_t)net->shards * u->diff_size);
	u->weight_grad = floats(net, (size_t)l->weights);
	u->bias_grad = floats(net, c);
	u->gamma_grad = floats(net, c);
	u->beta_grad = floats(net, c);
}

static void build_pool(struct net *net, int i)
{
	struct unit *u = &net->unit[i];
	struct conv_shape s = shape_of(net, i);

	u->pool = pool_new(&s, net->g->node[i].op == OP_MAX ? POOL_MAX : POOL_AVERAGE, net->training);
	u->pool_where = bytes(net, (size_t)(net->shards * u->tiles) * pool_workspace(u->pool));
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
		if (fusion_input_quantizer(g, net->w, net->policy, i).on)
			add_param(net, &p->activation_clip, &u->clip_grad, 1, PARAM_CLIP);
	}
}

struct net *net_new(const struct graph *g, struct weights *w, const struct policy *p, int batch, int shards,
                    enum net_use use)
{
	struct net *net = xmalloc(1, sizeof *net);

	if (batch % shards)
		BUG("a batch of %d in %d shards", batch, shards);
	*net = (struct net){ .g = g,
		             .w = w,
		             .policy = p,
		             .batch = batch,
		             .shards = shards,
		             .each = batch / shards,
		             .active = shards,
		             .training = use != NET_INFERENCE,
		             .is_half = use == NET_TRAINING_HALF,
		             .unit = xmalloc((size_t)g->nodes, sizeof *net->unit) };
	fusion_check_ranges(g, w, p);
	for (int i = 0; i < g->nodes; i++)
		net->unit[i].fused_reader = fusion_reader(g, w, p, i);
	for (int i = 0; i < g->nodes; i++)
		net->unit[i].owns_read = fusion_quantizes_own_input(g, w, p, i);
	net_refresh_quantizers(net);
	for (int i = 0; i < g->nodes; i++) {
		struct unit *u = &net->unit[i];

		u->size = (size_t)g->node[i].h * (size_t)g->node[i].w * (size_t)g->node[i].channels;
		u->is_lazy = g->node[i].layer >= 0 && g->node[i].users == 1;
		if (is_depthwise(net, i))
			u->taps = floats(net, DEPTHWISE_TAPS * (size_t)g->node[i].channels);
		cut(net, i);
		if (g->node[i].layer >= 0)
			build_layer(net, i);
		if (g->node[i].op == OP_MAX || (g->node[i].op == OP_AVERAGE && g->node[i].size))
			build_pool(net, i);
	}
	if (net->training) {
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
	size_t most = 0;

	for (int i = 1; i < net->g->nodes; i++)
		most = larger(most, net->unit[i].reads);
	if (!net->observed)
		net->observed = floats(net, most);
	net->observer = observer;
	net->context = context;
}

void net_on_statistics(struct net *net, net_statistics *call, void *context)
{
	net->on_statistics = call;
	net->context = context;
}

size_t net_bytes(const struct net *net)
{
	return net->bytes;
}
