#include "report/measures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REVISION 2 /* raise when the numbers change */

/* By how much a is ahead of b: where both have seeds, by those that both have. */
static double ahead_of(const struct result *a, const struct result *b, size_t figure)
{
	struct sample seeds = by_seed_sample(&a->ahead);

	return seeds.n ? sample_mean(&seeds) : a->figure[figure].mean - b->figure[figure].mean;
}

int measure_differences(struct differences *d, struct sample *paper, const struct results *r,
                        const char *policy)
{
	size_t top1 = results_figure(r, "top1");
	int seeds = 0;

	for (size_t i = 0; i < r->rows; i++)
		for (size_t k = 0; !strcmp(r->row[i].policy, policy) && k < r->rows; k++) {
			const struct result *a = &r->row[i], *b = &r->row[k];
			double sd = a->figure[top1].deviation, base = b->figure[top1].deviation;
			double published = a->figure[top1].paper - b->figure[top1].paper;

			if (strcmp(b->policy, "uniform") || !result_same_place(a, b))
				continue;
			seeds = a->seeds;
			differences_add(d, &(struct difference){ ahead_of(a, b, top1),
			                                         seeds > 1 ? sd * sd / seeds : 0,
			                                         seeds > 1 ? base * base / seeds : 0,
			                                         xprintf("%s %s", a->network, a->budget),
			                                         a->network, a->ahead });
			if (!isnan(published))
				sample_add(paper, published);
		}
	return seeds;
}

double measure_saving(const struct results *r, size_t full, const char *cost, double negligible)
{
	size_t top1 = results_figure(r, "top1"), figure = results_figure(r, cost);
	const struct result *base = &r->row[full];
	double least = base->figure[figure].mean;

	for (size_t i = 0; i < r->rows; i++) {
		const struct result *row = &r->row[i];

		if (!strcmp(row->policy, "searched") && !strcmp(row->network, base->network) &&
		    !strcmp(row->hardware, base->hardware) &&
		    row->figure[top1].mean >= base->figure[top1].mean - negligible)
			least = fmin(least, row->figure[figure].mean);
	}
	return base->figure[figure].mean / least;
}

double measure_depthwise_less_pointwise(const struct table *roofline, const char *column)
{
	struct sample depthwise = { 0 }, pointwise = { 0 };

	for (size_t i = 0; i < roofline->rows; i++) {
		if (table_is(roofline, i, "kind", "depthwise"))
			sample_add(&depthwise, table_number(roofline, i, column));
		else if (table_is(roofline, i, "kind", "pointwise"))
			sample_add(&pointwise, table_number(roofline, i, column));
	}
	return sample_mean(&depthwise) - sample_mean(&pointwise);
}

/* Mean of a column over `window` rows, the last of them `end`. */
static double mean_until(const struct table *t, size_t end, size_t window, const char *column)
{
	double sum = 0;

	for (size_t i = end + 1 - window; i <= end; i++)
		sum += table_number(t, i, column);
	return sum / (double)window;
}

double measure_latency_after_accuracy(const struct table *trace, size_t window)
{
	size_t i = window - 1, end = trace->rows - 1;
	double first, last;

	if (trace->rows < 2 * window)
		return NAN;
	first = mean_until(trace, i, window, "top1");
	last = mean_until(trace, end, window, "top1");
	while (i < end && fabs(mean_until(trace, i, window, "top1") - last) > 0.1 * fabs(last - first))
		i++;
	return 100 *
	       (mean_until(trace, end, window, "latency_ms") / mean_until(trace, i, window, "latency_ms") -
	        1);
}

/* The part between slashes: 1 is the accelerator of NET/HARDWARE/BUDGET/seed-N/..., 3 the seed. */
static const char *part_of(const char *path, int part)
{
	for (; part && *path; part--) {
		path += strcspn(path, "/");
		path += *path == '/';
	}
	return xprintf("%.*s", (int)strcspn(path, "/"), path);
}

bool measure_wins_at_home(const struct cost_grid *g, const struct table *t, int k, bool and_accurate)
{
	const char *home = part_of(g->policy[k], 1);
	int h = cost_grid_hardware(g, home);

	if (h < 0 || isnan(cost_grid_at(g, k, h)[COST_LATENCY]))
		table_die(t, (size_t)k, "no %s latency_ms, of the accelerator that it was searched for",
		          home);
	if (and_accurate && !g->top1)
		die("%s: no column 'top1' in its header", t->path);
	for (int m = 0; m < g->policies; m++)
		if (m != k && !strcmp(part_of(g->policy[k], 3), part_of(g->policy[m], 3)) &&
		    cost_grid_at(g, m, h)[COST_LATENCY] < cost_grid_at(g, k, h)[COST_LATENCY] &&
		    (!and_accurate || g->top1[m] >= g->top1[k]))
			return false;
	return true;
}

int measure_seed(const struct cost_grid *g, const struct table *t, int k)
{
	const char *part = part_of(g->policy[k], 3);

	if (strncmp(part, "seed-", 5))
		table_die(t, (size_t)k, "expected a policy NET/HARDWARE/BUDGET/seed-N/...");
	return (int)strtol(part + 5, NULL, 10);
}
