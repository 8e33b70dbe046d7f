/* Norms, functions of each number, and arithmetic of images with constants and with each other. */
#include "onnx/import.h"
#include "model/weights.h"

#include <math.h>
#include <string.h>

/* --- norms ----------------------------------------------------------------------------------- */

static void norm(struct import *o)
{
	struct value *v = image(o, 0);
	struct made *m = open_node(o, v);
	float epsilon = attribute_float(o, "epsilon", 1e-5f);

	if (attribute_int(o, "training_mode", 0) || !attribute_int(o, "spatial", 1))
		refuse(o, "training_mode or not spatial: expected running statistics, of each channel");
	if (!m || !m->is_layer || m->gamma)
		refuse(o, "expected right behind a convolution or linear layer that nothing else reads");
	m->gamma = per_channel(o, 1, m->channels);
	m->beta = per_channel(o, 2, m->channels);
	m->mean = per_channel(o, 3, m->channels);
	m->variance = per_channel(o, 4, m->channels);
	for (int k = 0; k < m->channels; k++) {
		if (!(m->variance[k] >= 0) || !(epsilon >= 0) || !(m->variance[k] + epsilon > 0))
			refuse(o, "variance %g of channel %d", (double)m->variance[k], k);
		m->gamma[k] *= sqrtf((m->variance[k] + BATCH_NORM_EPSILON) / (m->variance[k] + epsilon));
	}
	pass(o, v);
}

/* --- functions of each number ---------------------------------------------------------------- */

/* Part of the node that makes it where it can be, else a node of its own. */
void activate(struct import *o, const struct value *v, const char *kind, bool is_signed)
{
	struct made *open = strncmp(kind, "relu", 4) ? NULL : open_node(o, v),
		    *m = open ? open : make_like(o, "activate", v);

	m->activation = kind;
	m->is_signed &= is_signed;
	if (open) {
		pass(o, v);
		return;
	}
	read_from(o, m, v);
	result_like(o, v);
}

static void relu(struct import *o)
{
	activate(o, image(o, 0), "relu", false);
}

static void sigmoid(struct import *o)
{
	activate(o, image(o, 0), "sigmoid", false);
}

static void hard_swish(struct import *o)
{
	activate(o, image(o, 0), "hardswish", true);
}

static void hard_sigmoid(struct import *o)
{
	if (fabsf(attribute_float(o, "alpha", 0.2f) - 1 / 6.0f) > 1e-5f ||
	    attribute_float(o, "beta", 0.5f) != 0.5f)
		refuse(o, "expected x / 6 + 1 / 2, as PyTorch's");
	activate(o, image(o, 0), "hardsigmoid", false);
}

/* Bounds: attributes in old files, inputs in newer ones; either may be left out. */
static double bound(const struct import *o, size_t k, const char *name, double otherwise)
{
	if (!has_input(o, k))
		return (double)attribute_float(o, name, (float)otherwise);
	if (constant(o, k)->count != 1)
		refuse(o, "a bound of %zu numbers", constant(o, k)->count);
	return tensor_number(constant(o, k), 0);
}

static void clip(struct import *o)
{
	double low = bound(o, 1, "min", -INFINITY), high = bound(o, 2, "max", INFINITY);
	struct value *v = input_value(o, 0);

	if ((v->is_constant && v->tensor.integers) || (!v->is_constant && v->grid.state == AS_INTEGERS))
		clip_integers(o, v, low, high);
	else if (low == 0 && high == 6 && v->pattern == PLUS_3)
		pass(o, image_but(o, 0, PATTERN))->pattern = RELU6_PLUS_3;
	else if (low == 0 && high == 6)
		activate(o, image(o, 0), "relu6", false);
	else if (low == 0 && high > 1e30)
		activate(o, image(o, 0), "relu", false);
	else
		refuse(o, "bounds %g and %g; expected 0 and 6, or 0 and none", low, high);
}

/* --- hard-swish and hard-sigmoid, where older exporters write x + 3, clip, / 6 --------------- */

/* The same output of ours, read through the same quantizer, if any. */
static bool is_of_the_same(const struct value *a, const struct value *b)
{
	return a->made == b->made && a->grid.state == b->grid.state && a->grid.step == b->grid.step &&
	       a->dims == b->dims;
}

static bool divide_by_6(struct import *o, const struct value *v)
{
	struct value x = *v;

	if (v->pattern != RELU6_PLUS_3 && v->pattern != TIMES_RELU6_PLUS_3)
		return false;
	if (input_value(o, 0) != v)
		refuse(o, "expected the constant behind the images");
	x.pattern = AS_IT_IS; /* our copy: others may read v */
	activate(o, &x, v->pattern == RELU6_PLUS_3 ? "hardsigmoid" : "hardswish",
	         v->pattern == TIMES_RELU6_PLUS_3);
	return true;
}

static bool multiply_by_relu6(struct import *o, const struct value *x, const struct value *gate)
{
	if (x->pattern != AS_IT_IS || gate->pattern != RELU6_PLUS_3 || !is_of_the_same(x, gate))
		return false;
	pass(o, x)->pattern = TIMES_RELU6_PLUS_3;
	return true;
}

/* x sigmoid(x) or x hardsigmoid(x), where nothing else reads the sigmoid. */
static bool make_swish(struct import *o, const struct value *x, const struct value *gate)
{
	struct made *m = made_of(o, gate);
	bool is_hard = !strcmp(m->activation, "hardsigmoid"),
	     is_gate = is_hard || !strcmp(m->activation, "sigmoid");
	bool is_plain = x->pattern == AS_IT_IS && gate->pattern == AS_IT_IS && gate->grid.state == NO_GRID;
	bool is_alike = x->dims == gate->dims && x->is_flat == gate->is_flat &&
	                m->reads_grid == (x->grid.state != NO_GRID);

	if (strcmp(m->op, "activate") || !is_gate || gate->users != 1 || m->input[0] != x->made ||
	    !is_plain || !is_alike)
		return false;
	m->activation = is_hard ? "hardswish" : "swish";
	m->is_signed = made_of(o, x)->is_signed;
	pass(o, gate);
	return true;
}

/* --- with a constant ------------------------------------------------------------------------- */

static bool is_scalar(const struct value *v, double x)
{
	return v->is_constant && v->tensor.count == 1 && fabs(tensor_number(&v->tensor, 0) - x) < 1e-6;
}

static void scale_filter(struct made *m, float *weight, int k, float x)
{
	size_t each = m->count / (size_t)m->channels;

	for (size_t i = 0; i < each; i++)
		weight[(size_t)k * each + i] *= x;
	scale_step(m, k, x);
}

static void scale_layer(struct made *m, const float *factor)
{
	float *weight = xmalloc(m->count, sizeof *weight), *shift = m->beta ? m->beta : m->bias;

	memcpy(weight, m->weight, m->count * sizeof *weight);
	for (int k = 0; k < m->channels; k++) {
		if (shift)
			shift[k] *= factor[k];
		if (m->gamma)
			m->gamma[k] *= factor[k];
		else
			scale_filter(m, weight, k, factor[k]);
	}
	m->weight = weight;
}

static void shift_layer(struct made *m, const float *by, float sign)
{
	float *shift;

	if (!m->beta && !m->bias)
		m->bias = xmalloc((size_t)m->channels, sizeof *m->bias);
	shift = m->beta ? m->beta : m->bias;
	for (int k = 0; k < m->channels; k++)
		shift[k] += sign * by[k];
}

/*
 * The layer before, of which a constant for each channel, or one for all, becomes part;
 * x: the constant, at each channel.
 */
static struct made *layer_before(const struct import *o, const struct value *v, const struct value *c,
                                 float **x)
{
	struct made *m = open_node(o, image(o, v != input_value(o, 0)));

	if (!m || !m->is_layer)
		refuse(o, "of a constant and images: expected right behind a layer that nothing else reads");
	*x = xmalloc((size_t)m->channels, sizeof **x);
	if (!along_channels(o, &c->tensor, v->dims, m->channels, *x))
		refuse(o, "a constant of %zu numbers for %d channels; expected one, or one for each: [c]%s",
		       c->tensor.count, m->channels, v->dims == 4 ? "[1][1]" : "");
	return m;
}

static void shift_by(struct import *o, const struct value *v, const struct value *c, float sign)
{
	float *x;
	struct made *m = layer_before(o, v, c, &x);

	shift_layer(m, x, sign);
	pass(o, v);
}

static void scale_by(struct import *o, const struct value *v, const struct value *c, bool divides)
{
	float *x;
	struct made *m = layer_before(o, v, c, &x);

	for (int k = 0; divides && k < m->channels; k++)
		x[k] = 1 / x[k];
	scale_layer(m, x);
	pass(o, v);
}

/* --- of two ---------------------------------------------------------------------------------- */

static void of_two(struct import *o, const char *op)
{
	struct value *a = image(o, 0), *b = image(o, 1);
	struct made *m, *x = made_of(o, a), *y = made_of(o, b);

	if (!strcmp(op, "multiply") && x->h == 1 && y->h > 1) {
		struct made *swap = x;
		struct value *other = a;

		x = y, y = swap;
		a = b, b = other;
	}
	if (x->channels != y->channels ||
	    ((x->h != y->h || x->w != y->w) && (strcmp(op, "multiply") || y->h > 1)))
		refuse(o, "inputs of different shapes: %d x %d x %d and %d x %d x %d", x->channels, x->h,
		       x->w, y->channels, y->h, y->w);
	if (a->dims != b->dims || a->is_flat != b->is_flat)
		refuse(o, "inputs of %d and %d dimensions; expected as many", a->dims, b->dims);
	m = make_like(o, op, a);
	m->is_signed |= y->is_signed;
	read_from(o, m, a);
	read_from(o, m, b);
	result_like(o, a);
}

static void add(struct import *o)
{
	struct value *a = input_value(o, 0), *b = input_value(o, 1);

	if (a->is_constant && !b->is_constant) {
		struct value *swap = a;

		a = b, b = swap;
	}
	if (is_scalar(b, 3))
		pass(o, image(o, a != input_value(o, 0)))->pattern = PLUS_3;
	else if (b->is_constant)
		shift_by(o, a, b, 1);
	else
		of_two(o, "add");
}

static void subtract(struct import *o)
{
	if (!input_value(o, 1)->is_constant)
		refuse(o, "expected a constant");
	shift_by(o, input_value(o, 0), input_value(o, 1), -1);
}

static void divide(struct import *o)
{
	struct value *a = input_value(o, 0), *b = input_value(o, 1);

	if (is_scalar(b, 6) && divide_by_6(o, a))
		return;
	if (!b->is_constant)
		refuse(o, "expected a constant");
	scale_by(o, a, b, true);
}

static void multiply(struct import *o)
{
	struct value *a = input_value(o, 0), *b = input_value(o, 1);

	if (a->is_constant || b->is_constant) {
		struct value *c = a->is_constant ? a : b, *v = a->is_constant ? b : a;

		if (!is_scalar(c, 1 / 6.0) || !divide_by_6(o, v))
			scale_by(o, v, c, false);
		return;
	}
	a = image_but(o, 0, PATTERN);
	b = image_but(o, 1, PATTERN);
	if (!multiply_by_relu6(o, a, b) && !multiply_by_relu6(o, b, a) && !make_swish(o, a, b) &&
	    !make_swish(o, b, a))
		of_two(o, "multiply");
}

const struct operator onnx_import_elementwise[] = {
	{ "BatchNormalization", norm },
	{ "Relu", relu },
	{ "Clip", clip },
	{ "Sigmoid", sigmoid },
	{ "HardSigmoid", hard_sigmoid },
	{ "HardSwish", hard_swish },
	{ "Add", add },
	{ "Sub", subtract },
	{ "Mul", multiply },
	{ "Div", divide },
	{ NULL },
};
