/*
 * agent.h - who chooses the policy of an episode.
 *
 * An agent is a function in a file agent-NAME.c, listed in agent.c; its name and keys are in agent-conf.c,
 * its settings in experiments/agents/.  It sees the search (network, costs, budget, settings, seed) and the
 * episodes so far, and must be a function of those: so a search can be cut and continued anywhere.  What it
 * keeps between calls may be lost at any time without changing an answer.
 */
#ifndef AGENT_H
#define AGENT_H

#include "search/search.h"

/*
 * The policy of episode k, from 1, within the budget: uniform bits in the first `uniform_first` episodes,
 * then the choice of the agent that the settings name.  Dies where an episode before it is missing.
 */
struct policy agent_policy(const struct search *s, int k);

/* The agents: `history` holds episodes 1..k-1. */
struct policy agent_sensitivity(const struct search *s, const struct episode *history, int k);
struct policy agent_ddpg(const struct search *s, const struct episode *history, int k);
struct policy agent_random(const struct search *s, const struct episode *history, int k);
struct policy agent_mixed(const struct search *s, const struct episode *history, int k);
struct policy agent_kernel_sensitivity(const struct search *s, const struct episode *history, int k);
struct policy agent_kernel_random(const struct search *s, const struct episode *history, int k);
struct policy agent_autoq(const struct search *s, const struct episode *history, int k);

/*
 * The model of those that have one, from episodes 1..count.  `noise` [count][2 searched layers] is that of
 * kernels (struct trial), or NULL.
 */
void agent_fit(const struct search *s, const struct episode *history, int count, const double *noise,
               struct sensitivity *model);
/* What costs are worth where there is no budget: price[METRICS] of bit-allocation.h. */
void agent_prices(const struct search *s, double price[METRICS]);

#endif
