/* Operators with windows and weights: convolutions, linear layers, pools, and the padding before them. */
#include "model/graph.h"
#include "onnx/import-inner.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- windows --------------------------------------------------------------------------------- */

/* An attribute that is one number in both directions, 1 to most. */
static int same_both_ways(const struct import *o, const char *name, int otherwise, int most)
{
	int64_t x[4];
	int count = ints_of(o, name, 0, x, LEN(x));

	if (!count)
		return otherwise;
	if (count != 2 || x[0] != x[1])
		refuse(o, "%s is not the same number in both directions: only square windows are known",
		       name);
	if (x[0] < 1 || x[0] > most)
		refuse(o, "%s %jd: only square windows are known, and of 1 to %d", name, (intmax_t)x[0],
		       most);
	return (int)x[0];
}

/*
 * Padding as TensorFlow's `same`: as much as gives ceil(size / stride), the odd one at the end, or
 * at the beginning.
 */
static void pad_same(struct node *n, int size, bool is_upper)
{
	int out = (size + n->stride - 1) / n->stride, window = window_side(n->size, n->dilation);
	int all = (out - 1) * n->stride + window - size;

	all = all > 0 ? all : 0;
	n->pad = is_upper ? all / 2 : all - all / 2;
	n->pad_end = all - n->pad;
}

/* Pads: what a Pad before the node added is part of the image that `same` looks at, and of the padding. */
static void read_pads(const struct import *o, struct node *n, const struct value *v)
{
	const char *automatic = onnx_text(&o->model, o->current, "auto_pad", "NOTSET");
	bool is_upper = !strcmp(automatic, "SAME_UPPER"),
	     is_explicit = !strcmp(automatic, "NOTSET") || !*automatic;
	int64_t x[4];
	int count = ints_of(o, "pads", 0, x, LEN(x));

	if (is_upper || !strcmp(automatic, "SAME_LOWER"))
		pad_same(n, producer(o, v)->h + v->pad[0] + v->pad[1], is_upper);
	else if (!is_explicit && strcmp(automatic, "VALID"))
		refuse(o, "auto_pad is '%.40s'; expected NOTSET, VALID, SAME_UPPER or SAME_LOWER", automatic);
	else if (count && (count != 4 || x[0] != x[1] || x[2] != x[3] || x[0] < 0 || x[2] < 0 ||
	                   x[0] > SIDE_MAX || x[2] > SIDE_MAX))
		refuse(o, "pads are not the same in both directions: only square windows are known");
	else if (count && is_explicit)
		n->pad = (int)x[0], n->pad_end = (int)x[2];
	n->pad += v->pad[0];
	n->pad_end += v->pad[1];
}

/*
 * Reads kernel, stride and padding of a window, and derives the shape that results; kernel: 0 where
 * the attribute must say.  Returns the rows of padding that ceil_mode adds.
 */
static int read_window(const struct import *o, struct node *n, const struct value *v, int kernel)
{
	const struct node *in = producer(o, v);
	int window, room, more = 0;

	if (v->is_flat || v->dims != 4)
		refuse(o, "reads what was flattened");
	n->size = same_both_ways(o, "kernel_shape", kernel, SIDE_MAX);
	n->stride = same_both_ways(o, "strides", 1, STRIDE_MAX);
	n->dilation = same_both_ways(o, "dilations", 1, WINDOW_DILATION_MAX);
	if (!n->size || (kernel && n->size != kernel))
		refuse(o, "kernel_shape does not fit the weights");
	read_pads(o, n, v);
	window = window_side(n->size, n->dilation);
	room = in->h + n->pad + n->pad_end - window;
	if (attribute_int(o, "ceil_mode", 0) && room > 0 && room % n->stride)
		more = n->stride - room % n->stride;
	/* a last window that begins beyond the image is none */
	if ((room + more) / n->stride * n->stride >= in->h + n->pad)
		more = 0;
	n->pad_end += more;
	room += more;
	if (room < 0 || n->pad >= window || n->pad_end >= window)
		refuse(o, "a window of %d, padded by %d and %d, does not fit an image of %d", window, n->pad,
		       n->pad_end, in->h);
	if (room / n->stride + 1 > SIDE_MAX)
		refuse(o, "makes images of side %d; expected at most %d", room / n->stride + 1, SIDE_MAX);
	n->h = n->w = room / n->stride + 1;
	return more;
}

/* --- layers ---------------------------------------------------------------------------------- */

static void conv(struct import *o)
{
	struct value *v = image_allowing(o, 0, ALLOW_PADDED);
	const struct tensor *w = constant(o, 1);
	struct node *n = add_node(o, OP_CONV, origin_of(o, 1)), *in = producer(o, v);
	int64_t groups = attribute_int(o, "group", 1);
	struct import_layer *l;

	if (w->ndim != 4 || !w->floats || w->shape[2] != w->shape[3] || !w->count || w->shape[0] > SIDE_MAX ||
	    w->shape[2] > SIDE_MAX)
		refuse(o, "weights '%.80s': expected [cout][cin][k][k]", o->current->input[1]);
	if (groups < 1 || in->channels % groups || w->shape[0] % groups ||
	    w->shape[1] != in->channels / groups)
		refuse(o, "weights of %jd input channels in %jd groups for %d channels",
		       (intmax_t)w->shape[1], (intmax_t)groups, in->channels);
	if ((v->pad[0] || v->pad[1]) && v->padding != 0)
		refuse(o, "reads images padded by %g; expected 0", (double)v->padding);
	n->channels = (int)w->shape[0];
	n->groups = (int)groups;
	l = add_layer(o, n);
	l->cin = in->channels;
	l->weight = w->floats;
	l->count = w->count;
	read_window(o, n, v, (int)w->shape[2]);
	set_input_quantizer(o, n, v);
	set_weight_steps(o, n, input_value(o, 1), 0);
	connect(o, n, v);
	if (has_input(o, 2))
		l->numbers.bias = per_channel(o, 2, n->channels);
	set_output(o, o->nodes - 1);
}

/* Rows of weights in the order h, w, c, as TensorFlow flattens images, brought into the order c, h, w. */
static const float *channels_first(const float *from, int out, int channels, int pixels)
{
	float *to = xmalloc((size_t)out * (size_t)channels * (size_t)pixels, sizeof *to), *at = to;

	for (int k = 0; k < out; k++, from += channels * pixels)
		for (int c = 0; c < channels; c++)
			for (int p = 0; p < pixels; p++)
				*at++ = from[p * channels + c];
	return to;
}

/* The weights [out][in] of input 1, which is [out][in] if is_transposed (as Gemm says), else [in][out]. */
static const float *matrix(const struct import *o, const struct tensor *t, bool is_transposed, int *out,
                           int64_t *in)
{
	float *x;

	if (t->ndim != 2 || !t->floats || !t->count || t->shape[0] > INT32_MAX || t->shape[1] > INT32_MAX)
		refuse(o, "weights '%.80s': expected a matrix of floats", o->current->input[1]);
	*out = (int)t->shape[!is_transposed];
	*in = t->shape[is_transposed];
	if (*out > SIDE_MAX)
		refuse(o, "%d outputs; expected at most %d", *out, SIDE_MAX);
	if (is_transposed)
		return t->floats;
	x = xmalloc(t->count, sizeof *x);
	for (int64_t i = 0; i < *in; i++)
		for (int64_t k = 0; k < *out; k++)
			x[k * *in + i] = t->floats[i * *out + k];
	return x;
}

/* The bias of Gemm may be one number for all outputs. */
static void read_gemm_bias(const struct import *o, float *bias, int channels)
{
	if (!along_channels(o, constant(o, 2), 2, channels, bias))
		refuse(o, "a bias of %zu numbers for %d outputs; expected one, or one for each",
		       constant(o, 2)->count, channels);
}

/*
 * Gemm and MatMul of images become a convolution as large as they are: rows of weights lie in the
 * order c, h, w, as those of a kernel, or are brought into it.
 */
static void linear(struct import *o)
{
	bool is_gemm = !strcmp(o->current->op_type, "Gemm"),
	     is_transposed = is_gemm && attribute_int(o, "transB", 0);
	struct value *v = image_allowing(o, 0, ALLOW_CHANNELS_LAST);
	const struct node *in = producer(o, v);
	struct node *n = add_node(o, in->h == 1 ? OP_LINEAR : OP_CONV, origin_of(o, 1));
	struct import_layer *l = add_layer(o, n);
	int64_t numbers;

	if (is_gemm && (attribute_int(o, "transA", 0) || attribute_float(o, "alpha", 1) != 1 ||
	                attribute_float(o, "beta", 1) != 1))
		refuse(o, "transA, alpha or beta: expected 0, 1, 1");
	l->weight = matrix(o, constant(o, 1), is_transposed, &n->channels, &numbers);
	if (numbers != (int64_t)in->channels * in->h * in->w || v->dims != 2)
		refuse(o, "weights for %jd inputs, of %d x %d x %d in %d dimensions", (intmax_t)numbers,
		       in->channels, in->h, in->w, v->dims);
	if (v->is_nhwc)
		l->weight = channels_first(l->weight, n->channels, in->channels, in->h * in->w);
	l->cin = in->channels;
	l->count = (size_t)numbers * (size_t)n->channels;
	n->size = in->h;
	n->h = n->w = 1;
	set_input_quantizer(o, n, v);
	set_weight_steps(o, n, input_value(o, 1), !is_transposed);
	connect(o, n, v);
	if (is_gemm && has_input(o, 2)) {
		l->numbers.bias = xmalloc((size_t)n->channels, sizeof(float));
		read_gemm_bias(o, l->numbers.bias, n->channels);
	}
	set_output(o, o->nodes - 1)->dims = 2;
}

/* --- pools ----------------------------------------------------------------------------------- */

static void pool(struct import *o)
{
	bool is_max = !strcmp(o->current->op_type, "MaxPool");
	struct value *v = image_allowing(o, 0, ALLOW_PADDED);
	const struct node *in = producer(o, v);
	struct node *n = add_node_like(o, is_max ? OP_MAX : OP_AVERAGE, v);
	int more;

	more = read_window(o, n, v, 0);
	if (n->dilation != 1)
		refuse(o, "dilations; expected 1");
	if ((v->pad[0] || v->pad[1]) &&
	    !(is_max && (v->padding < -1e30f || (v->padding == 0 && !in->is_signed))))
		refuse(o, "reads images padded by %g, which changes what is pooled", (double)v->padding);
	if (!is_max && (n->pad || n->pad_end > more) && attribute_int(o, "count_include_pad", 0))
		refuse(o, "counts its padding; expected count_include_pad 0");
	if (n->size == 1 && n->stride == 1) {
		o->nodes--;
		pass_through(o, v);
		return;
	}
	if (!is_max && n->size == in->h && n->h == 1 && !n->pad && !n->pad_end)
		n->size = 0; /* the whole image */
	connect(o, n, v);
	set_output(o, o->nodes - 1);
}

static void pool_all(struct import *o)
{
	bool is_reduction = !strcmp(o->current->op_type, "ReduceMean"),
	     is_max = !strcmp(o->current->op_type, "GlobalMaxPool");
	struct value *v = image(o, 0);
	struct node *n;

	if (v->is_flat || v->dims != 4)
		refuse(o, "reads what was flattened");
	if (is_reduction && axes_of(o, 4) != (1u << 2 | 1u << 3))
		refuse(o, "expected the mean over axes 2 and 3");
	n = add_node_like(o, is_max ? OP_MAX : OP_AVERAGE, v);
	n->size = is_max ? n->h : 0;
	n->h = n->w = 1;
	connect(o, n, v);
	set_output(o, o->nodes - 1)->dims = is_reduction && !attribute_int(o, "keepdims", 1) ? 2 : 4;
}

static void pad(struct import *o)
{
	struct value *v = image_allowing(o, 0, ALLOW_PADDED | ALLOW_CHANNELS_LAST);
	const char *mode = onnx_text(&o->model, o->current, "mode", "constant");
	float padding = attribute_float(o, "value", 0);
	int64_t x[8], all = 0;
	int count = ints_of(o, "pads", 1, x, LEN(x)), h = v->is_nhwc ? 1 : 2, w = h + 1;

	if (has_input(o, 2) && constant(o, 2)->count != 1)
		refuse(o, "pads by %zu numbers; expected one", constant(o, 2)->count);
	if (has_input(o, 2))
		padding = (float)tensor_number(constant(o, 2), 0);
	for (int i = 0; i < count; i++)
		all += x[i] != 0;
	if (strcmp(mode, "constant") || v->dims != 4 || v->is_flat || has_input(o, 3) || count != 8 ||
	    x[h] != x[w] || x[4 + h] != x[4 + w] || all != 2 * (x[h] != 0) + 2 * (x[4 + h] != 0) ||
	    x[h] < 0 || x[4 + h] < 0 || x[h] > 255 || x[4 + h] > 255)
		refuse(o, "expected a constant, as wide in both directions of the image, and nowhere else");
	if ((v->pad[0] || v->pad[1]) && v->padding != padding)
		refuse(o, "padded twice, by different numbers");
	v = pass_through(o, v);
	v->pad[0] += (int)x[h];
	v->pad[1] += (int)x[4 + h];
	v->padding = padding;
	if (v->pad[0] > SIDE_MAX || v->pad[1] > SIDE_MAX)
		refuse(o, "pads of %d and %d; expected at most %d", v->pad[0], v->pad[1], SIDE_MAX);
}

const struct operator import_conv_operators[] = {
	{ "Conv", conv },
	{ "Gemm", linear },
	{ "MatMul", linear },
	{ "MaxPool", pool },
	{ "AveragePool", pool },
	{ "GlobalAveragePool", pool_all },
	{ "GlobalMaxPool", pool_all },
	{ "ReduceMean", pool_all },
	{ "Pad", pad },
	{ NULL },
};
