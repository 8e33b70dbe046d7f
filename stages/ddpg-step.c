/*
 * ddpg-step - one step of a search: propose the bits of the next episode, or name the best so far.
 *
 *	ddpg-step act -n NET.csv -f features.npy -t costs.csv -c experiments/agents/sensitivity.conf -b latency-w4a4 \
 *	              -s 1 -k 7 -r RUN -F full-precision.score.csv -o RUN/0007.policy.csv
 *	ddpg-step best -n NET.csv -t costs.csv -c experiments/agents/sensitivity.conf -b latency-w4a4 -r RUN -k 250 \
 *	              -F full-precision.score.csv -o best.policy.csv
 *	ddpg-step trace ... -o trace.csv
 *	ddpg-step reward -n NET.csv -t costs.csv -c experiments/agents/sensitivity.conf -b accuracy-guaranteed \
 *	              -p policy.csv -S score.csv -F full-precision.score.csv -o reward.csv
 *	ddpg-step heuristic -n NET.csv -t costs.csv -c experiments/agents/sensitivity.conf -b latency-w4a4 -o policy.csv
 *	ddpg-step uniform -n NET.csv -b w4a4 -o policy.csv
 *
 * act proposes the policy of episode k from the policies and scores of episodes 1 to k-1 in RUN
 * (search.h says how).  It keeps what it learnt in RUN/agent.npz, which may be lost at any
 * time without changing an answer.
 *
 * reward says of one policy what a simulator's costs say of it, a row `total`, and its reward:
 *
 *	layer,latency_ms,energy_mj,weight_bytes,reward
 */
#include "core/base.h"
#include "core/cli.h"
#include "core/conf.h"
#include "hw/costs.h"
#include "model/graph.h"
#include "search/history.h"
#include "io/npz.h"
#include "model/policy.h"
#include "search/search.h"
#include "model/quantizer.h"
#include "core/threads.h"

#include <math.h>
#include <string.h>

#define REVISION 1

static const char *net_path, *features_path, *costs_path, *conf_path, *budget_name, *run_path,
	*full_precision_path, *out_path;
static const char *policy_path, *score_path;
static const char *count_name = "searched";
static long seed, episode;
static struct search_conf conf;

static const struct opt act_options[] = {
	{ 'n', "network", OPT_PATH, &net_path, "net.csv", "the network" },
	{ 'f', "features", OPT_PATH, &features_path, "features.npy", "its layers, by extract-features" },
	{ 't', "costs", OPT_PATH, &costs_path, "costs.csv", "what each layer costs, by a simulator" },
	{ 'c', "conf", OPT_PATH, &conf_path, "ddpg.conf", "settings of the agent" },
	{ 'b', "budget", OPT_TEXT, &budget_name, "latency-w4a4",
	  "METRIC-wNaN or METRIC-SHARE; latency, energy, size; or accuracy-guaranteed" },
	{ 's', "seed", OPT_INT, &seed, "1", "of all random numbers" },
	{ 'k', "episode", OPT_INT, &episode, "7", "the episode to propose, from 1" },
	{ 'r', "run", OPT_PATH, &run_path, "run", "folder of the episodes before" },
	{ 'F', "full-precision", OPT_PATH, &full_precision_path, "score.csv",
	  "score of the network in full precision" },
	{ 'o', "output", OPT_OUT, &out_path, "policy.csv", "bits of each layer" },
	{ 0, "count", OPT_TEXT, &count_name, NULL, "layers under the budget: searched or all" },
	{ 0 }
};

#define RUN_OPTIONS \
	{ 'n', "network", OPT_PATH, &net_path, "net.csv", "the network" }, \
		{ 't', "costs", OPT_PATH, &costs_path, "costs.csv", "what each layer costs, by a simulator" }, \
		{ 'c', "conf", OPT_PATH, &conf_path, "ddpg.conf", "settings of the agent" }, \
		{ 'b', "budget", OPT_TEXT, &budget_name, "latency-w4a4", "of the run" }, \
		{ 'r', "run", OPT_PATH, &run_path, "run", "folder of the episodes" }, \
		{ 'k', "episodes", OPT_INT, &episode, "250", "look at episodes 1 to this" }, \
		{ 'F',         "full-precision", \
		  OPT_PATH,    &full_precision_path, \
		  "score.csv", "score of the network in full precision" }, \
	{ \
		0, "count", OPT_TEXT, &count_name, NULL, "layers that costs count: searched or all" \
	}

static const struct opt best_options[] = { RUN_OPTIONS,
	                                   { 'o', "output", OPT_OUT, &out_path, "policy.csv",
	                                     "the policy of the highest reward" },
	                                   { 0 } };

static const struct opt trace_options[] = { RUN_OPTIONS,
	                                    { 'o', "output", OPT_OUT, &out_path, "trace.csv",
	                                      "reward, accuracy and costs of each episode" },
	                                    { 0 } };

static const struct opt reward_options[] = {
	{ 'n', "network", OPT_PATH, &net_path, "net.csv", "the network" },
	{ 't', "costs", OPT_PATH, &costs_path, "costs.csv", "what each layer costs, by a simulator" },
	{ 'c', "conf", OPT_PATH, &conf_path, "ddpg.conf", "what counts how much" },
	{ 'b', "budget", OPT_TEXT, &budget_name, "latency-w4a4", "of the search; or accuracy-guaranteed" },
	{ 'p', "policy", OPT_PATH, &policy_path, "policy.csv", "bits of each layer" },
	{ 'S', "score", OPT_PATH, &score_path, "score.csv", "its score" },
	{ 'F', "full-precision", OPT_PATH, &full_precision_path, "score.csv",
	  "that of full precision, on the same images" },
	{ 'o', "output", OPT_OUT, &out_path, "reward.csv", "costs and reward of that policy" },
	{ 0, "count", OPT_TEXT, &count_name, NULL, "layers that costs count: searched or all" },
	{ 0 }
};

static const struct opt heuristic_options[] = {
	{ 'n', "network", OPT_PATH, &net_path, "net.csv", "the network" },
	{ 't', "costs", OPT_PATH, &costs_path, "costs.csv", "what each layer costs, by a simulator" },
	{ 'c', "conf", OPT_PATH, &conf_path, "ddpg.conf", "its min_bits and max_bits" },
	{ 'b', "budget", OPT_TEXT, &budget_name, "latency-w4a4",
	  "METRIC-wNaN or METRIC-SHARE; latency, energy, size" },
	{ 'o', "output", OPT_OUT, &out_path, "policy.csv", "bits that a rule of thumb gives each layer" },
	{ 0, "count", OPT_TEXT, &count_name, NULL, "layers under the budget: searched or all" },
	{ 0 }
};

static const struct opt uniform_options[] = {
	{ 'n', "network", OPT_PATH, &net_path, "net.csv", "the network" },
	{ 'b', "bits", OPT_TEXT, &budget_name, "w4a4", "bits of weights and activations" },
	{ 'o', "output", OPT_OUT, &out_path, "policy.csv", "the same bits for every searched layer" },
	{ 0 }
};

static const struct conf_key keys[] = {
	{ "min_bits", CONF_INT, &conf.min_bits, 1, BITS_MAX, NULL },
	{ "max_bits", CONF_INT, &conf.max_bits, 1, BITS_MAX, NULL },
	{ "reward_scale", CONF_REAL, &conf.reward_scale, 0, 1e6, NULL },
	{ "reward_accuracy", CONF_REAL, &conf.reward_accuracy, 1e-6, 1e6, NULL },
	{ "reward_latency", CONF_REAL, &conf.reward_cost[METRIC_LATENCY], 0, 1e6, NULL },
	{ "reward_energy", CONF_REAL, &conf.reward_cost[METRIC_ENERGY], 0, 1e6, NULL },
	{ "reward_size", CONF_REAL, &conf.reward_cost[METRIC_SIZE], 0, 1e6, NULL },
	{ "warmup", CONF_INT, &conf.agent.warmup, 0, 1000000, NULL },
	{ "noise", CONF_REAL, &conf.agent.noise, 0, 10, NULL },
	{ "noise_decay", CONF_REAL, &conf.agent.noise_decay, 0, 1, NULL },
	{ "hidden_1", CONF_INT, &conf.agent.hidden_1, 1, 4096, NULL },
	{ "hidden_2", CONF_INT, &conf.agent.hidden_2, 1, 4096, NULL },
	{ "actor_rate", CONF_REAL, &conf.agent.actor_rate, 0, 1, NULL },
	{ "critic_rate", CONF_REAL, &conf.agent.critic_rate, 0, 1, NULL },
	{ "tau", CONF_REAL, &conf.agent.tau, 0, 1, NULL },
	{ "discount", CONF_REAL, &conf.agent.discount, 0, 1, NULL },
	{ "baseline_decay", CONF_REAL, &conf.agent.baseline_decay, 0, 1, NULL },
	{ "batch", CONF_INT, &conf.agent.batch, 1, 4096, NULL },
	{ "replay", CONF_INT, &conf.agent.replay, 2, 65536, NULL },
	{ "updates", CONF_INT, &conf.agent.updates, 0, 64, NULL },
	{ "replay_action", CONF_WORD, &conf.replay_action, .words = "raw bits" },
	{ "uniform_first", CONF_INT, &conf.uniform_first, 0, 64, NULL },
	{ "model_share", CONF_REAL, &conf.model_share, 0, 1, NULL },
	{ "model_target", CONF_WORD, &conf.model_target, .words = "top1 loss" },
	{ "model_width", CONF_REAL, &conf.model_width, 0, 100, NULL },
	{ "model_greedy", CONF_INT, &conf.model_greedy, 0, 1000000, NULL },
	{ "model_broken", CONF_REAL, &conf.model_broken, 0, 1, NULL },
	{ "model_scale_sd", CONF_REAL, &conf.model.scale_sd, 0.01, 10, NULL },
	{ "model_kind_sd", CONF_REAL, &conf.model.kind_sd, 0, 10, NULL },
	{ "model_own_sd", CONF_REAL, &conf.model.own_sd, 0.01, 10, NULL },
	{ "model_rest_sd", CONF_REAL, &conf.model.rest_sd, 1e-6, 1e6, NULL },
	{ "model_noise", CONF_REAL, &conf.model.noise, 1e-6, 1e6, NULL },
	{ "model_noise_weight", CONF_REAL, &conf.model.noise_weight, 0.01, 1e6, NULL },
	{ "model_knee", CONF_REAL, &conf.model.knee, 1e-6, 1e6, NULL },
	{ "model_typical", CONF_REAL, &conf.model.typical, 1e-6, 1e6, NULL },
	{ 0 }
};

/* --- reading --------------------------------------------------------------------------------- */

static void read_features(struct search *s)
{
	struct array a;
	int step = 0;

	npy_read(&a, features_path);
	if (a.dtype != F32 || a.ndim != 2 || a.shape[0] != (size_t)s->g.layers || a.shape[1] != STATES)
		die("%s: expected float32 [%d][%d], a row for each layer of %s", features_path, s->g.layers,
		    STATES, net_path);
	for (size_t i = 0; i < a.count; i++)
		if (!(((float *)a.data)[i] >= 0 && ((float *)a.data)[i] <= 1))
			die("%s: element %zu is not in 0..1", features_path, i);
	s->features = xmalloc(2 * (size_t)s->g.layers, sizeof *s->features);
	for (int i = 0; i < 2 * s->g.layers; i++)
		if (s->g.layer[i / 2].is_searched)
			memcpy(s->features[step++], (float *)a.data + i / 2 * STATES, sizeof *s->features);
	s->steps = step;
	if (!step)
		die("%s: no layer with bits to search", net_path);
}

static uint64_t hash_conf(uint64_t hash)
{
	for (const struct conf_key *k = keys; k->name; k++) {
		if (k->type == CONF_WORD)
			hash = hash_bytes(hash, *(const char **)k->value,
			                  strlen(*(const char **)k->value) + 1);
		else
			hash = hash_bytes(hash, k->value,
			                  k->type == CONF_INT ? sizeof(long) : sizeof(double));
	}
	return hash;
}

/* What the reward of a search without a limit looks at. */
static void read_prices(struct search *s)
{
	struct policy p = policy_uniform(&s->g, BITS_MAX, BITS_MAX);

	for (int m = 0; m < METRICS; m++) {
		s->cost_8[m] = costs_sum(&s->costs, &s->g, &p, (enum metric)m, s->budget.count);
		if (s->budget.metric != METRICS || !(conf.reward_cost[m] > 0))
			continue;
		costs_require(&s->costs, &s->g, (enum metric)m, s->min_bits, s->max_bits);
		if (!(costs_of(&s->costs, &s->g, &p, (enum metric)m, s->budget.count) > 0))
			die("%s: 8/8 bits cost no %s; expected some, of which the reward counts the shares",
			    costs_path, metric_names[m]);
	}
	policy_free(&p);
	if (s->budget.metric == METRICS && strcmp(conf.model_target, "top1"))
		die("%s: model_target must be top1 for %s, whose reward is in accuracy", conf_path,
		    budget_name);
}

/* Where nothing takes time, weights are only stored, and activations are not quantized. */
static bool takes_time(const struct costs *c)
{
	for (int i = 0; i < c->layers * 64; i++)
		if (!isnan(c->at[i / 64][i / 8 % 8][i % 8].metric[METRIC_LATENCY]))
			return true;
	return false;
}

/* Network, costs and budget. */
static void read_problem(struct search *s)
{
	if (strcmp(count_name, "searched") && strcmp(count_name, "all"))
		usage("--count is searched or all, not '%s'", count_name);
	conf_read(conf_path, keys);
	if (conf.min_bits > conf.max_bits)
		die("%s: min_bits %ld is above max_bits %ld", conf_path, conf.min_bits, conf.max_bits);
	*s = (struct search){ .conf = &conf,
		              .min_bits = (int)conf.min_bits,
		              .max_bits = (int)conf.max_bits,
		              .seed = (uint64_t)seed,
		              .run = run_path };
	graph_read(&s->g, net_path);
	costs_read(&s->costs, &s->g, costs_path);
	s->budget = budget_parse(budget_name, &s->costs, &s->g,
	                         strcmp(count_name, "all") ? COUNT_SEARCHED : COUNT_ALL, s->min_bits,
	                         s->max_bits);
	read_prices(s);
	for (int i = 0; conf.min_bits == 1 && takes_time(&s->costs) && i < s->g.layers; i++)
		if (s->g.layer[i].is_searched && !quantizer_has_bits(1, s->g.layer[i].input_is_signed))
			die("%s: min_bits 1, where '%s' of %s reads numbers of both signs, which want 2",
			    conf_path, s->g.layer[i].name, net_path);
}

static void read_search(struct search *s)
{
	int64_t numbers[2] = { seed, REVISION };

	if (episode < 1 || episode > 9999)
		usage("--episode is 1 to 9999, not %ld", episode);
	read_problem(s);
	s->original = score_read(full_precision_path);
	read_features(s);
	s->hash = hash_conf(hash_bytes(HASH_START, numbers, sizeof numbers));
	s->hash = hash_bytes(s->hash, &s->budget.limit, sizeof s->budget.limit);
	s->hash = hash_bytes(s->hash, budget_name, strlen(budget_name) + 1);
	s->hash = hash_bytes(s->hash, count_name, strlen(count_name) + 1);
	s->hash = hash_file(hash_file(hash_file(s->hash, net_path), features_path), costs_path);
	s->hash = hash_file(s->hash, full_precision_path);
}

/* --- verbs ----------------------------------------------------------------------------------- */

static void act(void)
{
	struct search s;
	struct policy p;

	read_search(&s);
	p = search_propose(&s, (int)episode);
	policy_write(&s.g, &p, out_path);
}

/* Episodes 1 to `episode` of a run, and what they are rewarded by. */
static const struct episode *read_run(struct search *s)
{
	if (episode < 1 || episode > 9999)
		usage("--episodes is 1 to 9999, not %ld", episode);
	read_problem(s);
	s->original = score_read(full_precision_path);
	return search_history(s, (int)episode);
}

static void best(void)
{
	struct search s;
	const struct episode *history = read_run(&s);
	double highest = -INFINITY;
	int found = 1;

	for (int i = 1; i <= episode; i++) {
		double reward = search_reward(&s, &history[i].policy, &history[i].score);

		if (reward > highest)
			highest = reward, found = i;
	}
	note("episode %d, reward %.4f, top-1 %.3f %%", found, highest, history[found].score.top1);
	policy_write(&s.g, &history[found].policy, out_path);
}

static void write_costs(FILE *f, const struct search *s, const struct policy *p)
{
	for (int m = 0; m < METRICS; m++) {
		double cost = costs_sum(&s->costs, &s->g, p, (enum metric)m, s->budget.count);

		fprintf(f, isnan(cost) ? "," : ",%.12g", cost);
	}
}

static void trace(void)
{
	struct search s;
	const struct episode *history = read_run(&s);
	double best = -INFINITY;
	FILE *f = out_open(out_path);

	fputs("episode,reward,best_reward,top1,latency_ms,energy_mj,weight_bytes\n", f);
	for (int i = 1; i <= episode; i++) {
		const struct episode *e = &history[i];
		double reward = search_reward(&s, &e->policy, &e->score);

		best = fmax(best, reward);
		fprintf(f, "%d,%.6g,%.6g,%.6g", i, reward, best, e->score.top1);
		write_costs(f, &s, &e->policy);
		fputc('\n', f);
	}
	out_commit(f);
}

static void reward(void)
{
	struct search s;
	struct policy p;
	struct score score;
	FILE *f;

	read_problem(&s);
	s.original = score_read(full_precision_path);
	p = policy_read(&s.g, policy_path);
	score = score_read(score_path);
	f = out_open(out_path);
	fputs("layer,latency_ms,energy_mj,weight_bytes,reward\ntotal", f);
	write_costs(f, &s, &p);
	fprintf(f, ",%.6g\n", search_reward(&s, &p, &score));
	out_commit(f);
}

/* Bits that fall along the network, from level + HEURISTIC_SLOPE / 2 to level - HEURISTIC_SLOPE / 2. */
#define HEURISTIC_SLOPE 2.0

static void set_slope(const struct search *s, struct policy *p, double level)
{
	for (int i = 0; i < s->g.layers; i++) {
		double bits = level + HEURISTIC_SLOPE * (0.5 - (double)i / (s->g.layers - 1));

		if (s->g.layer[i].is_searched)
			p->bits[i].w = p->bits[i].a =
				(unsigned char)fmin(fmax(round(bits), s->min_bits), s->max_bits);
	}
}

/*
 * What a designer does without a search (Han et al., as the paper describes it): more bits for
 * the first layers, which extract features, fewer towards the end; the most of such bits that the
 * budget allows.
 */
static void heuristic(void)
{
	struct search s;
	struct policy p;
	double level;

	if (!strcmp(budget_name, "accuracy-guaranteed"))
		usage("the heuristic is for a budget, not for %s, under which the most bits are right",
		      budget_name);
	read_problem(&s);
	if (s.g.layers < 2)
		die("%s: one layer, where the heuristic needs two", net_path);
	p = policy_uniform(&s.g, s.max_bits, s.max_bits);
	for (level = s.max_bits + 1; level > s.min_bits - 1; level -= 1.0 / 64) {
		set_slope(&s, &p, level);
		if (budget_fits(&s.budget, &s.costs, &s.g, &p))
			break;
	}
	/* where not even the least bits fit */
	budget_enforce(&s.budget, &s.costs, &s.g, &p, s.min_bits, s.max_bits);
	policy_write(&s.g, &p, out_path);
}

static void uniform(void)
{
	struct graph g;
	struct policy p;
	int w, a;

	if (!policy_parse_uniform(budget_name, &w, &a))
		usage("--bits are as in w4a4, 1 to 8, not '%s'", budget_name);
	graph_read(&g, net_path);
	p = policy_uniform(&g, w, a);
	policy_write(&g, &p, out_path);
}

int main(int argc, char **argv)
{
	static const struct verb verbs[] = {
		{ "act", "propose the policy of an episode", act_options, act },
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
