/*
 * drawn.h - policies drawn at random around uniform bits, under a budget: what else the same cost buys.
 *
 * The bits of weights and of activations of each searched layer are those that the budget names (4/4 of
 * latency-w4a4; of a share, the best uniform bits within it), plus -1, 0 or 1, within the range.  What is
 * over the budget is walked under it (budget_enforce()).  What is left is spent then: one bit after the other
 * is added, in an order drawn at random, round after round, while it fits.
 */
#ifndef DRAWN_H
#define DRAWN_H

#include "search/problem.h"

/* The number-th draw of a seed; `budget` is the name of the problem's budget, which has a limit. */
struct policy drawn_policy(const struct problem *p, const char *budget, uint64_t seed, uint32_t number);

#endif
