#include "engine/net-inner.h"
#include "model/fusion.h"

#include <math.h>
#include <stdlib.h>

#define REVISION 1 /* raise when the numbers change */

#define TILE_BYTES (1 << 19) /* half of the second-level cache of most CPUs */

void net_refresh_quantizers(struct net *net)
{
	const struct graph *g = net->g;

	for (int i = 0; i < g->nodes; i++) {
		struct net_node *node = &net->node[i];
		struct quantizer fused = { 0 };

		if (g->node[i].layer >= 0)
			node->input_quantizer =
				fusion_input_quantizer(g, net->w, net->policy, g->node[i].layer);
		if (node->fused_reader >= 0)
			fused = fusion_input_quantizer(g, net->w, net->policy, node->fused_reader);
		node->output = activation_quantizer_of(
			g->node[i].op == OP_ACTIVATE ? ACT_NONE : (int)g->node[i].activation, fused);
		node->output.learns_step = net->clips.lsq;
	}
}

/* --- tiles ------------------------------------------------------------------------------------ */

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
 * Cuts a shard into tiles.  Those of 1 x 1 convolutions are as large as their weights, which are read for
 * each, if that is more than TILE_BYTES.
 */
static void cut(struct net *net, int i)
{
	const struct node *n = &net->g->node[i];
	struct net_node *node = &net->node[i];
	size_t in = i ? input_of(net, i, 0)->size : 0, each = (size_t)net->each,
	       area = (size_t)n->h * (size_t)n->w, tile;

	if (is_pointwise(n)) {
		size_t weights = (size_t)net->g->layer[n->layer].weights * sizeof(float);

		tile = divisor(each * area, (weights > TILE_BYTES ? weights : TILE_BYTES) /
		                                    ((in + node->size) / area * sizeof(float)));
		node->tile_out = tile * node->size / area;
		node->tile_in = tile * in / area;
		node->tiles = (int)(each * area / tile);
		return;
	}
	node->by_rows = node->taps && (in + node->size) * sizeof(float) > TILE_BYTES / 2;
	tile = node->by_rows ? 1 : divisor(each, TILE_BYTES / ((in + node->size) * sizeof(float)));
	node->tile_out = tile * node->size;
	node->tile_in = tile * in;
	node->tiles = (int)(each / tile);
}

/* The shape of a tile; the pixels of a 1 x 1 convolution are one image, as high as there are pixels. */
static struct conv_shape shape_of(const struct net *net, int i)
{
	const struct node *n = &net->g->node[i], *in = &net->g->node[n->input[0]];
	int count = (int)(net->node[i].tile_out / (size_t)n->channels), images = count / (n->h * n->w);

	if (is_pointwise(n))
		return (struct conv_shape){
			1, in->channels, count, 1, n->channels, 1, 1, 0, 0, 1, n->groups
		};
	return shape_of_images(net, i, images);
}

/* --- building --------------------------------------------------------------------------------- */

/* Sums of integers as they are: factors and bounds that do nothing. */
static void build_integer(struct net *net, int i, const struct conv_shape *s)
{
	struct net_node *node = &net->node[i];
	float *ones, *zeros;

	if (!net->has_statistics || !node->input_quantizer.on || !conv_int8_fits(s))
		return;
	node->integers = net_alloc(net, (size_t)net->g->layer[net->g->node[i].layer].weights);
	ones = xmalloc((size_t)s->cout, sizeof *ones);
	zeros = xmalloc((size_t)s->cout, sizeof *zeros);
	for (int k = 0; k < s->cout; k++)
		ones[k] = 1;
	node->integer = conv_int8_new(s, int8_input_of(node->input_quantizer), NUMBER_F32, node->integers,
	                              (struct rescale){ ones, zeros, -INFINITY, INFINITY });
	free(ones);
	free(zeros);
}

/*
 * Operands may be bfloat16 where the CPU multiplies these faster, but what is quantized must be so to the
 * bit: only where results come from integers, and the operands are those of gradients.  The image and the
 * logits, whose errors all layers share, stay float32.
 */
static enum format operands_of(const struct net *net, int i)
{
	const struct node *n = &net->g->node[i];

	return net->is_half && n->op == OP_CONV && n->input[0] && (net->node[i].integer || !net->policy) &&
	                       conv_has_bf16_products()
	               ? BFLOAT16
	               : FLOAT32;
}

static void build_conv(struct net *net, int i)
{
	struct conv_shape s = shape_of(net, i);
	struct net_node *node = &net->node[i];

	if (node->taps) {
		node->depthwise = depthwise_of(&s);
		node->diff_size = (size_t)DEPTHWISE_TAPS * (size_t)s.cin * sizeof(float);
		return;
	}
	build_integer(net, i, &s);
	node->operands = operands_of(net, i);
	node->conv = conv_new(&s,
	                      !net->training  ? CONV_FORWARD
	                      : node->integer ? CONV_BACKWARD
	                                      : CONV_BOTH,
	                      node->operands);
	node->diff_size = net->training ? (conv_diff_size(node->conv) + 63) / 64 * 64 : 0;
}

/* Memory that a layer needs to learn. */
static void build_gradients(struct net *net, struct net_node *node, const struct layer *l)
{
	size_t c = (size_t)l->cout, period = ops_period(l->cout);

	node->a = net_alloc_floats(net, period);
	node->b = net_alloc_floats(net, period);
	node->d = net_alloc_floats(net, period);
	node->inverse = net_alloc_floats(net, c);
	node->mean = net_alloc_floats(net, c);
	node->clips = xmalloc((size_t)net->shards, sizeof *node->clips);
	node->diff = net_alloc(net, (size_t)net->shards * node->diff_size);
	node->weight_grad = net_alloc_floats(net, (size_t)l->weights);
	node->bias_grad = net_alloc_floats(net, c);
	node->gamma_grad = net_alloc_floats(net, c);
	node->beta_grad = net_alloc_floats(net, c);
}

static void build_layer(struct net *net, int i)
{
	int layer = net->g->node[i].layer;
	const struct layer *l = &net->g->layer[layer];
	struct net_node *node = &net->node[i];
	size_t period = ops_period(l->cout);

	build_conv(net, i);
	node->quantized =
		net->policy ? net_alloc_floats(net, (size_t)l->weights) : net->w->layer[layer].weight;
	node->step = net_alloc_floats(net, (size_t)l->cout);
	for (int k = 0; k < l->cout; k++)
		node->step[k] = 1;
	node->scale = net_alloc_floats(net, period);
	node->shift = net_alloc_floats(net, period);
	if (net->has_statistics)
		node->sums = xmalloc((size_t)net->shards * (2 * (size_t)l->cout + 1), sizeof *node->sums);
	if (net->training)
		build_gradients(net, node, l);
}

static void build_pool(struct net *net, int i)
{
	struct net_node *node = &net->node[i];
	struct conv_shape s = shape_of(net, i);

	node->pool = pool_new(&s, net->g->node[i].op == OP_MAX ? POOL_MAX : POOL_AVERAGE, net->training);
	node->pool_where =
		net_alloc(net, (size_t)net->shards * (size_t)node->tiles * pool_workspace(node->pool));
}

static void build_node(struct net *net, int i)
{
	const struct node *n = &net->g->node[i];
	struct net_node *node = &net->node[i];

	node->size = (size_t)n->h * (size_t)n->w * (size_t)n->channels;
	node->is_lazy = n->layer >= 0 && n->users == 1;
	if (is_depthwise(net, i))
		node->taps = net_alloc_floats(net, DEPTHWISE_TAPS * (size_t)n->channels);
	cut(net, i);
	if (n->layer >= 0)
		build_layer(net, i);
	if (n->op == OP_MAX || (n->op == OP_AVERAGE && n->size))
		build_pool(net, i);
}

static void add_param(struct net *net, float *value, float *grad, size_t n, enum param_kind kind)
{
	if (value)
		net->params[net->nparams++] = (struct param){ value, grad, n, kind };
}

static void list_params(struct net *net)
{
	const struct graph *g = net->g;

	net->params = xmalloc((size_t)g->layers * 6, sizeof *net->params);
	for (int i = 0; i < g->layers; i++) {
		struct net_node *node = &net->node[g->layer[i].node];
		struct layer_weights *p = &net->w->layer[i];
		size_t c = (size_t)g->layer[i].cout;

		add_param(net, p->weight, node->weight_grad, (size_t)g->layer[i].weights, PARAM_WEIGHT);
		add_param(net, p->bias, node->bias_grad, c, PARAM_BIAS);
		add_param(net, p->gamma, node->gamma_grad, c, PARAM_BATCH_NORM);
		add_param(net, p->beta, node->beta_grad, c, PARAM_BATCH_NORM);
		if (fusion_input_quantizer(g, net->w, net->policy, i).on)
			add_param(net, &p->activation_clip, &node->clip_grad, 1, PARAM_CLIP);
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
		             .training = use == NET_TRAINING || use == NET_TRAINING_HALF,
		             .has_statistics = use != NET_INFERENCE,
		             .is_half = use == NET_TRAINING_HALF,
		             .node = xmalloc((size_t)g->nodes, sizeof *net->node) };
	fusion_check_ranges(g, w, p);
	for (int i = 0; i < g->nodes; i++) {
		net->node[i].fused_reader = fusion_reader(g, w, p, i);
		net->node[i].quantizes_input = fusion_quantizes_own_input(g, w, p, i);
	}
	net_refresh_quantizers(net);
	for (int i = 0; i < g->nodes; i++)
		build_node(net, i);
	net_plan(net);
	if (net->training)
		list_params(net);
	return net;
}

/* --- a view from outside ----------------------------------------------------------------------- */

float *net_input(struct net *net)
{
	return net->node[0].out;
}

const float *net_logits(const struct net *net)
{
	return net->node[net->g->nodes - 1].out;
}

struct param *net_params(struct net *net, int *n)
{
	*n = net->nparams;
	return net->params;
}

void net_learn_clips(struct net *net, struct net_clips how)
{
	const struct graph *g = net->g;

	net->clips = how;
	net_refresh_quantizers(net);
	for (int i = 0; net->policy && how.weights && i < g->layers; i++) {
		struct net_node *node = &net->node[g->layer[i].node];
		struct layer_weights *p = &net->w->layer[i];

		node->weight_clip_grad = net_alloc_floats(net, (size_t)p->weight_clips);
		add_param(net, p->weight_clip, node->weight_clip_grad, (size_t)p->weight_clips,
		          PARAM_WEIGHT_CLIP);
	}
}

void net_freeze_statistics(struct net *net)
{
	net->is_frozen = true;
}

void net_observe(struct net *net, net_observer *observer, void *context)
{
	size_t most = 0;

	for (int i = 1; i < net->g->nodes; i++)
		most = net->node[i].tile_in > most ? net->node[i].tile_in : most;
	if (!net->observed)
		net->observed = net_alloc_floats(net, most);
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
