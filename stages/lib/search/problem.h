/*
 * problem.h - what a search is about, whoever searches: a network, what its layers cost on an accelerator, a
 * budget, and the bits to choose from.
 */
#ifndef PROBLEM_H
#define PROBLEM_H

#include "hw/budget.h"
#include "hw/costs.h"
#include "model/graph.h"
#include "model/policy.h"

struct problem {
	struct graph g;
	struct costs costs;
	struct budget budget;
	struct bit_range range; /* bits that searched layers may have */
};

struct problem_files {
	const char *net, *costs;
	const char *budget; /* its name */
	enum costs_count count;
	const char *conf; /* where the range is from, for messages */
};

/*
 * Dies where a file or the budget is wrong, or where the range has 1 bit and a searched layer reads numbers
 * of both signs, which need 2 (but not where activations stay as they are, as under codebooks).
 */
void problem_read(struct problem *p, const struct problem_files *files, struct bit_range range);

bool problem_fits(const struct problem *p, const struct policy *policy);
void problem_enforce(const struct problem *p, struct policy *policy); /* budget_enforce() */
/*
 * The cost of a policy, in the metric's unit; where the accelerator has no such figure the first dies, the
 * second is NAN.
 */
double problem_cost(const struct problem *p, const struct policy *policy, enum metric m);
double problem_cost_if_known(const struct problem *p, const struct policy *policy, enum metric m);

#endif
