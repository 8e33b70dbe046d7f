#include "model/graph-inner.h"

#include <string.h>

/* The most macs of a layer: products of them with batches, bits and cycles fit 64 bits. */
#define MACS_MAX ((double)((int64_t)1 << 45))

int window_side(int size, int dilation)
{
	return dilation * (size - 1) + 1;
}

static void shape_like(struct node *n, const struct node *in)
{
	n->h = in->h;
	n->w = in->w;
	n->channels = in->channels;
}

static void shape_window(struct node *n, const struct node *in, const struct table *t, size_t row,
                         const char *pad)
{
	int window = window_side(n->size, n->dilation), beyond = n->pad + n->pad_end - window;
	int h = in->h + beyond, w = in->w + beyond;

	if (h < 0 || w < 0 || n->pad >= window || n->pad_end >= window)
		table_die(t, row, "a window of %d (pad %s) does not fit an image of %d x %d", window,
		          *pad ? pad : "0", in->h, in->w);
	n->h = h / n->stride + 1;
	n->w = w / n->stride + 1;
	if (n->h > SIDE_MAX || n->w > SIDE_MAX)
		table_die(t, row, "an image of %d x %d; at most %d are supported", n->h, n->w, SIDE_MAX);
}

static void shape_pair(const struct graph *g, struct node *n, const struct table *t, size_t row)
{
	const struct node *in = &g->node[n->input[0]], *other = &g->node[n->input[1]];
	bool is_factor = n->op == OP_MULTIPLY && other->h == 1 && other->w == 1;

	if (in->channels != other->channels || (!is_factor && (in->h != other->h || in->w != other->w)))
		table_die(t, row, "inputs of different shapes: %d x %d x %d and %d x %d x %d", in->h, in->w,
		          in->channels, other->h, other->w, other->channels);
	shape_like(n, in);
}

static void shape_concat(const struct graph *g, struct node *n, const struct table *t, size_t row)
{
	const struct node *in = &g->node[n->input[0]];

	shape_like(n, in);
	for (int i = 1; i < n->inputs; i++) {
		const struct node *other = &g->node[n->input[i]];

		if (in->h != other->h || in->w != other->w)
			table_die(t, row, "inputs of different sizes: %d x %d and %d x %d", in->h, in->w,
			          other->h, other->w);
		n->channels += other->channels;
		if (n->channels > SIDE_MAX)
			table_die(t, row, "more than %d channels", SIDE_MAX);
	}
}

static void set_shape(const struct graph *g, struct node *n, const struct table *t, size_t row,
                      const char *pad)
{
	const struct node *in;

	if (n->op == OP_INPUT) {
		n->h = n->w = n->size;
		return;
	}
	in = &g->node[n->input[0]];
	switch (n->op) {
	case OP_INPUT: break; /* done */
	case OP_CONV:
		if (in->channels % n->groups || n->channels % n->groups)
			table_die(t, row, "%d groups do not divide %d input and %d output channels",
			          n->groups, in->channels, n->channels);
		shape_window(n, in, t, row, pad);
		break;
	case OP_LINEAR:
		if (in->h != 1 || in->w != 1)
			table_die(t, row, "linear wants an input of 1 x 1, not %d x %d", in->h, in->w);
		n->h = n->w = 1;
		break;
	case OP_AVERAGE:
	case OP_MAX:
		n->channels = in->channels;
		n->h = n->w = 1;
		if (n->size)
			shape_window(n, in, t, row, pad);
		break;
	case OP_ACTIVATE: shape_like(n, in); break;
	case OP_ADD:
	case OP_MULTIPLY: shape_pair(g, n, t, row); break;
	case OP_CONCAT: shape_concat(g, n, t, row); break;
	}
}

static bool may_be_negative(const struct graph *g, const struct node *n)
{
	bool is_signed = n->op == OP_INPUT || n->op == OP_CONV || n->op == OP_LINEAR;

	for (int i = 0; i < n->inputs; i++)
		is_signed |= g->node[n->input[i]].is_signed;
	/* these functions have the sign of their argument */
	return is_signed &&
	       (n->activation == ACT_NONE || n->activation == ACT_HARDSWISH || n->activation == ACT_SWISH);
}

void graph_shape(const struct graph *g, struct node *n, const struct table *t, size_t row, const char *pad)
{
	set_shape(g, n, t, row, pad);
	n->is_signed = may_be_negative(g, n);
}

/* --- layers ---------------------------------------------------------------------------------- */

/*
 * How many rows (columns) of an input of `in` some window of `out` covers, at most: strides may be
 * wider than the kernel, and a dilated one has gaps.
 */
static int covered(const struct node *n, int out, int in)
{
	int64_t span = (int64_t)(out - 1) * n->stride + window_side(n->size, n->dilation),
		rows = (int64_t)out * n->size;

	rows = rows < span ? rows : span;
	return rows < in ? (int)rows : in;
}

static void describe_layer(struct layer *l, const struct graph *g, int index)
{
	const struct node *n = &g->node[index], *in = &g->node[n->input[0]];
	int64_t each = in->channels / n->groups; /* input channels of an output channel */

	if ((double)n->channels * (double)each * n->size * n->size * n->h * n->w > MACS_MAX ||
	    (double)n->channels * n->h * n->w > INT32_MAX || (double)in->channels * in->h * in->w > INT32_MAX)
		die("%s: layer '%s' is too large", g->path, n->name);
	*l = (struct layer){
		.name = n->name,
		.node = index,
		.is_linear = n->op == OP_LINEAR,
		.is_depthwise = n->op == OP_CONV && n->groups > 1 && n->groups == in->channels,
		.is_searched = n->bits == BITS_SEARCHED,
		.fixed_bits = n->bits,
		.cin = in->channels,
		.cout = n->channels,
		.kernel = n->size,
		.stride = n->stride,
		.groups = n->groups,
		.window = window_side(n->size, n->dilation),
		.hin = in->h,
		.win = in->w,
		.hout = n->h,
		.wout = n->w,
		.weights = n->channels * each * n->size * n->size,
		.biases = n->bias ? n->channels : 0,
		.batch_norms = n->batch_norm ? 2 * n->channels : 0,
		.input_is_signed = in->is_signed,
	};
	l->macs = l->weights * n->h * n->w;
	l->input_numbers = (int64_t)covered(n, n->h, in->h) * covered(n, n->w, in->w) * in->channels;
}

void graph_describe_layers(struct graph *g)
{
	g->layer = xmalloc((size_t)g->layers, sizeof *g->layer);
	for (int i = 0; i < g->nodes; i++)
		if (g->node[i].layer >= 0)
			describe_layer(&g->layer[g->node[i].layer], g, i);
}

int graph_layer(const struct graph *g, const char *name)
{
	for (int i = 0; i < g->layers; i++)
		if (!strcmp(g->layer[i].name, name))
			return i;
	return -1;
}

const char *layer_kind(const struct layer *l)
{
	return l->is_linear      ? "linear"
	       : l->is_depthwise ? "depthwise"
	       : l->kernel == 1  ? "pointwise"
	                         : "conv";
}

int64_t graph_macs(const struct graph *g)
{
	int64_t sum = 0;

	for (int i = 0; i < g->layers; i++)
		sum += g->layer[i].macs;
	return sum;
}

int graph_classes(const struct graph *g)
{
	return g->node[g->nodes - 1].channels;
}
