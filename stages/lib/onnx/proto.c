#include "onnx/proto.h"

#include <string.h>

/* --- messages in messages --------------------------------------------------------------------- */

#define DEPTH_MAX 64 /* a tensor of a node's attribute lies at 5 */

/* A varint: 7 bits a byte.  Returns where it ends, past the end of the file if it does not. */
static const unsigned char *read_varint(const unsigned char *p, const unsigned char *end, uint64_t *x)
{
	*x = 0;
	for (int shift = 0; p < end && shift < 64; shift += 7) {
		*x |= (uint64_t)(*p & 127) << shift;
		if (!(*p++ & 128))
			return p;
	}
	return end + 1;
}

/* The end of the field behind a tag; past the end of the file where that is not known. */
static const unsigned char *field_end(const unsigned char *p, const unsigned char *end, int wire)
{
	uint64_t x;

	switch (wire) {
	case PROTOBUF_C_WIRE_TYPE_VARINT: return read_varint(p, end, &x);
	case PROTOBUF_C_WIRE_TYPE_64BIT: return end - p < 8 ? end + 1 : p + 8;
	case PROTOBUF_C_WIRE_TYPE_32BIT: return end - p < 4 ? end + 1 : p + 4;
	case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
		p = read_varint(p, end, &x);
		return p > end || x > (uint64_t)(end - p) ? end + 1 : p + x;
	default: return end + 1;
	}
}

/*
 * Whether messages lie in messages deeper than any network's: protobuf-c, which calls itself for each,
 * would run out of stack.  Damage ends the search: protobuf-c will say so.
 */
static bool is_too_deep(const ProtobufCMessageDescriptor *of, const unsigned char *p,
                        const unsigned char *end, int depth)
{
	while (p < end) {
		const ProtobufCFieldDescriptor *field;
		const unsigned char *next, *inner;
		uint64_t tag, size;

		p = read_varint(p, end, &tag);
		next = p > end ? p : field_end(p, end, tag & 7);
		if (next > end)
			return false;
		field = protobuf_c_message_descriptor_get_field(of, (unsigned)(tag >> 3));
		if (field && field->type == PROTOBUF_C_TYPE_MESSAGE &&
		    (tag & 7) == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED) {
			inner = read_varint(p, end, &size);
			if (depth == DEPTH_MAX || is_too_deep(field->descriptor, inner, next, depth + 1))
				return true;
		}
		p = next;
	}
	return false;
}

/* --- the file ---------------------------------------------------------------------------------- */

void onnx_read(struct onnx *o, const char *path)
{
	size_t size;
	unsigned char *bytes = file_bytes(path, &size);

	if (is_too_deep(&onnx__model_proto__descriptor, bytes, bytes + size, 0))
		die("%s: not an ONNX file, or damaged: more than %d messages in each other", path, DEPTH_MAX);
	*o = (struct onnx){ .path = path, .model = onnx__model_proto__unpack(NULL, size, bytes) };
	if (!o->model)
		die("%s: not an ONNX file, or damaged", path);
	o->graph = o->model->graph;
	if (!o->graph || !o->graph->n_node)
		die("%s: an ONNX file without nodes", path);
}

/* Messages are one line, whatever the names in a file hold. */
static const char *on_one_line(char *text)
{
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 127)
			*p = '?';
	return text;
}

void onnx_die(const struct onnx *o, const Onnx__NodeProto *n, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (!n)
		die("%s: %s", o->path, on_one_line(text));
	for (size_t i = 0; i < o->graph->n_node; i++)
		if (o->graph->node[i] == n)
			die("%s: node %zu, %s", o->path, i,
			    on_one_line(xprintf("%.40s '%.80s': %s", n->op_type ? n->op_type : "?",
			                        n->name ? n->name : "", text)));
	BUG("a node of another file");
}

/* --- attributes ------------------------------------------------------------------------------ */

static const Onnx__AttributeProto *attribute(const Onnx__NodeProto *n, const char *name)
{
	for (size_t i = 0; i < n->n_attribute; i++)
		if (n->attribute[i]->name && !strcmp(n->attribute[i]->name, name))
			return n->attribute[i];
	return NULL;
}

/* Writers of proto3 leave out numbers that are 0, and keep the type; old writers leave out the type. */
static bool is_of(const Onnx__AttributeProto *a, Onnx__AttributeProto__AttributeType type, bool has_one)
{
	return a->has_type && a->type ? a->type == type : has_one;
}

int64_t onnx_int(const struct onnx *o, const Onnx__NodeProto *n, const char *name, int64_t otherwise)
{
	const Onnx__AttributeProto *a = attribute(n, name);

	if (a && !is_of(a, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT, a->has_i))
		onnx_die(o, n, "attribute %s is no integer", name);
	return a ? a->i : otherwise;
}

float onnx_float(const struct onnx *o, const Onnx__NodeProto *n, const char *name, float otherwise)
{
	const Onnx__AttributeProto *a = attribute(n, name);

	if (a && !is_of(a, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT, a->has_f))
		onnx_die(o, n, "attribute %s is no number", name);
	return a ? a->f : otherwise;
}

const char *onnx_text(const struct onnx *o, const Onnx__NodeProto *n, const char *name, const char *otherwise)
{
	const Onnx__AttributeProto *a = attribute(n, name);

	if (!a)
		return otherwise;
	if (!is_of(a, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING, a->has_s) || a->s.len > 100)
		onnx_die(o, n, "attribute %s is no word", name);
	return xprintf("%.*s", (int)a->s.len, a->s.len ? (const char *)a->s.data : "");
}

int onnx_ints(const struct onnx *o, const Onnx__NodeProto *n, const char *name, int64_t *x, int len)
{
	const Onnx__AttributeProto *a = attribute(n, name);

	if (!a)
		return 0;
	if (!is_of(a, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS, a->n_ints || !a->has_i))
		onnx_die(o, n, "attribute %s is no list of integers", name);
	if (a->n_ints > (size_t)len)
		onnx_die(o, n, "attribute %s has %zu numbers; expected at most %d", name, a->n_ints, len);
	for (size_t i = 0; i < a->n_ints; i++)
		x[i] = a->ints[i];
	return (int)a->n_ints;
}

int64_t onnx_opset(const struct onnx *o)
{
	for (size_t i = 0; i < o->model->n_opset_import; i++) {
		const Onnx__OperatorSetIdProto *s = o->model->opset_import[i];

		if (!s->domain || !*s->domain || !strcmp(s->domain, "ai.onnx"))
			return s->version;
	}
	return 1;
}

const char *onnx_get_property(const struct onnx *o, const char *key)
{
	for (size_t i = 0; i < o->model->n_metadata_props; i++) {
		const Onnx__StringStringEntryProto *p = o->model->metadata_props[i];

		if (p->key && p->value && !strcmp(p->key, key))
			return p->value;
	}
	return NULL;
}
