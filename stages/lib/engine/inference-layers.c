#include "engine/inference-inner.h"
#include "model/fusion.h"

#include <stdlib.h>

/* The type of a quantizer's integers; without one numbers stay float32. */
static enum number bytes_of(struct quantizer q)
{
	return !q.on ? NUMBER_F32 : q.low < 0 ? NUMBER_S8 : NUMBER_U8;
}

static struct conv_shape shape_of(const struct inference *net, int i)
{
	const struct node *n = &net->g->node[i], *in = &net->g->node[n->input[0]];

	return (struct conv_shape){ net->node[i].each, in->channels, in->h,     in->w,
		                    n->channels,       n->size,      n->stride, n->pad,
		                    n->pad_end,        n->dilation,  n->groups };
}

/* A layer to be built, with its weights and bits. */
struct source {
	const struct layer *l;
	int index; /* the layer's */
	const struct layer_weights *w;
	const struct policy *p;
	struct conv_shape shape;
	float *scale, *shift; /* [cout] batch norm or bias */
};

/* The convolution of float32 numbers, and batch norm or bias after it, where that is not part of it. */
static void build_float_layer(struct inference_node *node, const struct source *s)
{
	float *weights = xmalloc((size_t)s->l->weights, sizeof *weights);
	struct conv_shape shape = s->shape;
	size_t period = ops_period(s->l->cout);

	weights_quantize(s->w, s->l, s->p, s->index, weights);
	if (node->type != NUMBER_F32)
		shape.n = 1;
	node->conv = conv_new(&shape, CONV_FORWARD, FLOAT32);
	conv_set_weights(node->conv, weights);
	node->scale = xmalloc(period, sizeof *node->scale);
	node->shift = xmalloc(period, sizeof *node->shift);
	ops_repeat(s->scale, s->l->cout, node->scale);
	ops_repeat(s->shift, s->l->cout, node->shift);
	free(weights);
}

/* In full precision batch norm is part of the weights, and the rest of the convolution. */
static void build_folded_layer(struct inference_node *node, const struct source *s)
{
	size_t n = (size_t)s->l->weights, each = n / (size_t)s->l->cout;
	float *weights = xmalloc(n, sizeof *weights);

	for (size_t i = 0; i < n; i++)
		weights[i] = s->w->weight[i] * s->scale[i / each];
	node->conv = conv_new_biased(&s->shape, s->shift, node->output.low, node->output.high);
	conv_set_weights(node->conv, weights);
	free(weights);
}

/* A layer whose sums are in steps of input times weights, and its output, where that is bytes, in its own. */
static void build_integer_layer(struct inference_node *node, const struct source *s)
{
	int8_t *integers = xmalloc((size_t)s->l->weights, 1);
	float *step = xmalloc((size_t)s->l->cout, sizeof *step);
	float per_step = node->output.q.on ? 1 / node->output.q.step : 1;

	weights_to_integers(s->w, s->l, s->p, s->index, integers, step);
	for (int k = 0; k < s->l->cout; k++) {
		s->scale[k] *= node->input_quantizer.step * step[k] * per_step;
		s->shift[k] *= per_step;
	}
	node->integer = conv_int8_new(&s->shape, int8_input_of(node->input_quantizer), node->type, integers,
	                              (struct rescale){ s->scale, s->shift, node->output.low * per_step,
	                                                node->output.high * per_step });
	free(integers);
	free(step);
}

void inference_build_layer(struct inference *net, int i, const struct weights *weights,
                           const struct policy *p)
{
	const struct graph *g = net->g;
	int reader = fusion_reader(g, weights, p, i), layer = g->node[i].layer;
	size_t cout = (size_t)g->layer[layer].cout;
	struct source s = { &g->layer[layer],
		            layer,
		            &weights->layer[layer],
		            p,
		            shape_of(net, i),
		            xmalloc(cout, sizeof(float)),
		            xmalloc(cout, sizeof(float)) };
	struct inference_node *node = &net->node[i];
	struct quantizer fused = { 0 };

	node->input_quantizer = fusion_input_quantizer(g, weights, p, layer);
	node->quantizes_input = fusion_quantizes_own_input(g, weights, p, i);
	if (reader >= 0)
		fused = fusion_input_quantizer(g, weights, p, reader);
	node->output = activation_quantizer_of((int)g->node[i].activation, fused);
	node->type = net->how == INTEGERS ? bytes_of(fused) : NUMBER_F32;
	weights_fold(s.w, s.l->cout, s.w->mean, s.w->variance, s.scale, s.shift);
	if (!p)
		build_folded_layer(node, &s);
	else if (net->how == INTEGERS && node->input_quantizer.on)
		build_integer_layer(node, &s);
	else
		build_float_layer(node, &s);
	free(s.scale);
	free(s.shift);
}

void inference_build_other(struct inference *net, int i)
{
	const struct node *n = &net->g->node[i];
	struct inference_node *node = &net->node[i];
	struct conv_shape s;

	node->type = NUMBER_F32;
	node->output = activation_quantizer_of(n->op == OP_ACTIVATE ? ACT_NONE : (int)n->activation,
	                                       (struct quantizer){ 0 });
	if (n->op != OP_MAX && !(n->op == OP_AVERAGE && n->size))
		return;
	s = shape_of(net, i);
	node->pool = pool_new(&s, n->op == OP_MAX ? POOL_MAX : POOL_AVERAGE, false);
}
