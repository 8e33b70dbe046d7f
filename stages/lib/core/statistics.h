/*
 * statistics.h - mean and spread of a sample: numbers that come one by one, none of which is kept.
 *
 * Welford 1962, "Note on a method for calculating corrected sums of squares and products": equal numbers
 * have no spread at all, not one of rounding.
 */
#ifndef STATISTICS_H
#define STATISTICS_H

struct sample {
	int n;
	double mean, squares; /* squares: the sum of squared distances from the mean */
};

/* Begins as { 0 }. */
void sample_add(struct sample *s, double x);
double sample_mean(const struct sample *s);      /* NaN of no numbers */
double sample_deviation(const struct sample *s); /* standard deviation, of n - 1; NaN of fewer than two */
double sample_error(const struct sample *s);     /* standard error of the mean; NaN of fewer than two */

#endif
