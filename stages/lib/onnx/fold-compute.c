/* Folding of operators that make numbers: constants, casts, arithmetic, shapes. */
#include "onnx/fold-inner.h"

#include <math.h>
#include <string.h>

static const float zero[1]; /* a tensor that new ones are like has it for its floats */

/* The attribute of a node that has just one, or NULL. */
static const Onnx__AttributeProto *only_attribute(const Onnx__NodeProto *n)
{
	return n->n_attribute == 1 ? n->attribute[0] : NULL;
}

struct tensor fold_constant_of_shape(const struct onnx *o, const Onnx__NodeProto *n,
                                     const struct tensor *const *in)
{
	const struct tensor *shape = in[0];
	struct tensor value = { .count = 1, .type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT, .floats = zero };
	int64_t size[TENSOR_DIMS], bound = 1;
	struct new_tensor to;

	if (only_attribute(n) && only_attribute(n)->t)
		value = onnx_tensor(o, n, only_attribute(n)->t);
	if (value.count != 1 || shape->count > TENSOR_DIMS)
		onnx_die(o, n, "%zu values in %zu dimensions; expected one, in at most %d", value.count,
		         shape->count, TENSOR_DIMS);
	for (size_t i = 0; i < shape->count; i++) {
		size[i] = onnx_integer(o, n, shape, i);
		if (size[i] < 0 || size[i] > FOLD_MAX || (bound *= size[i] ? size[i] : 1) > FOLD_MAX)
			onnx_die(o, n, "an impossible shape");
	}
	to = new_tensor(&value, (int)shape->count, size);
	for (size_t i = 0; i < to.t.count; i++)
		new_tensor_copy(&to, i, &value, 0);
	return to.t;
}

/* Constants are a tensor, a number or a row of numbers; words and what else there is are not known. */
struct tensor fold_constant(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *const *in)
{
	const Onnx__AttributeProto *a = only_attribute(n);
	const char *name = a && a->name ? a->name : "";
	bool is_row = !strcmp(name, "value_ints") || !strcmp(name, "value_floats");
	bool is_float = !strcmp(name, "value_float") || !strcmp(name, "value_floats");
	const struct tensor like = { .type = is_float ? ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT
		                                      : ONNX__TENSOR_PROTO__DATA_TYPE__INT64,
		                     .floats = is_float ? zero : NULL };
	int64_t count = !a || !is_row ? 1 : is_float ? (int64_t)a->n_floats : (int64_t)a->n_ints;
	struct new_tensor to;

	(void)in;
	if (a && a->t)
		return onnx_tensor(o, n, a->t);
	if (!is_row && !is_float && strcmp(name, "value_int"))
		onnx_die(o, n, "this operator is not known");
	to = new_tensor(&like, is_row, &count);
	for (int64_t i = 0; i < count && is_float; i++)
		to.floats[i] = is_row ? a->floats[i] : onnx_float(o, n, name, 0);
	for (int64_t i = 0; i < count && !is_float; i++)
		to.integers[i] = is_row ? a->ints[i] : onnx_int(o, n, name, 0);
	return to.t;
}

struct tensor fold_cast(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *const *in)
{
	const struct tensor *x = in[0];
	int64_t type = onnx_int(o, n, "to", 0);
	struct tensor like = { .type = (int)type, .floats = onnx_is_float((int)type) ? zero : NULL };
	struct new_tensor to;

	if (type != like.type ||
	    (!like.floats && type != ONNX__TENSOR_PROTO__DATA_TYPE__INT64 &&
	     type != ONNX__TENSOR_PROTO__DATA_TYPE__INT32 && type != ONNX__TENSOR_PROTO__DATA_TYPE__BOOL))
		onnx_die(o, n, "a constant to type %jd; expected floats, int32, int64 or bool",
		         (intmax_t)type);
	to = new_tensor(&like, x->ndim, x->shape);
	for (size_t i = 0; i < to.t.count; i++) {
		double number = tensor_number(x, i);

		if (to.floats)
			to.floats[i] = (float)number;
		else if (type == ONNX__TENSOR_PROTO__DATA_TYPE__BOOL)
			to.integers[i] = number != 0;
		else if (x->integers)
			to.integers[i] = x->integers[i];
		else if (fabs(number) < 1e15)
			to.integers[i] = (int64_t)number;
		else
			onnx_die(o, n, "no integer is %g", number);
	}
	return to.t;
}

/* The size of axis i, counted from the last one; operands broadcast: axes they lack, too, are of size 1. */
static int64_t size_from_end(const struct tensor *t, int i)
{
	return i < t->ndim ? t->shape[t->ndim - 1 - i] : 1;
}

/* The place in an operand t of what belongs to place `at` of the result. */
static size_t place_in_operand(const struct tensor *result, const struct tensor *t, size_t at)
{
	size_t from = 0, stride = 1;

	for (int i = 0; i < result->ndim; i++) {
		int64_t along = (int64_t)at % size_from_end(result, i);

		from += size_from_end(t, i) == 1 ? 0 : (size_t)along * stride;
		stride *= (size_t)size_from_end(t, i);
		at /= (size_t)size_from_end(result, i);
	}
	return from;
}

static double calculate(const char *op, double p, double q)
{
	switch (*op) {
	case 'A': return p + q;
	case 'S': return p - q;
	case 'M': return p * q;
	default: return q != 0 ? p / q : NAN;
	}
}

struct tensor fold_arithmetic(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *const *in)
{
	const struct tensor *a = in[0], *b = in[1], *like = a->floats ? a : b;
	int ndim = a->ndim > b->ndim ? a->ndim : b->ndim;
	int64_t shape[TENSOR_DIMS], all = 1;
	struct new_tensor to;

	for (int i = 0; i < ndim; i++) {
		int64_t p = size_from_end(a, i), q = size_from_end(b, i), size = p == 1 ? q : p;

		if ((p != q && p != 1 && q != 1) || (all *= size) > FOLD_MAX)
			onnx_die(o, n, "constants of %zu and %zu numbers, whose shapes do not fit", a->count,
			         b->count);
		shape[ndim - 1 - i] = size;
	}
	to = new_tensor(like, ndim, shape);
	to.t.type = 0;
	for (size_t i = 0; i < to.t.count; i++) {
		double x = calculate(n->op_type, tensor_number(a, place_in_operand(&to.t, a, i)),
		                     tensor_number(b, place_in_operand(&to.t, b, i)));

		if (!to.floats && !(fabs(x) < 1e15))
			onnx_die(o, n, "no number results");
		if (to.floats)
			to.floats[i] = (float)x;
		else
			to.integers[i] = (int64_t)x;
	}
	return to.t;
}

int onnx_shape_part(const struct onnx *o, const Onnx__NodeProto *n, int ndim, int *start)
{
	int64_t from = onnx_int(o, n, "start", 0), to = onnx_int(o, n, "end", ndim);

	from = from < -ndim ? 0 : from < 0 ? from + ndim : from > ndim ? ndim : from;
	to = to < -ndim ? 0 : to < 0 ? to + ndim : to > ndim ? ndim : to;
	*start = (int)from;
	return to > from ? (int)(to - from) : 0;
}

struct tensor fold_shape(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *const *in)
{
	const struct tensor like = { .type = ONNX__TENSOR_PROTO__DATA_TYPE__INT64 };
	int start, count = onnx_shape_part(o, n, in[0]->ndim, &start);
	int64_t size = count;
	struct new_tensor to = new_tensor(&like, 1, &size);

	memcpy(to.integers, in[0]->shape + start, (size_t)count * sizeof *to.integers);
	return to.t;
}
