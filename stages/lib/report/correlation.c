#include "report/correlation.h"
#include "core/base.h"
#include "core/statistics.h"

#include <math.h>
#include <stdlib.h>

#define REVISION 1 /* raise when the numbers change */

void ranks_of(double *rank, const double *x, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t less = 0, equal = 0; /* itself, too */

		for (size_t k = 0; k < n; k++) {
			less += x[k] < x[i];
			equal += x[k] == x[i];
		}
		rank[i] = (double)less + ((double)equal + 1) / 2;
	}
}

/* Ranks have the mean (n + 1) / 2, with ties or without. */
static double pearson_of_ranks(const double *a, const double *b, size_t n)
{
	double mean = ((double)n + 1) / 2, ab = 0, aa = 0, bb = 0;

	for (size_t i = 0; i < n; i++) {
		ab += (a[i] - mean) * (b[i] - mean);
		aa += (a[i] - mean) * (a[i] - mean);
		bb += (b[i] - mean) * (b[i] - mean);
	}
	return aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : NAN;
}

double spearman(const double *x, const double *y, size_t n)
{
	double *a = xmalloc(n + 1, sizeof *a), *b = xmalloc(n + 1, sizeof *b), r;

	ranks_of(a, x, n);
	ranks_of(b, y, n);
	r = pearson_of_ranks(a, b, n);
	free(a);
	free(b);
	return r;
}

double spearman_error(double r, size_t n)
{
	if (n < 4 || fabs(r) >= 1)
		return NAN;
	return (1 - r * r) * sqrt((1 + r * r / 2) / ((double)n - 3));
}

struct prediction prediction_of(const double *x, const double *y, size_t n)
{
	struct prediction p = { .rank = spearman(x, y, n) };
	struct sample chosen = { 0 };
	double most = -INFINITY, best = -INFINITY;

	p.error = spearman_error(p.rank, n);
	for (size_t i = 0; i < n; i++) {
		most = fmax(most, x[i]);
		best = fmax(best, y[i]);
	}
	for (size_t i = 0; i < n; i++)
		if (x[i] == most)
			sample_add(&chosen, y[i]);
	p.chosen = sample_mean(&chosen);
	p.regret = best - p.chosen;
	return p;
}
