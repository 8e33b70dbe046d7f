/*
 * by-seed.h - a number for each seed of a policy, and how far one is ahead of another by the same seed.
 *
 * Weights and the order of images follow from the seed, so the scores of two policies move together from
 * seed to seed.  What tells them apart is the spread of their differences, not that of each.  As text:
 *
 *	1:0.67 2:0.68 3:0.81
 */
#ifndef BY_SEED_H
#define BY_SEED_H

#include "core/statistics.h"

#include <stddef.h>

struct by_seed {
	size_t n;
	struct seeded {
		int seed;
		double x;
	} * at;
};

/* Begins as { 0 }; a seed is added once. */
void by_seed_add(struct by_seed *all, int seed, double x);
double by_seed_find(const struct by_seed *all, int seed); /* NaN where it is not there */
/* a less b, for the seeds that both have */
struct by_seed by_seed_less(const struct by_seed *a, const struct by_seed *b);
struct sample by_seed_sample(const struct by_seed *all);

char *by_seed_text(const struct by_seed *all); /* for good; six digits each */
/* Adds what a text says.  NULL, or what is wrong with it. */
const char *by_seed_parse(struct by_seed *all, const char *text);

#endif
