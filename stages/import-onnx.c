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

#define REVISION 1

static const char *model_path, *net_path, *weights_path;
static long side;

static const struct opt options[] = {
	{ 'i', "input",   OPT_PATH, &model_path,   "model.onnx", "the model" },
	{ 'n', "network", OPT_OUT,  &net_path,     "NET.csv",    "the network" },
	{ 'w', "weights", OPT_OUT,  &weights_path, "NET.npz",    "its weights" },
	{ 's', "size",    OPT_INT,  &side,         NULL,         "side of the images, where the model leaves it open" },
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
};

/* What a name of the file stands for: a constant, or an output of a node of ours and what is still to be done with it. */
enum pattern {
	AS_IT_IS,
	PLUS_3,                         /* x + 3, of x = that output */
	RELU6_PLUS_3,                   /* relu6(x + 3) */
	TIMES_RELU6_PLUS_3,             /* x relu6(x + 3); with / 6 the hard-swish */
};

struct value {
	const char *name;
	bool is_constant, is_flat, is_nhwc;
	struct tensor tensor;
	int made, pad[2];
	float padding;                  /* the number that the pad consists of */
	enum pattern pattern;
	int users;
};

static struct onnx model;
static struct value *values;
static struct made *made;
static int n_values, n_made;
static bool *is_needed;                 /* nodes of the file */

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
		name = without_end(without_end(plain_name(weight), ".weight"), "_weight");
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

	return v->users == 1 && !v->is_flat && (m->is_layer || !strcmp(m->op, "add")) && !*m->activation ? m : NULL;
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

/* --- operators ------------------------------------------------------------------------------- */

static void conv(const Onnx__NodeProto *n)
{
	struct value *v = image(n, 0);
	const struct tensor *w = constant(n, 1);
	struct made *m = make(n, "conv", n->input[1]), *in = &made[v->made];
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
	struct made *m = make(n, in->h == 1 ? "linear" : "conv", n->input[1]);
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
	m->is_signed = is_signed;
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

	if (low == 0 && high == 6 && v->pattern == PLUS_3)
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
	m->is_signed = true;
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
	pass(n, v)->is_flat = true;
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
	to->tensor = (struct tensor){ 1, { v->is_flat ? 2 : 4 }, v->is_flat ? 2 : 4, NULL, x };
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
	if (!last || last->is_constant || last->pattern != AS_IT_IS || last->pad[0] || last->pad[1])
		die("%s: output '%.80s' is not made of the images", model.path, g->output[0]->name);
	if (last->made != n_made - 1 || made[n_made - 1].h != 1)
		die("%s: output '%.80s' of %d x %d; expected that of a classifier", model.path, last->name, made[last->made].h, made[last->made].w);
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
		size_t k = (size_t)m->size, cin = (size_t)(m->cin / m->groups);

		if (!m->is_layer)
			continue;
		check_numbers(m, "weight", m->weight, m->count);
		npz_add(z, xprintf("%s.weight", m->name), F32, !strcmp(m->op, "linear") ? 2 : 4, SHAPE((size_t)m->channels, cin, k, k), m->weight);
		add_array(z, m, "bias", m->bias);
		add_array(z, m, "gamma", m->gamma);
		add_array(z, m, "beta", m->beta);
		add_array(z, m, "mean", m->mean);
		add_array(z, m, "variance", m->variance);
	}
	npz_end(z);
	out_commit(f);
}

int main(int argc, char **argv)
{
	cli_begin(argc, argv, "an image classifier in ONNX becomes a network and its weights", REVISION, options);
	if (side < 0 || side > 65535)
		usage("--size is 1 to 65535, not %ld", side);
	onnx_read(&model, model_path);
	import();
	write_weights();
	write_network();
	note("%d nodes of %zu", n_made, model.graph->n_node);
	return cli_end();
}
