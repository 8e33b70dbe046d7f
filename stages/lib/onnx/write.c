#include "onnx/write.h"

#include <stdlib.h>
#include <string.h>

struct onnx_writer {
	Onnx__ModelProto model;
	Onnx__GraphProto graph;
	Onnx__OperatorSetIdProto opset, *opsets[1];
};

/* A list of n with room for one more: it grows by doubling, when n is a power of two. */
static void *grown(void *list, size_t n)
{
	void **larger;

	if (n & (n - 1))
		return list;
	larger = xmalloc(n ? 2 * n : 1, sizeof *larger);
	if (n)
		memcpy(larger, list, n * sizeof *larger);
	free(list);
	return larger;
}

#define APPEND(list, n, item) ((list) = grown((list), (n)), (list)[(n)++] = (item))

struct onnx_writer *onnx_begin(const char *graph_name)
{
	struct onnx_writer *o = xmalloc(1, sizeof *o);

	onnx__model_proto__init(&o->model);
	onnx__graph_proto__init(&o->graph);
	onnx__operator_set_id_proto__init(&o->opset);
	o->graph.name = xstrdup(graph_name);
	o->opset.domain = xstrdup("");
	o->opset.has_version = true;
	o->opset.version = ONNX_OPSET;
	o->opsets[0] = &o->opset;
	o->model.has_ir_version = true;
	o->model.ir_version = ONNX_IR;
	o->model.producer_name = xstrdup("haq");
	o->model.n_opset_import = 1;
	o->model.opset_import = o->opsets;
	o->model.graph = &o->graph;
	return o;
}

static Onnx__TensorShapeProto__Dimension *dimension(int64_t size)
{
	Onnx__TensorShapeProto__Dimension *d = xmalloc(1, sizeof *d);

	onnx__tensor_shape_proto__dimension__init(d);
	d->value_case = size ? ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE
	                     : ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
	if (size)
		d->dim_value = size;
	else
		d->dim_param = xstrdup("n");
	return d;
}

static Onnx__ValueInfoProto *value_info(const char *name, int ndim, const int64_t *shape)
{
	Onnx__ValueInfoProto *v = xmalloc(1, sizeof *v);
	Onnx__TypeProto *type = xmalloc(1, sizeof *type);
	Onnx__TypeProto__Tensor *tensor = xmalloc(1, sizeof *tensor);
	Onnx__TensorShapeProto *s = xmalloc(1, sizeof *s);

	onnx__value_info_proto__init(v);
	onnx__type_proto__init(type);
	onnx__type_proto__tensor__init(tensor);
	onnx__tensor_shape_proto__init(s);
	for (int i = 0; i < ndim; i++)
		APPEND(s->dim, s->n_dim, dimension(shape[i]));
	tensor->has_elem_type = true;
	tensor->elem_type = ONNX_FLOAT;
	tensor->shape = s;
	type->value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
	type->tensor_type = tensor;
	v->name = xstrdup(name);
	v->type = type;
	return v;
}

void onnx_input(struct onnx_writer *o, const char *name, int ndim, const int64_t *shape)
{
	APPEND(o->graph.input, o->graph.n_input, value_info(name, ndim, shape));
}

void onnx_output(struct onnx_writer *o, const char *name, int ndim, const int64_t *shape)
{
	APPEND(o->graph.output, o->graph.n_output, value_info(name, ndim, shape));
}

void onnx_constant(struct onnx_writer *o, const char *name, enum onnx_type type, int ndim,
                   const int64_t *shape, const void *numbers)
{
	Onnx__TensorProto *t = xmalloc(1, sizeof *t);
	size_t size = type == ONNX_FLOAT ? sizeof(float) : type == ONNX_INT64 ? sizeof(int64_t) : 1;

	onnx__tensor_proto__init(t);
	t->dims = xmalloc((size_t)ndim, sizeof *t->dims);
	t->n_dims = (size_t)ndim;
	for (int i = 0; i < ndim; i++)
		size *= (size_t)(t->dims[i] = shape[i]);
	t->name = xstrdup(name);
	t->has_data_type = true;
	t->data_type = (int32_t)type;
	t->has_raw_data = true;
	t->raw_data.len = size;
	t->raw_data.data = (uint8_t *)numbers; /* protobuf-c has no const; nothing writes there */
	APPEND(o->graph.initializer, o->graph.n_initializer, t);
}

Onnx__NodeProto *onnx_node(struct onnx_writer *o, const char *op, const char *name, const char *output,
                           const char *inputs)
{
	Onnx__NodeProto *n = xmalloc(1, sizeof *n);

	onnx__node_proto__init(n);
	n->op_type = xstrdup(op);
	n->name = xstrdup(name);
	APPEND(n->output, n->n_output, xstrdup(output));
	for (size_t length; length = strcspn(inputs, " "), length; inputs += length + (inputs[length] == ' '))
		APPEND(n->input, n->n_input, xprintf("%.*s", (int)length, inputs));
	APPEND(o->graph.node, o->graph.n_node, n);
	return n;
}

void onnx_rename_output(Onnx__NodeProto *n, const char *output)
{
	n->output[0] = xstrdup(output);
}

void onnx_property(struct onnx_writer *o, const char *key, const char *value)
{
	Onnx__StringStringEntryProto *p = xmalloc(1, sizeof *p);

	onnx__string_string_entry_proto__init(p);
	p->key = xstrdup(key);
	p->value = xstrdup(value);
	APPEND(o->model.metadata_props, o->model.n_metadata_props, p);
}

void onnx_write(struct onnx_writer *o, const char *path)
{
	size_t size = onnx__model_proto__get_packed_size(&o->model);
	unsigned char *bytes;
	FILE *f;

	if (size > INT32_MAX)
		die("%s: would have %zu bytes; an ONNX file has at most 2 GiB", path, size);
	f = out_open(path);
	bytes = xmalloc(size, 1);
	onnx__model_proto__pack(&o->model, bytes);
	fwrite(bytes, 1, size, f);
	out_commit(f);
	free(bytes);
}

/* --- attributes ------------------------------------------------------------------------------ */

static Onnx__AttributeProto *add_attribute(Onnx__NodeProto *n, const char *name,
                                           Onnx__AttributeProto__AttributeType type)
{
	Onnx__AttributeProto *a = xmalloc(1, sizeof *a);

	onnx__attribute_proto__init(a);
	a->name = xstrdup(name);
	a->has_type = true;
	a->type = type;
	APPEND(n->attribute, n->n_attribute, a);
	return a;
}

void onnx_set_int(Onnx__NodeProto *n, const char *name, int64_t value)
{
	Onnx__AttributeProto *a = add_attribute(n, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT);

	a->has_i = true;
	a->i = value;
}

void onnx_set_float(Onnx__NodeProto *n, const char *name, float value)
{
	Onnx__AttributeProto *a = add_attribute(n, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT);

	a->has_f = true;
	a->f = value;
}

void onnx_set_ints(Onnx__NodeProto *n, const char *name, int count, const int64_t *values)
{
	Onnx__AttributeProto *a = add_attribute(n, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS);

	a->ints = xmalloc((size_t)count, sizeof *a->ints);
	memcpy(a->ints, values, (size_t)count * sizeof *values);
	a->n_ints = (size_t)count;
}
