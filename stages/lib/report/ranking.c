#include "report/ranking.h"

#include <stdlib.h>
#include <string.h>

#define REVISION 1 /* raise when the numbers change */

void ranking_add(struct ranking *r, const struct results *table, const char *metric)
{
	size_t top1 = results_figure(table, "top1");

	for (size_t i = 0; i < table->rows; i++) {
		if (r->rows == r->room) {
			r->room = r->room ? 2 * r->room : 64;
			if (!(r->row = realloc(r->row, r->room * sizeof *r->row)))
				die("out of memory for a ranking");
		}
		r->row[r->rows++] = (struct ranked){ metric, table->row[i], table->row[i].figure[top1].mean };
	}
}

static bool same_place(const struct ranked *a, const struct ranked *b)
{
	return !strcmp(a->metric, b->metric) && result_same_place(&a->row, &b->row);
}

/* Whether row i is at least as good as all others in its place; -1: seen before, or none is beside it. */
static int is_best(const struct ranking *r, size_t i)
{
	int best = -1;

	for (size_t k = 0; k < r->rows; k++) {
		if (k == i || !same_place(&r->row[i], &r->row[k]))
			continue;
		if (!strcmp(r->row[k].row.policy, r->row[i].row.policy)) {
			if (k < i)
				return -1;
			continue;
		}
		best = best && r->row[i].top1 >= r->row[k].top1;
	}
	return best;
}

void ranking_wins(const struct ranking *r, const char *policy, int *won, int *of)
{
	*won = *of = 0;
	for (size_t i = 0; i < r->rows; i++) {
		int best = strcmp(r->row[i].row.policy, policy) ? -1 : is_best(r, i);

		*of += best >= 0;
		*won += best > 0;
	}
}
