/*
 * agent-conf.h - settings of a search: experiments/agents/NAME.conf.
 *
 * The first key names the agent, the one that chooses each episode's policy:
 *
 *	agent = sensitivity   a Bayesian model of how much accuracy each layer loses to its bits, Thompson
 *	                      draws from it, and the allocation that loses least by a draw
 *	agent = ddpg          HAQ's reinforcement learning: deep deterministic policy gradient
 *	agent = random        bits drawn at random; nothing is learnt
 *	agent = mixed         a share of the episodes by sensitivity, the others by ddpg
 *
 * and, for bits of every kernel (autoq-step),
 *
 *	agent = kernel-sensitivity   the model of `sensitivity`, bits of kernels by what each has to lose
 *	agent = kernel-random        bits drawn around uniform ones, one by one; nothing is learnt
 *	agent = autoq                AutoQ's two levels of reinforcement learning, and one alone
 *
 * Then come the keys that all agents have (bits to choose from, what the reward counts) and those of this
 * agent, each exactly once.  A key that is missing, unknown or another agent's is an error that names file,
 * line and agent.  agent-conf.c has the table of keys and their ranges; the files say the reasons.
 */
#ifndef AGENT_CONF_H
#define AGENT_CONF_H

#include "search/autoq-conf.h"
#include "search/ddpg.h"
#include "search/reward.h"
#include "search/sensitivity.h"

enum agent_kind {
	AGENT_SENSITIVITY,
	AGENT_DDPG,
	AGENT_RANDOM,
	AGENT_MIXED,
	AGENT_KERNEL_SENSITIVITY,
	AGENT_KERNEL_RANDOM,
	AGENT_AUTOQ,
	AGENTS
};

struct agent_conf {
	const char *path;     /* the file, for messages */
	enum agent_kind kind; /* by the first key */
	const char *name;     /* the same as a word */

	/* every agent */
	struct bit_range range;
	struct reward_conf reward;

	/* sensitivity and mixed */
	struct sensitivity_conf sensitivity;
	long uniform_first;    /* episodes of uniform bits before all others */
	double thompson_width; /* width of the draws: 1 is the posterior's own, 0 its mode */
	long greedy_every;     /* every n-th episode takes the mode instead of a draw; 0: none does */
	double broken_below;   /* share of the best top-1, below which a score says `at least this bad` */

	/* ddpg and mixed */
	struct ddpg_conf ddpg;
	const char
		*replay_action; /* raw: what the agent chose is replayed; bits: what the budget left of it */

	/* mixed */
	double model_share; /* share of the episodes that sensitivity chooses */

	/* all that choose bits of kernels */
	long kernels_per_step;    /* kernels that get the same bits; 0: as many as the array runs at once */
	double sensitivity_trust; /* in the estimate of how much each kernel has to lose (kernel-groups.h) */

	/* autoq */
	struct autoq_conf autoq;

	/* kernel-sensitivity */
	long layers_every; /* every n-th episode has no bits of kernels; 0: none */
};

/* Whether it is one of autoq-step, which choose bits of kernels. */
bool agent_is_kernel_wise(enum agent_kind kind);

void agent_conf_read(struct agent_conf *conf, const char *path); /* dies */
/* The hash of all settings, comments and spaces aside. */
uint64_t agent_conf_hash(struct agent_conf *conf, uint64_t hash);

#endif
