/* Student's t against the table of any textbook, and differences from baselines by hand. */
#include "unit.h"
#include "report/differences.h"
#include "report/student.h"

/* Density of Student's distribution. */
static double density(double t, int freedom)
{
	double n = freedom;

	return exp(lgamma((n + 1) / 2) - lgamma(n / 2)) / sqrt(n * acos(-1)) *
	       pow(1 + t * t / n, -(n + 1) / 2);
}

/* The part of it below t, by Simpson's rule. */
static double below(double t, int freedom)
{
	int steps = 2000;
	double h = t / steps, sum = density(0, freedom) + density(t, freedom);

	for (int i = 1; i < steps; i++)
		sum += (i % 2 ? 4 : 2) * density(i * h, freedom);
	return 0.5 + sum * h / 3;
}

static void test_quantiles(void **state)
{
	(void)state;
	assert_true(isinf(student_quantile(0)) && isinf(student_quantile(-3)));
	for (int n = 1; n <= 20; n++) { /* digits of the table: the right one lies within half of the last */
		assert_true(below(student_quantile(n) + 0.0051, n) > 0.975);
		assert_true(below(student_quantile(n) - 0.0051, n) < 0.975);
	}
	assert_true(below(student_quantile(1000), 1000) > 0.975);
}

static void test_signs(void **state)
{
	(void)state;
	assert_int_equal(student_sign(2.2, 1, 10), 0); /* 2.23 */
	assert_int_equal(student_sign(2.3, 1, 10), 1);
	assert_int_equal(student_sign(-2.3, 1, 10), -1);
	assert_int_equal(student_sign(1, 0, 2), 1);
	assert_int_equal(student_sign(100, 1, 0), 0);
	assert_int_equal(student_sign(NAN, 1, 10), 0);
	assert_int_equal(student_sign(1, NAN, 10), 0);
	assert_int_equal(student_sign(1, 0, 0), 0);
}

/* Two share a baseline of variance 0.04: its error is in both. */
static void test_shared_baselines(void **state)
{
	static const struct difference all[] = {
		{ .ahead = 2, .variance = 0.01, .baseline = 0.04, .shared = "a" },
		{ .ahead = 4, .variance = 0.01, .baseline = 0.04, .shared = "a" },
		{ .ahead = 6, .variance = 0.01, .baseline = 0.04, .shared = "b" },
	};
	struct differences d = { 0 };
	struct sample groups;

	(void)state;
	for (size_t i = 0; i < LEN(all); i++)
		differences_add(&d, &all[i]);
	groups = differences_by_baseline(&d);
	assert_close(differences_mean(&d), 4, 1e-12);
	assert_close(differences_error(&d), sqrt(0.03 + 4 * 0.04 + 0.04) / 3, 1e-12);
	assert_int_equal(groups.n, 2);
	assert_close(sample_mean(&groups), 4.5, 1e-12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quantiles),
		cmocka_unit_test(test_signs),
		cmocka_unit_test(test_shared_baselines),
	};

	return cmocka_run_group_tests_name("student", tests, NULL, NULL);
}
