#include "report/differences.h"
#include "core/base.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REVISION 2 /* raise when the numbers change */

void differences_add(struct differences *d, const struct difference *one)
{
	if (d->n == d->room) {
		d->room = d->room ? 2 * d->room : 16;
		if (!(d->at = realloc(d->at, d->room * sizeof *d->at)))
			die("out of memory for differences");
	}
	d->at[d->n++] = *one;
}

double differences_mean(const struct differences *d)
{
	struct sample all = { 0 };

	for (size_t i = 0; i < d->n; i++)
		sample_add(&all, d->at[i].ahead);
	return sample_mean(&all);
}

static bool share(const struct difference *a, const struct difference *b)
{
	return !strcmp(a->shared, b->shared);
}

double differences_error(const struct differences *d)
{
	double variance = 0;

	for (size_t i = 0; i < d->n; i++) {
		variance += d->at[i].variance;
		for (size_t k = 0; k < d->n; k++)
			if (share(&d->at[i], &d->at[k]))
				variance += d->at[k].baseline;
	}
	return sqrt(variance) / (double)d->n;
}

static bool have_same_weights(const struct difference *a, const struct difference *b)
{
	return !strcmp(a->weights, b->weights);
}

static bool have_same_seeds(const struct by_seed *a, const struct by_seed *b)
{
	return a->n == b->n && by_seed_less(a, b).n == a->n;
}

bool differences_are_paired(const struct differences *d)
{
	for (size_t i = 0; i < d->n; i++) {
		if (d->at[i].by_seed.n < 2)
			return false;
		for (size_t k = 0; k < i; k++)
			if (have_same_weights(&d->at[i], &d->at[k]) &&
			    !have_same_seeds(&d->at[i].by_seed, &d->at[k].by_seed))
				return false;
	}
	return d->n > 0;
}

/* The sum by each seed of what has the weights of difference i, and whether i is the first of them. */
static struct sample sums_by_seed(const struct differences *d, size_t i, bool *is_first)
{
	const struct by_seed *one = &d->at[i].by_seed;
	struct sample sums = { 0 };

	*is_first = true;
	for (size_t s = 0; s < one->n; s++) {
		double sum = 0;

		for (size_t k = 0; k < d->n; k++)
			if (have_same_weights(&d->at[i], &d->at[k])) {
				*is_first &= k >= i;
				sum += by_seed_find(&d->at[k].by_seed, one->at[s].seed);
			}
		sample_add(&sums, sum);
	}
	return sums;
}

double differences_paired_error(const struct differences *d, int *freedom)
{
	double variance = 0, weighed = 0;

	for (size_t i = 0; i < d->n; i++) {
		bool is_first;
		struct sample sums = sums_by_seed(d, i, &is_first);
		double one = sample_error(&sums) * sample_error(&sums);

		if (!is_first)
			continue;
		variance += one;
		weighed += one * one / (sums.n - 1);
	}
	/* what is a whole number may be a little less by rounding */
	*freedom = weighed > 0 ? (int)(variance * variance / weighed + 1e-9) : 1;
	return sqrt(variance) / (double)d->n;
}

struct sample differences_by_baseline(const struct differences *d)
{
	struct sample groups = { 0 };

	for (size_t i = 0; i < d->n; i++) {
		struct sample group = { 0 };
		bool is_first = true;

		for (size_t k = 0; k < d->n; k++)
			if (share(&d->at[i], &d->at[k])) {
				is_first &= k >= i;
				sample_add(&group, d->at[k].ahead);
			}
		if (is_first)
			sample_add(&groups, sample_mean(&group));
	}
	return groups;
}
