/* Mean and spread, against numbers by hand. */
#include "unit.h"
#include "core/statistics.h"

static struct sample sample_of(const double *x, int n)
{
	struct sample s = { 0 };

	for (int i = 0; i < n; i++)
		sample_add(&s, x[i]);
	return s;
}

static void test_by_hand(void **state)
{
	static const double x[] = { 2, 4, 9 }; /* squared distances from 5: 9, 1, 16 */
	struct sample s = sample_of(x, 3);

	(void)state;
	assert_close(sample_mean(&s), 5, 1e-12);
	assert_close(sample_deviation(&s), sqrt(13), 1e-12);
	assert_close(sample_error(&s), sqrt(13.0 / 3), 1e-12);
}

static void test_too_few(void **state)
{
	static const double x[] = { 7 };
	struct sample none = { 0 }, one = sample_of(x, 1);

	(void)state;
	assert_true(isnan(sample_mean(&none)) && isnan(sample_deviation(&none)));
	assert_true(sample_mean(&one) == 7 && isnan(sample_deviation(&one)) && isnan(sample_error(&one)));
}

/* Costs of several seeds are often the same: no spread of rounding. */
static void test_equal_numbers(void **state)
{
	static const double x[] = { 57.48768, 57.48768, 57.48768 };
	struct sample s = sample_of(x, 3);

	(void)state;
	assert_true(sample_mean(&s) == x[0] && sample_deviation(&s) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_hand),
		cmocka_unit_test(test_too_few),
		cmocka_unit_test(test_equal_numbers),
	};

	return cmocka_run_group_tests_name("statistics", tests, NULL, NULL);
}
