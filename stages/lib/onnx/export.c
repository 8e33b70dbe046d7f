#include "onnx/export.h"
#include "model/fusion.h"
#include "model/quantizer.h"
#include "onnx/export-inner.h"

#define REVISION 1 /* raise when the numbers change */

/* --- names and constants --------------------------------------------------------------------- */

const char *name_part(const struct node *n, const char *what)
{
	return xprintf("%s/%s", n->name, what);
}

const char *put(struct export *e, const char *op, const char *name, const char *output, const char *inputs)
{
	e->last = onnx_node(e->model, op, name, output, inputs);
	return output;
}

const char *put_floats(struct export *e, const struct layer *l, const char *kind, int ndim,
                       const int64_t *shape, const float *x)
{
	const char *name = xprintf("%s.%s", l->name, kind);

	onnx_constant(e->model, name, ONNX_FLOAT, ndim, shape, x);
	return name;
}

const char *put_per_channel(struct export *e, const struct layer *l, const char *kind, const float *x)
{
	return put_floats(e, l, kind, 1, (const int64_t[]){ l->cout }, x);
}

/* An integer of eight bits, of the type that the layer's input is quantized to. */
static const char *put_byte(struct export *e, const struct layer *l, const char *kind, int value)
{
	const char *name = xprintf("%s.%s", l->name, kind);
	uint8_t *x = xmalloc(1, 1);

	*x = (uint8_t)value;
	onnx_constant(e->model, name, l->input_is_signed ? ONNX_INT8 : ONNX_UINT8, 0, NULL, x);
	return name;
}

/* --- inputs of nodes --------------------------------------------------------------------------- */

/* Input k as images: [n][c][1][1] where it is [n][c]. */
static const char *as_images(struct export *e, const struct node *n, int k)
{
	static const int64_t shape[] = { 0, -1, 1, 1 };
	const struct output *in = &e->output[n->input[k]];

	if (!in->is_flat)
		return in->name;
	if (!e->has_shape)
		onnx_constant(e->model, "/shape", ONNX_INT64, 1, (const int64_t[]){ LEN(shape) }, shape);
	e->has_shape = true;
	return put(e, "Reshape", name_part(n, xprintf("reshape%d", k)), name_part(n, xprintf("images%d", k)),
	           xprintf("%s /shape", in->name));
}

static const char *as_row(struct export *e, const struct node *n)
{
	const struct output *in = &e->output[n->input[0]];

	return in->is_flat ? in->name
	                   : put(e, "Flatten", name_part(n, "flatten"), name_part(n, "row"), in->name);
}

/* The input x of a layer, quantized and dequantized, where the layer quantizes it. */
static const char *put_quantizer(struct export *e, const struct node *n, const char *x)
{
	const struct layer *l = &e->graph->layer[n->layer];
	struct quantizer q = fusion_input_quantizer(e->graph, e->weights, e->policy, n->layer);
	const char *scale, *zero, *low, *top;
	float *step;
	int high;

	if (!q.on)
		return x;
	high = (1 << (e->policy->bits[n->layer].a - l->input_is_signed)) - 1;
	step = xmalloc(1, sizeof *step);
	*step = q.step;
	scale = put_floats(e, l, "activation_scale", 0, NULL, step);
	zero = put_byte(e, l, "activation_zero", 0);
	x = put(e, "QuantizeLinear", name_part(n, "quantize"), name_part(n, "integers"),
	        xprintf("%s %s %s", x, scale, zero));
	if (l->input_is_signed || high < UINT8_MAX) {
		low = put_byte(e, l, "activation_low", l->input_is_signed ? -high : 0);
		top = put_byte(e, l, "activation_high", high);
		x = put(e, "Clip", name_part(n, "clip"), name_part(n, "clipped"),
		        xprintf("%s %s %s", x, low, top));
	}
	return put(e, "DequantizeLinear", name_part(n, "dequantize"), name_part(n, "read"),
	           xprintf("%s %s %s", x, scale, zero));
}

/* --- nodes ------------------------------------------------------------------------------------- */

static const char *put_relu6(struct export *e, const char *name, const char *output, const char *x)
{
	static const float six = 6, zero = 0;

	if (!e->has_bounds) {
		onnx_constant(e->model, "/0", ONNX_FLOAT, 0, NULL, &zero);
		onnx_constant(e->model, "/6", ONNX_FLOAT, 0, NULL, &six);
	}
	e->has_bounds = true;
	return put(e, "Clip", name, output, xprintf("%s /0 /6", x));
}

static const char *put_activation(struct export *e, const char *name, const char *output, enum activation how,
                                  const char *x)
{
	bool is_product = how == ACT_HARDSWISH || how == ACT_SWISH,
	     is_hard = how == ACT_HARDSWISH || how == ACT_HARDSIGMOID;
	const char *gate = is_product ? xprintf("%s/gate", name) : output;

	if (how == ACT_NONE)
		return x;
	if (how == ACT_RELU)
		return put(e, "Relu", name, output, x);
	if (how == ACT_RELU6)
		return put_relu6(e, name, output, x);
	put(e, is_hard ? "HardSigmoid" : "Sigmoid", name, gate, x);
	if (is_hard) {
		onnx_set_float(e->last, "alpha", 1 / 6.0f);
		onnx_set_float(e->last, "beta", 0.5f);
	}
	return is_product ? put(e, "Mul", xprintf("%s/product", name), output, xprintf("%s %s", x, gate))
	                  : output;
}

/* The activation that is part of a node, of what the node computes so far. */
static const char *put_own_activation(struct export *e, const struct node *n, const char *x)
{
	return put_activation(e, name_part(n, "activation"), name_part(n, "activated"), n->activation, x);
}

static const char *put_batch_norm(struct export *e, const struct node *n, const char *x)
{
	const struct layer *l = &e->graph->layer[n->layer];
	const struct layer_weights *w = &e->weights->layer[n->layer];
	const char *variance = put_per_channel(e, l, "variance", w->variance),
		   *mean = put_per_channel(e, l, "mean", w->mean),
		   *beta = put_per_channel(e, l, "beta", w->beta),
		   *gamma = put_per_channel(e, l, "gamma", w->gamma);

	x = put(e, "BatchNormalization", name_part(n, "norm"), name_part(n, "normalised"),
	        xprintf("%s %s %s %s %s", x, gamma, beta, mean, variance));
	onnx_set_float(e->last, "epsilon", BATCH_NORM_EPSILON);
	return x;
}

/* Attributes of a window; pads: above, left, below, right. */
static void set_window(struct export *e, const struct node *n)
{
	onnx_set_ints(e->last, "kernel_shape", 2, (const int64_t[]){ n->size, n->size });
	onnx_set_ints(e->last, "strides", 2, (const int64_t[]){ n->stride, n->stride });
	onnx_set_ints(e->last, "pads", 4, (const int64_t[]){ n->pad, n->pad, n->pad_end, n->pad_end });
	if (n->op != OP_CONV)
		return;
	onnx_set_ints(e->last, "dilations", 2, (const int64_t[]){ n->dilation, n->dilation });
	onnx_set_int(e->last, "group", n->groups);
}

static const char *put_layer(struct export *e, const struct node *n)
{
	const struct layer *l = &e->graph->layer[n->layer];
	const struct layer_weights *w = &e->weights->layer[n->layer];
	bool is_folded = e->folds && w->gamma, is_conv = n->op == OP_CONV;
	float *factor = is_folded ? xmalloc((size_t)l->cout, sizeof *factor) : NULL;
	float *shift = is_folded ? xmalloc((size_t)l->cout, sizeof *shift) : w->bias;
	const char *x, *weight, *bias = "";

	if (is_folded)
		fold_batch_norm(e, n, factor, shift);
	x = put_quantizer(e, n, is_conv ? as_images(e, n, 0) : as_row(e, n));
	weight = put_weights(e, n, factor);
	if (shift)
		bias = put_per_channel(e, l, "bias", shift);
	x = put(e, is_conv ? "Conv" : "Gemm", n->name, name_part(n, "sum"),
	        xprintf("%s %s %s", x, weight, bias));
	if (is_conv)
		set_window(e, n);
	else
		onnx_set_int(e->last, "transB", 1);
	if (w->gamma && !is_folded)
		x = put_batch_norm(e, n, x);
	return put_own_activation(e, n, x);
}

/* Add, Mul or Concat: rows stay rows where all inputs are; else all become images. */
static const char *put_joint(struct export *e, const struct node *n, const char *op, bool is_flat)
{
	const char *x = "", *name = name_part(n, "result");

	for (int k = 0; k < n->inputs; k++)
		x = xprintf("%s%s%s", x, k ? " " : "",
		            is_flat ? e->output[n->input[k]].name : as_images(e, n, k));
	put(e, op, n->name, name, x);
	if (n->op == OP_CONCAT)
		onnx_set_int(e->last, "axis", 1);
	return put_own_activation(e, n, name);
}

static const char *put_pool(struct export *e, const struct node *n)
{
	const char *op = n->op == OP_MAX ? "MaxPool" : n->size ? "AveragePool" : "GlobalAveragePool";
	const char *x = put(e, op, n->name, name_part(n, "result"), as_images(e, n, 0));

	if (n->size)
		set_window(e, n);
	return x;
}

static struct output put_node(struct export *e, const struct node *n)
{
	bool is_flat = n->inputs > 0;

	for (int k = 0; k < n->inputs; k++)
		is_flat = is_flat && e->output[n->input[k]].is_flat;
	switch (n->op) {
	case OP_INPUT: return (struct output){ "image", false };
	case OP_CONV: return (struct output){ put_layer(e, n), false };
	case OP_LINEAR: return (struct output){ put_layer(e, n), true };
	case OP_ADD: return (struct output){ put_joint(e, n, "Add", is_flat), is_flat };
	case OP_MULTIPLY: return (struct output){ put_joint(e, n, "Mul", is_flat), is_flat };
	case OP_CONCAT: return (struct output){ put_joint(e, n, "Concat", is_flat), is_flat };
	case OP_ACTIVATE:
		return (struct output){ put_activation(e, n->name, name_part(n, "result"), n->activation,
			                               e->output[n->input[0]].name),
			                is_flat };
	case OP_MAX:
	case OP_AVERAGE: return (struct output){ put_pool(e, n), false };
	}
	BUG("node '%s' of kind %d", n->name, n->op);
}

static void put_network(struct export *e)
{
	const struct graph *g = e->graph;
	const struct node *image = &g->node[0], *end = &g->node[g->nodes - 1];

	if (end->h != 1 || end->w != 1)
		die("%s: the last node, '%s', gives %d x %d; expected 1 x 1, as a classifier", g->path,
		    end->name, end->h, end->w);
	onnx_input(e->model, "image", 4, (const int64_t[]){ 0, image->channels, image->h, image->w });
	e->output = xmalloc((size_t)g->nodes, sizeof *e->output);
	for (int i = 0; i < g->nodes; i++)
		e->output[i] = put_node(e, &g->node[i]);
	if (!e->output[g->nodes - 1].is_flat)
		put(e, "Flatten", name_part(end, "flatten-out"), "", e->output[g->nodes - 1].name);
	onnx_rename_output(e->last, "logits");
	onnx_output(e->model, "logits", 2, (const int64_t[]){ 0, end->channels });
}

/* --- properties -------------------------------------------------------------------------------- */

static void put_bits(struct export *e, int layer)
{
	const struct layer *l = &e->graph->layer[layer];
	const struct policy *p = e->policy;
	char *digits;

	onnx_property(e->model, xprintf("bits.%s", l->name),
	              xprintf("%d/%d", p->bits[layer].w, p->bits[layer].a));
	if (!fusion_input_quantizer(e->graph, e->weights, p, layer).on)
		onnx_property(e->model, xprintf("clip.%s", l->name),
		              xprintf("%.9g", (double)e->weights->layer[layer].activation_clip));
	if (!p->kernels)
		return;
	digits = xmalloc((size_t)l->cout + 1, 1);
	for (int k = 0; k < l->cout; k++)
		digits[k] = (char)('0' + policy_kernel_bits(p, layer, k));
	onnx_property(e->model, xprintf("kernels.%s", l->name), digits);
}

/* Mean or std of the image, one number for each channel. */
static void put_pixels(struct export *e, const char *kind, const float *x)
{
	char *text = xstrdup("");

	for (int k = 0; k < e->graph->node[0].channels; k++)
		text = xprintf(k ? "%s,%.9g" : "%s%.9g", text, (double)x[k]);
	onnx_property(e->model, xprintf("%s.image", kind), text);
}

struct onnx_writer *onnx_export(const struct graph *g, const struct weights *w, const struct policy *p,
                                bool folds)
{
	struct export e = {
		.graph = g, .weights = w, .policy = p, .folds = folds, .model = onnx_begin("haq")
	};

	put_network(&e);
	for (int i = 0; p && i < g->layers; i++)
		put_bits(&e, i);
	if (w->image_mean) {
		put_pixels(&e, "mean", w->image_mean);
		put_pixels(&e, "std", w->image_std);
	}
	return e.model;
}
