#include "onnx/tensor.h"

#include <math.h>
#include <string.h>

#define ELEMENTS_MAX ((size_t)1 << 31)

static float half_to_float(uint16_t h)
{
	int exponent = h >> 10 & 31, mantissa = h & 1023;
	float x = exponent == 31 ? (mantissa ? NAN : INFINITY)
	          : exponent     ? ldexpf((float)(mantissa + 1024), exponent - 25)
	                         : ldexpf((float)mantissa, -24);

	return h & 0x8000 ? -x : x;
}

/* Numbers in a typed field, or behind each other in raw_data: n of them, of `size` bytes each. */
struct numbers {
	const void *at;
	size_t n, size;
};

static struct numbers find_numbers(const Onnx__TensorProto *t, const void *field, size_t n, size_t field_size,
                                   size_t raw_size)
{
	if (t->has_raw_data && t->raw_data.len % raw_size)
		n = SIZE_MAX; /* fits no shape */
	else if (t->has_raw_data && t->raw_data.len)
		return (struct numbers){ t->raw_data.data, t->raw_data.len / raw_size, raw_size };
	return (struct numbers){ field, n, field_size };
}

/* Numbers of a tensor by its type; false for types that are not known. */
static bool find_typed_numbers(struct numbers *x, const Onnx__TensorProto *t, int type)
{
	switch (type) {
	case ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT:
		*x = find_numbers(t, t->float_data, t->n_float_data, 4, 4);
		return true;
	case ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE:
		*x = find_numbers(t, t->double_data, t->n_double_data, 8, 8);
		return true;
	case ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16:
		*x = find_numbers(t, t->int32_data, t->n_int32_data, 4, 2);
		return true;
	case ONNX__TENSOR_PROTO__DATA_TYPE__INT64:
		*x = find_numbers(t, t->int64_data, t->n_int64_data, 8, 8);
		return true;
	case ONNX__TENSOR_PROTO__DATA_TYPE__INT32:
		*x = find_numbers(t, t->int32_data, t->n_int32_data, 4, 4);
		return true;
	case ONNX__TENSOR_PROTO__DATA_TYPE__INT8:
	case ONNX__TENSOR_PROTO__DATA_TYPE__UINT8:
	case ONNX__TENSOR_PROTO__DATA_TYPE__BOOL:
		*x = find_numbers(t, t->int32_data, t->n_int32_data, 4, 1);
		return true;
	default: return false;
	}
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

/* Integers are little endian: those of fewer bytes are the lower ones of their field. */
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

static void read_shape(struct tensor *to, const struct onnx *o, const Onnx__NodeProto *n,
                       const Onnx__TensorProto *t, const char *name)
{
	size_t bound = 1; /* without sizes of 0, so that nothing overflows */

	if (t->n_dims > TENSOR_DIMS)
		onnx_die(o, n, "tensor '%.80s' has %zu dimensions; expected at most %d", name, t->n_dims,
		         TENSOR_DIMS);
	to->ndim = (int)t->n_dims;
	to->count = 1;
	for (int i = 0; i < to->ndim; i++) {
		to->shape[i] = t->dims[i];
		if (t->dims[i] < 0 || t->dims[i] > (int64_t)ELEMENTS_MAX ||
		    (bound *= t->dims[i] ? (size_t)t->dims[i] : 1) > ELEMENTS_MAX)
			onnx_die(o, n, "tensor '%.80s' has an impossible shape", name);
		to->count *= (size_t)t->dims[i];
	}
}

struct tensor onnx_tensor(const struct onnx *o, const Onnx__NodeProto *n, const Onnx__TensorProto *t)
{
	const char *name = t->name ? t->name : "";
	struct tensor to = { .type = t->has_data_type ? t->data_type : 0 };
	struct numbers x;

	read_shape(&to, o, n, t, name);
	if ((t->has_data_location && t->data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL) ||
	    t->n_external_data)
		onnx_die(o, n, "tensor '%.80s' lies in another file; save the model as one file", name);
	if (!find_typed_numbers(&x, t, to.type))
		onnx_die(o, n, "tensor '%.80s' is of type %d; expected floats or integers", name, to.type);
	if (x.n != to.count)
		onnx_die(o, n, "tensor '%.80s' has not the %zu numbers of its shape", name, to.count);
	if (onnx_is_float(to.type))
		read_floats(&to, &x, to.type);
	else
		read_integers(&to, &x);
	return to;
}

struct new_tensor new_tensor(const struct tensor *like, int ndim, const int64_t *shape)
{
	struct new_tensor to = { .t = { .ndim = ndim, .type = like->type, .count = 1 } };

	for (int i = 0; i < ndim; i++) {
		to.t.shape[i] = shape[i];
		to.t.count *= (size_t)shape[i];
	}
	if (like->floats)
		to.t.floats = to.floats = xmalloc(to.t.count + 1, sizeof *to.floats);
	else
		to.t.integers = to.integers = xmalloc(to.t.count + 1, sizeof *to.integers);
	return to;
}

void new_tensor_copy(struct new_tensor *to, size_t at, const struct tensor *from, size_t i)
{
	if (to->floats)
		to->floats[at] = from->floats[i];
	else
		to->integers[at] = from->integers[i];
}
