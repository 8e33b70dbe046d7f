/*
 * ddpg-step - one step of a search: the bits of the next episode, or what the search found.
 *
 *	ddpg-step act -n NET.csv -f features.npy -t costs.csv -c experiments/agents/sensitivity.conf \
 *	              -b latency-w4a4 -s 1 -k 7 -r RUN -F full-precision.score.csv -o RUN/0007.policy.csv
 *	ddpg-step best -n NET.csv -t costs.csv -c experiments/agents/sensitivity.conf -b latency-w4a4 \
 *	              -r RUN -k 250 -F full-precision.score.csv -o best.policy.csv
 *	ddpg-step trace ... -o trace.csv
 *	ddpg-step reward -n NET.csv -t costs.csv -c experiments/agents/sensitivity.conf \
 *	              -b accuracy-guaranteed -p policy.csv -S score.csv -F full-precision.score.csv \
 *	              -o reward.csv
 *	ddpg-step heuristic -n NET.csv -t costs.csv -c experiments/agents/sensitivity.conf -b latency-w4a4 \
 *	              -o policy.csv
 *	ddpg-step uniform -n NET.csv -b w4a4 -o policy.csv
 *
 * act chooses the policy of episode k from policies and scores of episodes 1 to k-1 in RUN, by the agent that
 * the settings name (lib/search/agent.h, agent-conf.h).  What it learnt it keeps in RUN/agent.npz, which
 * may be lost at any time without changing an answer.
 *
 * best, trace and reward say what a search, or one policy, is worth (lib/search/reward.h, trace.h); heuristic
 * and uniform are bits without a search, to compare with (lib/search/heuristic.h).
 */
#include "core/cli.h"
#include "core/threads.h"
#include "search/agent.h"
#include "search/heuristic.h"
#include "search/search.h"
#include "search/trace.h"

#include <string.h>

#define REVISION 1

static struct search_files files;
static const char *count_name = "searched", *policy_path, *score_path, *out_path;
static long seed, episode;

/* Options that verbs have in common. */
#define NETWORK \
	{ \
		'n', "network", OPT_PATH, &files.problem.net, "net.csv", "the network" \
	}
#define COSTS \
	{ \
		't', "costs", OPT_PATH, &files.problem.costs, "costs.csv", \
			"what each layer costs, by a simulator" \
	}
#define CONF \
	{ \
		'c', "conf", OPT_PATH, &files.conf, "agent.conf", "the agent and its settings" \
	}
#define BUDGET(text) \
	{ \
		'b', "budget", OPT_TEXT, &files.problem.budget, "latency-w4a4", text \
	}
#define RUN(text) \
	{ \
		'r', "run", OPT_PATH, &files.run, "run", text \
	}
#define COUNT \
	{ \
		0, "count", OPT_TEXT, &count_name, NULL, "layers that costs count: searched or all" \
	}
#define OUTPUT(needed, text) \
	{ \
		'o', "output", OPT_OUT, &out_path, needed, text \
	}
#define FULL_PRECISION \
	{ \
		'F', "full-precision", OPT_PATH, &files.full_precision, "score.csv", \
			"score of the network in full precision" \
	}
#define OF_A_RUN \
	NETWORK, COSTS, CONF, BUDGET("of the run"), RUN("folder of the episodes"), \
		{ 'k', "episodes", OPT_INT, &episode, "250", "look at episodes 1 to this" }, FULL_PRECISION, \
		COUNT

static const struct opt act_options[] = {
	NETWORK,
	{ 'f', "features", OPT_PATH, &files.features, "features.npy", "its layers, by extract-features" },
	COSTS,
	CONF,
	BUDGET("METRIC-wNaN or METRIC-SHARE; latency, energy, size; or accuracy-guaranteed"),
	{ 's', "seed", OPT_INT, &seed, "1", "of all random numbers" },
	{ 'k', "episode", OPT_INT, &episode, "7", "the episode to choose bits for, from 1" },
	RUN("folder of the episodes before"),
	FULL_PRECISION,
	OUTPUT("policy.csv", "bits of each layer"),
	COUNT,
	{ 0 }
};

static const struct opt best_options[] = { OF_A_RUN,
	                                   OUTPUT("policy.csv", "the policy of the highest reward"),
	                                   { 0 } };

static const struct opt trace_options[] = { OF_A_RUN,
	                                    OUTPUT("trace.csv", "reward, accuracy and costs of each episode"),
	                                    { 0 } };

static const struct opt reward_options[] = {
	NETWORK,
	COSTS,
	CONF,
	BUDGET("of the search; or accuracy-guaranteed"),
	{ 'p', "policy", OPT_PATH, &policy_path, "policy.csv", "bits of each layer" },
	{ 'S', "score", OPT_PATH, &score_path, "score.csv", "its score, on the same images" },
	FULL_PRECISION,
	OUTPUT("reward.csv", "costs and reward of that policy"),
	COUNT,
	{ 0 }
};

static const struct opt heuristic_options[] = { NETWORK,
	                                        COSTS,
	                                        CONF,
	                                        BUDGET("METRIC-wNaN or METRIC-SHARE; latency, energy, size"),
	                                        OUTPUT("policy.csv",
	                                               "bits that a rule of thumb gives each layer"),
	                                        COUNT,
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

static void check_episode(const char *option)
{
	if (episode < 1 || episode > 9999)
		usage("--%s is 1 to 9999, not %ld", option, episode);
}

static void act(void)
{
	struct search s;
	struct policy p;

	check_episode("episode");
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

	check_episode("episodes");
	read_search(&s);
	history = search_history(&s, (int)episode);
	found = trace_best(&s, history, (int)episode, &reward);
	note("episode %d, reward %.4f, top-1 %.3f %%", found, reward, history[found].score.top1);
	policy_write(&s.problem.g, &history[found].policy, out_path);
}

static void trace(void)
{
	struct search s;

	check_episode("episodes");
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

static void heuristic(void)
{
	struct agent_conf conf;
	struct problem problem;
	struct policy p;

	if (!strcmp(files.problem.budget, "accuracy-guaranteed"))
		usage("the heuristic is for a budget, not for %s, under which the most bits are right",
		      files.problem.budget);
	files.problem.count = costs_count_named(count_name);
	files.problem.conf = files.conf;
	agent_conf_read(&conf, files.conf);
	problem_read(&problem, &files.problem, conf.range);
	p = heuristic_policy(&problem);
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
		{ "uniform", "the same bits for every layer", uniform_options, uniform },
		{ 0 }
	};

	threads_init();
	return cli_verbs(argc, argv, "one step of a search for the bits of each layer", REVISION, verbs);
}
