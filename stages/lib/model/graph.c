#include "model/graph.h"
#include "io/csv.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define REVISION 1 /* raise when the numbers change */

#define NODES_MAX 100000
#define SIDE_MAX 65536
#define DILATION_MAX 1024
/* of a layer; products of it with batches, bits and cycles fit 64 bits */
#define MACS_MAX ((double)((int64_t)1 << 45))

struct columns {
	int name, op, inputs, channels, size, stride, pad, groups, bias, norm, activation, bits, dilation;
};

int window_side(int size, int dilation)
{
	return dilation * (size - 1) + 1;
}

static int choose(const struct table *t, size_t row, int column, const char *const *words, int n)
{
	const char *text = table_text(t, row, column), *all = words[0];

	for (int i = 0; i < n; i++)
		if (!strcmp(words[i], text))
			return i;
	for (int i = 1; i < n; i++)
		all = xprintf("%s, %s", all, words[i]);
	table_die(t, row, "%s is '%.60s'; expected one of %s", t->header[column], text, all);
}

static bool yes_or_no(const struct table *t, size_t row, int column)
{
	static const char *const words[] = { "no", "yes" };

	return *table_text(t, row, column) && choose(t, row, column, words, 2);
}

static int number_or(const struct table *t, size_t row, int column, int otherwise, int min)
{
	return *table_text(t, row, column) ? (int)table_int(t, row, column, min, SIDE_MAX) : otherwise;
}

static int find_node(const struct graph *g, const char *name, size_t length)
{
	for (int i = 0; i < g->nodes; i++)
		if (strlen(g->node[i].name) == length && !strncmp(g->node[i].name, name, length))
			return i;
	return -1;
}

static int inputs_taken(enum op op) /* at least */
{
	return op == OP_INPUT ? 0 : op == OP_ADD || op == OP_MULTIPLY || op == OP_CONCAT ? 2 : 1;
}

static void read_inputs(struct graph *g, struct node *n, const struct table *t, size_t row,
                        const struct columns *c)
{
	const char *p = table_text(t, row, c->inputs), *op = table_text(t, row, c->op);
	int least = inputs_taken(n->op), most = n->op == OP_CONCAT ? INT_MAX : least;

	n->input = xmalloc(strlen(p) / 2 + 1, sizeof *n->input);
	for (p += strspn(p, " "); *p; p += strspn(p, " ")) {
		size_t length = strcspn(p, " ");

		if (n->inputs == most)
			table_die(t, row, "more than the %d inputs that '%s' takes", most, op);
		if ((n->input[n->inputs++] = find_node(g, p, length)) < 0)
			table_die(t, row, "input '%.*s' is not a node above", (int)length, p);
		p += length;
	}
	if (n->inputs < least)
		table_die(t, row, "%d inputs, where '%s' takes %d%s", n->inputs, op, least,
		          most > least ? " or more" : "");
	for (int i = 0; i < n->inputs; i++)
		g->node[n->input[i]].users++;
}

/* P, or B:E */
static void read_pad(struct node *n, const struct table *t, size_t row, int column)
{
	static const char digits[] = "0123456789";
	const char *text = table_text(t, row, column), *end = strchr(text, ':');
	size_t before, after;

	if (!end) {
		n->pad = n->pad_end = number_or(t, row, column, 0, 0);
		return;
	}
	before = strspn(text, digits);
	after = strspn(++end, digits);
	if (!before || before > 5 || text + before + 1 != end || !after || after > 5 || end[after])
		table_die(t, row, "%s must be a whole number, or two as in 0:1, not '%.60s'",
		          t->header[column], text);
	n->pad = atoi(text);
	n->pad_end = atoi(end);
}

/* Of conv, max, and an average that has a size. */
static void read_window(struct node *n, const struct table *t, size_t row, const struct columns *c)
{
	bool is_average = n->op == OP_AVERAGE && *table_text(t, row, c->size);
	bool is_window = n->op == OP_CONV || n->op == OP_MAX || is_average;

	n->size = is_window || n->op == OP_INPUT ? (int)table_int(t, row, c->size, 1, SIDE_MAX)
	                                         : n->op != OP_AVERAGE;
	n->stride = is_window ? (int)table_int(t, row, c->stride, 1, STRIDE_MAX) : 1;
	n->dilation = 1;
	if (c->dilation >= 0 && *table_text(t, row, c->dilation))
		n->dilation = (int)table_int(t, row, c->dilation, 1, DILATION_MAX);
	if (n->dilation > 1 && n->op != OP_CONV)
		table_die(t, row, "a dilation is of conv");
	read_pad(n, t, row, c->pad);
	if (!is_window && (n->pad || n->pad_end))
		table_die(t, row, "a pad is of conv, max, and average with a size");
	if (!is_window &&
	    (*table_text(t, row, c->stride) || (n->op != OP_INPUT && *table_text(t, row, c->size))))
		table_die(t, row, "size and stride are of conv, max and average");
}

static void read_activation(struct node *n, const struct table *t, size_t row, int column)
{
	static const char *const words[] = { "none",        "relu",    "relu6", "hardswish",
		                             "hardsigmoid", "sigmoid", "swish" };
	bool is_fused = n->layer >= 0 || n->op == OP_ADD;

	if (n->op == OP_ACTIVATE)
		n->activation = (enum activation)(1 + choose(t, row, column, words + 1, LEN(words) - 1));
	else if (*table_text(t, row, column))
		n->activation =
			(enum activation)choose(t, row, column, words, is_fused ? ACT_RELU6 + 1 : LEN(words));
	if (!is_fused && n->op != OP_ACTIVATE && n->activation != ACT_NONE)
		table_die(t, row, "an activation is of conv, linear, add and activate");
}

/* --- shapes ---------------------------------------------------------------------------------- */

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

static void derive_shape(struct graph *g, struct node *n, const struct table *t, size_t row,
                         const struct columns *c)
{
	const struct node *in = n->inputs ? &g->node[n->input[0]] : NULL;

	switch (n->op) {
	case OP_INPUT: n->h = n->w = n->size; break;
	case OP_CONV:
		if (in->channels % n->groups || n->channels % n->groups)
			table_die(t, row, "%d groups do not divide %d input and %d output channels",
			          n->groups, in->channels, n->channels);
		shape_window(n, in, t, row, table_text(t, row, c->pad));
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
			shape_window(n, in, t, row, table_text(t, row, c->pad));
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
	/* functions that have the sign of what they are of */
	return is_signed &&
	       (n->activation == ACT_NONE || n->activation == ACT_HARDSWISH || n->activation == ACT_SWISH);
}

static void read_node(struct graph *g, const struct table *t, size_t row, const struct columns *c)
{
	static const char *const ops[] = { "input", "conv",     "linear",   "add",   "average",
		                           "max",   "activate", "multiply", "concat" };
	struct node *n = &g->node[g->nodes];
	const char *bits = table_text(t, row, c->bits);
	bool is_layer;

	n->name = xstrdup(table_text(t, row, c->name));
	/* names stand in tables, where the last row is the total, and in archives */
	if (!*n->name || strpbrk(n->name, " ,/\"\t\r\n") || !strcmp(n->name, "total") ||
	    strlen(n->name) > NODE_NAME_MAX)
		table_die(t, row, "'%.60s' is no name for a node", n->name);
	if (find_node(g, n->name, strlen(n->name)) >= 0)
		table_die(t, row, "two nodes are named '%s'", n->name);
	n->op = (enum op)choose(t, row, c->op, ops, LEN(ops));
	is_layer = n->op == OP_CONV || n->op == OP_LINEAR;
	if ((n->op == OP_INPUT) != (row == 0))
		table_die(t, row, "the first node, and no other, is the input");
	n->layer = is_layer ? g->layers++ : -1;
	n->channels = is_layer || n->op == OP_INPUT ? (int)table_int(t, row, c->channels, 1, SIDE_MAX) : 0;
	read_window(n, t, row, c);
	n->groups = number_or(t, row, c->groups, 1, 1);
	if (n->groups > 1 && n->op != OP_CONV)
		table_die(t, row, "groups are of conv");
	n->bias = yes_or_no(t, row, c->bias);
	n->batch_norm = yes_or_no(t, row, c->norm);
	read_activation(n, t, row, c->activation);
	if (!is_layer && (n->bias || n->batch_norm || *bits))
		table_die(t, row, "bias, norm and bits are of conv and linear");
	if (is_layer && !*bits)
		table_die(t, row, "bits of a layer are search, or 1 to %d", BITS_MAX);
	n->bits = !is_layer || !strcmp(bits, "search") ? BITS_SEARCHED
	                                               : (int)table_int(t, row, c->bits, 1, BITS_MAX);
	read_inputs(g, n, t, row, c);
	derive_shape(g, n, t, row, c);
	n->is_signed = may_be_negative(g, n);
	g->nodes++;
}

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

	if ((double)n->channels * (in->channels / n->groups) * n->size * n->size * n->h * n->w > MACS_MAX ||
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
		.weights = (int64_t)n->channels * (in->channels / n->groups) * n->size * n->size,
		.biases = n->bias ? n->channels : 0,
		.batch_norms = n->batch_norm ? 2 * n->channels : 0,
		.input_is_signed = in->is_signed,
	};
	l->macs = l->weights * n->h * n->w;
	l->reads = (int64_t)covered(n, n->h, in->h) * covered(n, n->w, in->w) * in->channels;
}

void graph_read(struct graph *g, const char *path)
{
	struct table t;
	struct columns c;

	table_read(&t, path);
	if (t.rows < 2 || t.rows > NODES_MAX)
		die("%s: %zu nodes; expected 2 to %d", path, t.rows, NODES_MAX);
	c = (struct columns){
		table_column(&t, "name"),     table_column(&t, "op"),         table_column(&t, "inputs"),
		table_column(&t, "channels"), table_column(&t, "size"),       table_column(&t, "stride"),
		table_column(&t, "pad"),      table_column(&t, "groups"),     table_column(&t, "bias"),
		table_column(&t, "norm"),     table_column(&t, "activation"), table_column(&t, "bits"),
		table_find(&t, "dilation"),
	};
	*g = (struct graph){ .path = path, .node = xmalloc(t.rows, sizeof *g->node) };
	for (size_t row = 0; row < t.rows; row++)
		read_node(g, &t, row, &c);
	for (int i = 0; i + 1 < g->nodes; i++)
		if (!g->node[i].users)
			table_die(&t, (size_t)i, "nothing reads the output of '%s'", g->node[i].name);
	g->layer = xmalloc((size_t)g->layers, sizeof *g->layer);
	for (int i = 0; i < g->nodes; i++)
		if (g->node[i].layer >= 0)
			describe_layer(&g->layer[g->node[i].layer], g, i);
	if (!g->layers)
		die("%s: no conv or linear node", path);
	table_free(&t);
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
