/*
 * differences.h - the mean of differences from baselines that several of them share, and its standard error.
 *
 * A searched policy is compared with the uniform one of its network and budget; accelerators that are
 * compared on the same uniform policy share its luck.  So errors of a shared baseline add up, where
 * those of independent ones would average out.
 */
#ifndef DIFFERENCES_H
#define DIFFERENCES_H

#include "core/statistics.h"

#include <stddef.h>

struct difference {
	double ahead;              /* by how much it is better than the baseline, in any unit */
	double variance, baseline; /* variances of the means of both, in its square; 0: not known */
	const char *shared;        /* a name of the baseline: the same where it is the same */
};

struct differences {
	size_t n, room;
	struct difference *at;
};

/* Begins as { 0 }. */
void differences_add(struct differences *d, const struct difference *one);
double differences_mean(const struct differences *d); /* NaN of none */
/* The mean's standard error by the variances. */
double differences_error(const struct differences *d);
/* One number for each baseline, the mean of what shares it: these are drawn apart from each other. */
struct sample differences_by_baseline(const struct differences *d);

#endif
