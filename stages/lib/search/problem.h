/*
 * problem.h - what a search is about, whoever searches: a network, what its layers cost on an accelerator, a
 * budget, and the bits to choose from.
 */
#ifndef PROBLEM_H
#define PROBLEM_H

#include "hw/budget.h"
#include "hw/costs.h"
#include "hw/kind.h"
#include "model/graph.h"
#include "model/policy.h"

struct problem {
	struct graph g;
	struct costs costs;
	struct budget budget;
	struct bit_range range; /* bits that searched layers may have */
	/* knows what a layer costs whose kernels differ in bits; NULL where they never do */
	const struct simulator *machine;
};

struct problem_files {
	const char *net, *costs;
	const char *budget; /* its name */
	enum costs_count count;
	const char *conf; /* where the range is from, for messages */
	const char
		*machine; /* the accelerator that costs are of; NULL where kernels have their layer's bits */
};

/*
 * Dies where a file or the budget is wrong, or where the range has 1 bit and a searched layer reads numbers
 * of both signs, which need 2 (but not where activations stay as they are, as under codebooks).
 */
void problem_read(struct problem *p, const struct problem_files *files, struct bit_range range);

bool problem_fits(const struct problem *p, const struct policy *policy);
/*
 * Brings a policy under the budget: budget_enforce(); where kernels differ, the same walk, in which a layer's
 * weights give a bit by each of its kernels giving one that has more than the least.
 */
void problem_enforce(const struct problem *p, struct policy *policy);
/*
 * The cost of a policy, in the metric's unit; where the accelerator has no such figure the first dies, the
 * second is NAN.
 */
double problem_cost(const struct problem *p, const struct policy *policy, enum metric m);
double problem_cost_if_known(const struct problem *p, const struct policy *policy, enum metric m);
/* That of one layer, or NAN. */
double problem_layer_cost(const struct problem *p, const struct policy *policy, int layer, enum metric m);
/* Whether a layer is among those that the budget counts. */
bool problem_counts(const struct problem *p, int layer);

#endif
