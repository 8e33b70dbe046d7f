/*
 * search.h - the policy of the next episode, from all episodes before it.
 *
 * By the conf, an episode is one of
 *	uniform   the first `uniform_first`: uniform bits within the budget, equal ones first
 *	model     a share of `model_share`: the best bits for a draw from the model of sensitivity.h
 *	actor     the others: HAQ's agent (ddpg.h), its actions made bits by eq. 3
 * and what is over the budget is walked under it (costs.h).  Each episode is learnt from,
 * whoever proposed it.
 *
 * The reward is eq. 7 under a budget, and eq. 12 without one (`accuracy-guaranteed`), with the sign
 * of eq. 13 that makes cheaper better, accuracy as a fraction and each cost as a share of what
 * 8/8 bits cost:
 *
 *	eq. 7    reward_scale (top1 - original top1), in percent
 *	eq. 12   reward_accuracy (top1 - original top1) / 100
 *	         + sum over metrics of reward_METRIC (1 - cost / cost at 8/8)
 *
 * What the agent knows is a function of the history, conf, features, costs, budget and seed.  RUN/agent.npz
 * keeps it between calls, with a hash of all those; missing, damaged or of another history, it is made anew
 * from the history, and the policies are the same to the byte.
 */
#ifndef SEARCH_H
#define SEARCH_H

#include "hw/costs.h"
#include "search/ddpg.h"
#include "model/graph.h"
#include "search/history.h"
#include "model/policy.h"
#include "search/sensitivity.h"

struct search_conf {
	struct ddpg_conf agent;
	struct sensitivity_conf model;
	long min_bits, max_bits, uniform_first, model_greedy;
	double reward_scale, reward_accuracy, reward_cost[METRICS], model_share, model_width, model_broken;
	const char *replay_action, *model_target;
};

/* All that a search is given before its first episode. */
struct search {
	const struct search_conf *conf;
	int min_bits, max_bits;
	struct graph g;
	struct costs costs;
	struct budget budget;
	double cost_8[METRICS]; /* of 8/8 bits; NAN where the accelerator has no such figure */
	struct score original;  /* in full precision */
	int steps;
	float (*features)[STATES]; /* [steps] */
	uint64_t seed, hash;       /* the hash is of everything here */
	const char *run;           /* folder of the episodes */
};

/* Episodes 1..count of the run; dies where one is not of this search: dearer than its budget, or another network's. */
const struct episode *search_history(const struct search *s, int count);
double search_reward(const struct search *s, const struct policy *p, const struct score *score);
/* k from 1; dies where an episode before it is missing */
struct policy search_propose(const struct search *s, int k);

#endif
