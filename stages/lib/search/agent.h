/*
 * agent.h - who chooses the policy of an episode.
 *
 * An agent is a file agent-NAME.c with a struct agent, listed in agents[] of search.c and in AGENT_NAMES; its
 * keys are in agent-conf.c, its settings in experiments/agents/.  It sees the search (network, costs, budget,
 * settings) and the episodes so far, and must be a function of those: so a search can be cut and continued
 * anywhere.  What it keeps between calls may be lost at any time without changing an answer.
 */
#ifndef AGENT_H
#define AGENT_H

#include "search/history.h"
#include "search/search.h"

#define AGENT_NAMES "sensitivity ddpg random mixed"

struct agent {
	const char *name;
	bool has_sensitivity, has_ddpg; /* which keys its settings have */
	/* The policy of episode k (from 1), within the budget; `history` holds episodes 1..k-1. */
	struct policy (*next_policy)(const struct search *s, const struct episode *history, int k);
};

extern const struct agent agent_sensitivity, agent_ddpg, agent_random, agent_mixed;

const struct agent *agent_find(const char *name); /* NULL where there is none */

#endif
