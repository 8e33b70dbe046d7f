/*
 * import-onnx - an image classifier in ONNX becomes a network and its weights.
 *
 *	import-onnx -i model.onnx -n data/networks/NET.csv -w data/weights/NET.npz
 *
 * Knows what torchvision, timm, Keras and MXNet export for convolutional classifiers (table at the end); what it does not know it
 * names, and dies.  Batch norms stay where the file has them; those of another epsilon get another gamma.  Relu, Relu6 and pads
 * become part of their layer; hard-swish and swish are found in the nodes that older exporters spell them with.  Flatten and a
 * linear layer over images become a convolution as large as the image.  A Softmax at the end is left out: it changes no ranking.
 *
 * First and last layer get 8 bits, the others are searched (HAQ): edit the last column of NET.csv for others.
 *
 * Quantised files (QuantizeLinear -> Clip, where there is one -> DequantizeLinear; zero point 0) give the clipping ranges of the
 * layers that read such images by such weights, and --policy their bits; those of export-onnx say in properties what integers
 * cannot tell.
 */
#include "lib/base.h"
#include "lib/cli.h"
#include "lib/graph.h"
#include "lib/npz.h"
#include "lib/onnx.h"
#include "lib/weights.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REVISION 2

static const char *model_path, *net_path, *weights_path, *policy_path, *kernels_path;
static const char *keep;
static long side;

static const struct opt options[] = {
	{ 'i', "input",   OPT_PATH, &model_path,   "model.onnx", "the model" },
	{ 'n', "network", OPT_OUT,  &net_path,     "NET.csv",    "the network" },
	{ 'w', "weights", OPT_OUT,  &weights_path, "NET.npz",    "its weights" },
	{ 'p', "policy",  OPT_OUT,  &policy_path,  NULL,         "of a quantised model: bits of each layer" },
	{ 'k', "kernels", OPT_OUT,  &kernels_path, NULL,         "and weight bits of each output channel, .npy" },
	{ 's', "size",    OPT_INT,  &side,         NULL,         "side of the images, where the model leaves it open" },
	{ 0, "keep",      OPT_TEXT, &keep,         NULL,         "outputs to keep, for some of its classes: 0,217,482" },
	{ 0 }
};

/* A node of ours, in the columns of NET.csv, with its weights. */
struct made {
	char *name;
	const char *op, *activation;
	int input[64], inputs;
	int channels, size, stride, pad[2], groups, dilation;
	int cin, h, w;                  /* channels it reads; its output */
	bool is_layer, is_signed;
	size_t count;                   /* of the weight */
	const float *weight;
	float *bias, *gamma, *beta, *mean, *variance;
	float *step;                    /* of quantised weights: [steps], one or one for each channel */
	int steps;
	int weight_bits, bits;          /* bits: of what it reads; 0: not quantised */
	float clip, *weight_clip;       /* [steps]; of what it reads: 0 where that is not quantised */
	const char *kernels;            /* bits of each channel, as digits, or NULL */
};

/* The quantiser that images went through, or that made a constant of integers. */
struct grid {
	enum { NO_GRID, AS_INTEGERS, AS_FLOATS } state;
	const float *step;              /* [steps] */
	int steps, axis;
	int type, low, high;            /* of the integers */
};

/* What a name of the file stands for: a constant, or an output of a node of ours and what is still to be done with it. */
enum pattern {
	AS_IT_IS,
	PLUS_3,                         /* x + 3, of x = that output */
	RELU6_PLUS_3,                   /* relu6(x + 3) */
	TIMES_RELU6_PLUS_3,             /* x relu6(x + 3); with / 6 the hard-swish */
};

struct value {
	const char *name, *origin;      /* origin: of a constant, what it was computed from; NULL: itself */
	bool is_constant, is_flat, is_nhwc;
	struct tensor tensor;
	int made, pad[2];
	float padding;                  /* the number that the pad consists of */
	enum pattern pattern;
	struct grid grid;
	int users;
};

static struct onnx model;
static struct value *values;
static struct made *made;
static int n_values, n_made;
static bool *is_needed;                 /* nodes of the file */
static int left_out;                    /* quantisers of images that no layer reads */

/* --- names of the file ----------------------------------------------------------------------- */

static struct value *find(const char *name)
{
	for (int i = n_values - 1; i >= 0; i--)
		if (!strcmp(values[i].name, name))
			return &values[i];
	return NULL;
}

static int users_of(const char *name)
{
	const Onnx__GraphProto *g = model.graph;
	int users = g->n_output && !strcmp(g->output[0]->name, name);

	for (size_t i = 0; i < g->n_node; i++)
		for (size_t k = 0; is_needed[i] && k < g->node[i]->n_input; k++)
			users += !strcmp(g->node[i]->input[k], name);
	return users;
}

static struct value *add_value(const char *name)
{
	values[n_values] = (struct value){ .name = name, .users = users_of(name) };
	return &values[n_values++];
}

static struct value *input_value(const Onnx__NodeProto *n, size_t k)
{
	struct value *v;

	if (k >= n->n_input)
		onnx_die(&model, n, "has %zu inputs; expected more", n->n_input);
	v = find(n->input[k]);
	if (!v)
		onnx_die(&model, n, "reads '%.80s', which no node above it makes", n->input[k]);
	return v;
}

/* An image that a node reads as it is. */
static struct value *image(const Onnx__NodeProto *n, size_t k)
{
	struct value *v = input_value(n, k);

	if (v->is_constant)
		onnx_die(&model, n, "input %zu, '%.80s', is a constant; expected images", k, v->name);
	if (v->is_nhwc)
		onnx_die(&model, n, "reads images whose channels come last; expected a Transpose to n, c, h, w first");
	if (v->pattern != AS_IT_IS)
		onnx_die(&model, n, "reads a sum x + 3 of which no hard-swish is made");
	if (v->grid.state == AS_INTEGERS)
		onnx_die(&model, n, "reads integers; expected a DequantizeLinear before it");
	return v;
}

static struct value *unpadded(const Onnx__NodeProto *n, size_t k)
{
	struct value *v = image(n, k);

	if (v->pad[0] || v->pad[1])
		onnx_die(&model, n, "reads padded images; expected a convolution or a pooling after Pad");
	return v;
}

static const struct tensor *constant(const Onnx__NodeProto *n, size_t k)
{
	struct value *v = input_value(n, k);

	if (!v->is_constant)
		onnx_die(&model, n, "input %zu, '%.80s', is computed; expected a constant", k, v->name);
	return &v->tensor;
}

/* The name of a constant as the file holds it, before nodes change its form. */
static const char *origin_of(const Onnx__NodeProto *n, size_t k)
{
	const struct value *v = input_value(n, k);

	return v->origin ? v->origin : v->name;
}

static bool has_input(const Onnx__NodeProto *n, size_t k)
{
	return k < n->n_input && *n->input[k];
}

/* len floats, one a channel: [len], or that with sizes of 1 around it. */
static const float *per_channel(const Onnx__NodeProto *n, size_t k, int len)
{
	const struct tensor *t = constant(n, k);

	if (!t->floats || t->count != (size_t)len)
		onnx_die(&model, n, "'%.80s' has %zu numbers; expected a float for each of %d channels", n->input[k], t->count, len);
	return t->floats;
}

/* --- nodes of ours --------------------------------------------------------------------------- */

/* Module paths as PyTorch writes them: /layer1/layer1.0/conv1/Conv is layer1.0.conv1. */
static char *plain_name(const char *name)
{
	char *to = xmalloc(strlen(name) + 8, 1), *end = to, *start = to;

	for (; *name; name++) {
		if (*name != '/') {
			*end++ = (char)(strchr("_-.", *name) || (*name >= '0' && *name <= '9') ||
			                ((*name | 32) >= 'a' && (*name | 32) <= 'z') ? *name : '-');
			continue;
		}
		if (end == start)
			continue;
		if (!strncmp(name + 1, start, (size_t)(end - start)) && name[1 + (end - start)] == '.')
			end = start;            /* the next part begins with this one */
		else
			*end++ = '.', start = end;
	}
	*end = '\0';
	return to;
}

static char *without_end(char *name, const char *end)
{
	size_t n = strlen(name), k = strlen(end);

	if (n > k && !strcmp(name + n - k, end))
		name[n - k] = '\0';
	return name;
}

static bool is_taken(const char *name)
{
	for (int i = 0; i < n_made; i++)
		if (!strcmp(made[i].name, name))
			return true;
	return false;
}

/* After the weights, where those have a name that someone gave; else after the node, or what it does. */
static char *choose_name(const Onnx__NodeProto *n, const char *weight)
{
	char *name, *other;

	if (weight && !strstr(weight, "::") && strspn(weight, "0123456789") < strlen(weight))
		name = without_end(without_end(without_end(plain_name(weight), "_quantized"), ".weight"), "_weight");
	else
		name = without_end(plain_name(n->name && *n->name ? n->name : n->op_type), xprintf(".%s", n->op_type));
	if (strlen(name) > 90)
		name += strlen(name) - 90;
	other = name;
	for (int i = 2; is_taken(other); i++)
		other = xprintf("%s-%d", name, i);
	return other;
}

static struct made *make(const Onnx__NodeProto *n, const char *op, const char *name)
{
	char *own = choose_name(n, name);
	struct made *m = &made[n_made++];

	*m = (struct made){ .name = own, .op = op, .activation = "", .stride = 1, .groups = 1, .dilation = 1 };
	return m;
}

static void read_from(const Onnx__NodeProto *n, struct made *m, const struct value *v)
{
	if (m->inputs == LEN(m->input))
		onnx_die(&model, n, "more than %zu inputs", LEN(m->input));
	m->input[m->inputs++] = v->made;
	left_out += v->grid.state != NO_GRID && !m->is_layer;
}

static struct value *result(const Onnx__NodeProto *n, int index)
{
	struct value *v;

	if (!n->n_output)
		onnx_die(&model, n, "has no output");
	v = add_value(n->output[0]);
	v->made = index;
	return v;
}

/* The same images by another name. */
static struct value *pass(const Onnx__NodeProto *n, const struct value *from)
{
	struct value *v = result(n, from->made);
	struct value kept = *v;

	*v = *from;
	v->name = kept.name;
	v->users = kept.users < from->users ? from->users : kept.users;         /* as many as read it by either name, at least */
	return v;
}

/* What may still be changed: a node whose output nobody else reads, without an activation. */
static struct made *open_node(const struct value *v)
{
	struct made *m = &made[v->made];

	return v->users == 1 && !v->is_flat && v->grid.state == NO_GRID && (m->is_layer || !strcmp(m->op, "add")) && !*m->activation ? m : NULL;
}

/* --- windows --------------------------------------------------------------------------------- */

static int only(const Onnx__NodeProto *n, const char *name, const int64_t *x, int count, int otherwise)
{
	if (!count)
		return otherwise;
	if (count != 2 || x[0] != x[1] || x[0] < 1 || x[0] > 65535)
		onnx_die(&model, n, "%s is not the same number in both directions: only square windows are known", name);
	return (int)x[0];
}

/* TensorFlow's `same`: as much padding as gives ceil(size / stride), the odd one at the end, or at the beginning. */
static void pad_same(struct made *m, int size, bool is_upper)
{
	int out = (size + m->stride - 1) / m->stride, window = m->dilation * (m->size - 1) + 1;
	int all = (out - 1) * m->stride + window - size;

	all = all > 0 ? all : 0;
	m->pad[is_upper] = all - all / 2;
	m->pad[!is_upper] = all / 2;
}

static void read_pads(const Onnx__NodeProto *n, struct made *m, const struct value *v)
{
	const char *automatic = onnx_text(&model, n, "auto_pad", "NOTSET");
	int64_t x[4];
	int count = onnx_ints(&model, n, "pads", x, 4);

	if (!strcmp(automatic, "SAME_UPPER") || !strcmp(automatic, "SAME_LOWER"))
		pad_same(m, made[v->made].h, !strcmp(automatic, "SAME_UPPER"));
	else if (count && (count != 4 || x[0] != x[1] || x[2] != x[3] || x[0] < 0 || x[2] < 0 || x[0] > 65535 || x[2] > 65535))
		onnx_die(&model, n, "pads are not the same in both directions: only square windows are known");
	else if (count)
		m->pad[0] = (int)x[0], m->pad[1] = (int)x[2];
	m->pad[0] += v->pad[0];
	m->pad[1] += v->pad[1];
}

/* Kernel, stride, padding and the shape that results; kernel: 0 where the attribute must say. */
static void read_window(const Onnx__NodeProto *n, struct made *m, const struct value *v, int kernel)
{
	const struct made *in = &made[v->made];
	int64_t x[4];
	int window, room;

	if (v->is_flat)
		onnx_die(&model, n, "reads what was flattened");
	m->size = only(n, "kernel_shape", x, onnx_ints(&model, n, "kernel_shape", x, 4), kernel);
	m->stride = only(n, "strides", x, onnx_ints(&model, n, "strides", x, 4), 1);
	m->dilation = only(n, "dilations", x, onnx_ints(&model, n, "dilations", x, 4), 1);
	if (!m->size || (kernel && m->size != kernel))
		onnx_die(&model, n, "kernel_shape does not fit the weights");
	read_pads(n, m, v);
	window = m->dilation * (m->size - 1) + 1;
	room = in->h + m->pad[0] + m->pad[1] - window;
	if (onnx_int(&model, n, "ceil_mode", 0) && room > 0 && room % m->stride) {
		int more = m->stride - room % m->stride;

		/* a last window that begins beyond the image is none */
		if ((room + more) / m->stride * m->stride < in->h + m->pad[0]) {
			m->pad[1] += more;
			room += more;
		}
	}
	if (room < 0 || m->pad[0] >= window || m->pad[1] >= window)
		onnx_die(&model, n, "a window of %d, padded by %d and %d, does not fit an image of %d", window, m->pad[0], m->pad[1], in->h);
	m->h = m->w = room / m->stride + 1;
	m->cin = in->channels;
}

/* --- quantisers ------------------------------------------------------------------------------ */

static struct grid read_grid(const Onnx__NodeProto *n, int type)
{
	const struct tensor *scale = constant(n, 1), *zero = has_input(n, 2) ? constant(n, 2) : NULL;
	struct grid g = { .step = scale->floats, .steps = (int)scale->count, .axis = (int)onnx_int(&model, n, "axis", 1) };

	if (!scale->floats || !scale->count || scale->count > 65535)
		onnx_die(&model, n, "scale '%.80s': expected a float, or one for each channel", n->input[1]);
	for (size_t i = 0; i < scale->count; i++)
		if (!(scale->floats[i] > 0) || !isfinite(scale->floats[i]))
			onnx_die(&model, n, "scale %g; expected a positive number", (double)scale->floats[i]);
	for (size_t i = 0; zero && i < zero->count; i++)
		if (tensor_number(zero, i) != 0)
			onnx_die(&model, n, "zero point %g; expected 0: only symmetric quantisers are known", tensor_number(zero, i));
	g.type = zero ? zero->type : type;
	if (zero && zero->floats)
		onnx_die(&model, n, "integers of another type than 8 bits");
	g.low = g.type == ONNX__TENSOR_PROTO__DATA_TYPE__INT8 ? INT8_MIN : 0;
	g.high = g.type == ONNX__TENSOR_PROTO__DATA_TYPE__INT8 ? INT8_MAX : UINT8_MAX;
	return g;
}

static void expect_bytes(const Onnx__NodeProto *n, const struct grid *g)
{
	if (g->type != ONNX__TENSOR_PROTO__DATA_TYPE__INT8 && g->type != ONNX__TENSOR_PROTO__DATA_TYPE__UINT8)
		onnx_die(&model, n, "integers of type %d; expected int8 or uint8", g->type);
}

/* Of element i of a constant. */
static float step_of(const Onnx__NodeProto *n, const struct grid *g, const struct tensor *t, size_t i)
{
	int axis = g->axis < 0 ? g->axis + t->ndim : g->axis;
	size_t inner = 1;

	if (g->steps == 1)
		return g->step[0];
	if (axis < 0 || axis >= t->ndim || t->shape[axis] != g->steps)
		onnx_die(&model, n, "%d scales do not fit along axis %d of a constant", g->steps, axis);
	for (int k = axis + 1; k < t->ndim; k++)
		inner *= (size_t)t->shape[k];
	return g->step[i / inner % (size_t)g->steps];
}

/* Another form of a constant. */
static struct value *constant_result(const Onnx__NodeProto *n, struct tensor t)
{
	const char *origin = origin_of(n, 0);
	struct value *v = result(n, 0);

	v->origin = origin;
	v->is_constant = true;
	v->tensor = t;
	return v;
}

/* A constant of floats on a grid: exporters leave weights so. */
static void quantise_constant(const Onnx__NodeProto *n, struct tensor t, const struct grid *g)
{
	int64_t *x = xmalloc(t.count, sizeof *x);

	if (!t.floats)
		onnx_die(&model, n, "reads integers; expected floats");
	for (size_t i = 0; i < t.count; i++) {
		float at = t.floats[i] / step_of(n, g, &t, i);

		x[i] = at > (float)g->low ? at < (float)g->high ? (int64_t)rintf(at) : g->high : g->low;
	}
	t.floats = NULL;
	t.integers = x;
	t.type = g->type;
	constant_result(n, t);
}

static void quantise(const Onnx__NodeProto *n)
{
	struct grid g = read_grid(n, ONNX__TENSOR_PROTO__DATA_TYPE__UINT8);
	struct value *v = input_value(n, 0);

	expect_bytes(n, &g);
	if (v->is_constant) {
		quantise_constant(n, v->tensor, &g);
		return;
	}
	v = image(n, 0);
	if (g.steps != 1)
		onnx_die(&model, n, "%d scales for images; expected one", g.steps);
	if (v->grid.state != NO_GRID && v->grid.step[0] != g.step[0])
		onnx_die(&model, n, "images quantised twice, by scales %g and %g", (double)v->grid.step[0], (double)g.step[0]);
	g.state = AS_INTEGERS;
	pass(n, v)->grid = g;
}

/* Integers between bounds: fewer bits than their type has. */
static void clip_integers(const Onnx__NodeProto *n, const struct value *v, double low, double high)
{
	int64_t *x;
	struct tensor t = v->tensor;
	struct grid *g;

	if (!v->is_constant) {
		g = &pass(n, v)->grid;
		g->low = low > g->low ? (int)low : g->low;
		g->high = high < g->high ? (int)high : g->high;
		if (g->low > g->high)
			onnx_die(&model, n, "bounds %g and %g leave no integers", low, high);
		return;
	}
	x = xmalloc(t.count, sizeof *x);
	for (size_t i = 0; i < t.count; i++)
		x[i] = (double)t.integers[i] < low ? (int64_t)low : (double)t.integers[i] > high ? (int64_t)high : t.integers[i];
	t.integers = x;
	constant_result(n, t);
}

static void dequantise_constant(const Onnx__NodeProto *n, struct tensor t)
{
	struct grid g = read_grid(n, t.type);
	float *x = xmalloc(t.count, sizeof *x);

	if (!t.integers)
		onnx_die(&model, n, "reads floats; expected integers");
	for (size_t i = 0; i < t.count; i++)
		x[i] = (float)t.integers[i] * step_of(n, &g, &t, i);
	g.axis += g.axis < 0 ? t.ndim : 0;
	g.state = AS_FLOATS;
	t.integers = NULL;
	t.floats = x;
	t.type = 0;
	constant_result(n, t)->grid = g;
}

/*
 * Integers without a sign, of what may be negative: what makes it clips at 0, where exporters made a Relu part of the quantiser.
 * The image is the exception: its 8 bits are left as they are.
 */
static void clip_at_zero(const Onnx__NodeProto *n, struct value v)
{
	struct made *m;

	v.grid.state = NO_GRID;
	m = open_node(&v);
	if (!made[v.made].is_signed || v.made == 0)
		return;
	if (!m)
		onnx_die(&model, n, "integers without a sign, of images that may be negative; expected int8");
	m->activation = "relu";
	m->is_signed = false;
}

static void dequantise(const Onnx__NodeProto *n)
{
	struct value *v = input_value(n, 0);
	struct grid g;

	if (v->is_constant) {
		dequantise_constant(n, v->tensor);
		return;
	}
	g = read_grid(n, v->grid.type);
	if (v->grid.state != AS_INTEGERS)
		onnx_die(&model, n, "reads images that are no integers; expected a QuantizeLinear before it");
	if (g.steps != 1 || g.step[0] != v->grid.step[0] || g.type != v->grid.type)
		onnx_die(&model, n, "scale or type is not that of the QuantizeLinear before it");
	if (v->grid.low >= 0)
		clip_at_zero(n, *v);
	pass(n, v)->grid.state = AS_FLOATS;
}

/* The range c whose step, c / levels as lib/quant.h takes it, is this one. */
static float clip_of_step(float step, int levels)
{
	float clip = step * (float)levels, tries[] = { clip, nextafterf(clip, 0), nextafterf(clip, INFINITY) };

	for (size_t i = 0; i < LEN(tries); i++)
		if (tries[i] / (float)levels == step)
			return tries[i];
	return clip;
}

/* The bits of a layer that reads images of integers, by lib/quant.h: no sign where the images have none. */
static void take_quantiser(const Onnx__NodeProto *n, struct made *m, const struct value *v)
{
	const struct grid *g = &v->grid;
	bool is_signed = g->low < 0;
	int bits = 1;

	if (g->state == NO_GRID)
		return;
	while (bits < 8 && (1 << bits) - 1 < g->high)
		bits++;
	if ((1 << bits) - 1 != g->high || (is_signed && g->low != -g->high && g->low != -g->high - 1) || g->low > 0)
		onnx_die(&model, n, "reads integers from %d to %d; expected 0 to 2^b - 1, or as many below 0 as above",
		         g->low, g->high);
	m->clip = clip_of_step(g->step[0], g->high);
	m->bits = made[v->made].is_signed && is_signed ? bits + 1 : bits;
	if (made[v->made].is_signed && !is_signed && bits != 8)
		onnx_die(&model, n, "reads images of %d bits without a sign; expected 8, or int8", bits);
}

static void take_steps(const Onnx__NodeProto *n, struct made *m, const struct value *weight, int axis)
{
	const struct grid *g = &weight->grid;

	if (g->state == NO_GRID)
		return;
	if (g->steps > 1 && g->axis != axis)
		onnx_die(&model, n, "scales of the weights along axis %d; expected %d, a scale for each output channel", g->axis, axis);
	m->steps = g->steps;
	m->step = xmalloc((size_t)m->channels, sizeof *m->step);
	memcpy(m->step, g->step, (size_t)m->steps * sizeof *m->step);
}

/* Weights are multiplied by x, those of output channel k. */
static void scale_step(struct made *m, int k, float x)
{
	for (int i = 1; m->steps == 1 && i < m->channels; i++)
		m->step[i] = m->step[0];
	if (!m->step)
		return;
	m->steps = m->channels;
	m->step[k] *= fabsf(x);
}

/* --- operators ------------------------------------------------------------------------------- */

static void conv(const Onnx__NodeProto *n)
{
	struct value *v = image(n, 0);
	const struct tensor *w = constant(n, 1);
	struct made *m = make(n, "conv", origin_of(n, 1)), *in = &made[v->made];
	int64_t groups = onnx_int(&model, n, "group", 1);

	if (w->ndim != 4 || !w->floats || w->shape[2] != w->shape[3] || !w->count || w->shape[0] > 65535 || w->shape[2] > 65535)
		onnx_die(&model, n, "weights '%.80s': expected [cout][cin][k][k]", n->input[1]);
	if (groups < 1 || in->channels % groups || w->shape[0] % groups || w->shape[1] != in->channels / groups)
		onnx_die(&model, n, "weights of %jd input channels in %jd groups for %d channels", (intmax_t)w->shape[1], (intmax_t)groups, in->channels);
	if ((v->pad[0] || v->pad[1]) && v->padding != 0)
		onnx_die(&model, n, "reads images padded by %g; expected 0", (double)v->padding);
	m->channels = (int)w->shape[0];
	m->groups = (int)groups;
	m->is_layer = m->is_signed = true;
	m->weight = w->floats;
	m->count = w->count;
	read_window(n, m, v, (int)w->shape[2]);
	take_quantiser(n, m, v);
	take_steps(n, m, input_value(n, 1), 0);
	read_from(n, m, v);
	if (has_input(n, 2)) {
		m->bias = xmalloc((size_t)m->channels, sizeof *m->bias);
		memcpy(m->bias, per_channel(n, 2, m->channels), (size_t)m->channels * sizeof *m->bias);
	}
	result(n, n_made - 1);
}

/* [out][in] of a tensor that is [out][in] or [in][out]. */
static const float *matrix(const Onnx__NodeProto *n, const struct tensor *t, bool is_transposed, int *out, int64_t *in)
{
	float *x;

	if (t->ndim != 2 || !t->floats || !t->count || t->shape[0] > INT32_MAX || t->shape[1] > INT32_MAX)
		onnx_die(&model, n, "weights '%.80s': expected a matrix of floats", n->input[1]);
	*out = (int)t->shape[!is_transposed];
	*in = t->shape[is_transposed];
	if (*out > 65535)
		onnx_die(&model, n, "%d outputs; expected at most 65535", *out);
	if (is_transposed)
		return t->floats;
	x = xmalloc(t->count, sizeof *x);
	for (int64_t i = 0; i < *in; i++)
		for (int64_t k = 0; k < *out; k++)
			x[k * *in + i] = t->floats[i * *out + k];
	return x;
}

/* Gemm and MatMul: of images, a convolution as large as they are (rows of weights lie in the order c, h, w, as those of a kernel). */
static void linear(const Onnx__NodeProto *n)
{
	bool is_gemm = !strcmp(n->op_type, "Gemm");
	struct value *v = unpadded(n, 0);
	const struct made *in = &made[v->made];
	struct made *m = make(n, in->h == 1 ? "linear" : "conv", origin_of(n, 1));
	int64_t numbers;

	if (is_gemm && (onnx_int(&model, n, "transA", 0) || onnx_float(&model, n, "alpha", 1) != 1 || onnx_float(&model, n, "beta", 1) != 1))
		onnx_die(&model, n, "transA, alpha or beta: expected 0, 1, 1");
	m->weight = matrix(n, constant(n, 1), is_gemm && onnx_int(&model, n, "transB", 0), &m->channels, &numbers);
	if (numbers != (int64_t)in->channels * in->h * in->w || (in->h > 1 && !v->is_flat))
		onnx_die(&model, n, "weights for %jd inputs, of %d x %d x %d", (intmax_t)numbers, in->channels, in->h, in->w);
	m->size = in->h;
	m->cin = in->channels;
	m->count = (size_t)numbers * (size_t)m->channels;
	m->h = m->w = 1;
	m->is_layer = m->is_signed = true;
	take_quantiser(n, m, v);
	take_steps(n, m, input_value(n, 1), !(is_gemm && onnx_int(&model, n, "transB", 0)));
	read_from(n, m, v);
	if (is_gemm && has_input(n, 2)) {
		m->bias = xmalloc((size_t)m->channels, sizeof *m->bias);
		memcpy(m->bias, per_channel(n, 2, m->channels), (size_t)m->channels * sizeof *m->bias);
	}
	result(n, n_made - 1);
}

static void norm(const Onnx__NodeProto *n)
{
	struct value *v = unpadded(n, 0);
	struct made *m = open_node(v);
	float epsilon = onnx_float(&model, n, "epsilon", 1e-5f);
	size_t size;

	if (!m || !m->is_layer || m->gamma)
		onnx_die(&model, n, "expected right behind a convolution or linear layer that nothing else reads");
	size = (size_t)m->channels * sizeof(float);
	m->gamma = xmalloc(size, 1);
	m->beta = xmalloc(size, 1);
	m->mean = xmalloc(size, 1);
	m->variance = xmalloc(size, 1);
	memcpy(m->gamma, per_channel(n, 1, m->channels), size);
	memcpy(m->beta, per_channel(n, 2, m->channels), size);
	memcpy(m->mean, per_channel(n, 3, m->channels), size);
	memcpy(m->variance, per_channel(n, 4, m->channels), size);
	for (int k = 0; k < m->channels; k++) {
		if (!(m->variance[k] >= 0) || !(epsilon >= 0) || !(m->variance[k] + epsilon > 0))
			onnx_die(&model, n, "variance %g of channel %d", (double)m->variance[k], k);
		m->gamma[k] *= sqrtf((m->variance[k] + NORM_EPSILON) / (m->variance[k] + epsilon));
	}
	pass(n, v);
}

/* A function of each number: part of the node that makes it where it can be, else a node of its own. */
static void activate(const Onnx__NodeProto *n, const char *kind, bool is_signed)
{
	struct value *v = unpadded(n, 0);
	bool is_fused = !strncmp(kind, "relu", 4) && open_node(v);
	struct made *m = is_fused ? &made[v->made] : make(n, "activate", NULL), *in = &made[v->made];

	m->activation = kind;
	m->is_signed = is_signed && in->is_signed;
	if (is_fused) {
		pass(n, v);
		return;
	}
	m->channels = in->channels;
	m->h = in->h;
	m->w = in->w;
	read_from(n, m, v);
	result(n, n_made - 1)->is_flat = v->is_flat;
}

static void relu(const Onnx__NodeProto *n)
{
	activate(n, "relu", false);
}

static void sigmoid(const Onnx__NodeProto *n)
{
	activate(n, "sigmoid", false);
}

static void hard_swish(const Onnx__NodeProto *n)
{
	activate(n, "hardswish", true);
}

static void hard_sigmoid(const Onnx__NodeProto *n)
{
	if (fabsf(onnx_float(&model, n, "alpha", 0.2f) - 1 / 6.0f) > 1e-5f || onnx_float(&model, n, "beta", 0.5f) != 0.5f)
		onnx_die(&model, n, "expected x / 6 + 1 / 2, as PyTorch's");
	activate(n, "hardsigmoid", false);
}

/* Bounds: attributes in old files, inputs in newer ones; either may be left out. */
static double bound(const Onnx__NodeProto *n, size_t k, const char *name, double otherwise)
{
	if (!has_input(n, k))
		return (double)onnx_float(&model, n, name, (float)otherwise);
	if (constant(n, k)->count != 1)
		onnx_die(&model, n, "a bound of %zu numbers", constant(n, k)->count);
	return tensor_number(constant(n, k), 0);
}

static void clip(const Onnx__NodeProto *n)
{
	double low = bound(n, 1, "min", -INFINITY), high = bound(n, 2, "max", INFINITY);
	struct value *v = input_value(n, 0);

	if (v->grid.state == AS_INTEGERS || (v->is_constant && v->tensor.integers))
		clip_integers(n, v, low, high);
	else if (low == 0 && high == 6 && v->pattern == PLUS_3)
		pass(n, v)->pattern = RELU6_PLUS_3;
	else if (low == 0 && high == 6)
		activate(n, "relu6", false);
	else if (low == 0 && high > 1e30)
		activate(n, "relu", false);
	else
		onnx_die(&model, n, "bounds %g and %g; expected 0 and 6, or 0 and none", low, high);
}

static bool is_scalar(const struct value *v, double x)
{
	return v->is_constant && v->tensor.count == 1 && fabs(tensor_number(&v->tensor, 0) - x) < 1e-6;
}

/* A constant for each channel, or one for all: it becomes part of the layer before. */
static void fold_constant(const Onnx__NodeProto *n, struct value *v, const struct value *c, bool adds, double sign)
{
	struct made *m = unpadded(n, v == input_value(n, 0) ? 0 : 1) ? open_node(v) : NULL;
	float *weight;

	if (!m || !m->is_layer)
		onnx_die(&model, n, "of a constant and images: expected right behind a layer that nothing else reads");
	if (c->tensor.count != 1 && (c->tensor.count != (size_t)m->channels || !c->tensor.floats))
		onnx_die(&model, n, "a constant of %zu numbers for %d channels", c->tensor.count, m->channels);
	if (adds && !m->beta && !m->bias)
		m->bias = xmalloc((size_t)m->channels, sizeof *m->bias);
	weight = xmalloc(m->count, sizeof *weight);
	memcpy(weight, m->weight, m->count * sizeof *weight);
	for (int k = 0; k < m->channels; k++) {
		float x = (float)tensor_number(&c->tensor, c->tensor.count == 1 ? 0 : (size_t)k);
		float *shift = m->beta ? m->beta : m->bias;
		size_t each = m->count / (size_t)m->channels;

		x = adds ? (float)sign * x : sign < 0 ? 1 / x : x;
		if (adds)
			shift[k] += x;
		else if (shift)
			shift[k] *= x;
		if (!adds && m->gamma)
			m->gamma[k] *= x;
		for (size_t i = 0; !adds && !m->gamma && i < each; i++)
			weight[(size_t)k * each + i] *= x;
		if (!adds && !m->gamma)
			scale_step(m, k, x);
	}
	m->weight = weight;
	pass(n, v);
}

static void of_two(const Onnx__NodeProto *n, const char *op)
{
	struct value *a = unpadded(n, 0), *b = unpadded(n, 1);
	struct made *m = make(n, op, NULL), *x = &made[a->made], *y = &made[b->made];

	if (!strcmp(op, "multiply") && x->h == 1 && y->h > 1) {
		struct made *swap = x;
		struct value *other = a;

		x = y, y = swap;
		a = b, b = other;
	}
	if (x->channels != y->channels || ((x->h != y->h || x->w != y->w) && (strcmp(op, "multiply") || y->h > 1)))
		onnx_die(&model, n, "inputs of different shapes: %d x %d x %d and %d x %d x %d", x->channels, x->h, x->w, y->channels, y->h, y->w);
	m->channels = x->channels;
	m->h = x->h;
	m->w = x->w;
	m->is_signed = x->is_signed || y->is_signed;
	read_from(n, m, a);
	read_from(n, m, b);
	result(n, n_made - 1)->is_flat = a->is_flat;
}

static void add(const Onnx__NodeProto *n)
{
	struct value *a = input_value(n, 0), *b = input_value(n, 1);

	if (a->is_constant && !b->is_constant) {
		struct value *swap = a;

		a = b, b = swap;
	}
	if (is_scalar(b, 3))
		pass(n, unpadded(n, a == input_value(n, 0) ? 0 : 1))->pattern = PLUS_3;
	else if (b->is_constant)
		fold_constant(n, a, b, true, 1);
	else
		of_two(n, "add");
}

static void subtract(const Onnx__NodeProto *n)
{
	if (!input_value(n, 1)->is_constant)
		onnx_die(&model, n, "expected a constant");
	fold_constant(n, input_value(n, 0), input_value(n, 1), true, -1);
}

/* hardsigmoid and hardswish where older exporters write x + 3, clip, / 6 */
static bool divide_by_6(const Onnx__NodeProto *n, struct value *v)
{
	enum pattern was = v->pattern;

	if (was != RELU6_PLUS_3 && was != TIMES_RELU6_PLUS_3)
		return false;
	v->pattern = AS_IT_IS;
	if (input_value(n, 0) != v)
		onnx_die(&model, n, "expected the constant behind the images");
	activate(n, was == RELU6_PLUS_3 ? "hardsigmoid" : "hardswish", was == TIMES_RELU6_PLUS_3);
	return true;
}

static void divide(const Onnx__NodeProto *n)
{
	struct value *a = input_value(n, 0), *b = input_value(n, 1);

	if (is_scalar(b, 6) && divide_by_6(n, a))
		return;
	if (!b->is_constant)
		onnx_die(&model, n, "expected a constant");
	fold_constant(n, a, b, false, -1);
}

/* x sigmoid(x) or x hardsigmoid(x), where nothing else reads the sigmoid. */
static bool make_swish(const Onnx__NodeProto *n, const struct value *x, const struct value *gate)
{
	struct made *m = &made[gate->made];
	bool is_hard = !strcmp(m->activation, "hardsigmoid");

	if (strcmp(m->op, "activate") || (!is_hard && strcmp(m->activation, "sigmoid")) || gate->users != 1 || m->input[0] != x->made)
		return false;
	m->activation = is_hard ? "hardswish" : "swish";
	m->is_signed = made[x->made].is_signed;
	result(n, gate->made);
	return true;
}

static void multiply(const Onnx__NodeProto *n)
{
	struct value *a = input_value(n, 0), *b = input_value(n, 1);

	if (a->is_constant || b->is_constant) {
		struct value *c = a->is_constant ? a : b, *v = a->is_constant ? b : a;

		if (!is_scalar(c, 1 / 6.0) || !divide_by_6(n, v))
			fold_constant(n, v, c, false, 1);
	} else if ((a->pattern == RELU6_PLUS_3) != (b->pattern == RELU6_PLUS_3) && a->made == b->made) {
		pass(n, a)->pattern = TIMES_RELU6_PLUS_3;
	} else if (!make_swish(n, a, b) && !make_swish(n, b, a)) {
		of_two(n, "multiply");
	}
}

static void concat(const Onnx__NodeProto *n)
{
	struct made *m = make(n, "concat", NULL);

	if (onnx_int(&model, n, "axis", 1) != 1 || n->n_input < 1)
		onnx_die(&model, n, "axis %jd; expected 1, along channels", (intmax_t)onnx_int(&model, n, "axis", 1));
	for (size_t k = 0; k < n->n_input; k++) {
		struct value *v = unpadded(n, k);
		const struct made *in = &made[v->made];

		if (k && (in->h != m->h || in->w != m->w || v->is_flat))
			onnx_die(&model, n, "inputs of different shapes: %d x %d and %d x %d", m->h, m->w, in->h, in->w);
		m->h = in->h;
		m->w = in->w;
		m->channels += in->channels;
		m->is_signed |= in->is_signed;
		read_from(n, m, v);
	}
	if (m->channels > 65535)
		onnx_die(&model, n, "%d channels; expected at most 65535", m->channels);
	result(n, n_made - 1);
}

static void pool(const Onnx__NodeProto *n)
{
	bool is_max = !strcmp(n->op_type, "MaxPool");
	struct value *v = image(n, 0);
	const struct made *in = &made[v->made];
	struct made *m = make(n, is_max ? "max" : "average", NULL);

	m->channels = in->channels;
	m->is_signed = in->is_signed;
	read_window(n, m, v, 0);
	if (m->dilation != 1)
		onnx_die(&model, n, "dilations; expected 1");
	if ((v->pad[0] || v->pad[1]) && !(is_max && (v->padding < -1e30f || (v->padding == 0 && !in->is_signed))))
		onnx_die(&model, n, "reads images padded by %g, which changes what is pooled", (double)v->padding);
	if (!is_max && (m->pad[0] || m->pad[1]) && onnx_int(&model, n, "count_include_pad", 0))
		onnx_die(&model, n, "counts its padding; expected count_include_pad 0");
	if (m->size == 1 && m->stride == 1) {
		n_made--;
		pass(n, v);
		return;
	}
	if (!is_max && m->size == in->h && m->h == 1 && !m->pad[0] && !m->pad[1])
		m->size = 0;                    /* of the whole image */
	read_from(n, m, v);
	result(n, n_made - 1);
}

static void pool_all(const Onnx__NodeProto *n)
{
	struct value *v = unpadded(n, 0);
	struct made *in = &made[v->made], *m;
	int64_t axes[4] = { 2, 3 };
	int count = onnx_ints(&model, n, "axes", axes, 4);

	if (!strcmp(n->op_type, "ReduceMean")) {
		for (size_t i = 0; has_input(n, 1) && i < constant(n, 1)->count && i < 4; i++)
			axes[count++] = (int64_t)tensor_number(constant(n, 1), i);
		if (count != 2 || (axes[0] != 2 && axes[0] != -2) || (axes[1] != 3 && axes[1] != -1))
			onnx_die(&model, n, "expected the mean over axes 2 and 3");
	}
	if (v->is_flat)
		onnx_die(&model, n, "reads what was flattened");
	m = make(n, strcmp(n->op_type, "GlobalMaxPool") ? "average" : "max", NULL);
	m->size = *m->op == 'm' ? in->h : 0;
	m->channels = in->channels;
	m->is_signed = in->is_signed;
	m->h = m->w = 1;
	read_from(n, m, v);
	result(n, n_made - 1);
}

static void pad(const Onnx__NodeProto *n)
{
	struct value *v = image(n, 0);
	const char *mode = onnx_text(&model, n, "mode", "constant");
	double padding = has_input(n, 2) ? bound(n, 2, "value", 0) : (double)onnx_float(&model, n, "value", 0);
	int64_t x[8];
	int count = onnx_ints(&model, n, "pads", x, 8);

	for (size_t i = 0; has_input(n, 1) && i < constant(n, 1)->count && i < 8; i++)
		x[count++] = (int64_t)tensor_number(constant(n, 1), i);
	if (strcmp(mode, "constant") || count != 8 || x[0] || x[1] || x[4] || x[5] || x[2] != x[3] || x[6] != x[7] ||
	    x[2] < 0 || x[6] < 0 || x[2] > 255 || x[6] > 255)
		onnx_die(&model, n, "expected a constant, as wide in both directions of the image, and nowhere else");
	if ((v->pad[0] || v->pad[1]) && (double)v->padding != padding)
		onnx_die(&model, n, "padded twice, by different numbers");
	v = pass(n, v);
	v->pad[0] += (int)x[2];
	v->pad[1] += (int)x[6];
	v->padding = (float)padding;
}

static void same(const Onnx__NodeProto *n)
{
	pass(n, image(n, 0));
}

static void flatten(const Onnx__NodeProto *n)
{
	if (onnx_int(&model, n, "axis", 1) != 1)
		onnx_die(&model, n, "axis %jd; expected 1", (intmax_t)onnx_int(&model, n, "axis", 1));
	pass(n, unpadded(n, 0))->is_flat = true;
}

/* Of images: to rows of numbers, or, where they have one pixel, to whatever lists their channels. */
static void reshape(const Onnx__NodeProto *n)
{
	struct value *v = unpadded(n, 0);
	const struct made *in = &made[v->made];
	const struct tensor *shape = constant(n, 1);
	double all = (double)in->channels * in->h * in->w, second;

	if (shape->count < 2)
		onnx_die(&model, n, "to %zu dimensions; expected n and the rest", shape->count);
	second = tensor_number(shape, 1);
	if (second != -1 && second != all && !(second == 0 && in->h == 1))
		onnx_die(&model, n, "to [n][%g]; expected [n][%g]", second, all);
	for (size_t i = 2; i < shape->count; i++)
		if (tensor_number(shape, i) != 1)
			onnx_die(&model, n, "to %zu dimensions; expected n and the rest", shape->count);
	pass(n, v)->is_flat = shape->count < 4;
}

static void transpose(const Onnx__NodeProto *n)
{
	struct value *v = input_value(n, 0);
	int64_t x[4];
	int count = onnx_ints(&model, n, "perm", x, 4);

	if (v->is_constant || !v->is_nhwc || count != 4 || x[0] != 0 || x[1] != 3 || x[2] != 1 || x[3] != 2)
		onnx_die(&model, n, "expected only of the input, from n, h, w, c to n, c, h, w");
	pass(n, v)->is_nhwc = false;
}

static void shape(const Onnx__NodeProto *n)
{
	struct value *v = unpadded(n, 0), *to;
	const struct made *in = &made[v->made];
	int64_t *x = xmalloc(4, sizeof *x);

	x[0] = 1;
	x[1] = v->is_flat ? (int64_t)in->channels * in->h * in->w : in->channels;
	x[2] = in->h;
	x[3] = in->w;
	to = result(n, 0);
	to->is_constant = true;
	to->tensor = (struct tensor){ .ndim = 1, .shape = { v->is_flat ? 2 : 4 }, .count = v->is_flat ? 2 : 4, .integers = x };
}

static void softmax(const Onnx__NodeProto *n)
{
	if (strcmp(n->output[0], model.graph->output[0]->name))
		onnx_die(&model, n, "expected at the end only");
	same(n);
}

static const struct operator {
	const char *name;
	void (*run)(const Onnx__NodeProto *n);
} operators[] = {
	{ "Conv", conv }, { "Gemm", linear }, { "MatMul", linear }, { "BatchNormalization", norm },
	{ "QuantizeLinear", quantise }, { "DequantizeLinear", dequantise },
	{ "Relu", relu }, { "Clip", clip }, { "Sigmoid", sigmoid }, { "HardSigmoid", hard_sigmoid }, { "HardSwish", hard_swish },
	{ "Add", add }, { "Sub", subtract }, { "Mul", multiply }, { "Div", divide }, { "Concat", concat },
	{ "MaxPool", pool }, { "AveragePool", pool }, { "GlobalAveragePool", pool_all }, { "GlobalMaxPool", pool_all }, { "ReduceMean", pool_all },
	{ "Pad", pad }, { "Flatten", flatten }, { "Reshape", reshape }, { "Squeeze", flatten }, { "Transpose", transpose }, { "Shape", shape },
	{ "Identity", same }, { "Dropout", same }, { "Cast", same }, { "Softmax", softmax }, { "LogSoftmax", softmax },
};

/* --- the whole file -------------------------------------------------------------------------- */

static bool fold(const Onnx__NodeProto *n)
{
	const struct tensor **in = xmalloc(n->n_input + 3, sizeof *in);
	struct tensor out;
	bool is_known = true;

	for (size_t k = 0; k < n->n_input && is_known; k++) {
		struct value *v = *n->input[k] ? input_value(n, k) : NULL;

		is_known = !v || v->is_constant;
		in[k] = v ? &v->tensor : NULL;
	}
	is_known = is_known && onnx_fold(&model, n, in, &out);
	free(in);
	if (is_known) {
		struct value *v = result(n, 0);

		v->is_constant = true;
		v->tensor = out;
		if (!strcmp(n->op_type, "Identity"))
			v->grid = input_value(n, 0)->grid;
	}
	return is_known;
}

static void run(const Onnx__NodeProto *n)
{
	if (fold(n))
		return;
	for (size_t i = 0; i < LEN(operators); i++)
		if (!strcmp(operators[i].name, n->op_type)) {
			operators[i].run(n);
			return;
		}
	onnx_die(&model, n, "this operator is not known");
}

/* Which nodes the first output depends on; the others (auxiliary classifiers, checks) are not looked at. */
static void find_needed(void)
{
	const Onnx__GraphProto *g = model.graph;
	const char **wanted;
	size_t most = 1, count = 0;

	for (size_t i = 0; i < g->n_node; i++) {
		if (!g->node[i]->op_type)
			die("%s: node %zu has no operator", model.path, i);
		most += g->node[i]->n_input;
	}
	wanted = xmalloc(most, sizeof *wanted);
	wanted[count++] = g->output[0]->name;
	is_needed = xmalloc(g->n_node, sizeof *is_needed);
	for (size_t i = g->n_node; i-- > 0;) {
		const Onnx__NodeProto *n = g->node[i];

		for (size_t k = 0; k < n->n_output && !is_needed[i]; k++)
			for (size_t j = 0; j < count && !is_needed[i]; j++)
				is_needed[i] = !strcmp(wanted[j], n->output[k]);
		for (size_t k = 0; k < n->n_input && is_needed[i]; k++)
			wanted[count++] = n->input[k];
	}
	free(wanted);
}

static int64_t dimension(const Onnx__ValueInfoProto *v, size_t i)
{
	const Onnx__TensorShapeProto *s = v->type && v->type->tensor_type ? v->type->tensor_type->shape : NULL;

	if (!s || s->n_dim != 4)
		die("%s: input '%.80s': expected images, [n][c][h][w]", model.path, v->name);
	return s->dim[i]->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE ? s->dim[i]->dim_value : 0;
}

static void read_input(const Onnx__ValueInfoProto *info)
{
	int64_t c = dimension(info, 1), h = dimension(info, 2), w = dimension(info, 3);
	bool is_nhwc = (w == 1 || w == 3) && c != 1 && c != 3;
	struct made *m = &made[n_made++];
	struct value *v = add_value(info->name);

	if (is_nhwc) {
		int64_t last = w;

		w = h, h = c, c = last;
	}
	h = h ? h : side;
	w = w ? w : side;
	if (c < 1 || c > 65535 || h < 1 || h > 65535 || h != w)
		die("%s: input '%.80s' of %jd x %jd x %jd; expected square images%s", model.path, info->name, (intmax_t)c, (intmax_t)h, (intmax_t)w,
		    h ? "" : ": --size tells their side");
	*m = (struct made){ .name = plain_name(info->name), .op = "input", .activation = "", .channels = (int)c, .size = (int)h,
	                    .h = (int)h, .w = (int)w, .is_signed = true };
	v->is_nhwc = is_nhwc;
}

static void read_constants_and_input(void)
{
	const Onnx__GraphProto *g = model.graph;
	const Onnx__ValueInfoProto *input = NULL;

	for (size_t i = 0; i < g->n_initializer; i++) {
		struct value *v;

		if (!g->initializer[i]->name || !users_of(g->initializer[i]->name))
			continue;
		v = add_value(g->initializer[i]->name);
		v->is_constant = true;
		v->tensor = onnx_tensor(&model, NULL, g->initializer[i]);
	}
	for (size_t i = 0; i < g->n_input; i++) {
		if (!g->input[i]->name || find(g->input[i]->name))
			continue;                       /* old files list weights among the inputs */
		if (input)
			die("%s: inputs '%.80s' and '%.80s'; expected one", model.path, input->name, g->input[i]->name);
		input = g->input[i];
	}
	if (!input)
		die("%s: no input", model.path);
	read_input(input);
}

/* For some of the classes: those rows of the last layer, in the order that was asked for. */
static void keep_outputs(struct made *m)
{
	size_t each, room = strlen(keep) / 2 + 1;
	float *weight, *bias = m->bias;
	const char *p = keep;
	int n = 0;

	if (!m->is_layer || m->gamma || *m->activation || m->weight_clip)
		die("%s: --keep expects a linear layer at the end, in full precision", model.path);
	each = m->count / (size_t)m->channels;
	weight = xmalloc(room * each, sizeof *weight);
	m->bias = bias ? xmalloc(room, sizeof *bias) : NULL;
	for (char *end; ; p = end + 1) {
		long k = strtol(p, &end, 10);

		if (end == p || k < 0 || k >= m->channels || (*end && *end != ','))
			usage("--keep wants outputs 0 to %d with commas between, not '%s'", m->channels - 1, keep);
		memcpy(weight + (size_t)n * each, m->weight + (size_t)k * each, each * sizeof *weight);
		if (bias)
			m->bias[n] = bias[k];
		n++;
		if (!*end)
			break;
	}
	m->weight = weight;
	m->channels = n;
	m->count = (size_t)n * each;
}

/* All names there may be: one for each output and constant. */
static void import(void)
{
	const Onnx__GraphProto *g = model.graph;
	size_t most = g->n_initializer + g->n_input + 1;
	struct value *last;

	if (g->n_output < 1 || !g->output[0]->name)
		die("%s: no output", model.path);
	find_needed();
	for (size_t i = 0; i < g->n_node; i++)
		most += g->node[i]->n_output + 1;
	values = xmalloc(most, sizeof *values);
	made = xmalloc(g->n_node + 1, sizeof *made);
	read_constants_and_input();
	for (size_t i = 0; i < g->n_node; i++)
		if (is_needed[i])
			run(g->node[i]);
	last = find(g->output[0]->name);
	if (!last || last->is_constant || last->pattern != AS_IT_IS || last->grid.state == AS_INTEGERS || last->pad[0] || last->pad[1])
		die("%s: output '%.80s' is not made of the images", model.path, g->output[0]->name);
	if (last->made != n_made - 1 || made[n_made - 1].h != 1)
		die("%s: output '%.80s' of %d x %d; expected that of a classifier", model.path, last->name, made[last->made].h, made[last->made].w);
}

/* --- bits ------------------------------------------------------------------------------------ */

/* What export-onnx says of a layer, or NULL. */
static const char *property(const char *kind, const char *name)
{
	const char *key = xprintf("%s.%s", kind, name);

	for (size_t i = 0; i < model.model->n_metadata_props; i++) {
		const Onnx__StringStringEntryProto *p = model.model->metadata_props[i];

		if (p->key && p->value && !strcmp(p->key, key))
			return p->value;
	}
	return NULL;
}

static bool is_bits(char digit)
{
	return digit >= '1' && digit <= '8';
}

/* Bits of weights, and of what the layer reads where the file has no quantiser of it. */
static void read_bits(struct made *m)
{
	const char *bits = property("bits", m->name), *clip = property("clip", m->name);
	char *end;

	if (bits && (!is_bits(bits[0]) || bits[1] != '/' || !is_bits(bits[2]) || bits[3]))
		die("%s: property bits.%s is '%.60s'; expected bits of weights and activations, as in 4/8", model.path, m->name, bits);
	m->weight_bits = bits ? bits[0] - '0' : 8;
	if (!bits || !clip || m->bits)
		return;
	m->clip = strtof(clip, &end);
	if (end == clip || *end || !(m->clip > 0) || !isfinite(m->clip))
		die("%s: property clip.%s is '%.60s'; expected a positive number", model.path, m->name, clip);
	m->bits = bits[2] - '0';
}

static void read_kernels(struct made *m)
{
	int widest = '0';

	m->kernels = property("kernels", m->name);
	if (!m->kernels)
		return;
	if (strlen(m->kernels) != (size_t)m->channels || strspn(m->kernels, "12345678") != (size_t)m->channels ||
	    m->steps != m->channels)
		die("%s: property kernels.%s: expected a digit, 1 to 8, and a scale for each of %d channels", model.path, m->name,
		    m->channels);
	for (int k = 0; k < m->channels; k++)
		widest = m->kernels[k] > widest ? m->kernels[k] : widest;
	m->weight_bits = widest - '0';
}

/* The range of the weights at..at + n, and whether they lie in it: 8 bits of other tools have one more step below 0. */
static float weight_range(const struct made *m, size_t at, size_t n, int bits, float step)
{
	int levels = bits > 1 ? (1 << (bits - 1)) - 1 : 1;
	float largest = 0, most = step * (float)(levels + (bits == 8));

	for (size_t i = at; i < at + n; i++)
		largest = fabsf(m->weight[i]) > largest ? fabsf(m->weight[i]) : largest;
	if (!(largest <= most * 1.00001f))
		die("%s: weights of '%s' reach %g, beyond the %g that %d bits have by their scale", model.path, m->name, (double)largest,
		    (double)most, bits);
	return bits == 1 && largest == 0 ? 0 : clip_of_step(step, levels);      /* one bit has no 0 */
}

static void find_ranges(struct made *m)
{
	size_t each = m->count / (size_t)m->steps;

	m->weight_clip = xmalloc((size_t)m->steps, sizeof *m->weight_clip);
	for (int k = 0; k < m->steps; k++)
		m->weight_clip[k] = weight_range(m, (size_t)k * each, each, m->kernels ? m->kernels[k] - '0' : m->weight_bits, m->step[k]);
}

/* Ranges of all layers, or of none: programs that quantise need them all. */
static void settle_bits(void)
{
	const struct made *open = NULL;
	bool is_quantised = false;

	for (int i = 0; i < n_made; i++) {
		struct made *m = &made[i];

		if (!m->is_layer)
			continue;
		read_bits(m);
		is_quantised |= m->step || m->bits;
		open = !open && (!m->step || !m->bits) ? m : open;
		if (m->step) {
			read_kernels(m);
			find_ranges(m);
		}
	}
	if (open && policy_path)
		die("%s: no policy: %s of layer '%s' are not quantised", model.path, open->step ? "inputs" : "weights", open->name);
	if (open && is_quantised)
		warn("%s: %s of layer '%s' are not quantised: no ranges are written", model.path,
		     open->step ? "inputs" : "weights", open->name);
	for (int i = 0; open && i < n_made; i++)
		made[i].weight_clip = NULL;
	if (left_out)
		warn("%s: quantisers that no layer reads are left out: %d", model.path, left_out);
}

/* --- writing --------------------------------------------------------------------------------- */

static void write_number(FILE *f, int x, bool is_wanted)
{
	fprintf(f, is_wanted ? ",%d" : ",", x);
}

static void write_node(FILE *f, const struct made *m, const char *bits, bool has_dilations)
{
	bool is_conv = !strcmp(m->op, "conv"), is_window = is_conv || !strcmp(m->op, "max") || (!strcmp(m->op, "average") && m->size);

	fprintf(f, "%s,%s,", m->name, m->op);
	for (int k = 0; k < m->inputs; k++)
		fprintf(f, "%s%s", k ? " " : "", made[m->input[k]].name);
	write_number(f, m->channels, m->is_layer || !m->inputs);
	write_number(f, m->size, is_window || !m->inputs);
	write_number(f, m->stride, is_window);
	write_number(f, m->pad[0], is_window);
	if (is_window && m->pad[1] != m->pad[0])
		fprintf(f, ":%d", m->pad[1]);
	write_number(f, m->groups, is_conv);
	fprintf(f, ",%s,%s,", m->is_layer ? m->bias ? "yes" : "no" : "", m->is_layer ? m->gamma ? "yes" : "no" : "");
	fprintf(f, "%s,%s", *m->activation ? m->activation : m->is_layer || !strcmp(m->op, "add") ? "none" : "", m->is_layer ? bits : "");
	if (has_dilations)
		write_number(f, m->dilation, is_conv);
	fputc('\n', f);
}

static void write_network(void)
{
	FILE *f = out_open(net_path);
	bool has_dilations = false;
	int first = n_made, last = 0;

	for (int i = n_made - 1; i >= 0; i--) {
		has_dilations |= made[i].dilation > 1;
		first = made[i].is_layer ? i : first;
		last = made[i].is_layer && !last ? i : last;
	}
	fprintf(f, "name,op,inputs,channels,size,stride,pad,groups,bias,norm,activation,bits%s\n", has_dilations ? ",dilation" : "");
	for (int i = 0; i < n_made; i++)
		write_node(f, &made[i], i == first || i == last ? "8" : "search", has_dilations);
	out_commit(f);
}

static void check_numbers(const struct made *m, const char *kind, const float *x, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!isfinite(x[i]))
			die("%s: %s of '%s': element %zu is not finite", model.path, kind, m->name, i);
}

static void add_array(struct npz_writer *z, const struct made *m, const char *kind, const float *x)
{
	if (!x)
		return;
	check_numbers(m, kind, x, (size_t)m->channels);
	npz_add(z, xprintf("%s.%s", m->name, kind), F32, 1, SHAPE((size_t)m->channels), x);
}

static void write_weights(void)
{
	FILE *f = out_open(weights_path);
	struct npz_writer *z = npz_begin(f, false);

	for (int i = 0; i < n_made; i++) {
		const struct made *m = &made[i];
		size_t k = (size_t)m->size, cin;

		if (!m->is_layer)
			continue;
		cin = (size_t)(m->cin / m->groups);
		check_numbers(m, "weight", m->weight, m->count);
		npz_add(z, xprintf("%s.weight", m->name), F32, !strcmp(m->op, "linear") ? 2 : 4, SHAPE((size_t)m->channels, cin, k, k), m->weight);
		add_array(z, m, "bias", m->bias);
		add_array(z, m, "gamma", m->gamma);
		add_array(z, m, "beta", m->beta);
		add_array(z, m, "mean", m->mean);
		add_array(z, m, "variance", m->variance);
		if (!m->weight_clip)
			continue;
		npz_add(z, xprintf("%s.weight_clip", m->name), F32, 1, SHAPE((size_t)m->steps), m->weight_clip);
		npz_add(z, xprintf("%s.activation_clip", m->name), F32, 1, SHAPE(1), &m->clip);
	}
	npz_end(z);
	out_commit(f);
}

static void write_policy(void)
{
	FILE *f = out_open(policy_path);

	fputs("layer,weight_bits,activation_bits\n", f);
	for (int i = 0; i < n_made; i++)
		if (made[i].is_layer)
			fprintf(f, "%s,%d,%d\n", made[i].name, made[i].weight_bits, made[i].bits);
	out_commit(f);
}

static void write_kernels(void)
{
	unsigned char *bits;
	size_t n = 0;

	for (int i = 0; i < n_made; i++)
		n += made[i].is_layer ? (size_t)made[i].channels : 0;
	bits = xmalloc(n, 1);
	n = 0;
	for (int i = 0; i < n_made; i++)
		for (int k = 0; made[i].is_layer && k < made[i].channels; k++)
			bits[n++] = (unsigned char)(made[i].kernels ? made[i].kernels[k] - '0' : made[i].weight_bits);
	npy_write(kernels_path, U8, 1, SHAPE(n), bits);
}

int main(int argc, char **argv)
{
	cli_begin(argc, argv, "an image classifier in ONNX becomes a network and its weights", REVISION, options);
	if (side < 0 || side > 65535)
		usage("--size is 1 to 65535, not %ld", side);
	if (kernels_path && !policy_path)
		usage("--kernels goes with --policy");
	onnx_read(&model, model_path);
	import();
	settle_bits();
	if (keep)
		keep_outputs(&made[n_made - 1]);
	write_weights();
	if (policy_path)
		write_policy();
	if (kernels_path)
		write_kernels();
	write_network();
	note("%d nodes of %zu", n_made, model.graph->n_node);
	return cli_end();
}
