#include "numbers.h"
#include "core/rng.h"
#include "core/statistics.h"

static void rng(void)
{
	static const struct rng r = { 7, 3, RNG_ACTION };
	uint32_t order[100];
	float drawn[100];

	number("rng", "bits", (double)(rng_bits(r, 5) >> 16), EXACT);
	number("rng", "below", (double)rng_below(r, 6, 1000003), EXACT);
	for (uint64_t i = 0; i < LEN(drawn); i++)
		drawn[i] = (float)rng_uniform(r, i);
	numbers("rng", "uniform", drawn, LEN(drawn), ROUNDING);
	for (uint64_t i = 0; i < LEN(drawn); i++)
		drawn[i] = (float)rng_normal(r, i);
	numbers("rng", "normal", drawn, LEN(drawn), ROUNDING);
	for (uint64_t i = 0; i < LEN(drawn); i++)
		drawn[i] = (float)rng_truncated_normal(r, i, 0.8, 0.5);
	numbers("rng", "truncated normal", drawn, LEN(drawn), ROUNDING);
	rng_permute(r, order, LEN(order));
	for (size_t i = 0; i < LEN(order); i++)
		drawn[i] = (float)order[i];
	numbers("rng", "permutation", drawn, LEN(order), 1e-12);
}

static void statistics(void)
{
	struct sample s = { 0 };
	float *x = some_numbers(10, 1);

	for (int i = 0; i < 10; i++)
		sample_add(&s, (double)x[i]);
	number("statistics", "mean", sample_mean(&s), ROUNDING);
	number("statistics", "deviation", sample_deviation(&s), ROUNDING);
	number("statistics", "error", sample_error(&s), ROUNDING);
}

void numbers_of_core(void)
{
	rng();
	statistics();
}
