/* What names of the file stand for, and nodes of ours. */
#include "model/graph.h"
#include "onnx/import.h"

#include <math.h>
#include <string.h>

int64_t attribute_int(const struct import *o, const char *name, int64_t otherwise)
{
	return onnx_int(&o->model, o->node, name, otherwise);
}

float attribute_float(const struct import *o, const char *name, float otherwise)
{
	return onnx_float(&o->model, o->node, name, otherwise);
}

bool has_input(const struct import *o, size_t k)
{
	return k < o->node->n_input && *o->node->input[k];
}

/* --- names of the file ----------------------------------------------------------------------- */

struct value *find_value(const struct import *o, const char *name)
{
	for (int i = o->values - 1; i >= 0; i--)
		if (!strcmp(o->value[i].name, name))
			return &o->value[i];
	return NULL;
}

static int users_of(const struct import *o, const char *name)
{
	const Onnx__GraphProto *g = o->model.graph;
	int users = g->n_output && !strcmp(g->output[0]->name, name);

	for (size_t i = 0; i < g->n_node; i++)
		for (size_t k = 0; o->is_needed[i] && k < g->node[i]->n_input; k++)
			users += !strcmp(g->node[i]->input[k], name);
	return users;
}

struct value *add_value(struct import *o, const char *name)
{
	o->value[o->values] = (struct value){ .name = name, .users = users_of(o, name), .dims = 4 };
	return &o->value[o->values++];
}

struct value *input_value(const struct import *o, size_t k)
{
	struct value *v;

	if (k >= o->node->n_input)
		refuse(o, "has %zu inputs; expected more", o->node->n_input);
	v = find_value(o, o->node->input[k]);
	if (!v)
		refuse(o, "reads '%.80s', which no node above it makes", o->node->input[k]);
	return v;
}

struct value *image_but(const struct import *o, size_t k, unsigned allowed)
{
	struct value *v = input_value(o, k);

	if (v->is_constant)
		refuse(o, "input %zu, '%.80s', is a constant; expected images", k, v->name);
	if (v->is_nhwc && !(allowed & CHANNELS_LAST))
		refuse(o, "reads images whose channels come last; expected a Transpose to n, c, h, w first");
	if (v->pattern != AS_IT_IS && !(allowed & PATTERN))
		refuse(o, "reads a sum x + 3 of which no hard-swish is made");
	if (v->grid.state == AS_INTEGERS && !(allowed & INTEGERS))
		refuse(o, "reads integers; expected a DequantizeLinear before it");
	if ((v->pad[0] || v->pad[1]) && !(allowed & PADDED))
		refuse(o, "reads padded images; expected a convolution or a pooling after Pad");
	return v;
}

struct value *image(const struct import *o, size_t k)
{
	return image_but(o, k, 0);
}

const struct tensor *constant(const struct import *o, size_t k)
{
	struct value *v = input_value(o, k);

	if (!v->is_constant)
		refuse(o, "input %zu, '%.80s', is computed; expected a constant", k, v->name);
	return &v->tensor;
}

const char *origin_of(const struct import *o, size_t k)
{
	const struct value *v = input_value(o, k);

	return v->origin ? v->origin : v->name;
}

int ints_of(const struct import *o, const char *attribute, size_t input, int64_t *x, size_t len)
{
	int count = onnx_ints(&o->model, o->node, attribute, x, (int)len);
	const struct tensor *t;

	if (!input || !has_input(o, input))
		return count;
	t = constant(o, input);
	if (count || t->count > len)
		refuse(o, "%s: %d by attribute and %zu by input; expected at most %zu, by one of them",
		       attribute, count, t->count, len);
	for (; count < (int)t->count; count++)
		x[count] = onnx_integer(&o->model, o->node, t, (size_t)count);
	return count;
}

unsigned axes_of(const struct import *o, int dims)
{
	int64_t x[4];
	int count = ints_of(o, "axes", 1, x, LEN(x));
	unsigned axes = 0;

	for (int i = 0; i < count; i++) {
		if (x[i] < -dims || x[i] >= dims)
			refuse(o, "axis %jd of %d", (intmax_t)x[i], dims);
		axes |= 1u << (x[i] < 0 ? x[i] + dims : x[i]);
	}
	return axes;
}

bool along_channels(const struct import *o, const struct tensor *t, int dims, int channels, float *to)
{
	int64_t offset = dims - t->ndim;

	/*
	 * before opset 7, a node could say where the sizes of the second operand belong;
	 * since then that is at the end
	 */
	if (onnx_opset(&o->model) < 7 && attribute_int(o, "broadcast", 0))
		offset = attribute_int(o, "axis", offset);
	if (offset < 0 || offset > dims || t->ndim > dims || (t->count != 1 && t->count != (size_t)channels))
		return false;
	for (int i = 0; i < t->ndim; i++)
		if (t->shape[i] != 1 && i + offset != 1)
			return false;
	for (int k = 0; k < channels; k++)
		to[k] = (float)tensor_number(t, t->count == 1 ? 0 : (size_t)k);
	return true;
}

float *per_channel(const struct import *o, size_t k, int channels)
{
	const struct tensor *t = constant(o, k);
	float *x = xmalloc((size_t)channels, sizeof *x);

	if (!t->floats || t->count != (size_t)channels || !along_channels(o, t, 2, channels, x))
		refuse(o, "'%.80s' has %zu numbers; expected a float for each of %d channels",
		       o->node->input[k], t->count, channels);
	return x;
}

/* --- names of ours --------------------------------------------------------------------------- */

/* Module paths as PyTorch writes them: /layer1/layer1.0/conv1/Conv is layer1.0.conv1. */
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

/* export-onnx adds .weight to the names of layers, which may end in _weight. */
static char *without_weight(char *name)
{
	size_t n = strlen(name);

	without_end(name, ".weight");
	return strlen(name) < n ? name : without_end(name, "_weight");
}

static bool is_taken(const struct import *o, const char *name)
{
	for (int i = 0; i < o->n_made; i++)
		if (!strcmp(o->made[i].name, name))
			return true;
	return !strcmp(name, "total"); /* the last row of tables */
}

/* After the weights, where those have a name that someone gave; else after the node, or what it does. */
static char *choose_name(const struct import *o, const char *weight)
{
	const Onnx__NodeProto *n = o->node;
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

/* --- nodes of ours --------------------------------------------------------------------------- */

struct made *made_of(const struct import *o, const struct value *v)
{
	return &o->made[v->made];
}

struct made *make(struct import *o, const char *op, const char *name)
{
	char *own = choose_name(o, name);
	struct made *m = &o->made[o->n_made++];

	*m = (struct made){
		.name = own, .op = op, .activation = "", .stride = 1, .groups = 1, .dilation = 1
	};
	return m;
}

struct made *make_like(struct import *o, const char *op, const struct value *v)
{
	const struct made *in = made_of(o, v);
	struct made *m = make(o, op, NULL);

	m->channels = in->channels;
	m->h = in->h;
	m->w = in->w;
	m->is_signed = in->is_signed;
	return m;
}

void read_from(struct import *o, struct made *m, const struct value *v)
{
	if (m->inputs == LEN(m->input))
		refuse(o, "more than %zu inputs", LEN(m->input));
	m->input[m->inputs++] = v->made;
	m->reads_grid |= v->grid.state != NO_GRID;
	o->left_out += v->grid.state != NO_GRID && !m->is_layer;
}

struct value *result(struct import *o, int made)
{
	struct value *v;

	if (!o->node->n_output)
		refuse(o, "has no output");
	v = add_value(o, o->node->output[0]);
	v->made = made;
	return v;
}

struct value *result_like(struct import *o, const struct value *v)
{
	struct value *to = result(o, o->n_made - 1);

	to->dims = v->dims;
	to->is_flat = v->is_flat;
	return to;
}

struct value *pass(struct import *o, const struct value *from)
{
	struct value *v = result(o, from->made);
	struct value kept = *v;

	*v = *from;
	v->name = kept.name;
	/* as many as read it by either name, at least */
	v->users = kept.users < from->users ? from->users : kept.users;
	return v;
}

struct value *constant_result(struct import *o, struct tensor t)
{
	const char *origin = origin_of(o, 0);
	struct value *v = result(o, 0);

	v->origin = origin;
	v->is_constant = true;
	v->tensor = t;
	return v;
}

struct made *open_node(const struct import *o, const struct value *v)
{
	struct made *m = made_of(o, v);
	bool is_plain = v->users == 1 && !v->is_flat && v->grid.state == NO_GRID && v->pattern == AS_IT_IS &&
	                !v->pad[0] && !v->pad[1];

	return is_plain && (m->is_layer || !strcmp(m->op, "add")) && !*m->activation ? m : NULL;
}
