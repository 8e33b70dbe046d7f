#include "report/differences.h"
#include "core/base.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REVISION 1 /* raise when the numbers change */

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
