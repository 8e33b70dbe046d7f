/* Spearman's rank correlation, against numbers by hand. */
#include "unit.h"
#include "report/correlation.h"

static void test_ranks(void **state)
{
	static const double x[] = { 3, 1, 3, 9, 3, 0 }, expected[] = { 4, 2, 4, 6, 4, 1 };
	double rank[LEN(x)];

	(void)state;
	ranks_of(rank, x, LEN(x));
	for (size_t i = 0; i < LEN(x); i++)
		assert_true(rank[i] == expected[i]);
}

/* Without ties it is 1 - 6 * (sum of squared differences of ranks) / (n (n^2 - 1)). */
static void test_without_ties(void **state)
{
	static const double x[] = { 10, 20, 30, 40, 50 }, y[] = { 1, 3, 2, 5, 4 },
			    down[] = { 5, 4, 3, 2, -1 };

	(void)state;
	assert_close(spearman(x, y, 5), 1 - 6.0 * 4 / (5 * 24), 1e-12);
	assert_close(spearman(x, x, 5), 1, 1e-12);
	assert_close(spearman(x, down, 5), -1, 1e-12);
}

/* Ranks 1, 2.5, 2.5, 4 and 1, 3, 2, 4: products of distances from 2.5 sum to 4.5, squares to 4.5 and 5. */
static void test_ties(void **state)
{
	static const double x[] = { 1, 2, 2, 3 }, y[] = { 1, 3, 2, 4 }, equal[] = { 7, 7, 7, 7 };

	(void)state;
	assert_close(spearman(x, y, 4), 4.5 / sqrt(4.5 * 5), 1e-12);
	assert_close(spearman(y, x, 4), 4.5 / sqrt(4.5 * 5), 1e-12);
	assert_true(isnan(spearman(x, equal, 4)) && isnan(spearman(equal, y, 4)));
	assert_true(isnan(spearman(x, y, 1)) && isnan(spearman(x, y, 0)));
}

static void test_error(void **state)
{
	(void)state;
	/* 0.75 * sqrt(1.125 / 27) */
	assert_close(spearman_error(0.5, 30), 0.75 * 0.2041241452319315, 1e-12);
	assert_close(spearman_error(0, 12), 1.0 / 3, 1e-12);
	assert_true(isnan(spearman_error(0.5, 3)) && isnan(spearman_error(1, 30)) &&
	            isnan(spearman_error(NAN, 30)));
}

/* The two largest x are equal: 4 and 7 are taken for 9. */
static void test_prediction(void **state)
{
	static const double x[] = { 1, 5, 2, 5, 0 }, y[] = { 9, 4, 3, 7, 1 };
	struct prediction p = prediction_of(x, y, LEN(x));

	(void)state;
	assert_true(p.chosen == 5.5 && p.regret == 3.5);
	assert_true(p.rank == spearman(x, y, LEN(x)) && p.error == spearman_error(p.rank, LEN(x)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranks),      cmocka_unit_test(test_without_ties),
		cmocka_unit_test(test_ties),       cmocka_unit_test(test_error),
		cmocka_unit_test(test_prediction),
	};

	return cmocka_run_group_tests_name("correlation", tests, NULL, NULL);
}
