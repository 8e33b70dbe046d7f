#include "unit.h"
#include "model/graph.h"
#include "engine/ops.h"
#include "core/rng.h"

/*
 * Every loop against a plain one in double precision, over channels that fill periods and those that do not.
 * Inputs keep a distance from where rounding or clipping turn, so that float and double agree on the side;
 * what happens just there has tests of its own.
 */
#define FLOATS 2e-6 /* relative to a term: a few roundings of 2^-24 */
#define SUMS 1e-5   /* relative to the sum of magnitudes: up to 64 terms in float */
#define GUARD 64    /* numbers behind the end, which must stay */
#define UNTOUCHED 12345.0f

struct example {
	int c;
	size_t count;
	float *z, *dy, *scale, *shift; /* scale, shift by period */
	struct activation_quantizer s;
};

static const int channels[] = { 1, 3, 8, 24, 130, 300 };
static const size_t rows[] = { 1, 2, 5, 37, 0 }; /* 0: more periods than one float sums */
static uint64_t drawn;

static float next(void)
{
	return (float)rng_normal((struct rng){ 11, 0, RNG_TEST }, drawn++);
}

static float *guarded(size_t n)
{
	float *x = xmalloc(n + GUARD, sizeof *x);

	for (size_t i = 0; i < n; i++)
		x[i] = next();
	for (size_t i = n; i < n + GUARD; i++)
		x[i] = UNTOUCHED;
	return x;
}

static void copy(float *to, const float *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = from[i];
}

static void check_guard(const float *x, size_t n)
{
	for (size_t i = n; i < n + GUARD; i++)
		assert_true(x[i] == UNTOUCHED);
}

static struct tensor tensor_z(const struct example *e)
{
	return tensor_of(storage_f32(e->z), e->count, e->c);
}

static struct affine affine_of(const struct example *e)
{
	return (struct affine){ e->scale, e->shift };
}

static double scale_of(const struct example *e, size_t i)
{
	return (double)e->scale[i % (size_t)e->c];
}

static double t_of(const struct example *e, size_t i)
{
	return (double)e->z[i] * scale_of(e, i) + (double)e->shift[i % (size_t)e->c];
}

static double value_of(double t, struct activation_quantizer s)
{
	t = fmin(fmax(t, (double)s.low), (double)s.high);
	return s.q.on ? rint(t / (double)s.q.step) * (double)s.q.step : t;
}

/* Whether float arithmetic may see t on another side of a bound, or of the middle between two levels. */
static bool is_doubtful(double t, struct activation_quantizer s)
{
	double level = s.q.on ? t / (double)s.q.step : 0;

	return fabs(t - (double)s.low) < 1e-4 || fabs(t - (double)s.high) < 1e-4 ||
	       fabs(level - floor(level) - 0.5) < 1e-3;
}

static struct example make_example(int c, size_t n, struct activation_quantizer s)
{
	struct example e = { c, (n ? n : 66 * ops_period(c) / (size_t)c + 1) * (size_t)c, .s = s };
	float *one = xmalloc((size_t)c, sizeof *one);

	e.z = guarded(e.count);
	e.dy = guarded(e.count);
	e.scale = guarded(ops_period(c));
	e.shift = guarded(ops_period(c));
	for (int k = 0; k < c; k++)
		one[k] = next();
	ops_repeat(one, c, e.scale);
	for (int k = 0; k < c; k++)
		one[k] = next();
	ops_repeat(one, c, e.shift);
	for (size_t i = 0; i < e.count; i++)
		while (is_doubtful(t_of(&e, i), s) || is_doubtful((double)e.z[i], s))
			e.z[i] = next();
	free(one);
	return e;
}

static void free_example(struct example *e)
{
	check_guard(e->z, e->count);
	check_guard(e->dy, e->count);
	check_guard(e->scale, ops_period(e->c));
	check_guard(e->shift, ops_period(e->c));
	free(e->z);
	free(e->dy);
	free(e->scale);
	free(e->shift);
}

/* All channels, rows, activations; without a quantizer, and with several. */
static void for_examples(void (*check)(const struct example *))
{
	const struct quantizer quantizers[] = {
		{ 0 },
		quantizer_for_activations(4, 1.3f, false),
		quantizer_for_activations(8, 7, false),
		quantizer_for_activations(3, 0.9f, true),
		quantizer_for_activations(1, 1.1f, false),
	};

	for (size_t c = 0; c < LEN(channels); c++)
		for (size_t n = 0; n < LEN(rows); n++)
			for (int act = ACT_NONE; act <= ACT_RELU6; act++)
				for (size_t q = 0; q < LEN(quantizers); q++) {
					struct example e =
						make_example(channels[c], rows[n],
					                     activation_quantizer_of(act, quantizers[q]));

					check(&e);
					free_example(&e);
				}
}

static void test_periods(void **state)
{
	float channel[24], *period;

	(void)state;
	for (int c = 1; c < 2000; c++)
		assert_true(ops_period(c) % (size_t)c == 0 && ops_period(c) >= 128);
	for (int k = 0; k < 24; k++)
		channel[k] = next();
	period = guarded(ops_period(24));
	ops_repeat(channel, 24, period);
	for (size_t i = 0; i < ops_period(24); i++)
		assert_true(period[i] == channel[i % 24]);
	check_guard(period, ops_period(24));
	free(period);
}

static void check_moments(const struct example *e)
{
	double *sum = xmalloc((size_t)e->c, sizeof *sum), *square = xmalloc((size_t)e->c, sizeof *square);

	for (int k = 0; k < e->c; k++)
		sum[k] = square[k] = 1000; /* added to what is there */
	ops_moments(tensor_z(e), sum, square, storage_f32(e->z));
	for (int k = 0; k < e->c; k++) {
		double s = 0, q = 0, magnitude = 0;

		for (size_t i = (size_t)k; i < e->count; i += (size_t)e->c) {
			s += (double)e->z[i];
			q += (double)e->z[i] * (double)e->z[i];
			magnitude += fabs((double)e->z[i]);
		}
		assert_close(sum[k], 1000 + s, SUMS * magnitude + 1e-9);
		assert_close(square[k], 1000 + q, SUMS * q + 1e-9);
	}
	free(sum);
	free(square);
}

static void test_moments(void **state)
{
	struct quantizer off = { 0 };

	(void)state;
	for (size_t c = 0; c < LEN(channels); c++)
		for (size_t n = 0; n < LEN(rows); n++) {
			struct example e =
				make_example(channels[c], rows[n], activation_quantizer_of(ACT_NONE, off));

			check_moments(&e);
			free_example(&e);
		}
}

/* So many equal terms that a float alone would lose 1e-4 of their sum. */
static void test_long_sums(void **state)
{
	size_t n = 20000 * ops_period(1);
	float *x = xmalloc(n, sizeof *x);
	double sum = 0, square = 0;

	(void)state;
	for (size_t i = 0; i < n; i++)
		x[i] = 1.1f;
	ops_moments(tensor_of(storage_f32(x), n, 1), &sum, &square, storage_f32(x));
	assert_close(sum, (double)n * 1.1, 4e-6 * sum);
	assert_close(square, (double)n * 1.1 * 1.1, 4e-6 * square);
	free(x);
}

static void check_forward(const struct example *e)
{
	float *y = guarded(e->count);

	ops_forward(tensor_z(e), affine_of(e), e->s, storage_f32(y));
	for (size_t i = 0; i < e->count; i++)
		assert_close(y[i], value_of(t_of(e, i), e->s),
		             FLOATS * (1 + fabs((double)e->z[i] * scale_of(e, i))));
	check_guard(y, e->count);
	ops_quantize(e->z, e->count, e->s, storage_f32(y));
	for (size_t i = 0; i < e->count; i++)
		assert_close(y[i], value_of((double)e->z[i], e->s), FLOATS * (1 + fabs((double)e->z[i])));
	check_guard(y, e->count);
	free(y);
}

static void test_forward(void **state)
{
	(void)state;
	for_examples(check_forward);
}

/*
 * Derivative of y by the quantizer's range: 1 above it, -1 below a signed one,
 * none where the activation clips.
 */
static double by_clip(double t, struct activation_quantizer s)
{
	if (!s.q.on)
		return 0;
	if (s.q.high <= s.high && t >= (double)s.q.high)
		return 1;
	return s.q.low < 0 && s.q.low >= s.low && t <= (double)s.q.low ? -1 : 0;
}

static bool passes(double t, struct activation_quantizer s)
{
	return t > (double)s.low && t < (double)s.high;
}

static void check_sums(const struct example *e, const double *sum, const double *product)
{
	for (int k = 0; k < e->c; k++) {
		double s = 0, p = 0, size = 0, psize = 0;

		for (size_t i = (size_t)k; i < e->count; i += (size_t)e->c) {
			double g = passes(t_of(e, i), e->s) ? (double)e->dy[i] : 0;

			s += g;
			p += g * (double)e->z[i];
			size += fabs(g);
			psize += fabs(g * (double)e->z[i]);
		}
		assert_close(sum[k], s, SUMS * size + 1e-9);
		assert_close(product[k], p, SUMS * psize + 1e-9);
	}
}

/*
 * What a range gets of one number: where it is clipped, or by LSQ rounded.  A float may round the other
 * way.
 */
static double to_range(double t, double dy, struct activation_quantizer s, double *size)
{
	double by = by_clip(t, s), steps = t / (double)s.q.step;

	if (s.learns_step && s.q.on && passes(t, s)) {
		by = (value_of(t, s) - t) / (double)s.q.high;
		if (fabs(fabs(steps - trunc(steps)) - 0.5) < 1e-4)
			*size += fabs(dy) / s.q.levels / SUMS;
	}
	*size += fabs(by * dy) + (s.learns_step ? fabs(dy) : 0);
	return by * dy;
}

static void check_backward_by(const struct example *e, struct activation_quantizer s)
{
	double *sum = xmalloc((size_t)e->c, sizeof *sum), *product = xmalloc((size_t)e->c, sizeof *product);
	double clip = 5, expected = 5, size = 0;

	ops_backward_sums(tensor_z(e), e->dy, affine_of(e), s, (struct backward_sums){ sum, product, &clip },
	                  storage_f32(e->dy));
	for (size_t i = 0; i < e->count; i++)
		expected += to_range(t_of(e, i), (double)e->dy[i], s, &size);
	check_sums(e, sum, product);
	assert_close(clip, expected, SUMS * size + 1e-9);
	free(sum);
	free(product);
}

static struct activation_quantizer by_lsq(struct activation_quantizer s)
{
	s.learns_step = true;
	return s;
}

static void check_backward(const struct example *e)
{
	check_backward_by(e, e->s);
	check_backward_by(e, by_lsq(e->s));
}

static void test_backward(void **state)
{
	(void)state;
	for_examples(check_backward);
}

static void check_quantize_backward_by(const struct example *e, struct activation_quantizer s)
{
	for (int add = 0; add < 2; add++) {
		float *dx = guarded(e->count), *before = xmalloc(e->count, sizeof *before);
		double clip = 5, expected = 5, size = 0;

		if (!add)
			dx[0] = NAN; /* what is there must not matter */
		copy(before, dx, e->count);
		ops_quantize_backward(e->z, e->dy, e->count, s, add, dx, &clip);
		for (size_t i = 0; i < e->count; i++) {
			double g = passes((double)e->z[i], e->s) ? (double)e->dy[i] : 0,
			       was = add ? (double)before[i] : 0;

			assert_close(dx[i], was + g, FLOATS * (1 + fabs(was)));
			expected += to_range((double)e->z[i], (double)e->dy[i], s, &size);
		}
		check_guard(dx, e->count);
		assert_close(clip, expected, SUMS * size + 1e-9);
		free(dx);
		free(before);
	}
}

static void check_quantize_backward(const struct example *e)
{
	check_quantize_backward_by(e, e->s);
	check_quantize_backward_by(e, by_lsq(e->s));
}

static void test_quantize_backward(void **state)
{
	(void)state;
	for_examples(check_quantize_backward);
}

/* --- numbers of 16 bits ----------------------------------------------------------------------- */

/* n floats as bfloat16, and rounded to them in place. */
static uint16_t *halves(float *x, size_t n)
{
	uint16_t *h = xmalloc(n, sizeof *h);

	for (size_t i = 0; i < n; i++) {
		storage_put(h, BFLOAT16, i, x[i]);
		x[i] = storage_get(h, BFLOAT16, i);
	}
	return h;
}

static void assert_same(const void *x, const void *y, size_t bytes)
{
	if (bytes)
		assert_memory_equal(x, y, bytes);
}

/* h is x, each number rounded. */
static void assert_rounded(struct storage h, const float *x, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint16_t rounded;

		storage_put(&rounded, BFLOAT16, 0, x[i]);
		assert_int_equal(((const uint16_t *)h.data)[i], rounded);
	}
}

/* Halves give the same numbers as floats that equal them, and halves are rounded floats. */
static void check_halves(const struct example *e)
{
	size_t n = e->count, c = (size_t)e->c;
	float *unrounded = xmalloc(n, sizeof *unrounded), *y[2] = { xmalloc(n, 4), xmalloc(n, 4) };
	double *sums[2] = { xmalloc(2 * c, sizeof(double)), xmalloc(2 * c, sizeof(double)) }, clip[2] = { 0 };
	struct affine f = affine_of(e);
	struct backward_affine g = { e->scale, e->shift, e->scale };
	struct storage dy, kept = { xmalloc(n, 2), BFLOAT16 };
	struct tensor z;

	copy(unrounded, e->z, n);
	z = tensor_of((struct storage){ halves(e->z, n), BFLOAT16 }, n, e->c);
	dy = (struct storage){ halves(e->dy, n), BFLOAT16 };

	ops_moments(tensor_of(storage_f32(unrounded), n, e->c), sums[0], sums[0] + c, kept);
	ops_moments(tensor_of(storage_f32(unrounded), n, e->c), sums[1], sums[1] + c, storage_f32(unrounded));
	assert_same(kept.data, z.data.data, 2 * n);
	assert_same(sums[0], sums[1], 2 * c * sizeof(double));
	ops_forward(z, f, e->s, storage_f32(y[0]));
	ops_forward(tensor_z(e), f, e->s, storage_f32(y[1]));
	assert_same(y[0], y[1], 4 * n);
	ops_forward(z, f, e->s, kept);
	assert_rounded(kept, y[1], n);
	ops_quantize(e->z, n, e->s, storage_f32(y[1]));
	ops_quantize(e->z, n, e->s, kept);
	assert_rounded(kept, y[1], n);
	ops_backward_sums(z, e->dy, f, e->s, (struct backward_sums){ sums[0], sums[0] + c, &clip[0] }, kept);
	ops_backward_sums(tensor_z(e), e->dy, f, e->s,
	                  (struct backward_sums){ sums[1], sums[1] + c, &clip[1] }, storage_f32(e->dy));
	assert_same(kept.data, dy.data, 2 * n);
	assert_same(sums[0], sums[1], 2 * c * sizeof(double));
	assert_close(clip[0], clip[1], 1e-4 * (1 + fabs(clip[1]))); /* summed in another order */
	ops_backward_apply(z, dy, f, e->s, g, storage_f32(y[0]));
	ops_backward_apply(tensor_z(e), storage_f32(e->dy), f, e->s, g, storage_f32(y[1]));
	assert_same(y[0], y[1], 4 * n);
	ops_backward_apply(z, dy, f, e->s, g, kept);
	assert_rounded(kept, y[1], n);
	for (int k = 0; k < 2; k++) {
		free(y[k]);
		free(sums[k]);
	}
	free(unrounded);
	free(z.data.data);
	free(dy.data);
	free(kept.data);
}

static void test_halves(void **state)
{
	(void)state;
	for_examples(check_halves);
}

/* Nearest, ties away from 0; what is large or no number stays so. */
static void test_rounding(void **state)
{
	const float x[] = { 1,         0x1.01p0f, 0x1.00fffep0f, -0x1.01p0f, 0x1.02p0f,
		            0x1.03p0f, 3e38f,     INFINITY,      1e-39f,     0 };
	const float y[] = { 1,         0x1.02p0f,   1,        -0x1.02p0f,  0x1.02p0f,
		            0x1.04p0f, 0x1.c4p127f, INFINITY, 0x1.6p-130f, 0 };
	uint16_t h;

	(void)state;
	for (size_t i = 0; i < LEN(x); i++) {
		storage_put(&h, BFLOAT16, 0, x[i]);
		assert_true(storage_get(&h, BFLOAT16, 0) == y[i]);
	}
	storage_put(&h, BFLOAT16, 0, NAN);
	assert_true(isnan(storage_get(&h, BFLOAT16, 0)));
}

/* Exactly at a bound: no gradient to the input; all of it to the range, but for what the activation clips. */
static void check_bounds(struct activation_quantizer s, float x, float passed, double clipped)
{
	const float dy = 3, ones[128] = { [0] = 1 }, zeros[128] = { 0 };
	struct affine identity = { ones, zeros };
	struct tensor z = tensor_of(storage_f32(&x), 1, 1);
	float dx, dz = 0;
	double clip = 0, sum = 0, product = 0;

	ops_quantize_backward(&x, &dy, 1, s, false, &dx, &clip);
	assert_true(dx == passed && clip == clipped);
	clip = 0;
	ops_backward_sums(z, &dy, identity, s, (struct backward_sums){ &sum, &product, &clip },
	                  storage_f32(&dy));
	ops_backward_apply(z, storage_f32(&dy), identity, s, (struct backward_affine){ ones, zeros, zeros },
	                   storage_f32(&dz));
	assert_true(dz == passed && clip == clipped && sum == (double)passed &&
	            product == (double)(passed * x));
}

static void test_bounds(void **state)
{
	struct quantizer off = { 0 }, u = quantizer_for_activations(4, 2, false),
			 s = quantizer_for_activations(4, 2, true),
			 wide = quantizer_for_activations(4, 8, false),
			 six = quantizer_for_activations(4, 6, false);

	(void)state;
	check_bounds(activation_quantizer_of(ACT_NONE, off), 100, 3, 0);
	check_bounds(activation_quantizer_of(ACT_RELU, off), 0, 0, 0);
	check_bounds(activation_quantizer_of(ACT_RELU6, off), 6, 0, 0);
	check_bounds(activation_quantizer_of(ACT_NONE, u), 2, 0, 3);
	check_bounds(activation_quantizer_of(ACT_NONE, u), 0, 0, 0);
	check_bounds(activation_quantizer_of(ACT_NONE, u), 1.99f, 3, 0);
	check_bounds(activation_quantizer_of(ACT_NONE, s), 2, 0, 3);
	check_bounds(activation_quantizer_of(ACT_NONE, s), -2, 0, -3);
	check_bounds(activation_quantizer_of(ACT_RELU, s), -2, 0, 0);
	check_bounds(activation_quantizer_of(ACT_RELU6, wide), 7, 0, 0);
	check_bounds(activation_quantizer_of(ACT_RELU6, six), 7, 0, 3);
}

static void check_apply(const struct example *e)
{
	float *a = guarded(ops_period(e->c)), *one = guarded((size_t)e->c), *dz = guarded(e->count);

	for (int k = 0; k < e->c; k++)
		one[k] = 0.5f + (float)k / 16;
	ops_repeat(one, e->c, a);
	ops_backward_apply(tensor_z(e), storage_f32(e->dy), affine_of(e), e->s,
	                   (struct backward_affine){ a, e->scale, e->shift }, storage_f32(dz));
	for (size_t i = 0; i < e->count; i++) {
		size_t k = i % (size_t)e->c;
		double g = passes(t_of(e, i), e->s) ? (double)e->dy[i] : 0, x = (double)a[k] * g,
		       y = (double)e->scale[k] * (double)e->z[i];

		assert_close(dz[i], x + y + (double)e->shift[k],
		             FLOATS * (fabs(x) + fabs(y) + fabs((double)e->shift[k])));
	}
	check_guard(dz, e->count);
	free(a);
	free(one);
	free(dz);
}

static void check_add(const struct example *e)
{
	float *y = guarded(e->count);

	ops_add(e->z, e->dy, e->count, e->s, y);
	for (size_t i = 0; i < e->count; i++)
		assert_true(y[i] == fminf(fmaxf(e->z[i] + e->dy[i], e->s.low), e->s.high));
	check_guard(y, e->count);
	copy(y, e->z, e->count);
	ops_accumulate(y, e->dy, e->count);
	for (size_t i = 0; i < e->count; i++)
		assert_true(y[i] == e->z[i] + e->dy[i]);
	check_guard(y, e->count);
	free(y);
}

static void test_backward_apply_and_add(void **state)
{
	(void)state;
	for_examples(check_apply);
	for_examples(check_add);
}

static void check_average(int images, size_t area, int c)
{
	size_t n = (size_t)images * (size_t)c, each = area * (size_t)c;
	float *x = guarded(n * area), *y = guarded(n), *dx = guarded(n * area), *before = guarded(n * area);

	ops_average(x, images, area, c, y);
	for (size_t i = 0; i < n; i++) {
		double sum = 0, size = 0;

		for (size_t p = 0; p < area; p++) {
			double v = (double)x[i / (size_t)c * each + p * (size_t)c + i % (size_t)c];

			sum += v;
			size += fabs(v);
		}
		assert_close(y[i], sum / (double)area, SUMS * size / (double)area);
	}
	check_guard(y, n);
	for (int add = 0; add < 2; add++) {
		copy(dx, before, n * area);
		ops_average_backward(y, images, area, c, add, dx);
		for (size_t i = 0; i < n * area; i++) {
			double share = (double)y[i / each * (size_t)c + i % (size_t)c] / (double)area;

			double was = add ? (double)before[i] : 0;

			assert_close(dx[i], share + was, FLOATS * (1 + fabs(was) + fabs(share)));
		}
		check_guard(dx, n * area);
	}
	free(x);
	free(y);
	free(dx);
	free(before);
}

static void test_average(void **state)
{
	(void)state;
	for (size_t c = 0; c < LEN(channels); c++) {
		check_average(1, 1, channels[c]);
		check_average(3, 49, channels[c]);
		check_average(2, 6, channels[c]);
	}
}

/*
 * Functions and derivatives, in doubles; where they turn, floats and doubles may differ,
 * and nothing is checked.
 */
static double function(double x, enum activation how)
{
	double hard = fmin(fmax(x / 6 + 0.5, 0), 1), soft = 1 / (1 + exp(-x));

	return how == ACT_RELU          ? fmax(x, 0)
	       : how == ACT_RELU6       ? fmin(fmax(x, 0), 6)
	       : how == ACT_HARDSIGMOID ? hard
	       : how == ACT_HARDSWISH   ? x * hard
	       : how == ACT_SIGMOID     ? soft
	       : how == ACT_SWISH       ? x * soft
	                                : x;
}

static void check_function(enum activation how, float *x, size_t n)
{
	float *y = guarded(n), *dy = guarded(n), *dx = guarded(n), *before = guarded(n);

	ops_activate(x, n, (int)how, y);
	for (size_t i = 0; i < n; i++)
		assert_close(y[i], function((double)x[i], how),
		             4e-7 * (fabs((double)x[i]) + 1) *
		                     (how == ACT_SIGMOID ? fabs((double)y[i]) + 1e-30 : 1));
	check_guard(y, n);
	for (int add = 0; add < 2; add++) {
		copy(dx, before, n);
		if (!add)
			dx[0] = NAN; /* what is there must not matter */
		ops_activate_backward(x, dy, n, (int)how, add, dx);
		for (size_t i = 0; i < n; i++) {
			double v = (double)x[i], h = 1e-5, was = add ? (double)before[i] : 0;
			double slope = (function(v + h, how) - function(v - h, how)) / (2 * h);
			bool turns = fabs(v) < 2 * h || fabs(v - 6) < 2 * h || fabs(fabs(v) - 3) < 2 * h;

			if (!turns)
				assert_close(dx[i], was + (double)dy[i] * slope,
				             1e-6 * (1 + fabs(was) + fabs((double)dy[i])));
		}
		check_guard(dx, n);
	}
	free(y);
	free(dy);
	free(dx);
	free(before);
}

static void test_functions(void **state)
{
	static const float ends[] = { 0, -0.0f, 1e-30f, 3, -3, 6, 86.9f, -86.9f, 88, -88, 1e30f, -1e30f };

	(void)state;
	for (enum activation how = ACT_NONE; how <= ACT_SWISH; how++) {
		size_t n = 20000 + LEN(ends);
		float *x = guarded(n), y, bad = NAN;

		for (size_t i = 0; i < n; i++)
			x[i] *= i % 2 ? 3 : 20;
		check_function(how, x, n);
		check_function(how, x, 3);
		for (size_t i = 0; i < LEN(ends); i++) {
			ops_activate(&ends[i], 1, (int)how, &y);
			assert_close(y, function((double)ends[i], how), 4e-7 * fabs((double)ends[i]) + 1e-7);
		}
		ops_activate(&bad, 1, (int)how, &y);
		assert_true(isnan(y));
		free(x);
	}
}

static void check_product(size_t images, size_t area, int c)
{
	size_t pixels = images * area, n = pixels * (size_t)c, few = images * (size_t)c;
	float *a = guarded(n), *b = guarded(few), *y = guarded(n), *dy = guarded(n), *db = guarded(few);

	for (int add = 0; add < 2; add++) {
		float *y0 = guarded(n), *db0 = guarded(few);
		double *sum = xmalloc(few, sizeof *sum), *size = xmalloc(few, sizeof *size);

		copy(y, y0, n);
		copy(db, db0, few);
		ops_multiply(a, b, pixels, area, c, add, y);
		ops_multiply_backward(dy, a, pixels, area, c, add, db);
		for (size_t i = 0; i < n; i++) {
			size_t k = i / (size_t)c / area * (size_t)c + i % (size_t)c;
			double was = add ? (double)y0[i] : 0;

			assert_close(y[i], was + (double)a[i] * (double)b[k],
			             FLOATS * (fabs(was) + fabs((double)a[i] * (double)b[k])));
			sum[k] += (double)a[i] * (double)dy[i];
			size[k] += fabs((double)a[i] * (double)dy[i]);
		}
		for (size_t k = 0; k < few; k++)
			assert_close(db[k], sum[k] + (add ? (double)db0[k] : 0),
			             FLOATS * (1 + size[k] + fabs((double)db0[k])));
		check_guard(y, n);
		check_guard(db, few);
		free(y0);
		free(db0);
		free(sum);
		free(size);
	}
	free(a);
	free(b);
	free(y);
	free(dy);
	free(db);
}

static void test_products(void **state)
{
	(void)state;
	for (size_t c = 0; c < LEN(channels); c++) {
		check_product(5, 1, channels[c]);
		check_product(3, 49, channels[c]);
	}
}

/* Rows that are joined are split again. */
static void test_join(void **state)
{
	enum { ROWS = 7, A = 3, B = 18, WIDTH = A + B };
	float *a = guarded(ROWS * A), *b = guarded(ROWS * B), *y = guarded(ROWS * WIDTH),
	      *x = guarded(ROWS * B);

	(void)state;
	ops_join(a, ROWS, A, y, WIDTH);
	ops_join(b, ROWS, B, y + A, WIDTH);
	for (size_t i = 0; i < ROWS * WIDTH; i++)
		assert_true(y[i] == (i % WIDTH < A ? a[i / WIDTH * A + i % WIDTH]
		                                   : b[i / WIDTH * B + i % WIDTH - A]));
	check_guard(y, ROWS * WIDTH);
	ops_split(y + A, WIDTH, ROWS, B, false, x);
	assert_memory_equal(x, b, ROWS * B * sizeof *x);
	ops_split(y + A, WIDTH, ROWS, B, true, x);
	for (size_t i = 0; i < ROWS * B; i++)
		assert_true(x[i] == 2 * b[i]);
	check_guard(x, ROWS * B);
	free(a);
	free(b);
	free(y);
	free(x);
}

/* share: of a teacher in the targets */
static void check_cross_entropy(double smoothing, double share)
{
	enum { IMAGES = 5, CLASSES = 7 };
	static const int32_t labels[IMAGES] = { 0, 6, 3, 3, 2 };
	float x[IMAGES * CLASSES], grad[IMAGES * CLASSES], teacher[IMAGES * CLASSES];
	struct targets targets = { labels, smoothing, share > 0 ? teacher : NULL, share };
	double target[IMAGES * CLASSES], expected = 0;

	for (size_t i = 0; i < LEN(x); i++) {
		x[i] = 3 * next();
		teacher[i] = 3 * next();
		target[i] =
			smoothing / CLASSES + ((int)i % CLASSES == labels[i / CLASSES] ? 1 - smoothing : 0);
	}
	teacher[1] = 600;
	for (int i = 0; i < IMAGES; i++) {
		long double sum = 0;

		for (int k = 0; k < CLASSES; k++)
			sum += expl((long double)teacher[i * CLASSES + k]);
		for (int k = 0; k < CLASSES; k++)
			target[i * CLASSES + k] =
				(1 - share) * target[i * CLASSES + k] +
				share * (double)(expl((long double)teacher[i * CLASSES + k]) / sum);
	}
	x[0] = 500; /* exp(500) is no float, exp(800) no double */
	x[CLASSES + 1] = 800;
	for (size_t i = 0; i < LEN(x); i++)
		expected -= target[i] * (double)x[i];
	for (int i = 0; i < IMAGES; i++) {
		long double sum = 0;

		for (int k = 0; k < CLASSES; k++)
			sum += expl((long double)x[i * CLASSES + k]);
		expected += (double)logl(sum);
	}
	assert_close(ops_cross_entropy(x, &targets, IMAGES, CLASSES, 0.25f, grad), expected, 1e-9 * expected);
	for (int i = 0; i < IMAGES; i++) {
		long double sum = 0;

		for (int k = 0; k < CLASSES; k++)
			sum += expl((long double)x[i * CLASSES + k]);
		for (int k = 0; k < CLASSES; k++)
			assert_close(grad[i * CLASSES + k],
			             0.25 * ((double)(expl((long double)x[i * CLASSES + k]) / sum) -
			                     target[i * CLASSES + k]),
			             1e-7);
	}
	assert_true(ops_cross_entropy(x, &targets, IMAGES, CLASSES, 0, NULL) ==
	            ops_cross_entropy(x, &targets, IMAGES, CLASSES, 1, grad));
}

static void test_cross_entropy(void **state)
{
	(void)state;
	check_cross_entropy(0, 0);
	check_cross_entropy(0.3, 0);
	check_cross_entropy(0.3, 0.6);
	check_cross_entropy(0, 1);
}

static void too_many_channels(const void *c)
{
	double *sums = xmalloc(20000, sizeof *sums);

	ops_moments(tensor_of(storage_f32(xmalloc(10000, sizeof(float))), 10000, *(const int *)c), sums,
	            sums + 10000, storage_f32(NULL));
}

static void test_too_many_channels(void **state)
{
	int most = 8192, more = 8193;

	(void)state;
	too_many_channels(&most);
	assert_contains(last_words(too_many_channels, &more), "8193 channels; at most 8192");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_periods),       cmocka_unit_test(test_moments),
		cmocka_unit_test(test_long_sums),     cmocka_unit_test(test_forward),
		cmocka_unit_test(test_backward),      cmocka_unit_test(test_quantize_backward),
		cmocka_unit_test(test_halves),        cmocka_unit_test(test_rounding),
		cmocka_unit_test(test_bounds),        cmocka_unit_test(test_backward_apply_and_add),
		cmocka_unit_test(test_average),       cmocka_unit_test(test_functions),
		cmocka_unit_test(test_products),      cmocka_unit_test(test_join),
		cmocka_unit_test(test_cross_entropy), cmocka_unit_test(test_too_many_channels),
	};

	return cmocka_run_group_tests_name("ops", tests, NULL, NULL);
}
