#include "numbers.h"
#include "report/correlation.h"
#include "report/differences.h"
#include "report/student.h"

static void numbers_of_correlation(void)
{
	struct prediction p;
	double x[20], y[20];

	for (size_t i = 0; i < LEN(x); i++) {
		x[i] = (double)(some_bits(81, i) % 9); /* with ties */
		y[i] = x[i] + (double)(some_bits(82, i) % 9);
	}
	p = prediction_of(x, y, LEN(x));
	number("correlation", "of ranks", p.rank, ROUNDING);
	number("correlation", "its error", p.error, ROUNDING);
	number("correlation", "regret of a choice", p.regret, ROUNDING);
}

static void numbers_of_student(void)
{
	static const int freedom[] = { 1, 2, 3, 5, 8, 13, 30, 200 };
	double quantile[LEN(freedom)];

	for (size_t i = 0; i < LEN(freedom); i++)
		quantile[i] = student_quantile(freedom[i]);
	numbers_double("student", "quantiles", quantile, LEN(quantile), ROUNDING);
}

/* Two policies, of which each seed is there in another place. */
static void numbers_by_seed(const float *x)
{
	struct by_seed better = { 0 }, baseline = { 0 }, less;
	struct sample gains;

	for (int seed = 0; seed < 10; seed++) {
		by_seed_add(&better, 9 - seed, (double)x[seed]);
		by_seed_add(&baseline, seed, (double)x[20 + seed]);
	}
	less = by_seed_less(&better, &baseline);
	gains = by_seed_sample(&less);
	number("by-seed", "mean", sample_mean(&gains), ROUNDING);
	number("by-seed", "error", sample_error(&gains), ROUNDING);
}

static void numbers_of_differences(const float *x)
{
	struct differences d = { 0 };
	int freedom;

	for (int i = 0; i < 10; i++) {
		struct difference one = { (double)x[3 * i],
			                  1 + (double)(x[3 * i + 1] * x[3 * i + 1]),
			                  1 + (double)(x[3 * i + 2] * x[3 * i + 2]),
			                  i % 3 ? "some" : "others",
			                  i % 2 ? "one" : "two",
			                  { 0 } };

		for (int seed = 0; seed < 4; seed++)
			by_seed_add(&one.by_seed, seed, (double)x[(3 * i + seed) % 30]);
		differences_add(&d, &one);
	}
	number("differences", "mean", differences_mean(&d), ROUNDING);
	number("differences", "error", differences_error(&d), ROUNDING);
	number("differences", "error of the same seeds", differences_paired_error(&d, &freedom), ROUNDING);
	number("differences", "freedom of it", freedom, ROUNDING);
}

void numbers_of_report(void)
{
	const float *x = some_numbers(30, 80);

	numbers_of_student();
	numbers_of_differences(x);
	numbers_by_seed(x);
	numbers_of_correlation();
}
