#include "numbers.h"
#include "report/correlation.h"
#include "report/differences.h"
#include "report/student.h"

static void correlation(void)
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

void numbers_of_report(void)
{
	static const int freedom[] = { 1, 2, 3, 5, 8, 13, 30, 200 };
	struct differences d = { 0 };
	double quantile[LEN(freedom)];
	float *x = some_numbers(30, 80);

	for (size_t i = 0; i < LEN(freedom); i++)
		quantile[i] = student_quantile(freedom[i]);
	numbers_double("student", "quantiles", quantile, LEN(quantile), ROUNDING);
	for (int i = 0; i < 10; i++) {
		struct difference one = { (double)x[3 * i], 1 + (double)(x[3 * i + 1] * x[3 * i + 1]),
			                  1 + (double)(x[3 * i + 2] * x[3 * i + 2]),
			                  i % 3 ? "some" : "others" };

		differences_add(&d, &one);
	}
	number("differences", "mean", differences_mean(&d), ROUNDING);
	number("differences", "error", differences_error(&d), ROUNDING);
	correlation();
}
