/*
 * Operators on each number: batch norm, activations, and arithmetic of images with constants and with
 * each other.
 */
#include "onnx/import-inner.h"
#include "model/weights.h"

#include <math.h>
#include <string.h>

/* --- batch norm ------------------------------------------------------------------------------ */

/* A batch norm of another epsilon gets another gamma, so that it computes the same by BATCH_NORM_EPSILON. */
static void adapt_epsilon(const struct import *o, struct layer_weights *w, int channels, float epsilon)
{
	for (int k = 0; k < channels; k++) {
		if (!(w->variance[k] >= 0) || !(epsilon >= 0) || !(w->variance[k] + epsilon > 0))
			refuse(o, "variance %g of channel %d", (double)w->variance[k], k);
		w->gamma[k] *= sqrtf((w->variance[k] + BATCH_NORM_EPSILON) / (w->variance[k] + epsilon));
	}
}

static void batch_norm(struct import *o)
{
	struct value *v = image(o, 0);
	struct node *n = fusible_node(o, v);
	struct layer_weights *w;

	if (attribute_int(o, "training_mode", 0) || !attribute_int(o, "spatial", 1))
		refuse(o, "training_mode or not spatial: expected running statistics, of each channel");
	if (!n || n->layer < 0 || n->batch_norm)
		refuse(o, "expected right behind a convolution or linear layer that nothing else reads");
	w = &layer_of(o, n)->numbers;
	w->gamma = per_channel(o, 1, n->channels);
	w->beta = per_channel(o, 2, n->channels);
	w->mean = per_channel(o, 3, n->channels);
	w->variance = per_channel(o, 4, n->channels);
	adapt_epsilon(o, w, n->channels, attribute_float(o, "epsilon", 1e-5f));
	n->batch_norm = true;
	pass_through(o, v);
}

/* --- activations ----------------------------------------------------------------------------- */

void activate(struct import *o, const struct value *v, enum activation how, bool is_signed)
{
	struct node *open = how <= ACT_RELU6 ? fusible_node(o, v) : NULL,
		    *n = open ? open : add_node_like(o, OP_ACTIVATE, v);

	n->activation = how;
	n->is_signed &= is_signed;
	if (open) {
		pass_through(o, v);
		return;
	}
	connect(o, n, v);
	set_output_like(o, v);
}

static void relu(struct import *o)
{
	activate(o, image(o, 0), ACT_RELU, false);
}

static void sigmoid(struct import *o)
{
	activate(o, image(o, 0), ACT_SIGMOID, false);
}

static void hard_swish(struct import *o)
{
	activate(o, image(o, 0), ACT_HARDSWISH, true);
}

static void hard_sigmoid(struct import *o)
{
	if (fabsf(attribute_float(o, "alpha", 0.2f) - 1 / 6.0f) > 1e-5f ||
	    attribute_float(o, "beta", 0.5f) != 0.5f)
		refuse(o, "expected x / 6 + 1 / 2, as PyTorch's");
	activate(o, image(o, 0), ACT_HARDSIGMOID, false);
}

/* A bound of Clip: an attribute in old files, input k in newer ones; either may be left out. */
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

	if ((v->is_constant && v->tensor.integers) || (!v->is_constant && v->grid.state == QUANTIZED))
		clip_integers(o, v, low, high);
	else if (low == 0 && high == 6 && v->pattern == PLUS_3)
		pass_through(o, image_allowing(o, 0, ALLOW_PATTERN))->pattern = RELU6_PLUS_3;
	else if (low == 0 && high == 6)
		activate(o, image(o, 0), ACT_RELU6, false);
	else if (low == 0 && high > 1e30)
		activate(o, image(o, 0), ACT_RELU, false);
	else
		refuse(o, "bounds %g and %g; expected 0 and 6, or 0 and none", low, high);
}

/* --- hard-swish and hard-sigmoid, where older exporters write x + 3, clip, / 6 --------------- */

/* Whether two values are the output of the same node, through the same quantizer, if any. */
static bool have_same_source(const struct value *a, const struct value *b)
{
	return a->node == b->node && a->grid.state == b->grid.state && a->grid.step == b->grid.step &&
	       a->dims == b->dims;
}

static bool divide_by_6(struct import *o, const struct value *v)
{
	struct value x = *v;

	if (v->pattern != RELU6_PLUS_3 && v->pattern != TIMES_RELU6_PLUS_3)
		return false;
	if (input_value(o, 0) != v)
		refuse(o, "expected the constant behind the images");
	x.pattern = NO_PATTERN; /* the copy's: others may read v */
	activate(o, &x, v->pattern == RELU6_PLUS_3 ? ACT_HARDSIGMOID : ACT_HARDSWISH,
	         v->pattern == TIMES_RELU6_PLUS_3);
	return true;
}

static bool multiply_by_relu6(struct import *o, const struct value *x, const struct value *gate)
{
	if (x->pattern != NO_PATTERN || gate->pattern != RELU6_PLUS_3 || !have_same_source(x, gate))
		return false;
	pass_through(o, x)->pattern = TIMES_RELU6_PLUS_3;
	return true;
}

/* Swish is x sigmoid(x), hard-swish x hardsigmoid(x), where nothing else reads the gate. */
static bool make_swish(struct import *o, const struct value *x, const struct value *gate)
{
	struct node *n = producer(o, gate);
	bool is_hard = n->activation == ACT_HARDSIGMOID, is_gate = is_hard || n->activation == ACT_SIGMOID;
	bool is_plain =
		x->pattern == NO_PATTERN && gate->pattern == NO_PATTERN && gate->grid.state == NOT_QUANTIZED;
	bool is_alike = x->dims == gate->dims && x->is_flat == gate->is_flat &&
	                o->reads_quantized[gate->node] == (x->grid.state != NOT_QUANTIZED);

	if (n->op != OP_ACTIVATE || !is_gate || gate->users != 1 || n->input[0] != x->node || !is_plain ||
	    !is_alike)
		return false;
	n->activation = is_hard ? ACT_HARDSWISH : ACT_SWISH;
	n->is_signed = producer(o, x)->is_signed;
	pass_through(o, gate);
	return true;
}

/* --- with a constant ------------------------------------------------------------------------- */

static bool is_scalar(const struct value *v, double x)
{
	return v->is_constant && v->tensor.count == 1 && fabs(tensor_number(&v->tensor, 0) - x) < 1e-6;
}

static void scale_filter(struct import_layer *l, int channels, float *weight, int k, float x)
{
	size_t each = l->count / (size_t)channels;

	for (size_t i = 0; i < each; i++)
		weight[(size_t)k * each + i] *= x;
	scale_weight_step(l, channels, k, x);
}

static void scale_layer(struct import_layer *l, int channels, const float *factor)
{
	float *weight = xmalloc(l->count, sizeof *weight),
	      *shift = l->numbers.beta ? l->numbers.beta : l->numbers.bias;

	memcpy(weight, l->weight, l->count * sizeof *weight);
	for (int k = 0; k < channels; k++) {
		if (shift)
			shift[k] *= factor[k];
		if (l->numbers.gamma)
			l->numbers.gamma[k] *= factor[k];
		else
			scale_filter(l, channels, weight, k, factor[k]);
	}
	l->weight = weight;
}

static void shift_layer(struct import_layer *l, int channels, const float *by, float sign)
{
	float *shift;

	if (!l->numbers.beta && !l->numbers.bias)
		l->numbers.bias = xmalloc((size_t)channels, sizeof(float));
	shift = l->numbers.beta ? l->numbers.beta : l->numbers.bias;
	for (int k = 0; k < channels; k++)
		shift[k] += sign * by[k];
}

/*
 * The layer right before, which constant c, for each channel or one for all, becomes part of;
 * x: the constant at each channel.
 */
static struct node *layer_before(const struct import *o, const struct value *v, const struct value *c,
                                 float **x)
{
	struct node *n = fusible_node(o, image(o, v != input_value(o, 0)));

	if (!n || n->layer < 0)
		refuse(o, "of a constant and images: expected right behind a layer that nothing else reads");
	*x = xmalloc((size_t)n->channels, sizeof **x);
	if (!along_channels(o, &c->tensor, v->dims, n->channels, *x))
		refuse(o, "a constant of %zu numbers for %d channels; expected one, or one for each: [c]%s",
		       c->tensor.count, n->channels, v->dims == 4 ? "[1][1]" : "");
	return n;
}

static void shift_by(struct import *o, const struct value *v, const struct value *c, float sign)
{
	float *x;
	struct node *n = layer_before(o, v, c, &x);

	shift_layer(layer_of(o, n), n->channels, x, sign);
	pass_through(o, v);
}

static void scale_by(struct import *o, const struct value *v, const struct value *c, bool divides)
{
	float *x;
	struct node *n = layer_before(o, v, c, &x);

	for (int k = 0; divides && k < n->channels; k++)
		x[k] = 1 / x[k];
	scale_layer(layer_of(o, n), n->channels, x);
	pass_through(o, v);
}

/* --- of images with images ------------------------------------------------------------------- */

/* Addition or multiplication; a factor of one pixel is the second input of a multiplication. */
static void combine(struct import *o, enum op op)
{
	struct value *a = image(o, 0), *b = image(o, 1);
	struct node *n, *x = producer(o, a), *y = producer(o, b);

	if (op == OP_MULTIPLY && x->h == 1 && y->h > 1) {
		struct node *swap = x;
		struct value *other = a;

		x = y, y = swap;
		a = b, b = other;
	}
	if (x->channels != y->channels || ((x->h != y->h || x->w != y->w) && (op != OP_MULTIPLY || y->h > 1)))
		refuse(o, "inputs of different shapes: %d x %d x %d and %d x %d x %d", x->channels, x->h,
		       x->w, y->channels, y->h, y->w);
	if (a->dims != b->dims || a->is_flat != b->is_flat)
		refuse(o, "inputs of %d and %d dimensions; expected as many", a->dims, b->dims);
	n = add_node_like(o, op, a);
	n->is_signed |= y->is_signed;
	connect(o, n, a);
	connect(o, n, b);
	set_output_like(o, a);
}

static void add(struct import *o)
{
	struct value *a = input_value(o, 0), *b = input_value(o, 1);

	if (a->is_constant && !b->is_constant) {
		struct value *swap = a;

		a = b, b = swap;
	}
	if (is_scalar(b, 3))
		pass_through(o, image(o, a != input_value(o, 0)))->pattern = PLUS_3;
	else if (b->is_constant)
		shift_by(o, a, b, 1);
	else
		combine(o, OP_ADD);
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
	a = image_allowing(o, 0, ALLOW_PATTERN);
	b = image_allowing(o, 1, ALLOW_PATTERN);
	if (!multiply_by_relu6(o, a, b) && !multiply_by_relu6(o, b, a) && !make_swish(o, a, b) &&
	    !make_swish(o, b, a))
		combine(o, OP_MULTIPLY);
}

const struct operator import_elementwise_operators[] = {
	{ "BatchNormalization", batch_norm },
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
