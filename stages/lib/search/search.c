#include "search/search.h"
#include "search/bit-allocation.h"
#include "io/npz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REVISION 1 /* raise when the numbers change */

#define DRAWS_MAX 40    /* of the model, to find a policy not yet tried */
#define LONG_REBUILD 20 /* episodes; learning from these again takes seconds */

/* --- the reward ------------------------------------------------------------------------------- */

static bool has_limit(const struct search *s)
{
	return s->budget.metric != METRICS;
}

double search_reward(const struct search *s, const struct policy *p, const struct score *score)
{
	double points = score->top1 - s->original.top1, reward = s->conf->reward_accuracy * points / 100;

	if (has_limit(s))
		return s->conf->reward_scale * points;
	for (int m = 0; m < METRICS; m++)
		if (s->conf->reward_cost[m] > 0)
			reward += s->conf->reward_cost[m] *
			          (1 - costs_of(&s->costs, &s->g, p, (enum metric)m, s->budget.count) /
			                       s->cost_8[m]);
	return reward;
}

/* --- uniform bits ---------------------------------------------------------------------------- */

static bool uniform_fits(const struct search *s, int w, int a)
{
	struct policy p = policy_uniform(&s->g, w, a);
	bool fits = budget_fits(&s->budget, &s->costs, &s->g, &p);

	policy_free(&p);
	return fits;
}

struct uniform {
	int w, a;
};

/* Bits of weights and activations alike before others, then by the noise they make: 4^-w + 4^-a. */
static int by_rank(const void *x, const void *y)
{
	const struct uniform *u = x, *v = y;
	double noise = ldexp(1, -2 * u->w) + ldexp(1, -2 * u->a),
	       other = ldexp(1, -2 * v->w) + ldexp(1, -2 * v->a);

	if ((u->w != u->a) != (v->w != v->a))
		return (u->w != u->a) - (v->w != v->a);
	return noise != other ? (noise > other) - (noise < other) : u->w - v->w;
}

/* The number-th best (from 1) of the uniform policies within the budget; false where there are
 * not as many.  Of those whose weights and activations differ, only the ones that cannot have
 * a bit more. */
static bool propose_uniform(const struct search *s, int number, struct policy *p)
{
	struct uniform all[BITS_MAX * BITS_MAX];
	int n = 0;

	for (int w = s->min_bits; w <= s->max_bits; w++) {
		for (int a = s->min_bits; a <= s->max_bits; a++) {
			bool grows = (w < s->max_bits && uniform_fits(s, w + 1, a)) ||
			             (a < s->max_bits && uniform_fits(s, w, a + 1));

			if (uniform_fits(s, w, a) && (w == a || !grows))
				all[n++] = (struct uniform){ w, a };
		}
	}
	qsort(all, (size_t)n, sizeof *all, by_rank);
	if (number > n)
		return false;
	*p = policy_uniform(&s->g, all[number - 1].w, all[number - 1].a);
	return true;
}

/* --- the model ------------------------------------------------------------------------------- */

static bool was_tried(const struct episode *history, int count, const struct policy *p)
{
	for (int i = 1; i <= count; i++)
		if (policy_equal(&history[i].policy, p))
			return true;
	return false;
}

static void fit_model(const struct search *s, const struct episode *history, int count,
                      struct sensitivity *model)
{
	struct trial *trials = xmalloc((size_t)count, sizeof *trials);
	double best = 0;

	for (int i = 1; i <= count; i++)
		best = fmax(best, history[i].score.top1);
	for (int i = 0; i < count; i++) {
		const struct score *score = &history[i + 1].score;

		trials[i].policy = history[i + 1].policy;
		trials[i].loss = strcmp(s->conf->model_target, "loss") ? s->original.top1 - score->top1
		                                                       : score->loss - s->original.loss;
		trials[i].is_broken = score->top1 < s->conf->model_broken * best;
	}
	sensitivity_fit(model, &s->conf->model, &s->g, trials, count);
	note("model: noise %.3g", model->noise);
	free(trials);
}

/* The best bits if this were the loss, in points of top-1. */
static struct policy best_bits(const struct search *s, const double (*loss)[BITS_MAX][BITS_MAX])
{
	double price[METRICS];

	if (has_limit(s))
		return allocate_bits(loss, &s->budget, &s->costs, &s->g, s->min_bits, s->max_bits);
	for (int m = 0; m < METRICS; m++)
		price[m] = s->conf->reward_cost[m] > 0
		                   ? s->conf->reward_cost[m] / s->cost_8[m] * 100 / s->conf->reward_accuracy
		                   : 0;
	return allocate_bits_penalized(loss, price, &s->costs, &s->g, s->min_bits, s->max_bits);
}

static struct policy propose_by_model(const struct search *s, const struct episode *history, int k)
{
	const struct rng r = { s->seed, (uint32_t)k, RNG_MODEL };
	double(*loss)[BITS_MAX][BITS_MAX] = xmalloc((size_t)s->g.layers, sizeof *loss);
	struct sensitivity model;
	struct policy p;

	fit_model(s, history, k - 1, &model);
	for (uint64_t draw = 0;; draw++) {
		bool is_greedy = !draw && s->conf->model_greedy && k % s->conf->model_greedy == 0;

		sensitivity_draw(&model, is_greedy ? 0 : s->conf->model_width, r, draw, &s->g, loss);
		p = best_bits(s, (const double(*)[BITS_MAX][BITS_MAX])loss);
		if (draw == DRAWS_MAX - 1 || !was_tried(history, k - 1, &p))
			break;
		policy_free(&p);
	}
	free(loss);
	return p;
}

/* --- the agent ------------------------------------------------------------------------------- */

static struct policy policy_of_actions(const struct search *s, const float *actions)
{
	struct policy p = policy_uniform(&s->g, s->min_bits, s->min_bits);

	for (int i = 0; i < p.layers; i++) {
		if (!s->g.layer[i].is_searched)
			continue;
		p.bits[i].w = (unsigned char)action_bits((double)*actions++, s->min_bits, s->max_bits);
		p.bits[i].a = (unsigned char)action_bits((double)*actions++, s->min_bits, s->max_bits);
	}
	budget_enforce(&s->budget, &s->costs, &s->g, &p, s->min_bits, s->max_bits);
	return p;
}

/*
 * The actions that stand for an episode: the agent's own where they led to this policy,
 * else the middles of its bits.
 */
static void actions_of(const struct search *s, struct ddpg *agent, const struct policy *policy, int k,
                       float *actions)
{
	struct policy own = { 0 };
	bool is_own = false;
	int step = 0;

	if (!strcmp(s->conf->replay_action, "raw")) {
		ddpg_actions(agent, k, actions);
		own = policy_of_actions(s, actions);
		is_own = policy_equal(&own, policy);
		policy_free(&own);
	}
	for (int i = 0; i < policy->layers && !is_own; i++) {
		if (!s->g.layer[i].is_searched)
			continue;
		actions[step++] = bits_action(policy->bits[i].w, s->min_bits, s->max_bits);
		actions[step++] = bits_action(policy->bits[i].a, s->min_bits, s->max_bits);
	}
}

static void save_agent(const char *path, const struct ddpg *agent, int k, uint64_t hash)
{
	FILE *f = out_open(path);
	struct npz_writer *w = npz_begin(f, false);
	int64_t valid[2] = { k, (int64_t)hash };

	npz_add(w, "valid", I64, 1, SHAPE(2), valid);
	ddpg_save(agent, w);
	npz_end(w);
	out_commit_cache(f);
}

/* The episode after which the kept agent is, or 0 (and a new agent) where it is of no use. */
static int load_agent(const char *path, struct ddpg *agent, const struct search *s,
                      const struct episode *history, int last)
{
	struct npz z;
	const char *error = npz_read_quietly(&z, path);
	const struct array *valid = error ? NULL : npz_find(&z, "valid");
	const int64_t *v = valid && valid->dtype == I64 && valid->count == 2 ? valid->data : NULL;
	int k = v && v[0] >= 1 && v[0] <= last && history[v[0]].hash == (uint64_t)v[1] ? (int)v[0] : 0;

	ddpg_init(agent, &s->conf->agent, (const float(*)[STATES])s->features, s->steps, s->seed);
	if (k && !ddpg_load(agent, &z)) {
		ddpg_init(agent, &s->conf->agent, (const float(*)[STATES])s->features, s->steps, s->seed);
		k = 0;
	}
	if (!error)
		npz_free(&z);
	return k;
}

static struct policy propose_by_actor(const struct search *s, const struct episode *history, int k)
{
	float *actions = xmalloc((size_t)s->steps, sizeof *actions);
	char *path = xprintf("%s/agent.npz", s->run);
	struct ddpg agent;
	int known = load_agent(path, &agent, s, history, k - 1);

	if (k - 1 - known > LONG_REBUILD)
		warn("%s is not there or not of this history; learning from %d episodes again", path,
		     k - 1 - known);
	for (int i = known + 1; i < k; i++) {
		actions_of(s, &agent, &history[i].policy, i, actions);
		ddpg_learn(&agent, i, actions,
		           (float)search_reward(s, &history[i].policy, &history[i].score));
	}
	if (known < k - 1)
		save_agent(path, &agent, k - 1, history[k - 1].hash);
	ddpg_actions(&agent, k, actions);
	return policy_of_actions(s, actions);
}

const struct episode *search_history(const struct search *s, int count)
{
	const struct episode *history = history_read(&s->g, s->run, count, s->hash);

	for (int i = 1; i <= count; i++) {
		const struct policy *p = &history[i].policy;

		for (int l = 0; l < s->g.layers; l++) {
			const struct layer *layer = &s->g.layer[l];

			if (!layer->is_searched &&
			    (p->bits[l].w != layer->fixed_bits || p->bits[l].a != layer->fixed_bits))
				die("%s/%04d.policy.csv: layer '%s' is fixed at %d bits", s->run, i,
				    layer->name, layer->fixed_bits);
		}
		if (!budget_fits(&s->budget, &s->costs, &s->g, p))
			die("%s/%04d.policy.csv is over the budget of this search", s->run, i);
	}
	return history;
}

struct policy search_propose(const struct search *s, int k)
{
	const struct episode *history = search_history(s, k - 1);
	struct policy p;

	if (k <= s->conf->uniform_first && propose_uniform(s, k, &p))
		return p;
	if (floor(k * s->conf->model_share) > floor((k - 1) * s->conf->model_share))
		return propose_by_model(s, history, k);
	return propose_by_actor(s, history, k);
}
