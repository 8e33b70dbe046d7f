/* Nodes of the network, and how the file's names come to stand for their outputs. */
#include "onnx/import-inner.h"

#include <string.h>

/* --- names ----------------------------------------------------------------------------------- */

/* Module paths are shortened as PyTorch has them: /layer1/layer1.0/conv1/Conv becomes layer1.0.conv1.Conv. */
char *plain_name(const char *name)
{
	char *to = xmalloc(strlen(name) + 8, 1), *end = to, *start = to;

	for (; *name; name++) {
		if (*name != '/') {
			*end++ = (char)(strchr("_-.", *name) || (*name >= '0' && *name <= '9') ||
			                                ((*name | 32) >= 'a' && (*name | 32) <= 'z')
			                        ? *name
			                        : '-');
			continue;
		}
		if (end == start)
			continue;
		if (!strncmp(name + 1, start, (size_t)(end - start)) && name[1 + (end - start)] == '.')
			end = start; /* the next part begins with this one */
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

/* One ending goes, not two: export-onnx adds .weight to names of layers, which may end in _weight. */
static char *without_weight(char *name)
{
	size_t n = strlen(name);

	without_end(name, ".weight");
	return strlen(name) < n ? name : without_end(name, "_weight");
}

static bool is_taken(const struct import *o, const char *name)
{
	for (int i = 0; i < o->nodes; i++)
		if (!strcmp(o->node[i].name, name))
			return true;
	return !strcmp(name, "total"); /* the last row of tables */
}

/* A name for the current node: after its weights, where those have one that someone gave, else its own. */
static char *choose_name(const struct import *o, const char *weight)
{
	const Onnx__NodeProto *n = o->current;
	char *name, *other;

	if (weight && !strstr(weight, "::") && strspn(weight, "0123456789") < strlen(weight))
		name = without_weight(without_end(plain_name(weight), "_quantized"));
	else
		name = without_end(plain_name(n->name && *n->name ? n->name : n->op_type),
		                   xprintf(".%s", n->op_type));
	if (!*name)
		name = plain_name(n->op_type);
	if (strlen(name) > NODE_NAME_MAX)
		name += strlen(name) - NODE_NAME_MAX;
	other = name;
	for (int i = 2; is_taken(o, other); i++)
		other = xprintf("%.*s-%d", NODE_NAME_MAX - 10, name, i);
	return other;
}

/* --- nodes ----------------------------------------------------------------------------------- */

struct node *producer(const struct import *o, const struct value *v)
{
	return &o->node[v->node];
}

struct node *add_node(struct import *o, enum op op, const char *weight)
{
	char *name = choose_name(o, weight);
	struct node *n = &o->node[o->nodes];

	o->reads_quantized[o->nodes++] = false;
	*n = (struct node){ .name = name,
		            .op = op,
		            .input = xmalloc(INPUTS_MAX, sizeof *n->input),
		            .stride = 1,
		            .groups = 1,
		            .dilation = 1,
		            .layer = -1 };
	return n;
}

struct node *add_node_like(struct import *o, enum op op, const struct value *v)
{
	const struct node *in = producer(o, v);
	struct node *n = add_node(o, op, NULL);

	n->channels = in->channels;
	n->h = in->h;
	n->w = in->w;
	n->is_signed = in->is_signed;
	return n;
}

struct import_layer *add_layer(struct import *o, struct node *n)
{
	n->layer = o->layers++;
	n->is_signed = true;
	return layer_of(o, n);
}

struct import_layer *layer_of(const struct import *o, const struct node *n)
{
	return &o->layer[n->layer];
}

void connect(struct import *o, struct node *n, const struct value *v)
{
	bool is_quantized = v->grid.state != NOT_QUANTIZED;

	if (n->inputs == INPUTS_MAX)
		refuse(o, "more than %d inputs", INPUTS_MAX);
	n->input[n->inputs++] = v->node;
	producer(o, v)->users++;
	o->reads_quantized[n - o->node] |= is_quantized;
	o->ignored_quantizers += is_quantized && n->layer < 0;
}

/* --- outputs of the current node ------------------------------------------------------------- */

struct value *set_output(struct import *o, int node)
{
	struct value *v;

	if (!o->current->n_output)
		refuse(o, "has no output");
	v = add_value(o, o->current->output[0]);
	v->node = node;
	return v;
}

struct value *set_output_like(struct import *o, const struct value *v)
{
	struct value *to = set_output(o, o->nodes - 1);

	to->dims = v->dims;
	to->is_flat = v->is_flat;
	return to;
}

struct value *pass_through(struct import *o, const struct value *from)
{
	struct value *v = set_output(o, from->node);
	struct value kept = *v;

	*v = *from;
	v->name = kept.name;
	/* as many as read it by either name, at least */
	v->users = kept.users < from->users ? from->users : kept.users;
	return v;
}

struct value *set_output_constant(struct import *o, struct tensor t)
{
	const char *origin = origin_of(o, 0);
	struct value *v = set_output(o, 0);

	v->origin = origin;
	v->is_constant = true;
	v->tensor = t;
	return v;
}

struct node *fusible_node(const struct import *o, const struct value *v)
{
	struct node *n = producer(o, v);
	bool is_plain = v->users == 1 && !v->is_flat && v->grid.state == NOT_QUANTIZED &&
	                v->pattern == NO_PATTERN && !v->pad[0] && !v->pad[1];

	return is_plain && (n->layer >= 0 || n->op == OP_ADD) && n->activation == ACT_NONE ? n : NULL;
}
