/*
 * search.h - a search: a network, its costs, a budget and an agent, and the episodes so far.
 *
 * A search is given by its files (struct search_files), its settings (agent-conf.h) and a seed.  The settings
 * name the agent that chooses (agent.h).  Every policy is within the budget (hw/budget.h); what it is worth
 * is in reward.h.
 *
 * The policy of an episode is a function of the history and all of the above.  What an agent keeps in the
 * run's folder (agent.npz) has a hash of those: missing, damaged or of another history, it is made anew, and
 * the policies are the same to the byte.
 *
 * A search for the bits of kernels is one whose agent chooses them (agent_is_kernel_wise()).  It also has the
 * accelerator, which says what kernels of different bits cost together, and where something is to be chosen
 * the weights, whose kernels it sorts (kernel-groups.h).
 */
#ifndef SEARCH_H
#define SEARCH_H

#include "search/agent-conf.h"
#include "search/features.h"
#include "search/history.h"
#include "search/kernel-groups.h"
#include "search/problem.h"
#include "search/reward.h"

struct search_files {
	struct problem_files problem;
	const char *conf;           /* settings of the agent */
	const char *full_precision; /* score of the network before it is quantized */
	const char *run;            /* folder of the episodes */
	const char *features;       /* NULL where no policy is asked for */
	const char *weights;        /* likewise; NULL too where kernels have their layer's bits */
	bool shares_range;          /* the kernels of a layer will share a clipping range */
};

struct search {
	struct agent_conf conf;
	struct problem problem;
	struct score full_precision;
	struct reward reward;
	struct features features;
	struct kernel_groups groups; /* no layers where kernels have their layer's bits */
	uint64_t seed;
	uint64_t hash; /* everything here, by content */
	const char *run;
};

void search_read(struct search *s, const struct search_files *files, uint64_t seed); /* dies */

/*
 * Episodes 1..count of the run; dies where one is not of this search: over its budget, or another network's.
 */
const struct episode *search_history(const struct search *s, int count);

#endif
