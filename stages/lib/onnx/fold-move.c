/* Folding of operators that move numbers and leave them as they are: floats stay floats. */
#include "onnx/fold-inner.h"

#include <string.h>

#define NUMBERS_MAX ((int64_t)1 << 31)

/* --- other shapes of the same numbers -------------------------------------------------------- */

struct tensor fold_reshape(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *const *in)
{
	struct tensor t = *in[0];
	int64_t known = 1, bound = 1; /* bound: without sizes of 0, so that nothing overflows */
	int ndim = (int)in[1]->count, open = -1;

	if (in[1]->count > TENSOR_DIMS)
		onnx_die(o, n, "%zu dimensions; expected at most %d", in[1]->count, TENSOR_DIMS);
	for (int i = 0; i < ndim; i++) {
		int64_t size = onnx_integer(o, n, in[1], (size_t)i);

		if (!size) /* 0 is the size as it was */
			size = i < in[0]->ndim ? in[0]->shape[i] : 0;
		if (size == -1 && open < 0)
			open = i;
		else if (size < 0 || size > NUMBERS_MAX || (bound *= size ? size : 1) > NUMBERS_MAX)
			onnx_die(o, n, "an impossible shape");
		else
			known *= size;
		t.shape[i] = size;
	}
	if (open >= 0)
		t.shape[open] = known ? (int64_t)t.count / known : 0;
	if ((open >= 0 ? known * t.shape[open] : known) != (int64_t)t.count)
		onnx_die(o, n, "%zu numbers do not fill the shape", t.count);
	t.ndim = ndim;
	return t;
}

/* Axes by an attribute or the second input, into x[TENSOR_DIMS]; returns how many. */
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

/* A set of axes, a bit for each; negative ones count from the end. */
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

struct tensor fold_squeeze(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *const *in)
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

struct tensor fold_unsqueeze(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *const *in)
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

struct tensor fold_concat(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *const *in)
{
	struct new_tensor to;
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
	to = new_tensor(in[0], 1, &sum);
	for (size_t k = 0; k < n->n_input; k++)
		for (size_t i = 0; i < in[k]->count; i++)
			new_tensor_copy(&to, at++, in[k], i);
	return to.t;
}

/* A bound of a slice: negative ones count from the end, and those beyond the axis are cut to least..most. */
static int64_t slice_bound(int64_t at, int64_t size, int64_t least, int64_t most)
{
	at = at < least - size ? least - size : at;
	at = at < 0 ? at + size : at;
	return at > most ? most : at;
}

/* A slice along one axis, of any step. */
struct tensor fold_slice(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *const *in)
{
	const struct tensor *x = in[0];
	int64_t axis = n->n_input > 3 && in[3] && in[3]->count ? onnx_integer(o, n, in[3], 0) : 0;
	int64_t step = n->n_input > 4 && in[4] && in[4]->count ? onnx_integer(o, n, in[4], 0) : 1;
	int64_t start, end, size, taken, outer = 1, inner = 1, shape[TENSOR_DIMS];
	bool is_back = step < 0;
	struct new_tensor to;
	size_t at = 0;

	axis += axis < 0 ? x->ndim : 0;
	if (n->n_input < 3 || in[1]->count != 1 || in[2]->count != 1 || axis < 0 || axis >= x->ndim ||
	    !step || step < -FOLD_MAX || step > FOLD_MAX)
		onnx_die(o, n, "expected a slice along one axis");
	size = x->shape[axis];
	start = slice_bound(onnx_integer(o, n, in[1], 0), size, -is_back, size - is_back);
	end = slice_bound(onnx_integer(o, n, in[2], 0), size, -1, size);
	taken = is_back ? (start - end - step - 1) / -step : (end - start + step - 1) / step;
	taken = (is_back ? start > end : end > start) ? taken : 0;
	memcpy(shape, x->shape, sizeof shape);
	shape[axis] = taken;
	for (int i = 0; i < x->ndim; i++) {
		outer *= i < axis ? x->shape[i] : 1;
		inner *= i > axis ? x->shape[i] : 1;
	}
	to = new_tensor(x, x->ndim, shape);
	for (int64_t i = 0; to.t.count && i < outer; i++)
		for (int64_t k = 0; k < taken; k++)
			for (int64_t m = 0; m < inner; m++)
				new_tensor_copy(&to, at++, x,
				                (size_t)((i * size + start + k * step) * inner + m));
	return to.t;
}

/* The permutation of axes; backwards where the node names none. */
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

struct tensor fold_transpose(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *const *in)
{
	const struct tensor *x = in[0];
	int64_t perm[TENSOR_DIMS] = { 0 }, shape[TENSOR_DIMS] = { 0 }, stride[TENSOR_DIMS],
		at[TENSOR_DIMS] = { 0 };
	struct new_tensor to;

	read_permutation(o, n, x->ndim, perm);
	for (int i = 0; i < x->ndim; i++) {
		shape[i] = x->shape[perm[i]];
		stride[i] = 1;
		for (int64_t k = perm[i] + 1; k < x->ndim; k++)
			stride[i] *= x->shape[k];
	}
	to = new_tensor(x, x->ndim, shape);
	for (size_t i = 0; i < to.t.count; i++) {
		int64_t from = 0;

		for (int k = 0; k < x->ndim; k++)
			from += at[k] * stride[k];
		new_tensor_copy(&to, i, x, (size_t)from);
		for (int k = x->ndim - 1; k >= 0 && ++at[k] == shape[k]; k--)
			at[k] = 0;
	}
	return to.t;
}

struct tensor fold_gather(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *const *in)
{
	const struct tensor *x = in[0], *at = in[1];
	struct new_tensor to = new_tensor(x, at->ndim, at->shape);

	if (x->ndim != 1)
		onnx_die(o, n, "a constant of %d dimensions; expected 1", x->ndim);
	for (size_t i = 0; i < at->count; i++) {
		int64_t k = onnx_integer(o, n, at, i);

		k += k < 0 ? (int64_t)x->count : 0;
		if (k < 0 || k >= (int64_t)x->count)
			onnx_die(o, n, "element %jd of %zu", (intmax_t)onnx_integer(o, n, at, i), x->count);
		new_tensor_copy(&to, i, x, (size_t)k);
	}
	return to.t;
}
