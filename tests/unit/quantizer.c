#include "unit.h"
#include "engine/ops.h"
#include "core/rng.h"

#define N 20000

static const struct rng draw = { 7, 0, RNG_TEST };

static float *normal(size_t n, uint64_t first)
{
	float *x = xmalloc(n, sizeof *x);

	for (size_t i = 0; i < n; i++)
		x[i] = (float)rng_normal(draw, first + i);
	return x;
}

static void test_which_bits(void **state)
{
	(void)state;
	assert_true(quantizer_has_bits(1, false) && quantizer_has_bits(2, true) &&
	            quantizer_has_bits(8, true) && quantizer_has_bits(8, false));
	assert_false(quantizer_has_bits(0, false) || quantizer_has_bits(1, true) ||
	             quantizer_has_bits(9, false) || quantizer_has_bits(9, true));
}

/* Every output is a whole number of steps, the nearest one to the clipped input; every level is met. */
static void check_levels(const float *x, const float *q, int lowest, int highest, float step)
{
	int met[256] = { 0 }, different = 0;

	for (int i = 0; i < N; i++) {
		double level = rint((double)q[i] / (double)step);
		double clipped = fmin(fmax((double)x[i], lowest * (double)step), highest * (double)step);

		assert_true(level >= lowest && level <= highest);
		assert_true(q[i] == (float)level * step);
		assert_close(q[i], clipped, 0.5 * (double)step * (1 + 1e-4));
		different += !met[(int)level - lowest]++;
	}
	assert_int_equal(different, highest - lowest + 1);
}

static void test_levels(void **state)
{
	float *x = normal(N, 0), *q = xmalloc(N, sizeof *q);

	(void)state;
	for (int bits = 2; bits <= 8; bits++) {
		int levels = (1 << (bits - 1)) - 1;

		quantize_weights(x, N, bits, 1.7f, q);
		check_levels(x, q, -levels, levels, 1.7f / (float)levels);
		ops_quantize(x, N, activation_quantizer_of(0, quantizer_for_activations(bits, 1.7f, true)),
		             storage_f32(q));
		check_levels(x, q, -levels, levels, 1.7f / (float)levels);
	}
	for (int bits = 1; bits <= 8; bits++) {
		int levels = (1 << bits) - 1;

		ops_quantize(x, N, activation_quantizer_of(0, quantizer_for_activations(bits, 1.7f, false)),
		             storage_f32(q));
		check_levels(x, q, 0, levels, 1.7f / (float)levels);
	}
	free(x);
	free(q);
}

/* Steps of 1, so that halves are exact. */
static void test_half_to_even(void **state)
{
	static const float x[] = { -9, -6.5f, -2.5f, -1.5f, -0.5f, 0, 0.5f, 1.5f, 2.5f, 5.5f, 6.5f, 7.5f };
	static const float expected[] = { -7, -6, -2, -2, 0, 0, 0, 2, 2, 6, 6, 7 };
	float w[LEN(x)], a[LEN(x)], u[LEN(x)];

	(void)state;
	quantize_weights(x, LEN(x), 4, 7, w);
	ops_quantize(x, LEN(x), activation_quantizer_of(0, quantizer_for_activations(4, 7, true)),
	             storage_f32(a));
	ops_quantize(x, LEN(x), activation_quantizer_of(0, quantizer_for_activations(3, 7, false)),
	             storage_f32(u));
	for (size_t i = 0; i < LEN(x); i++) {
		assert_true(w[i] == expected[i] && a[i] == expected[i]);
		assert_true(u[i] == (expected[i] > 0 ? expected[i] : 0));
	}
}

static void test_one_bit_and_zeros(void **state)
{
	static const float x[] = { -3, -1e-9f, 0, 1e-9f, 3 }, zeros[] = { 0, 0, 0 };
	static const float expected[] = { -0.5f, -0.5f, 0.5f, 0.5f, 0.5f };
	float q[LEN(x)];

	(void)state;
	quantize_weights(x, LEN(x), 1, 0.5f, q);
	assert_memory_equal(q, expected, sizeof q);
	for (int bits = 1; bits <= 8; bits++) {
		quantize_weights(zeros, LEN(zeros), bits, 0, q);
		for (size_t i = 0; i < LEN(zeros); i++)
			assert_true(q[i] == 0);
	}
}

static void test_histogram(void **state)
{
	static const float x[] = { 0, 0.49f, -0.5f, 1, -2047.9f, 2048 };
	struct histogram *h = xmalloc(1, sizeof *h);

	(void)state;
	histogram_of(h, x, LEN(x));
	assert_true(h->max == 2048 && h->bin[0] == 3 && h->bin[1] == 1 && h->bin[2047] == 2);
	histogram_of(h, x, 1);
	assert_true(h->max == 0 && h->bin[0] == 1);
	for (int rule = CLIP_KL; rule <= CLIP_MAX; rule++)
		assert_true(quantizer_clip(h, 4, false, (enum clip_rule)rule) == 0);
	free(h);
}

/*
 * What training leaves of weights that nothing uses: below 6e-36 the number of bins by their
 * range overflows.
 */
static void test_tiny_weights(void **state)
{
	static const float x[] = { 0, 1e-40f, -1e-39f };
	struct histogram *h = xmalloc(1, sizeof *h);
	float q[LEN(x)], clip;

	(void)state;
	histogram_of(h, x, LEN(x));
	assert_true(h->max > 0);
	clip = quantizer_clip(h, 4, true, CLIP_MAX);
	quantize_weights(x, LEN(x), 4, clip, q);
	for (size_t i = 0; i < LEN(x); i++)
		assert_true(fabsf(q[i]) <= clip);
	free(h);
}

/* --- the clipping range ---------------------------------------------------------------------- */

static double squared_error(const float *x, size_t n, double clip, int bits, bool is_signed)
{
	int levels = (1 << (bits - is_signed)) - 1;
	double step = clip / levels, sum = 0;

	for (size_t i = 0; i < n; i++) {
		double q = rint(fmin(fmax((double)x[i], is_signed ? -clip : 0), clip) / step) * step;

		sum += ((double)x[i] - q) * ((double)x[i] - q);
	}
	return sum;
}

/*
 * No other of the candidates has a smaller error of the numbers themselves.  The rule sees them by bins of
 * 1/2048 of the range: at 8 bits, with 16 bins a step, that costs the tenth of a percent that is allowed.
 */
static void check_least_squares(const float *x, const struct histogram *h, int bits, bool is_signed)
{
	double clip = (double)quantizer_clip(h, bits, is_signed, CLIP_MSE), least = INFINITY;

	for (int i = 1; i <= QUANTIZER_CANDIDATES; i++)
		least = fmin(least, squared_error(x, N, h->max * i / QUANTIZER_CANDIDATES, bits, is_signed));
	assert_false(!(squared_error(x, N, clip, bits, is_signed) <= least * 1.001));
}

static void test_least_squares(void **state)
{
	struct histogram *h = xmalloc(1, sizeof *h);
	float *x = normal(N, 0);

	(void)state;
	histogram_of(h, x, N);
	for (int bits = 2; bits <= 8; bits++)
		check_least_squares(x, h, bits, true);
	for (size_t i = 0; i < N; i++) /* as after a ReLU */
		x[i] = x[i] < 0 ? 0 : x[i];
	histogram_of(h, x, N);
	for (int bits = 1; bits <= 8; bits++)
		check_least_squares(x, h, bits, false);
	free(x);
	free(h);
}

/* Normal numbers, and one in a thousand of them up to a hundred times as large. */
static void heavy_tail(float *x)
{
	for (size_t i = 0; i < N; i += 1000)
		x[i] = 100 * (float)(i + 1) / N;
}

static void test_heavy_tail_is_clipped(void **state)
{
	struct histogram *h = xmalloc(1, sizeof *h);
	float *x = normal(N, 0);

	(void)state;
	heavy_tail(x);
	histogram_of(h, x, N);
	for (int bits = 2; bits <= 8; bits++) {
		float clip = quantizer_clip(h, bits, true, CLIP_KL);

		if (bits <= 4)
			assert_true(clip > 0.5f && (double)clip < 0.25 * h->max);
		else /* as the released code */
			assert_true((double)clip == h->max);
		assert_true((double)quantizer_clip(h, bits, true, CLIP_MAX) == h->max);
	}
	free(x);
	free(h);
}

static void test_uniform_is_not_clipped_much(void **state)
{
	struct histogram *h = xmalloc(1, sizeof *h);

	(void)state;
	h->max = 3;
	for (int i = 0; i < HISTOGRAM_BINS; i++)
		h->bin[i] = 100;
	for (int bits = 2; bits <= 8; bits++) {
		assert_true(quantizer_clip(h, bits, true, CLIP_KL) > 2.7f);
		assert_true(quantizer_clip(h, bits, false, CLIP_KL) > 2.7f);
		assert_true(quantizer_clip(h, bits, false, CLIP_MSE) > 2.0f);
	}
	free(h);
}

/* Ranges scale with what they are ranges of. */
static void test_scale(void **state)
{
	struct histogram *h = xmalloc(1, sizeof *h);
	float *x = normal(N, 0), clip[3];

	(void)state;
	histogram_of(h, x, N);
	for (int rule = CLIP_KL; rule <= CLIP_MAX; rule++)
		clip[rule] = quantizer_clip(h, 4, true, (enum clip_rule)rule);
	for (size_t i = 0; i < N; i++)
		x[i] *= 1024;
	histogram_of(h, x, N);
	for (int rule = CLIP_KL; rule <= CLIP_MAX; rule++)
		assert_true(quantizer_clip(h, 4, true, (enum clip_rule)rule) == 1024 * clip[rule]);
	free(x);
	free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_which_bits),
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_half_to_even),
		cmocka_unit_test(test_one_bit_and_zeros),
		cmocka_unit_test(test_histogram),
		cmocka_unit_test(test_tiny_weights),
		cmocka_unit_test(test_least_squares),
		cmocka_unit_test(test_heavy_tail_is_clipped),
		cmocka_unit_test(test_uniform_is_not_clipped_much),
		cmocka_unit_test(test_scale),
	};

	return cmocka_run_group_tests_name("quant", tests, NULL, NULL);
}
