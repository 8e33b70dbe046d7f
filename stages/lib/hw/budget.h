/*
 * budget.h - how much a policy may cost: budgets by name, and how a policy is brought under one.
 *
 *	METRIC-w4a4           what uniform 4/4 bits cost, fixed layers at their own bits
 *	METRIC-0.60           a share of what uniform 8/8 bits cost
 *	accuracy-guaranteed   no limit: what bits cost is in the reward instead (search/reward.h)
 *
 * METRIC is latency (ms), energy (mJ) or size (bytes).  Source: HAQ, section 3.2; the order in which bits are
 * taken away is that of the authors' released code.
 */
#ifndef BUDGET_H
#define BUDGET_H

#include "hw/costs.h"

struct budget {
	enum metric metric; /* METRICS where there is no limit */
	enum costs_count count;
	double limit; /* in the metric's unit, or INFINITY */
};

/*
 * Dies where the name is wrong, where the table lacks a figure that bits of the range may need, or where even
 * the cheapest policy of such bits is over the budget (it names that least cost).
 */
struct budget budget_parse(const char *name, const struct costs *c, const struct graph *g,
                           enum costs_count count, struct bit_range range);
bool budget_has_limit(const struct budget *b);
bool budget_fits(const struct budget *b, const struct costs *c, const struct graph *g,
                 const struct policy *p);

/*
 * Bring a policy under the budget: from the last layer to the first, activation then weight, one bit each,
 * round after round, until it fits.  Only searched layers, and never below the range.  Costs need not be
 * monotone in bits (BitFusion): where every layer is at the least bits and the policy is still over, each
 * layer in turn takes its cheapest pair of bits, from the last to the first, until it fits.
 */
void budget_enforce(const struct budget *b, const struct costs *c, const struct graph *g, struct policy *p,
                    struct bit_range range);

#endif
