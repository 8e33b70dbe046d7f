/*
 * step.h - what ddpg-step and autoq-step have in common: options and verbs.
 *
 * A program has a table of options for each verb, of the rows below, and a line of `struct verb` for it; all
 * options are read into `step`.  Files of a search for the bits of kernels, which ddpg-step has none of, are
 * --machine, --weights and, wherever a policy is written or read, --kernels.
 */
#ifndef STEP_H
#define STEP_H

#include "core/cli.h"
#include "search/search.h"

struct step {
	struct search_files files;
	const char *count; /* layers that costs count */
	const char *policy, *kernels, *score, *out;
	const char *ranges; /* whose weights share a clipping range: those of a layer or of a kernel */
	long seed, episode, rank;
	bool kernel_wise; /* the program's: bits of kernels, or of layers */
};

extern struct step step;

#define STEP_A_BUDGET "METRIC-wNaN or METRIC-SHARE; latency, energy, size"
#define STEP_NETWORK \
	{ \
		'n', "network", OPT_PATH, &step.files.problem.net, "net.csv", "the network" \
	}
#define STEP_PROBLEM(text) \
	STEP_NETWORK, \
		{ 't', "costs", OPT_PATH, &step.files.problem.costs, "costs.csv", "what each layer costs" }, \
		{ 'c', "conf", OPT_PATH, &step.files.conf, "agent.conf", "the agent and its settings" }, \
		{ 'b', "budget", OPT_TEXT, &step.files.problem.budget, "latency-w4a4", text }, \
	{ \
		0, "count", OPT_TEXT, &step.count, NULL, "layers that costs count: searched or all" \
	}
#define STEP_MACHINE \
	{ \
		'm', "machine", OPT_PATH, &step.files.problem.machine, "machine.conf", \
			"the accelerator that the costs are of, one of hwmodels/" \
	}
#define STEP_WEIGHTS \
	{ \
		'w', "weights", OPT_PATH, &step.files.weights, "weights.npz", "in full precision" \
	}
#define STEP_RANGES \
	{ \
		0, "ranges", OPT_TEXT, &step.ranges, NULL, \
			"whose weights will share a range: layer or kernel" \
	}
#define STEP_SEED \
	{ \
		's', "seed", OPT_INT, &step.seed, "1", "of all random numbers" \
	}
#define STEP_OUTPUT(needed, text) \
	{ \
		'o', "output", OPT_OUT, &step.out, needed, text \
	}
#define STEP_KERNELS_OUT \
	{ \
		'K', "kernels", OPT_OUT, &step.kernels, "kernels.npy", "bits of each kernel" \
	}
#define STEP_KERNELS_IN \
	{ \
		'K', "kernels", OPT_PATH, &step.kernels, "kernels.npy", "bits of each kernel" \
	}
#define STEP_FULL_PRECISION \
	{ \
		'F', "full-precision", OPT_PATH, &step.files.full_precision, "score.csv", \
			"in full precision" \
	}
#define STEP_RUN(text) \
	{ \
		'r', "run", OPT_PATH, &step.files.run, "run", text \
	}
#define STEP_ACT \
	STEP_PROBLEM(STEP_A_BUDGET "; or accuracy-guaranteed"), { 'f', \
		                                                  "features", \
		                                                  OPT_PATH, \
		                                                  &step.files.features, \
		                                                  "features.npy", \
		                                                  "its layers, by extract-features" }, \
		STEP_SEED, \
		{ 'k', "episode", OPT_INT, &step.episode, "7", "the episode to choose bits for, from 1" }, \
		STEP_RUN("folder of the episodes before"), STEP_FULL_PRECISION, \
		STEP_OUTPUT("policy.csv", "bits of each layer")
#define STEP_OF_A_RUN \
	STEP_PROBLEM("of the run"), STEP_RUN("folder of the episodes"), \
		{ 'k', "episodes", OPT_INT, &step.episode, "250", "look at episodes 1 to this" }, \
		STEP_FULL_PRECISION
#define STEP_BEST \
	STEP_OF_A_RUN, \
		{ 0, "rank", OPT_INT, &step.rank, NULL, "2: the second best, of other bits; and so on" }, \
		STEP_OUTPUT("policy.csv", "the policy of the highest reward")
#define STEP_TRACE STEP_OF_A_RUN, STEP_OUTPUT("trace.csv", "reward, accuracy and costs of each episode")
#define STEP_REWARD \
	STEP_PROBLEM("of the search; or accuracy-guaranteed"), \
		{ 'p', "policy", OPT_PATH, &step.policy, "policy.csv", "bits of each layer" }, \
		{ 'S', "score", OPT_PATH, &step.score, "score.csv", "its score, on the same images" }, \
		STEP_FULL_PRECISION, STEP_OUTPUT("reward.csv", "costs and reward of that policy")
#define STEP_UNIFORM \
	STEP_NETWORK, { 'b',      "bits", \
		        OPT_TEXT, &step.files.problem.budget, \
		        "w4a4",   "bits of weights and activations" }, \
		STEP_OUTPUT("policy.csv", "the same bits for every searched layer")

void step_act(void);
void step_best(void);
void step_trace(void);
void step_reward(void);
void step_uniform(void);

bool step_shares_range(void);                       /* --ranges; another word is a wrong command line */
void step_check_number(const char *option, long x); /* an episode, a draw, a rank: 1 to 9999 */

#endif
