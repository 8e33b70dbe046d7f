/*
 * ranking.h - how often a policy is at least as accurate as all others in its place, over several tables.
 *
 * A place is a network, a hardware, a budget, and what the budget is of.  One row may be in several tables:
 * it counts once.
 */
#ifndef RANKING_H
#define RANKING_H

#include "report/results.h"

struct ranking {
	size_t rows, room;
	struct ranked {
		const char *metric;
		struct result row;
		double top1;
	} * row;
};

/* Begins as { 0 }.  metric: what the budgets of the table are of; the text stays the caller's. */
void ranking_add(struct ranking *r, const struct results *table, const char *metric);
/* Counts the places where `policy` and another one stand, and those that it won; equal accuracy wins. */
void ranking_wins(const struct ranking *r, const char *policy, int *won, int *of);

#endif
