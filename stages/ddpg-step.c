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
#include "core/cli.h"
#include "core/threads.h"
#include "search/agent.h"
#include "search/drawn.h"
#include "search/heuristic.h"
#include "search/search.h"
#include "search/trace.h"

#include <string.h>

#define REVISION 1

static struct search_files files;
static const char *count_name = "searched", *policy_path, *score_path, *out_path;
static long seed, episode, rank = 1;

/* Options that verbs have in common. */
#define A_BUDGET "METRIC-wNaN or METRIC-SHARE; latency, energy, size"
#define NETWORK \
	{ \
		'n', "network", OPT_PATH, &files.problem.net, "net.csv", "the network" \
	}
#define PROBLEM(text) \
	NETWORK, { 't', "costs", OPT_PATH, &files.problem.costs, "costs.csv", "what each layer costs" }, \
		{ 'c', "conf", OPT_PATH, &files.conf, "agent.conf", "the agent and its settings" }, \
		{ 'b', "budget", OPT_TEXT, &files.problem.budget, "latency-w4a4", text }, \
	{ \
		0, "count", OPT_TEXT, &count_name, NULL, "layers that costs count: searched or all" \
	}
#define SEED \
	{ \
		's', "seed", OPT_INT, &seed, "1", "of all random numbers" \
	}
#define OUTPUT(needed, text) \
	{ \
		'o', "output", OPT_OUT, &out_path, needed, text \
	}
#define FULL_PRECISION \
	{ \
		'F', "full-precision", OPT_PATH, &files.full_precision, "score.csv", "in full precision" \
	}
#define RUN(text) \
	{ \
		'r', "run", OPT_PATH, &files.run, "run", text \
	}
#define OF_A_RUN \
	PROBLEM("of the run"), RUN("folder of the episodes"), \
		{ 'k', "episodes", OPT_INT, &episode, "250", "look at episodes 1 to this" }, FULL_PRECISION

static const struct opt act_options[] = {
	PROBLEM(A_BUDGET "; or accuracy-guaranteed"),
	{ 'f', "features", OPT_PATH, &files.features, "features.npy", "its layers, by extract-features" },
	SEED,
	{ 'k', "episode", OPT_INT, &episode, "7", "the episode to choose bits for, from 1" },
	RUN("folder of the episodes before"),
	FULL_PRECISION,
	OUTPUT("policy.csv", "bits of each layer"),
	{ 0 }
};

static const struct opt best_options[] = { OF_A_RUN,
	                                   { 0, "rank", OPT_INT, &rank, NULL,
	                                     "2: the second best, of other bits; and so on" },
	                                   OUTPUT("policy.csv", "the policy of the highest reward"),
	                                   { 0 } };

static const struct opt trace_options[] = { OF_A_RUN,
	                                    OUTPUT("trace.csv", "reward, accuracy and costs of each episode"),
	                                    { 0 } };

static const struct opt reward_options[] = {
	PROBLEM("of the search; or accuracy-guaranteed"),
	{ 'p', "policy", OPT_PATH, &policy_path, "policy.csv", "bits of each layer" },
	{ 'S', "score", OPT_PATH, &score_path, "score.csv", "its score, on the same images" },
	FULL_PRECISION,
	OUTPUT("reward.csv", "costs and reward of that policy"),
	{ 0 }
};

static const struct opt heuristic_options[] = {
	PROBLEM(A_BUDGET), OUTPUT("policy.csv", "bits that a rule of thumb gives each layer"), { 0 }
};

static const struct opt drawn_options[] = { PROBLEM(A_BUDGET),
	                                    SEED,
	                                    { 'k', "number", OPT_INT, &episode, "3",
	                                      "which draw of the seed, from 1" },
	                                    OUTPUT("policy.csv", "bits drawn around uniform ones"),
	                                    { 0 } };

static const struct opt uniform_options[] = { NETWORK,
	                                      { 'b', "bits", OPT_TEXT, &files.problem.budget, "w4a4",
	                                        "bits of weights and activations" },
	                                      OUTPUT("policy.csv", "the same bits for every searched layer"),
	                                      { 0 } };

/* --- verbs ----------------------------------------------------------------------------------- */

static void read_search(struct search *s)
{
	files.problem.count = costs_count_named(count_name);
	files.problem.conf = files.conf;
	search_read(s, &files, (uint64_t)seed);
}

static void check_number(const char *option, long x)
{
	if (x < 1 || x > 9999)
		usage("--%s is 1 to 9999, not %ld", option, x);
}

static void act(void)
{
	struct search s;
	struct policy p;

	check_number("episode", episode);
	read_search(&s);
	p = agent_policy(&s, (int)episode);
	policy_write(&s.problem.g, &p, out_path);
}

static void best(void)
{
	struct search s;
	const struct episode *history;
	double reward;
	int found;

	check_number("episodes", episode);
	check_number("rank", rank);
	read_search(&s);
	history = search_history(&s, (int)episode);
	found = trace_best(&s, history, (int)episode, (int)rank, &reward);
	if (!found)
		die("%s: fewer than %ld different policies in %ld episodes", files.run, rank, episode);
	note("episode %d, reward %.4f, top-1 %.3f %%", found, reward, history[found].score.top1);
	policy_write(&s.problem.g, &history[found].policy, out_path);
}

static void trace(void)
{
	struct search s;

	check_number("episodes", episode);
	read_search(&s);
	trace_write(&s, search_history(&s, (int)episode), (int)episode, out_path);
}

static void reward(void)
{
	struct search s;
	struct policy p;
	struct score score;

	read_search(&s);
	p = policy_read(&s.problem.g, policy_path);
	score = score_read(score_path);
	reward_write(&s, &p, &score, out_path);
}

/* The problem of a verb that wants a budget and no run; `what` gives the bits. */
static void read_problem(struct problem *p, const char *what)
{
	struct agent_conf conf;

	if (!strcmp(files.problem.budget, "accuracy-guaranteed"))
		usage("%s is for a budget, not for %s, under which the most bits are right", what,
		      files.problem.budget);
	files.problem.count = costs_count_named(count_name);
	files.problem.conf = files.conf;
	agent_conf_read(&conf, files.conf);
	problem_read(p, &files.problem, conf.range);
}

static void heuristic(void)
{
	struct problem problem;
	struct policy p;

	read_problem(&problem, "the heuristic");
	p = heuristic_policy(&problem);
	policy_write(&problem.g, &p, out_path);
}

static void drawn(void)
{
	struct problem problem;
	struct policy p;

	check_number("number", episode);
	read_problem(&problem, "a draw around uniform bits");
	p = drawn_policy(&problem, files.problem.budget, (uint64_t)seed, (uint32_t)episode);
	policy_write(&problem.g, &p, out_path);
}

static void uniform(void)
{
	struct graph g;
	struct policy p;
	int w, a;

	if (!policy_parse_uniform(files.problem.budget, &w, &a))
		usage("--bits are as in w4a4, 1 to 8, not '%s'", files.problem.budget);
	graph_read(&g, files.problem.net);
	p = policy_uniform(&g, w, a);
	policy_write(&g, &p, out_path);
}

int main(int argc, char **argv)
{
	static const struct verb verbs[] = {
		{ "act", "choose the policy of an episode", act_options, act },
		{ "best", "the policy of the highest reward", best_options, best },
		{ "trace", "reward, accuracy and costs of each episode", trace_options, trace },
		{ "reward", "reward and costs of a policy that was scored", reward_options, reward },
		{ "heuristic", "bits that a rule of thumb gives each layer", heuristic_options, heuristic },
		{ "drawn", "bits drawn at random around uniform ones", drawn_options, drawn },
		{ "uniform", "the same bits for every layer", uniform_options, uniform },
		{ 0 }
	};

	threads_init();
	return cli_verbs(argc, argv, "one step of a search for the bits of each layer", REVISION, verbs);
}
