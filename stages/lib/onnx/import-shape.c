/* Operators that change the form of images and not their numbers, and what joins them. */
#include "onnx/import-inner.h"

#include <string.h>

/* Concat joins images, or rows of numbers of one pixel each, along channels. */
static void concat(struct import *o)
{
	struct value *first = image(o, 0);
	int64_t axis = attribute_int(o, "axis", 1);
	struct node *n;

	if (axis != 1 && axis != 1 - first->dims)
		refuse(o, "axis %jd; expected 1, along channels", (intmax_t)axis);
	if (o->current->n_input == 1) {
		pass_through(o, first);
		return;
	}
	n = add_node_like(o, OP_CONCAT, first);
	n->channels = 0;
	for (size_t k = 0; k < o->current->n_input; k++) {
		struct value *v = image(o, k);
		const struct node *in = producer(o, v);

		if (in->h != n->h || in->w != n->w || v->is_flat || v->dims != first->dims)
			refuse(o, "inputs of different shapes: %d x %d and %d x %d in %d and %d dimensions",
			       n->h, n->w, in->h, in->w, first->dims, v->dims);
		n->channels += in->channels;
		n->is_signed |= in->is_signed;
		connect(o, n, v);
	}
	if (n->channels > SIDE_MAX)
		refuse(o, "%d channels; expected at most %d", n->channels, SIDE_MAX);
	set_output_like(o, first);
}

static void flatten(struct import *o)
{
	struct value *v = image_allowing(o, 0, ALLOW_CHANNELS_LAST);
	int64_t axis = attribute_int(o, "axis", 1);

	if (axis != 1 && axis != 1 - v->dims)
		refuse(o, "axis %jd; expected 1", (intmax_t)axis);
	v = pass_through(o, v);
	v->dims = 2;
	v->is_flat = producer(o, v)->h > 1;
}

/* Images of one pixel lose and gain the sizes behind their channels. */
static void squeeze(struct import *o)
{
	struct value *v = image(o, 0);
	unsigned axes = axes_of(o, v->dims);
	int less = (axes >> 2 & 1) + (axes >> 3 & 1);

	if (producer(o, v)->h > 1 || axes & 3u)
		refuse(o, "expected axes 2 and 3, of images of one pixel");
	pass_through(o, v)->dims = axes ? v->dims - less : 2;
}

static void unsqueeze(struct import *o)
{
	struct value *v = image(o, 0);
	int64_t x[4];
	int more = ints_of(o, "axes", 1, x, LEN(x)), dims = v->dims + more;
	unsigned axes = dims <= 4 ? axes_of(o, dims) : 0;

	if (producer(o, v)->h > 1 || axes & 3u || !axes ||
	    (axes >> 2 & 1) + (axes >> 3 & 1) != (unsigned)more)
		refuse(o, "expected axes 2 and 3, of images of one pixel");
	pass_through(o, v)->dims = dims;
}

/* Grey images [n][h][w][1] as [n][1][h][w]: where a Transpose moves no number, tf2onnx writes a Reshape. */
static bool moves_one_channel(const struct value *v, const struct node *in, const struct tensor *shape)
{
	return v->is_nhwc && !v->is_flat && in->channels == 1 && shape->count == 4 &&
	       tensor_number(shape, 1) == 1 && tensor_number(shape, 2) == in->h &&
	       tensor_number(shape, 3) == in->w;
}

/* Reshape makes images rows of numbers, or, where they have one pixel, whatever lists their channels. */
static void reshape(struct import *o)
{
	struct value *v = image_allowing(o, 0, ALLOW_CHANNELS_LAST);
	const struct node *in = producer(o, v);
	const struct tensor *shape = constant(o, 1);
	double all = (double)in->channels * in->h * in->w, second;

	if (shape->count < 2 || shape->count > 4)
		refuse(o, "to %zu dimensions; expected n and the rest", shape->count);
	if (moves_one_channel(v, in, shape)) {
		pass_through(o, v)->is_nhwc = false;
		return;
	}
	second = tensor_number(shape, 1);
	if (second != -1 && second != all && !(second == 0 && in->h == 1))
		refuse(o, "to [n][%g]; expected [n][%g]", second, all);
	for (size_t i = 2; i < shape->count; i++)
		if (tensor_number(shape, i) != 1)
			refuse(o, "to %zu dimensions; expected n and the rest", shape->count);
	v = pass_through(o, v);
	v->dims = (int)shape->count;
	v->is_flat = in->h > 1;
}

static void transpose(struct import *o)
{
	struct value *v = image_allowing(o, 0, ALLOW_PADDED | ALLOW_CHANNELS_LAST);
	int64_t x[4];
	int count = ints_of(o, "perm", 0, x, LEN(x));
	bool is_first = count == 4 && !x[0] && x[1] == 3 && x[2] == 1 && x[3] == 2,
	     is_last = count == 4 && !x[0] && x[1] == 2 && x[2] == 3 && x[3] == 1;

	if (v->is_flat || v->dims != 4 || (v->is_nhwc ? !is_first : !is_last))
		refuse(o, "expected n, h, w, c to n, c, h, w, or back before a Flatten");
	v = pass_through(o, v);
	v->is_nhwc = !v->is_nhwc;
}

/* Shape gives that of one image: exporters reshape to [its n][the rest], and reshape() does not look at n. */
static void shape(struct import *o)
{
	struct value *v = image(o, 0), *to;
	const struct node *in = producer(o, v);
	int64_t *x = xmalloc(4, sizeof *x), all = (int64_t)in->channels * in->h * in->w;
	int start, count = onnx_shape_part(&o->model, o->current, v->dims, &start);

	x[0] = 1;
	x[1] = v->is_flat || v->dims < 4 ? all : in->channels;
	x[2] = v->is_flat ? 1 : in->h;
	x[3] = v->is_flat ? 1 : in->w;
	to = set_output(o, 0);
	to->is_constant = true;
	to->tensor = (struct tensor){ .ndim = 1,
		                      .shape = { count },
		                      .count = (size_t)count,
		                      .integers = x + start,
		                      .type = ONNX__TENSOR_PROTO__DATA_TYPE__INT64 };
}

static void identity(struct import *o)
{
	pass_through(o, image_allowing(o, 0, ALLOW_ALL));
}

static void dropout(struct import *o)
{
	if (has_input(o, 2) && (constant(o, 2)->count != 1 || tensor_number(constant(o, 2), 0) != 0))
		refuse(o, "training_mode; expected none");
	pass_through(o, image_allowing(o, 0, ALLOW_PADDED | ALLOW_CHANNELS_LAST));
}

/* Cast between types of floating point: here all numbers are float32. */
static void cast(struct import *o)
{
	int64_t to = attribute_int(o, "to", 0);

	if (to != (int)to || !onnx_is_float((int)to))
		refuse(o, "of images to type %jd; expected float, double or float16", (intmax_t)to);
	pass_through(o, image_allowing(o, 0, ALLOW_PADDED | ALLOW_CHANNELS_LAST));
}

/* Softmax is left out: it changes no ranking. */
static void softmax(struct import *o)
{
	struct value *v = image(o, 0);
	int64_t axis = attribute_int(o, "axis", onnx_opset(&o->model) < 13 ? 1 : -1);

	if (strcmp(o->current->output[0], o->model.graph->output[0]->name))
		refuse(o, "expected at the end only");
	if (axis != 1 && axis != 1 - v->dims)
		refuse(o, "axis %jd; expected 1, along classes", (intmax_t)axis);
	pass_through(o, v);
}

const struct operator import_shape_operators[] = {
	{ "Concat", concat },
	{ "Flatten", flatten },
	{ "Squeeze", squeeze },
	{ "Unsqueeze", unsqueeze },
	{ "Reshape", reshape },
	{ "Transpose", transpose },
	{ "Shape", shape },
	{ "Identity", identity },
	{ "Dropout", dropout },
	{ "Cast", cast },
	{ "Softmax", softmax },
	{ "LogSoftmax", softmax },
	{ NULL },
};
