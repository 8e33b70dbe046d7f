#include "unit.h"
#include "core/rng.h"

#define N 20000

static const struct rng test_rng = { 7, 3, RNG_TEST };

/* Known answers of Random123 (kat_vectors: philox4x32, 10 rounds). */
static void test_known_answers(void **state)
{
	static const struct {
		uint32_t counter[4], key[2], out[4];
	} kat[] = {
		{ { 0 }, { 0 }, { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } },
		{ { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff },
		  { 0xffffffff, 0xffffffff },
		  { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } },
		{ { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 },
		  { 0xa4093822, 0x299f31d0 },
		  { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } },
	};
	uint32_t out[4];

	(void)state;
	for (size_t i = 0; i < LEN(kat); i++) {
		rng_philox(kat[i].counter, kat[i].key, out);
		assert_memory_equal(out, kat[i].out, sizeof out);
	}
}

/* Results of searches depend on these: a change of them is a change of every result. */
static void test_keys(void **state)
{
	struct rng other[] = { test_rng, test_rng, test_rng, test_rng };

	(void)state;
	other[0].seed = 8;
	other[1].seed += (uint64_t)1 << 32;
	other[2].episode = 4;
	other[3].purpose = RNG_ACTION;
	assert_true(rng_bits(test_rng, 5) == rng_bits(test_rng, 5));
	assert_true(rng_bits(test_rng, 5) != rng_bits(test_rng, 6));
	assert_true(rng_bits(test_rng, 5) != rng_bits(test_rng, 5 + ((uint64_t)1 << 32)));
	for (size_t i = 0; i < LEN(other); i++)
		assert_true(rng_bits(test_rng, 5) != rng_bits(other[i], 5));
	assert_int_equal(RNG_SPLIT, 7);
	assert_int_equal(RNG_TEST, 10);
	assert_int_equal(RNG_CROP, 11);
	assert_int_equal(RNG_CUTOUT, 12);
}

static void test_uniform(void **state)
{
	double sum = 0, squares = 0;

	(void)state;
	for (uint64_t i = 0; i < N; i++) {
		double x = rng_uniform(test_rng, i);

		assert_true(x >= 0 && x < 1);
		sum += x;
		squares += x * x;
	}
	assert_close(sum / N, 0.5, 0.01);
	assert_close(squares / N, 1 / 3.0, 0.01);
}

static void test_normal(void **state)
{
	double sum = 0, squares = 0;

	(void)state;
	for (uint64_t i = 0; i < N; i++) {
		double x = rng_normal(test_rng, i);

		assert_true(isfinite(x));
		sum += x;
		squares += x * x;
	}
	assert_close(sum / N, 0, 0.03);
	assert_close(squares / N, 1, 0.03);
}

static void test_truncated_normal(void **state)
{
	static const double means[] = { 0, 0.5, 1 }, sigmas[] = { 0.5, 0.05 };
	/* The mean of N(mean, sigma) cut to [0, 1] is mean + sigma (phi(a) - phi(b)) / (Phi(b) - Phi(a)). */
	static const double expected[3][2] = { { 0.361395, 0.039894 }, { 0.5, 0.5 }, { 0.638605, 0.960106 } };

	(void)state;
	for (int m = 0; m < 3; m++) {
		for (int s = 0; s < 2; s++) {
			double sum = 0;

			for (uint64_t i = 0; i < 5000; i++) {
				double x = rng_truncated_normal(test_rng, i, means[m], sigmas[s]);

				assert_true(x >= 0 && x <= 1);
				sum += x;
			}
			assert_close(sum / 5000, expected[m][s], 0.02);
		}
	}
	assert_close(rng_truncated_normal(test_rng, 0, 0.3, 0), 0.3, 0);
}

static void test_below(void **state)
{
	int count[7] = { 0 };

	(void)state;
	for (uint64_t i = 0; i < 7000; i++) {
		uint64_t x = rng_below(test_rng, i, 7);

		assert_true(x < 7);
		count[x]++;
	}
	for (int i = 0; i < 7; i++)
		assert_in_range(count[i], 850, 1150);
	assert_true(rng_below(test_rng, 0, 1) == 0);
}

static void test_permutation(void **state)
{
	uint32_t order[1000], again[1000], moved = 0;
	bool seen[1000] = { false };

	(void)state;
	rng_permute(test_rng, order, 1000);
	rng_permute(test_rng, again, 1000);
	assert_memory_equal(order, again, sizeof order);
	for (uint32_t i = 0; i < 1000; i++) {
		assert_true(order[i] < 1000 && !seen[order[i]]);
		seen[order[i]] = true;
		moved += order[i] != i;
	}
	assert_true(moved > 980);
	rng_permute(test_rng, order, 0);
	rng_permute(test_rng, order, 1);
	assert_int_equal(order[0], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_answers),    cmocka_unit_test(test_keys),
		cmocka_unit_test(test_uniform),          cmocka_unit_test(test_normal),
		cmocka_unit_test(test_truncated_normal), cmocka_unit_test(test_below),
		cmocka_unit_test(test_permutation),
	};

	return cmocka_run_group_tests_name("rng", tests, NULL, NULL);
}
