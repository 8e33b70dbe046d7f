/*
 * correlation.h - does one order predict another: Spearman's rank correlation, and the regret of a choice.
 *
 * It is Pearson's correlation of the ranks, where equal numbers share the mean of their ranks.  Its standard
 * error is that of Bonett and Wright, "Sample size requirements for estimating Pearson, Kendall and Spearman
 * correlations", Psychometrika 65, 2000: Fisher's z of it has a variance of (1 + r^2 / 2) / (n - 3), which is
 * taken back to r by the slope of tanh, 1 - r^2.  Good for about |r| < 0.95 and n of ten or more.
 */
#ifndef CORRELATION_H
#define CORRELATION_H

#include <stddef.h>

/* rank[i] of x[i], from 1 for the least; equal numbers share the mean of their ranks. */
void ranks_of(double *rank, const double *x, size_t n);
/* -1..1; NaN of fewer than two, and where all of x or all of y are equal. */
double spearman(const double *x, const double *y, size_t n);
/* NaN of fewer than four, and where r is -1 or 1, of which the formula knows no spread. */
double spearman_error(double r, size_t n);

/* What x says of y, of things of which the largest y is best and the one of the largest x is taken. */
struct prediction {
	double rank, error; /* spearman(), spearman_error() */
	double chosen;      /* y of the largest x; of equal x, their mean */
	double regret;      /* the largest y less that */
};
struct prediction prediction_of(const double *x, const double *y, size_t n);

#endif
