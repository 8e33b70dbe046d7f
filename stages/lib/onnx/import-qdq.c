/*
 * Operators that quantize images and weights, QuantizeLinear and DequantizeLinear, and what they say of
 * the layers that read those.
 */
#include "onnx/import-inner.h"

#include <math.h>
#include <string.h>

static struct grid read_grid(const struct import *o, int type)
{
	const struct tensor *scale = constant(o, 1), *zero = has_input(o, 2) ? constant(o, 2) : NULL;
	struct grid g = { .step = scale->floats, .steps = (int)scale->count };
	int64_t axis = attribute_int(o, "axis", 1);

	if (attribute_int(o, "block_size", 0))
		refuse(o, "block_size; expected a scale, or one for each channel");
	if (axis < -TENSOR_DIMS || axis >= TENSOR_DIMS)
		refuse(o, "axis %jd", (intmax_t)axis);
	g.axis = (int)axis;
	if (!scale->floats || !scale->count || scale->count > SIDE_MAX)
		refuse(o, "scale '%.80s': expected a float, or one for each channel", o->current->input[1]);
	for (size_t i = 0; i < scale->count; i++)
		if (!(scale->floats[i] > 0) || !isfinite(scale->floats[i]))
			refuse(o, "scale %g; expected a positive number", (double)scale->floats[i]);
	for (size_t i = 0; zero && i < zero->count; i++)
		if (tensor_number(zero, i) != 0)
			refuse(o, "zero point %g; expected 0: only symmetric quantizers are known",
			       tensor_number(zero, i));
	g.type = zero ? zero->type : type;
	if (zero && zero->floats)
		refuse(o, "integers of another type than 8 bits");
	g.low = g.type == ONNX__TENSOR_PROTO__DATA_TYPE__INT8 ? INT8_MIN : 0;
	g.high = g.type == ONNX__TENSOR_PROTO__DATA_TYPE__INT8 ? INT8_MAX : UINT8_MAX;
	return g;
}

static void expect_bytes(const struct import *o, const struct grid *g)
{
	if (g->type != ONNX__TENSOR_PROTO__DATA_TYPE__INT8 && g->type != ONNX__TENSOR_PROTO__DATA_TYPE__UINT8)
		refuse(o, "integers of type %d; expected int8 or uint8", g->type);
}

/* The step of element i of a constant. */
static float step_of(const struct import *o, const struct grid *g, const struct tensor *t, size_t i)
{
	int axis = g->axis < 0 ? g->axis + t->ndim : g->axis;
	size_t inner = 1;

	if (g->steps == 1)
		return g->step[0];
	if (axis < 0 || axis >= t->ndim || t->shape[axis] != g->steps)
		refuse(o, "%d scales do not fit along axis %d of a constant", g->steps, axis);
	for (int k = axis + 1; k < t->ndim; k++)
		inner *= (size_t)t->shape[k];
	return g->step[i / inner % (size_t)g->steps];
}

/* A QuantizeLinear of a constant: exporters leave weights so. */
static void quantize_constant(struct import *o, struct tensor t, const struct grid *g)
{
	int64_t *x = xmalloc(t.count, sizeof *x);

	if (!t.floats)
		refuse(o, "reads integers; expected floats");
	for (size_t i = 0; i < t.count; i++) {
		float at = t.floats[i] / step_of(o, g, &t, i);

		x[i] = at > (float)g->low ? at < (float)g->high ? (int64_t)rintf(at) : g->high : g->low;
	}
	t.floats = NULL;
	t.integers = x;
	t.type = g->type;
	set_output_constant(o, t);
}

static void quantize(struct import *o)
{
	/* opset 21: the type where no zero point has one */
	int64_t type = attribute_int(o, "output_dtype", 0);
	struct grid g = read_grid(o, type ? (int)type : ONNX__TENSOR_PROTO__DATA_TYPE__UINT8);
	struct value *v = input_value(o, 0);

	expect_bytes(o, &g);
	if (v->is_constant) {
		quantize_constant(o, v->tensor, &g);
		return;
	}
	v = image_allowing(o, 0, ALLOW_PADDED);
	if ((v->pad[0] || v->pad[1]) && v->padding != 0)
		refuse(o, "reads images padded by %g; expected 0", (double)v->padding);
	if (g.steps != 1)
		refuse(o, "%d scales for images; expected one", g.steps);
	if (v->grid.state != NOT_QUANTIZED && v->grid.step[0] != g.step[0])
		refuse(o, "images quantized twice, by scales %g and %g", (double)v->grid.step[0],
		       (double)g.step[0]);
	if (v->grid.state != NOT_QUANTIZED) { /* what the first one cut off stays cut off */
		g.low = v->grid.low > g.low ? v->grid.low : g.low;
		g.high = v->grid.high < g.high ? v->grid.high : g.high;
	}
	g.state = QUANTIZED;
	pass_through(o, v)->grid = g;
}

void clip_integers(struct import *o, const struct value *v, double low, double high)
{
	int64_t *x;
	struct tensor t = v->tensor;
	struct grid *g;

	if (!(low <= high) || !(low < 1e15) || !(high > -1e15))
		refuse(o, "bounds %g and %g leave no integers", low, high);
	if (!v->is_constant) {
		g = &pass_through(o, image_allowing(o, 0, ALLOW_PADDED | ALLOW_INTEGERS))->grid;
		if (low > g->high || high < g->low)
			refuse(o, "bounds %g and %g leave no integers", low, high);
		g->low = low > g->low ? (int)ceil(low) : g->low;
		g->high = high < g->high ? (int)floor(high) : g->high;
		return;
	}
	x = xmalloc(t.count, sizeof *x);
	for (size_t i = 0; i < t.count; i++)
		x[i] = (double)t.integers[i] < low    ? (int64_t)low
		       : (double)t.integers[i] > high ? (int64_t)high
		                                      : t.integers[i];
	t.integers = x;
	set_output_constant(o, t);
}

static void dequantize_constant(struct import *o, struct tensor t)
{
	struct grid g = read_grid(o, t.type);
	float *x = xmalloc(t.count, sizeof *x);

	if (!t.integers)
		refuse(o, "reads floats; expected integers");
	for (size_t i = 0; i < t.count; i++)
		x[i] = (float)t.integers[i] * step_of(o, &g, &t, i);
	g.axis += g.axis < 0 ? t.ndim : 0;
	g.state = DEQUANTIZED;
	t.integers = NULL;
	t.floats = x;
	t.type = 0;
	set_output_constant(o, t)->grid = g;
}

/*
 * Integers without a sign, of images that may be negative: exporters made a Relu part of the quantizer,
 * and here it becomes part of the node.  The network's input is the exception: its 8 bits stay as they are.
 */
static void clip_at_zero(struct import *o, struct value v)
{
	struct node *n;

	v.grid.state = NOT_QUANTIZED;
	v.pad[0] = v.pad[1] = 0; /* zeros: quantize() saw to it */
	n = fusible_node(o, &v);
	if (!o->node[v.node].is_signed || v.node == 0)
		return;
	if (!n)
		refuse(o, "integers without a sign, of images that may be negative; expected int8");
	n->activation = ACT_RELU;
	n->is_signed = false;
}

static void dequantize(struct import *o)
{
	struct value *v = input_value(o, 0);
	struct grid g;

	if (v->is_constant) {
		dequantize_constant(o, v->tensor);
		return;
	}
	g = read_grid(o, v->grid.type);
	v = image_allowing(o, 0, ALLOW_PADDED | ALLOW_INTEGERS);
	if (v->grid.state != QUANTIZED)
		refuse(o, "reads images that are no integers; expected a QuantizeLinear before it");
	if (g.steps != 1 || g.step[0] != v->grid.step[0] || g.type != v->grid.type)
		refuse(o, "scale or type is not that of the QuantizeLinear before it");
	if (v->grid.low >= 0)
		clip_at_zero(o, *v);
	pass_through(o, v)->grid.state = DEQUANTIZED;
}

float clip_of_step(float step, int levels)
{
	float clip = step * (float)levels,
	      tries[] = { clip, nextafterf(clip, 0), nextafterf(clip, INFINITY) };

	for (size_t i = 0; i < LEN(tries); i++)
		if (tries[i] / (float)levels == step)
			return tries[i];
	return clip;
}

/* The bits of a layer, by quantizer.h: integers have no sign where the images have none. */
void set_input_quantizer(const struct import *o, const struct node *n, const struct value *v)
{
	const struct grid *g = &v->grid;
	struct import_layer *l = layer_of(o, n);
	bool is_signed = g->low < 0, may_be_negative = producer(o, v)->is_signed;
	int bits = 1;

	if (g->state == NOT_QUANTIZED)
		return;
	while (bits < BITS_MAX && (1 << bits) - 1 < g->high)
		bits++;
	if ((1 << bits) - 1 != g->high || (is_signed && g->low != -g->high && g->low != -g->high - 1) ||
	    g->low > 0)
		refuse(o, "reads integers from %d to %d; expected 0 to 2^b - 1, or as many below 0 as above",
		       g->low, g->high);
	l->numbers.activation_clip = clip_of_step(g->step[0], g->high);
	l->activation_bits = may_be_negative && is_signed ? bits + 1 : bits;
	if (may_be_negative && !is_signed && bits != BITS_MAX)
		refuse(o, "reads images of %d bits without a sign; expected 8, or int8", bits);
}

void set_weight_steps(const struct import *o, const struct node *n, const struct value *weight, int axis)
{
	const struct grid *g = &weight->grid;
	struct import_layer *l = layer_of(o, n);

	if (g->state == NOT_QUANTIZED)
		return;
	if (g->steps > 1 && g->axis != axis)
		refuse(o, "scales of the weights along axis %d; expected %d, a scale for each output channel",
		       g->axis, axis);
	l->steps = g->steps;
	l->step = xmalloc((size_t)n->channels, sizeof *l->step);
	memcpy(l->step, g->step, (size_t)l->steps * sizeof *l->step);
}

void scale_weight_step(struct import_layer *l, int channels, int k, float x)
{
	for (int i = 1; l->steps == 1 && i < channels; i++)
		l->step[i] = l->step[0];
	if (!l->step)
		return;
	l->steps = channels;
	l->step[k] *= fabsf(x);
}

struct grid transposed_grid(const struct import *o, const struct value *v)
{
	int64_t perm[TENSOR_DIMS];
	int count = ints_of(o, "perm", 0, perm, LEN(perm));
	struct grid g = v->grid;

	for (int i = 0; i < v->tensor.ndim; i++)
		if ((count ? perm[i] : v->tensor.ndim - 1 - i) == v->grid.axis)
			g.axis = i;
	return g;
}

const struct operator import_qdq_operators[] = {
	{ "QuantizeLinear", quantize },
	{ "DequantizeLinear", dequantize },
	{ NULL },
};
