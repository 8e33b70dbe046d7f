/*
 * ddpg-step - one step of a search: the bits of the next episode, or what the search found.
 *
 *	ddpg-step act -n NET.csv -f features.npy -t costs.csv -c experiments/agents/sensitivity.conf \
 *	              -b latency-w4a4 -s 1 -k 7 -r RUN -F full-precision.score.csv -o RUN/0007.policy.csv
 *	ddpg-step best -n NET.csv -t costs.csv -c experiments/agents/sensitivity.conf -b latency-w4a4 \
 *	              -r RUN -k 250 -F full-precision.score.csv -o best.policy.csv
 *	ddpg-step best ... --rank 2 -o second.policy.csv
 *	ddpg-step trace ... -o trace.csv
 *	ddpg-step reward -n NET.csv -t costs.csv -c experiments/agents/sensitivity.conf \
 *	              -b accuracy-guaranteed -p policy.csv -S score.csv -F full-precision.score.csv \
 *	              -o reward.csv
 *	ddpg-step heuristic -n NET.csv -t costs.csv -c experiments/agents/sensitivity.conf -b latency-w4a4 \
 *	              -o policy.csv
 *	ddpg-step drawn -n NET.csv -t costs.csv -c experiments/agents/sensitivity.conf -b latency-w4a4 \
 *	              -s 1 -k 3 -o policy.csv
 *	ddpg-step uniform -n NET.csv -b w4a4 -o policy.csv
 *
 * act chooses the policy of episode k from policies and scores of episodes 1 to k-1 in RUN, by the agent that
 * the settings name (lib/search/agent.h, agent-conf.h).  What it learnt it keeps in RUN/agent.npz, which
 * may be lost at any time without changing an answer.
 *
 * best, trace and reward say what a search, or one policy, is worth (lib/search/reward.h, trace.h);
 * heuristic, drawn and uniform are bits without a search, to compare with (heuristic.h, drawn.h).
 */
#include "core/threads.h"
#include "search/drawn.h"
#include "search/heuristic.h"
#include "search/step.h"

#include <string.h>

#define REVISION 1

static const struct opt act_options[] = { STEP_ACT, { 0 } };
static const struct opt best_options[] = { STEP_BEST, { 0 } };
static const struct opt trace_options[] = { STEP_TRACE, { 0 } };
static const struct opt reward_options[] = { STEP_REWARD, { 0 } };
static const struct opt uniform_options[] = { STEP_UNIFORM, { 0 } };

static const struct opt heuristic_options[] = { STEP_PROBLEM(STEP_A_BUDGET),
	                                        STEP_OUTPUT("policy.csv",
	                                                    "bits that a rule of thumb gives each layer"),
	                                        { 0 } };

static const struct opt drawn_options[] = {
	STEP_PROBLEM(STEP_A_BUDGET),
	STEP_SEED,
	{ 'k', "number", OPT_INT, &step.episode, "3", "which draw of the seed, from 1" },
	STEP_OUTPUT("policy.csv", "bits drawn around uniform ones"),
	{ 0 },
};

/* The problem of a verb that wants a budget and no run; `what` gives the bits. */
static void read_problem(struct problem *p, const char *what)
{
	struct agent_conf conf;

	if (!strcmp(step.files.problem.budget, "accuracy-guaranteed"))
		usage("%s is for a budget, not for %s, under which the most bits are right", what,
		      step.files.problem.budget);
	step.files.problem.count = costs_count_named(step.count);
	step.files.problem.conf = step.files.conf;
	agent_conf_read(&conf, step.files.conf);
	problem_read(p, &step.files.problem, conf.range);
}

static void heuristic(void)
{
	struct problem problem;
	struct policy p;

	read_problem(&problem, "the heuristic");
	p = heuristic_policy(&problem);
	policy_write(&problem.g, &p, step.out);
}

static void drawn(void)
{
	struct problem problem;
	struct policy p;

	step_check_number("number", step.episode);
	read_problem(&problem, "a draw around uniform bits");
	p = drawn_policy(&problem, step.files.problem.budget, (uint64_t)step.seed, (uint32_t)step.episode);
	policy_write(&problem.g, &p, step.out);
}

int main(int argc, char **argv)
{
	static const struct verb verbs[] = {
		{ "act", "choose the policy of an episode", act_options, step_act },
		{ "best", "the policy of the highest reward", best_options, step_best },
		{ "trace", "reward, accuracy and costs of each episode", trace_options, step_trace },
		{ "reward", "reward and costs of a policy that was scored", reward_options, step_reward },
		{ "heuristic", "bits that a rule of thumb gives each layer", heuristic_options, heuristic },
		{ "drawn", "bits drawn at random around uniform ones", drawn_options, drawn },
		{ "uniform", "the same bits for every layer", uniform_options, step_uniform },
		{ 0 }
	};

	threads_init();
	return cli_verbs(argc, argv, "one step of a search for the bits of each layer", REVISION, verbs);
}
