#include "unit.h"
#include "search/kernel-bits.h"
#include "core/rng.h"

#define KERNELS 5

static const struct bit_range range = { 2, 5 };

/* The least noise of all bits with this sum, by trying each. */
static double least(const double *s, int sum)
{
	double best = INFINITY;
	unsigned char bits[KERNELS];

	for (int code = 0; code < 1024; code++) { /* 4^KERNELS */
		int total = 0;

		for (int k = 0; k < KERNELS; k++) {
			bits[k] = (unsigned char)(range.min + (code >> (2 * k)) % 4);
			total += bits[k];
		}
		if (total == sum)
			best = fmin(best, kernel_noise(s, KERNELS, bits));
	}
	return best;
}

static void test_no_bits_lose_less(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 200; i++) {
		double s[KERNELS];

		for (uint64_t k = 0; k < KERNELS; k++)
			s[k] = exp(3 * rng_normal((struct rng){ 1, 0, RNG_TEST }, i * KERNELS + k));
		if (i % 7 == 0)
			s[2] = 0;
		if (i % 5 == 0)
			s[1] = s[3];
		for (int sum = KERNELS * range.min; sum <= KERNELS * range.max; sum++) {
			unsigned char bits[KERNELS];
			int total = 0;

			kernel_bits(s, KERNELS, sum, range, bits);
			for (int k = 0; k < KERNELS; k++)
				total += bits[k];
			assert_int_equal(total, sum);
			assert_close(kernel_noise(s, KERNELS, bits), least(s, sum), 1e-12 * s[0]);
		}
	}
}

/* Four times as sensitive is a bit more; equals get what is left in order. */
static void test_by_hand(void **state)
{
	unsigned char bits[4];

	(void)state;
	kernel_bits((const double[]){ 1, 4, 16, 1 }, 4, 4 + 3 + 5 + 3, (struct bit_range){ 1, 8 }, bits);
	assert_memory_equal(bits, ((const unsigned char[]){ 3, 4, 5, 3 }), 4);
	kernel_bits((const double[]){ 2, 2, 2, 2 }, 4, 14, range, bits);
	assert_memory_equal(bits, ((const unsigned char[]){ 4, 4, 3, 3 }), 4);
	assert_close(kernel_noise_uniform((const double[]){ 1, 4, 16 }, 3, 2), 21.0 / 16, 1e-12);
}

/* Four kernels of two weights: one is always 0, one always the mean, as nothing comes in. */
static void test_sensitivities(void **state)
{
	struct layer l = { .name = "l", .cout = 4, .weights = 8 };
	float weight[] = { 1, -2, 0.5f, 0.25f, 0, 0, 1, 1 }, gamma[] = { 1, 2, 1, 3 },
	      variance[] = { 4, 1, 1, 1e-9f };
	struct layer_weights with = { .weight = weight, .gamma = gamma, .variance = variance },
			     without = { .weight = weight };
	double s[4];

	(void)state;
	kernel_sensitivities(&l, &with, true, s);
	assert_close(s[0], 2 * 4 / 5.0 * 4 / (4 + 1e-5), 1e-9);
	assert_close(s[1], 2 * 0.25 / 0.3125 * 4 / (1 + 1e-5), 1e-9);
	assert_close(s[2], 0, 0);
	assert_close(s[3], 0, 0);
	kernel_sensitivities(&l, &with, false, s);
	assert_close(s[1], 2 * 4 / 0.3125 * 4 / (1 + 1e-5), 1e-9);
	assert_close(s[3], 0, 0);
	kernel_sensitivities(&l, &without, true, s);
	assert_close(s[0], 8, 1e-12);
	assert_close(s[1], 0.5, 1e-12);
	assert_close(s[3], 2, 1e-12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_bits_lose_less),
		cmocka_unit_test(test_by_hand),
		cmocka_unit_test(test_sensitivities),
	};

	return cmocka_run_group_tests_name("kernel-bits", tests, NULL, NULL);
}
