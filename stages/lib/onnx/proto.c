#include "onnx/proto.h"

#include <math.h>
#include <string.h>

#define ELEMENTS_MAX ((size_t)1 << 31)

/* --- messages in messages --------------------------------------------------------------------- */

#define DEPTH_MAX 64 /* a tensor of a node's attribute lies at 5 */

/* A number of 7 bits a byte; past the end where there is none. */
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

/* Where the field behind its tag ends; past the end where that is not known. */
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
 * Whether messages lie in messages deeper than any network's: protobuf-c unpacks each by a call.
 * What is damaged ends the look; protobuf-c will say so.
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

/* Names of a file may hold anything; what is said of it is one line. */
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

/* --- tensors --------------------------------------------------------------------------------- */

static float half_to_float(uint16_t h)
{
	int exponent = h >> 10 & 31, mantissa = h & 1023;
	float x = exponent == 31 ? (mantissa ? NAN : INFINITY)
	          : exponent     ? ldexpf((float)(mantissa + 1024), exponent - 25)
	                         : ldexpf((float)mantissa, -24);

	return h & 0x8000 ? -x : x;
}

/* Numbers as they lie in a field, or behind each other in raw_data: of this size each. */
struct numbers {
	const void *at;
	size_t n, size;
};

static struct numbers numbers_of(const Onnx__TensorProto *t, const void *field, size_t n, size_t field_size,
                                 size_t raw_size)
{
	if (t->has_raw_data && t->raw_data.len % raw_size)
		n = SIZE_MAX; /* of no shape */
	else if (t->has_raw_data && t->raw_data.len)
		return (struct numbers){ t->raw_data.data, t->raw_data.len / raw_size, raw_size };
	return (struct numbers){ field, n, field_size };
}

static void read_floats(struct tensor *to, const struct numbers *x, int type)
{
	static const float none[1];
	float *floats;

	if (type == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT) {
		to->floats = x->at ? x->at : none; /* never NULL: that says that there are integers */
		return;
	}
	to->floats = floats = xmalloc(to->count, sizeof *floats);
	for (size_t i = 0; i < to->count; i++) {
		double d;
		uint16_t h;

		memcpy(&d, (const char *)x->at + i * x->size, x->size == sizeof d ? sizeof d : 0);
		memcpy(&h, (const char *)x->at + i * x->size, sizeof h);
		floats[i] = type == ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE ? (float)d : half_to_float(h);
	}
}

/* Little endian: fewer bytes are the lower ones. */
static void read_integers(struct tensor *to, const struct numbers *x)
{
	int64_t *integers = xmalloc(to->count, sizeof *integers);

	for (size_t i = 0; i < to->count; i++) {
		int32_t narrow;

		if (x->size == sizeof *integers) {
			memcpy(&integers[i], (const char *)x->at + i * x->size, sizeof *integers);
			continue;
		}
		memcpy(&narrow, (const char *)x->at + i * x->size, x->size == 1 ? 0 : sizeof narrow);
		integers[i] = x->size != 1                                      ? narrow
		              : to->type == ONNX__TENSOR_PROTO__DATA_TYPE__INT8 ? ((const int8_t *)x->at)[i]
		                                                                : ((const uint8_t *)x->at)[i];
	}
	to->integers = integers;
}

bool onnx_is_float(int type)
{
	return type == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT ||
	       type == ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE ||
	       type == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16;
}

int64_t onnx_integer(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *t, size_t i)
{
	double x = tensor_number(t, i);

	if (t->floats && !(fabs(x) < 1e15 && x == rint(x)))
		onnx_die(o, n, "reads %g; expected an integer", x);
	return t->floats ? (int64_t)x : t->integers[i];
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

struct tensor onnx_tensor(const struct onnx *o, const Onnx__NodeProto *n, const Onnx__TensorProto *t)
{
	const char *name = t->name ? t->name : "";
	int type = t->has_data_type ? t->data_type : 0;
	struct tensor to = { .ndim = (int)t->n_dims, .type = type, .count = 1 };
	struct numbers x;
	size_t bound = 1; /* without sizes of 0, so that nothing overflows */

	if (t->n_dims > TENSOR_DIMS)
		onnx_die(o, n, "tensor '%.80s' has %zu dimensions; expected at most %d", name, t->n_dims,
		         TENSOR_DIMS);
	for (int i = 0; i < to.ndim; i++) {
		to.shape[i] = t->dims[i];
		if (t->dims[i] < 0 || t->dims[i] > (int64_t)ELEMENTS_MAX ||
		    (bound *= t->dims[i] ? (size_t)t->dims[i] : 1) > ELEMENTS_MAX)
			onnx_die(o, n, "tensor '%.80s' has an impossible shape", name);
		to.count *= (size_t)t->dims[i];
	}
	if ((t->has_data_location && t->data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL) ||
	    t->n_external_data)
		onnx_die(o, n, "tensor '%.80s' lies in another file; save the model as one file", name);
	switch (type) {
	case ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT:
		x = numbers_of(t, t->float_data, t->n_float_data, 4, 4);
		break;
	case ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE:
		x = numbers_of(t, t->double_data, t->n_double_data, 8, 8);
		break;
	case ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16:
		x = numbers_of(t, t->int32_data, t->n_int32_data, 4, 2);
		break;
	case ONNX__TENSOR_PROTO__DATA_TYPE__INT64:
		x = numbers_of(t, t->int64_data, t->n_int64_data, 8, 8);
		break;
	case ONNX__TENSOR_PROTO__DATA_TYPE__INT32:
		x = numbers_of(t, t->int32_data, t->n_int32_data, 4, 4);
		break;
	case ONNX__TENSOR_PROTO__DATA_TYPE__INT8:
	case ONNX__TENSOR_PROTO__DATA_TYPE__UINT8:
	case ONNX__TENSOR_PROTO__DATA_TYPE__BOOL:
		x = numbers_of(t, t->int32_data, t->n_int32_data, 4, 1);
		break;
	default: onnx_die(o, n, "tensor '%.80s' is of type %d; expected floats or integers", name, type);
	}
	if (x.n != to.count)
		onnx_die(o, n, "tensor '%.80s' has not the %zu numbers of its shape", name, to.count);
	if (onnx_is_float(type))
		read_floats(&to, &x, type);
	else
		read_integers(&to, &x);
	return to;
}
