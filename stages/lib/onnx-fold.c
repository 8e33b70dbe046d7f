/* Constant folding of what exporters compute shapes by.  Everything here is small: shapes, pads, permutations. */
#include "onnx.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SMALL 4096      /* elements; larger ones are weights, and nobody computes with those in the graph */

static struct tensor integers(int ndim, const int64_t *shape, int64_t **x)
{
	struct tensor t = { .ndim = ndim, .count = 1 };

	for (int i = 0; i < ndim; i++) {
		t.shape[i] = shape[i];
		t.count *= (size_t)shape[i];
	}
	t.integers = *x = xmalloc(t.count + 1, sizeof **x);
	return t;
}

static int64_t integer(const struct tensor *t, size_t i)
{
	return t->integers ? t->integers[i] : (int64_t)t->floats[i];
}

static struct tensor reshaped(const struct onnx *o, const Onnx__NodeProto *n, struct tensor x, int ndim, const int64_t *shape)
{
	int64_t known = 1;
	int open = -1;

	if (ndim > TENSOR_DIMS)
		onnx_die(o, n, "%d dimensions; expected at most %d", ndim, TENSOR_DIMS);
	for (int i = 0; i < ndim; i++) {
		int64_t size = shape[i] ? shape[i] : i < x.ndim ? x.shape[i] : 0;

		if (size == -1 && open < 0)
			open = i;
		else if (size < 0 || size > SMALL || (known *= size) > SMALL)
			onnx_die(o, n, "an impossible shape");
		x.shape[i] = size;
	}
	if (open >= 0)
		x.shape[open] = known ? (int64_t)x.count / known : 0;
	if ((open >= 0 ? known * x.shape[open] : known) != (int64_t)x.count)
		onnx_die(o, n, "%zu numbers do not fill the shape", x.count);
	x.ndim = ndim;
	return x;
}

static struct tensor reshape(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *const *in)
{
	int64_t shape[TENSOR_DIMS] = { 0 };

	if (in[1]->count > TENSOR_DIMS)
		onnx_die(o, n, "%zu dimensions; expected at most %d", in[1]->count, TENSOR_DIMS);
	for (size_t i = 0; i < in[1]->count; i++)
		shape[i] = integer(in[1], i);
	return reshaped(o, n, *in[0], (int)in[1]->count, shape);
}

/* Squeeze and Unsqueeze of what is seen as a row of numbers: only their order matters to shapes. */
static struct tensor flattened(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *x, bool is_scalar)
{
	int64_t all = (int64_t)x->count;

	return reshaped(o, n, *x, is_scalar && all == 1 ? 0 : 1, &all);
}

static struct tensor concat(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *const *in)
{
	int64_t sum = 0, *x;
	struct tensor t;

	for (size_t k = 0; k < n->n_input; k++) {
		if (in[k]->ndim != 1)
			onnx_die(o, n, "constants of %d dimensions; expected 1", in[k]->ndim);
		sum += (int64_t)in[k]->count;
	}
	t = integers(1, &sum, &x);
	for (size_t k = 0; k < n->n_input; k++)
		for (size_t i = 0; i < in[k]->count; i++)
			*x++ = integer(in[k], i);
	return t;
}

/* One axis, any step. */
static struct tensor slice(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *const *in)
{
	const struct tensor *x = in[0];
	int64_t axis = n->n_input > 3 && in[3] && in[3]->count ? integer(in[3], 0) : 0;
	int64_t step = n->n_input > 4 && in[4] && in[4]->count ? integer(in[4], 0) : 1, start, end, size, inner = 1, *y, shape[TENSOR_DIMS];
	struct tensor t;

	axis += axis < 0 ? x->ndim : 0;
	if (n->n_input < 3 || in[1]->count != 1 || in[2]->count != 1 || axis < 0 || axis >= x->ndim || !step || llabs(step) > SMALL)
		onnx_die(o, n, "expected a slice along one axis");
	size = x->shape[axis];
	start = integer(in[1], 0);
	end = integer(in[2], 0);
	start = start < -size ? -size : start;
	end = end < -size - 1 ? -size - 1 : end;
	start = start < 0 ? start + size : start;
	end = end < 0 ? end + size : end;
	start = start > size - (step < 0) ? size - (step < 0) : start;
	end = end > size ? size : end;
	memcpy(shape, x->shape, sizeof shape);
	shape[axis] = step > 0 ? (end > start ? (end - start + step - 1) / step : 0) : start > end ? (start - end - step - 1) / -step : 0;
	for (int i = (int)axis + 1; i < x->ndim; i++)
		inner *= x->shape[i];
	t = integers(x->ndim, shape, &y);
	for (size_t i = 0; i < t.count; i++) {
		int64_t at = (int64_t)i, low = at % inner, along = at / inner % shape[axis], high = at / inner / shape[axis];

		y[i] = integer(x, (size_t)((high * size + start + along * step) * inner + low));
	}
	return t;
}

static struct tensor transpose(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *x)
{
	int64_t shape[2] = { x->shape[1], x->shape[0] }, *y;
	struct tensor t;

	if (x->ndim != 2)
		onnx_die(o, n, "a constant of %d dimensions; expected 2", x->ndim);
	t = integers(2, shape, &y);
	for (int64_t i = 0; i < shape[0]; i++)
		for (int64_t k = 0; k < shape[1]; k++)
			y[i * shape[1] + k] = integer(x, (size_t)(k * shape[0] + i));
	return t;
}

static struct tensor gather(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *x, const struct tensor *at)
{
	int64_t *y;
	struct tensor t = integers(at->ndim, at->shape, &y);

	if (x->ndim != 1)
		onnx_die(o, n, "a constant of %d dimensions; expected 1", x->ndim);
	for (size_t i = 0; i < at->count; i++) {
		int64_t k = integer(at, i);

		k += k < 0 ? (int64_t)x->count : 0;
		if (k < 0 || k >= (int64_t)x->count)
			onnx_die(o, n, "element %jd of %zu", (intmax_t)integer(at, i), x->count);
		y[i] = integer(x, (size_t)k);
	}
	return t;
}

static struct tensor filled(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *shape)
{
	int64_t size[TENSOR_DIMS], all = 1, *x, value = 0;
	struct tensor t;

	for (size_t i = 0; i < n->n_attribute; i++)
		if (n->attribute[i]->t) {
			t = onnx_tensor(o, n, n->attribute[i]->t);
			value = t.count ? integer(&t, 0) : 0;
		}
	if (shape->count > TENSOR_DIMS)
		onnx_die(o, n, "%zu dimensions; expected at most %d", shape->count, TENSOR_DIMS);
	for (size_t i = 0; i < shape->count; i++) {
		size[i] = integer(shape, i);
		if (size[i] < 0 || size[i] > SMALL || (all *= size[i]) > SMALL)
			onnx_die(o, n, "an impossible shape");
	}
	t = integers((int)shape->count, size, &x);
	for (size_t i = 0; i < t.count; i++)
		x[i] = value;
	return t;
}

static struct tensor arithmetic(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *a, const struct tensor *b)
{
	const struct tensor *large = a->count >= b->count ? a : b;
	float *x = xmalloc(large->count + 1, sizeof *x);
	struct tensor t = *large;
	int64_t *y = xmalloc(large->count + 1, sizeof *y);
	bool is_float = a->floats || b->floats;

	if (a->count != b->count && a->count != 1 && b->count != 1)
		onnx_die(o, n, "constants of %zu and %zu numbers", a->count, b->count);
	for (size_t i = 0; i < t.count; i++) {
		double p = tensor_number(a, a->count == 1 ? 0 : i), q = tensor_number(b, b->count == 1 ? 0 : i);
		double r = *n->op_type == 'A' ? p + q : *n->op_type == 'S' ? p - q : *n->op_type == 'M' ? p * q : q != 0 ? p / q : NAN;

		if (!is_float && !(fabs(r) < 1e15))
			onnx_die(o, n, "no number results");
		x[i] = (float)r;
		y[i] = is_float ? 0 : (int64_t)r;
	}
	t.floats = is_float ? x : NULL;
	t.integers = is_float ? NULL : y;
	return t;
}

static struct tensor shape_of(const struct tensor *x)
{
	int64_t ndim = x->ndim, *y;
	struct tensor t = integers(1, &ndim, &y);

	memcpy(y, x->shape, (size_t)ndim * sizeof *y);
	return t;
}

static bool is(const Onnx__NodeProto *n, const char *op)
{
	return !strcmp(n->op_type, op);
}

bool onnx_fold(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *const *in, struct tensor *out)
{
	if (is(n, "Identity") && n->n_input == 1 && in[0]) {            /* exporters share equal weights so */
		*out = *in[0];
		return true;
	}
	for (size_t k = 0; k < n->n_input; k++)
		if (in[k] ? in[k]->count > SMALL : k < 3)
			return false;
	if (is(n, "Constant") && n->n_attribute == 1 && n->attribute[0]->t)
		*out = onnx_tensor(o, n, n->attribute[0]->t);
	else if (!n->n_input)
		return false;
	else if (is(n, "Shape"))
		*out = shape_of(in[0]);
	else if (is(n, "Cast"))
		*out = *in[0];
	else if (is(n, "Squeeze") || is(n, "Unsqueeze"))
		*out = flattened(o, n, in[0], is(n, "Squeeze"));
	else if (is(n, "ConstantOfShape"))
		*out = filled(o, n, in[0]);
	else if (is(n, "Transpose"))
		*out = transpose(o, n, in[0]);
	else if (is(n, "Concat"))
		*out = concat(o, n, in);
	else if (is(n, "Slice"))
		*out = slice(o, n, in);
	else if (n->n_input < 2)
		return false;
	else if (is(n, "Reshape"))
		*out = reshape(o, n, in);
	else if (is(n, "Gather"))
		*out = gather(o, n, in[0], in[1]);
	else if (is(n, "Add") || is(n, "Sub") || is(n, "Mul") || is(n, "Div"))
		*out = arithmetic(o, n, in[0], in[1]);
	else
		return false;
	return true;
}
