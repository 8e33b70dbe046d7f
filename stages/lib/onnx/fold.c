/*
 * Constant folding of what exporters compute shapes by, and of what they do to weights: another
 * order, another shape, another type.  Numbers keep their type: floats that are moved stay floats.
 */
#include "onnx/proto.h"

#include <math.h>
#include <string.h>

#define REVISION 1 /* raise when the numbers change */

/* elements; larger constants are weights, and nobody computes with those in the graph */
#define SMALL 4096
#define LARGEST ((int64_t)1 << 31)

/* A tensor that is being filled. */
struct filling {
	struct tensor t;
	float *floats;
	int64_t *integers;
};

/* Of numbers like those of `like`. */
static struct filling filling(const struct tensor *like, int ndim, const int64_t *shape)
{
	struct filling f = { .t = { .ndim = ndim, .type = like->type, .count = 1 } };

	for (int i = 0; i < ndim; i++) {
		f.t.shape[i] = shape[i];
		f.t.count *= (size_t)shape[i];
	}
	if (like->floats)
		f.t.floats = f.floats = xmalloc(f.t.count + 1, sizeof *f.floats);
	else
		f.t.integers = f.integers = xmalloc(f.t.count + 1, sizeof *f.integers);
	return f;
}

static void put(struct filling *f, size_t at, const struct tensor *from, size_t i)
{
	if (f->floats)
		f->floats[at] = from->floats[i];
	else
		f->integers[at] = from->integers[i];
}

/* --- other shapes of the same numbers -------------------------------------------------------- */

static struct tensor reshaped(const struct onnx *o, const Onnx__NodeProto *n, struct tensor x, int ndim,
                              const int64_t *shape)
{
	struct tensor t = x;
	int64_t known = 1, bound = 1; /* bound: without sizes of 0, so that nothing overflows */
	int open = -1;

	if (ndim > TENSOR_DIMS)
		onnx_die(o, n, "%d dimensions; expected at most %d", ndim, TENSOR_DIMS);
	for (int i = 0; i < ndim; i++) {
		int64_t size = shape[i] ? shape[i] : i < x.ndim ? x.shape[i] : 0;

		if (size == -1 && open < 0)
			open = i;
		else if (size < 0 || size > LARGEST || (bound *= size ? size : 1) > LARGEST)
			onnx_die(o, n, "an impossible shape");
		else
			known *= size;
		t.shape[i] = size;
	}
	if (open >= 0)
		t.shape[open] = known ? (int64_t)x.count / known : 0;
	if ((open >= 0 ? known * t.shape[open] : known) != (int64_t)x.count)
		onnx_die(o, n, "%zu numbers do not fill the shape", x.count);
	t.ndim = ndim;
	return t;
}

static struct tensor reshape(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *const *in)
{
	int64_t shape[TENSOR_DIMS] = { 0 };

	if (in[1]->count > TENSOR_DIMS)
		onnx_die(o, n, "%zu dimensions; expected at most %d", in[1]->count, TENSOR_DIMS);
	for (size_t i = 0; i < in[1]->count; i++)
		shape[i] = onnx_integer(o, n, in[1], i);
	return reshaped(o, n, *in[0], (int)in[1]->count, shape);
}

/* Axes by an attribute or the second input; how many. */
static int read_axes(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *const *in,
                     int64_t *x)
{
	int count = onnx_ints(o, n, "axes", x, TENSOR_DIMS);

	if (n->n_input < 2 || !in[1])
		return count;
	if (count || in[1]->count > TENSOR_DIMS)
		onnx_die(o, n, "%d axes by attribute and %zu by input; expected at most %d, by one of them",
		         count, in[1]->count, TENSOR_DIMS);
	for (; count < (int)in[1]->count; count++)
		x[count] = onnx_integer(o, n, in[1], (size_t)count);
	return count;
}

/* A bit for each. */
static unsigned set_of_axes(const struct onnx *o, const Onnx__NodeProto *n, const int64_t *x, int count,
                            int ndim)
{
	unsigned axes = 0;

	for (int i = 0; i < count; i++) {
		if (x[i] < -ndim || x[i] >= ndim)
			onnx_die(o, n, "axis %jd of %d", (intmax_t)x[i], ndim);
		axes |= 1u << (x[i] < 0 ? x[i] + ndim : x[i]);
	}
	return axes;
}

static struct tensor squeeze(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *const *in)
{
	int64_t x[TENSOR_DIMS];
	struct tensor t = *in[0];
	unsigned axes = set_of_axes(o, n, x, read_axes(o, n, in, x), t.ndim);

	t.ndim = 0;
	for (int i = 0; i < in[0]->ndim; i++) {
		bool is_named = axes ? axes >> i & 1 : in[0]->shape[i] == 1;

		if (is_named && in[0]->shape[i] != 1)
			onnx_die(o, n, "axis %d has %jd numbers; expected 1", i, (intmax_t)in[0]->shape[i]);
		if (!is_named)
			t.shape[t.ndim++] = in[0]->shape[i];
	}
	return t;
}

static struct tensor unsqueeze(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *const *in)
{
	int64_t x[TENSOR_DIMS];
	struct tensor t = *in[0];
	int count = read_axes(o, n, in, x), from = 0;
	unsigned axes;

	t.ndim += count;
	if (t.ndim > TENSOR_DIMS)
		onnx_die(o, n, "%d dimensions; expected at most %d", t.ndim, TENSOR_DIMS);
	axes = set_of_axes(o, n, x, count, t.ndim);
	for (int i = 0; i < t.ndim; i++) {
		if (!(axes >> i & 1) && from == in[0]->ndim)
			onnx_die(o, n, "an axis twice");
		t.shape[i] = axes >> i & 1 ? 1 : in[0]->shape[from++];
	}
	return t;
}

/* --- the same numbers elsewhere -------------------------------------------------------------- */

static struct tensor concat(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *const *in)
{
	struct filling f;
	int64_t sum = 0;
	size_t at = 0;

	for (size_t k = 0; k < n->n_input; k++) {
		if (!in[k])
			onnx_die(o, n, "input %zu is missing", k);
		if (in[k]->ndim != 1 || !in[k]->floats != !in[0]->floats)
			onnx_die(o, n,
			         "constants of %d dimensions; expected 1, all of floats or all of integers",
			         in[k]->ndim);
		sum += (int64_t)in[k]->count;
	}
	f = filling(in[0], 1, &sum);
	for (size_t k = 0; k < n->n_input; k++)
		for (size_t i = 0; i < in[k]->count; i++)
			put(&f, at++, in[k], i);
	return f.t;
}

/* One axis, any step. */
static struct tensor slice(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *const *in)
{
	const struct tensor *x = in[0];
	int64_t axis = n->n_input > 3 && in[3] && in[3]->count ? onnx_integer(o, n, in[3], 0) : 0;
	int64_t step = n->n_input > 4 && in[4] && in[4]->count ? onnx_integer(o, n, in[4], 0) : 1;
	int64_t start, end, size, inner = 1, shape[TENSOR_DIMS];
	bool is_back = step < 0;
	struct filling f;

	axis += axis < 0 ? x->ndim : 0;
	if (n->n_input < 3 || in[1]->count != 1 || in[2]->count != 1 || axis < 0 || axis >= x->ndim ||
	    !step || step < -SMALL || step > SMALL)
		onnx_die(o, n, "expected a slice along one axis");
	size = x->shape[axis];
	start = onnx_integer(o, n, in[1], 0);
	end = onnx_integer(o, n, in[2], 0);
	start = start < -size - is_back ? -size - is_back : start;
	end = end < -size - 1 ? -size - 1 : end;
	start = start < 0 ? start + size : start;
	end = end < 0 ? end + size : end;
	start = start > size - is_back ? size - is_back : start;
	end = end > size ? size : end;
	memcpy(shape, x->shape, sizeof shape);
	shape[axis] = is_back ? (start - end - step - 1) / -step : (end - start + step - 1) / step;
	shape[axis] = (is_back ? start > end : end > start) ? shape[axis] : 0;
	for (int i = (int)axis + 1; i < x->ndim; i++)
		inner *= x->shape[i];
	f = filling(x, x->ndim, shape);
	for (size_t i = 0; i < f.t.count; i++) {
		int64_t at = (int64_t)i, low = at % inner, along = at / inner % shape[axis],
			high = at / inner / shape[axis];

		put(&f, i, x, (size_t)((high * size + start + along * step) * inner + low));
	}
	return f.t;
}

/* Backwards where the node does not say how. */
static void read_permutation(const struct onnx *o, const Onnx__NodeProto *n, int ndim, int64_t *perm)
{
	int count = onnx_ints(o, n, "perm", perm, TENSOR_DIMS);
	unsigned seen = 0;

	for (int i = 0; !count && i < ndim; i++)
		perm[i] = ndim - 1 - i;
	for (int i = 0; i < ndim; i++)
		if (perm[i] >= 0 && perm[i] < ndim)
			seen |= 1u << perm[i];
	if ((count && count != ndim) || seen != (1u << ndim) - 1)
		onnx_die(o, n, "perm: expected each of %d axes once", ndim);
}

static struct tensor transpose(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *x)
{
	int64_t perm[TENSOR_DIMS] = { 0 }, shape[TENSOR_DIMS], stride[TENSOR_DIMS], at[TENSOR_DIMS] = { 0 };
	struct filling f;

	read_permutation(o, n, x->ndim, perm);
	for (int i = 0; i < x->ndim; i++) {
		shape[i] = x->shape[perm[i]];
		stride[i] = 1;
		for (int64_t k = perm[i] + 1; k < x->ndim; k++)
			stride[i] *= x->shape[k];
	}
	f = filling(x, x->ndim, shape);
	for (size_t i = 0; i < f.t.count; i++) {
		int64_t from = 0;

		for (int k = 0; k < x->ndim; k++)
			from += at[k] * stride[k];
		put(&f, i, x, (size_t)from);
		for (int k = x->ndim - 1; k >= 0 && ++at[k] == shape[k]; k--)
			at[k] = 0;
	}
	return f.t;
}

static struct tensor gather(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *x,
                            const struct tensor *at)
{
	struct filling f = filling(x, at->ndim, at->shape);

	if (x->ndim != 1)
		onnx_die(o, n, "a constant of %d dimensions; expected 1", x->ndim);
	for (size_t i = 0; i < at->count; i++) {
		int64_t k = onnx_integer(o, n, at, i);

		k += k < 0 ? (int64_t)x->count : 0;
		if (k < 0 || k >= (int64_t)x->count)
			onnx_die(o, n, "element %jd of %zu", (intmax_t)onnx_integer(o, n, at, i), x->count);
		put(&f, i, x, (size_t)k);
	}
	return f.t;
}

/* --- other numbers --------------------------------------------------------------------------- */

static const Onnx__AttributeProto *only_attribute(const Onnx__NodeProto *n)
{
	return n->n_attribute == 1 ? n->attribute[0] : NULL;
}

static struct tensor filled(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *shape)
{
	static const float zero[1];
	struct tensor value = { .count = 1, .type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT, .floats = zero };
	int64_t size[TENSOR_DIMS], bound = 1;
	struct filling f;

	if (only_attribute(n) && only_attribute(n)->t)
		value = onnx_tensor(o, n, only_attribute(n)->t);
	if (value.count != 1 || shape->count > TENSOR_DIMS)
		onnx_die(o, n, "%zu values in %zu dimensions; expected one, in at most %d", value.count,
		         shape->count, TENSOR_DIMS);
	for (size_t i = 0; i < shape->count; i++) {
		size[i] = onnx_integer(o, n, shape, i);
		if (size[i] < 0 || size[i] > SMALL || (bound *= size[i] ? size[i] : 1) > SMALL)
			onnx_die(o, n, "an impossible shape");
	}
	f = filling(&value, (int)shape->count, size);
	for (size_t i = 0; i < f.t.count; i++)
		put(&f, i, &value, 0);
	return f.t;
}

/* A tensor, or a number or a row of them; false for words and what else there is. */
static bool constant(const struct onnx *o, const Onnx__NodeProto *n, struct tensor *out)
{
	const Onnx__AttributeProto *a = only_attribute(n);
	const char *name = a && a->name ? a->name : "";
	bool is_row = !strcmp(name, "value_ints") || !strcmp(name, "value_floats");
	bool is_float = !strcmp(name, "value_float") || !strcmp(name, "value_floats");
	const struct tensor like = { .type = is_float ? ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT
		                                      : ONNX__TENSOR_PROTO__DATA_TYPE__INT64,
		                     .floats = is_float ? (const float[1]){ 0 } : NULL };
	int64_t count = !is_row ? 1 : is_float ? (int64_t)a->n_floats : (int64_t)a->n_ints;
	struct filling f;

	if (a && a->t) {
		*out = onnx_tensor(o, n, a->t);
		return true;
	}
	if (!is_row && !is_float && strcmp(name, "value_int"))
		return false;
	f = filling(&like, is_row, &count);
	for (int64_t i = 0; i < count && is_float; i++)
		f.floats[i] = is_row ? a->floats[i] : onnx_float(o, n, name, 0);
	for (int64_t i = 0; i < count && !is_float; i++)
		f.integers[i] = is_row ? a->ints[i] : onnx_int(o, n, name, 0);
	*out = f.t;
	return true;
}

static struct tensor cast(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *x)
{
	int64_t to = onnx_int(o, n, "to", 0);
	struct tensor like = { .type = (int)to,
		               .floats = onnx_is_float((int)to) ? (const float[1]){ 0 } : NULL };
	struct filling f;

	if (to != like.type ||
	    (!like.floats && to != ONNX__TENSOR_PROTO__DATA_TYPE__INT64 &&
	     to != ONNX__TENSOR_PROTO__DATA_TYPE__INT32 && to != ONNX__TENSOR_PROTO__DATA_TYPE__BOOL))
		onnx_die(o, n, "a constant to type %jd; expected floats, int32, int64 or bool", (intmax_t)to);
	f = filling(&like, x->ndim, x->shape);
	for (size_t i = 0; i < f.t.count; i++) {
		double number = tensor_number(x, i);

		if (f.floats)
			f.floats[i] = (float)number;
		else if (to == ONNX__TENSOR_PROTO__DATA_TYPE__BOOL)
			f.integers[i] = number != 0;
		else if (x->integers)
			f.integers[i] = x->integers[i];
		else if (fabs(number) < 1e15)
			f.integers[i] = (int64_t)number;
		else
			onnx_die(o, n, "no integer is %g", number);
	}
	return f.t;
}

/* Sizes of axis i of two tensors, counted from the last one: those of 1 are as wide as the other's. */
static int64_t size_of(const struct tensor *t, int i)
{
	return i < t->ndim ? t->shape[t->ndim - 1 - i] : 1;
}

/* Where number `at` of the result lies in an operand. */
static size_t operand(const struct tensor *result, const struct tensor *t, size_t at)
{
	size_t from = 0, stride = 1;

	for (int i = 0; i < result->ndim; i++) {
		int64_t along = (int64_t)at % size_of(result, i);

		from += size_of(t, i) == 1 ? 0 : (size_t)along * stride;
		stride *= (size_t)size_of(t, i);
		at /= (size_t)size_of(result, i);
	}
	return from;
}

static struct tensor arithmetic(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *a,
                                const struct tensor *b)
{
	const struct tensor *like = a->floats ? a : b;
	int ndim = a->ndim > b->ndim ? a->ndim : b->ndim;
	int64_t shape[TENSOR_DIMS], all = 1;
	struct filling f;

	for (int i = 0; i < ndim; i++) {
		int64_t p = size_of(a, i), q = size_of(b, i), size = p == 1 ? q : p;

		if ((p != q && p != 1 && q != 1) || (all *= size) > SMALL)
			onnx_die(o, n, "constants of %zu and %zu numbers, whose shapes do not fit", a->count,
			         b->count);
		shape[ndim - 1 - i] = size;
	}
	f = filling(like, ndim, shape);
	f.t.type = 0;
	for (size_t i = 0; i < f.t.count; i++) {
		double p = tensor_number(a, operand(&f.t, a, i)), q = tensor_number(b, operand(&f.t, b, i));
		char op = *n->op_type;
		double r = op == 'A' ? p + q : op == 'S' ? p - q : op == 'M' ? p * q : q != 0 ? p / q : NAN;

		if (!f.floats && !(fabs(r) < 1e15))
			onnx_die(o, n, "no number results");
		if (f.floats)
			f.floats[i] = (float)r;
		else
			f.integers[i] = (int64_t)r;
	}
	return f.t;
}

int onnx_shape_part(const struct onnx *o, const Onnx__NodeProto *n, int ndim, int *start)
{
	int64_t from = onnx_int(o, n, "start", 0), to = onnx_int(o, n, "end", ndim);

	from = from < -ndim ? 0 : from < 0 ? from + ndim : from > ndim ? ndim : from;
	to = to < -ndim ? 0 : to < 0 ? to + ndim : to > ndim ? ndim : to;
	*start = (int)from;
	return to > from ? (int)(to - from) : 0;
}

/* From `start` to before `end`, where the node has these (opset 15). */
static struct tensor shape_of(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *x)
{
	const struct tensor like = { .type = ONNX__TENSOR_PROTO__DATA_TYPE__INT64 };
	int start, count = onnx_shape_part(o, n, x->ndim, &start);
	int64_t size = count;
	struct filling f = filling(&like, 1, &size);

	memcpy(f.integers, x->shape + start, (size_t)count * sizeof *f.integers);
	return f.t;
}

/* --- all of them ----------------------------------------------------------------------------- */

static bool is(const Onnx__NodeProto *n, const char *op)
{
	return !strcmp(n->op_type, op);
}

/* What exporters do to weights; false for the others. */
static bool fold_weights(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *const *in,
                         struct tensor *out)
{
	if (!n->n_input || !in[0] || (n->n_input > 1 && !in[1]))
		return false;
	if (is(n, "Identity")) /* exporters share equal weights so */
		*out = *in[0];
	else if (is(n, "Cast"))
		*out = cast(o, n, in[0]);
	else if (is(n, "Transpose"))
		*out = transpose(o, n, in[0]);
	else if (is(n, "Squeeze"))
		*out = squeeze(o, n, in);
	else if (is(n, "Unsqueeze"))
		*out = unsqueeze(o, n, in);
	else if (is(n, "Reshape") && n->n_input > 1)
		*out = reshape(o, n, in);
	else
		return false;
	return true;
}

bool onnx_fold(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *const *in,
               struct tensor *out)
{
	if (fold_weights(o, n, in, out))
		return true;
	if (is(n, "Constant"))
		return constant(o, n, out);
	if (is(n, "Shape") && n->n_input == 1 && in[0]) {
		*out = shape_of(o, n, in[0]);
		return true;
	}
	for (size_t k = 0; k < n->n_input; k++)
		if (in[k] ? in[k]->count > SMALL : k < 3)
			return false;
	if (!n->n_input)
		return false;
	if (is(n, "ConstantOfShape"))
		*out = filled(o, n, in[0]);
	else if (is(n, "Concat"))
		*out = concat(o, n, in);
	else if (is(n, "Slice"))
		*out = slice(o, n, in);
	else if (n->n_input < 2)
		return false;
	else if (is(n, "Gather"))
		*out = gather(o, n, in[0], in[1]);
	else if (is(n, "Add") || is(n, "Sub") || is(n, "Mul") || is(n, "Div"))
		*out = arithmetic(o, n, in[0], in[1]);
	else
		return false;
	return true;
}
