/*
 * statistics.h - mean and spread of numbers that come one by one.
 */
#ifndef STATISTICS_H
#define STATISTICS_H

/* Begins as { 0 }.  squares: sum of squared distances from the mean (Welford 1962): equal numbers have none. */
struct sample {
	int n;
	double mean, squares;
};

void sample_add(struct sample *s, double x);
double sample_mean(const struct sample *s);      /* NAN of none */
double sample_deviation(const struct sample *s); /* standard deviation, NAN of fewer than two */
double sample_error(const struct sample *s);     /* standard error of the mean, likewise */

#endif
