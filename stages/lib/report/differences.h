/*
 * differences.h - the mean of differences from baselines that several of them share, and its standard error.
 *
 * A searched policy is compared with the uniform one of its network and budget; accelerators that are
 * compared on the same uniform policy share its luck.  So errors of a shared baseline add up, where
 * those of independent ones would average out.
 *
 * Where differences are known by seed, none of this has to be assumed: all of a network are of the same
 * weights by the same seed, whatever the budget and the accelerator, and so move together by an unknown
 * amount.  Their sum by each seed is one number, whose spread over seeds has all that they share in it.
 * Assumed is that seeds are independent draws, and networks of each other.  What all seeds share is in no
 * spread: the images of the test.
 */
#ifndef DIFFERENCES_H
#define DIFFERENCES_H

#include "report/by-seed.h"

#include <stdbool.h>

struct difference {
	double ahead;              /* by how much it is better than the baseline, in any unit */
	double variance, baseline; /* variances of the means of both, in its square; 0: not known */
	const char *shared;        /* a name of the baseline: the same where it is the same */
	const char *weights;       /* likewise of what has the same weights by the same seed */
	struct by_seed by_seed;    /* `ahead` by each seed; empty: not known */
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
/* Whether each is known by two seeds or more, and those of the same weights by the same ones. */
bool differences_are_paired(const struct differences *d);
/*
 * The mean's standard error by the sums of each seed, where they are paired; and its degrees of freedom,
 * those of the networks' spreads weighed by their size (Satterthwaite 1946), rounded down.
 */
double differences_paired_error(const struct differences *d, int *freedom);
/* One number for each baseline, the mean of what shares it: these are drawn apart from each other. */
struct sample differences_by_baseline(const struct differences *d);

#endif
