/* Inputs and attributes of the current node: what the names in the file stand for. */
#include "onnx/import-inner.h"

#include <string.h>

int64_t attribute_int(const struct import *o, const char *name, int64_t otherwise)
{
	return onnx_int(&o->model, o->current, name, otherwise);
}

float attribute_float(const struct import *o, const char *name, float otherwise)
{
	return onnx_float(&o->model, o->current, name, otherwise);
}

bool has_input(const struct import *o, size_t k)
{
	return k < o->current->n_input && *o->current->input[k];
}

/* --- names in the file ----------------------------------------------------------------------- */

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

	if (k >= o->current->n_input)
		refuse(o, "has %zu inputs; expected more", o->current->n_input);
	v = find_value(o, o->current->input[k]);
	if (!v)
		refuse(o, "reads '%.80s', which no node above it makes", o->current->input[k]);
	return v;
}

struct value *image_allowing(const struct import *o, size_t k, unsigned allowed)
{
	struct value *v = input_value(o, k);

	if (v->is_constant)
		refuse(o, "input %zu, '%.80s', is a constant; expected images", k, v->name);
	if (v->is_nhwc && !(allowed & ALLOW_CHANNELS_LAST))
		refuse(o, "reads images whose channels come last; expected a Transpose to n, c, h, w first");
	if (v->pattern != NO_PATTERN && !(allowed & ALLOW_PATTERN))
		refuse(o, "reads a sum x + 3 of which no hard-swish is made");
	if (v->grid.state == QUANTIZED && !(allowed & ALLOW_INTEGERS))
		refuse(o, "reads integers; expected a DequantizeLinear before it");
	if ((v->pad[0] || v->pad[1]) && !(allowed & ALLOW_PADDED))
		refuse(o, "reads padded images; expected a convolution or a pooling after Pad");
	return v;
}

struct value *image(const struct import *o, size_t k)
{
	return image_allowing(o, k, 0);
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
	int count = onnx_ints(&o->model, o->current, attribute, x, (int)len);
	const struct tensor *t;

	if (!input || !has_input(o, input))
		return count;
	t = constant(o, input);
	if (count || t->count > len)
		refuse(o, "%s: %d by attribute and %zu by input; expected at most %zu, by one of them",
		       attribute, count, t->count, len);
	for (; count < (int)t->count; count++)
		x[count] = onnx_integer(&o->model, o->current, t, (size_t)count);
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

	/* before opset 7, a node could say where the sizes of the second operand belong */
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
		       o->current->input[k], t->count, channels);
	return x;
}
