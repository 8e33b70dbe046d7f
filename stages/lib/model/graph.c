#include "model/graph-inner.h"
#include "io/csv.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define REVISION 1 /* raise when the numbers that graph.h derives change */

#define HEADER "name,op,inputs,channels,size,stride,pad,groups,bias,norm,activation,bits"
#define NODES_MAX 100000
#define DILATION_MAX 1024
static const char *const op_names[] = { "input", "conv",     "linear",   "add",   "average",
	                                "max",   "activate", "multiply", "concat" };
static const char *const activation_names[] = { "none",        "relu",    "relu6", "hardswish",
	                                        "hardsigmoid", "sigmoid", "swish" };

struct columns {
	int name, op, inputs, channels, size, stride, pad, groups, bias, norm, activation, bits, dilation;
};

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

/* The least number of inputs. */
static int inputs_taken(enum op op)
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

/* A pad is P, or B:E. */
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
	n->pad = (int)strtol(text, NULL, 10);
	n->pad_end = (int)strtol(end, NULL, 10);
}

/* Conv, max, and an average that has a size, have windows. */
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
	const char *const *words = activation_names;
	bool is_fused = n->layer >= 0 || n->op == OP_ADD;

	if (n->op == OP_ACTIVATE)
		n->activation =
			(enum activation)(1 + choose(t, row, column, words + 1, LEN(activation_names) - 1));
	else if (*table_text(t, row, column))
		n->activation = (enum activation)choose(t, row, column, words,
		                                        is_fused ? ACT_RELU6 + 1 : LEN(activation_names));
	if (!is_fused && n->op != OP_ACTIVATE && n->activation != ACT_NONE)
		table_die(t, row, "an activation is of conv, linear, add and activate");
}

static void read_node(struct graph *g, const struct table *t, size_t row, const struct columns *c)
{
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
	n->op = (enum op)choose(t, row, c->op, op_names, LEN(op_names));
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
	graph_shape(g, n, t, row, table_text(t, row, c->pad));
	g->nodes++;
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
	graph_describe_layers(g);
	if (!g->layers)
		die("%s: no conv or linear node", path);
	table_free(&t);
}

/* --- writing --------------------------------------------------------------------------------- */

static void write_int(struct csv_writer *t, int x, bool is_wanted)
{
	if (is_wanted)
		csv_int(t, x);
	else
		csv_empty(t, 1);
}

static void write_text(struct csv_writer *t, char *text)
{
	csv_text(t, text);
	free(text);
}

static char *input_names(const struct graph *g, const struct node *n)
{
	char *all = xstrdup("");

	for (int i = 0; i < n->inputs; i++) {
		char *before = all;

		all = xprintf("%s%s%s", before, i ? " " : "", g->node[n->input[i]].name);
		free(before);
	}
	return all;
}

static void write_node(struct csv_writer *t, const struct graph *g, const struct node *n, bool has_dilations)
{
	bool is_conv = n->op == OP_CONV, is_layer = is_conv || n->op == OP_LINEAR,
	     is_input = n->op == OP_INPUT;
	bool is_window = is_conv || n->op == OP_MAX || (n->op == OP_AVERAGE && n->size);
	bool has_activation = is_layer || n->op == OP_ADD || n->activation != ACT_NONE;

	csv_text(t, n->name);
	csv_text(t, op_names[n->op]);
	write_text(t, input_names(g, n));
	write_int(t, n->channels, is_layer || is_input);
	write_int(t, n->size, is_window || is_input);
	write_int(t, n->stride, is_window);
	if (is_window && n->pad_end != n->pad)
		write_text(t, xprintf("%d:%d", n->pad, n->pad_end));
	else
		write_int(t, n->pad, is_window);
	write_int(t, n->groups, is_conv);
	csv_text(t, !is_layer ? "" : n->bias ? "yes" : "no");
	csv_text(t, !is_layer ? "" : n->batch_norm ? "yes" : "no");
	csv_text(t, has_activation ? activation_names[n->activation] : "");
	if (is_layer && n->bits == BITS_SEARCHED)
		csv_text(t, "search");
	else
		write_int(t, n->bits, is_layer);
	if (has_dilations)
		write_int(t, n->dilation, is_conv);
	csv_end_row(t);
}

void graph_write(const struct graph *g, const char *path)
{
	struct csv_writer t;
	bool has_dilations = false;

	for (int i = 0; i < g->nodes; i++)
		has_dilations |= g->node[i].dilation > 1;
	t = csv_create(path, has_dilations ? HEADER ",dilation" : HEADER);
	for (int i = 0; i < g->nodes; i++)
		write_node(&t, g, &g->node[i], has_dilations);
	csv_commit(&t);
}
