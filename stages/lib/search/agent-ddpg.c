#include "io/npz.h"
#include "search/actions.h"
#include "search/agent.h"

#include <stdlib.h>
#include <string.h>

#define REVISION 1      /* raise when the numbers change */
#define LONG_REBUILD 20 /* episodes; learning from these again takes seconds */

/* The features of each step: those of each searched layer, twice. */
static float (*features_of_steps(const struct search *s))[STATE_SIZE]
{
	const struct graph *g = &s->problem.g;
	float(*steps)[STATE_SIZE] = xmalloc((size_t)steps_of(g), sizeof *steps);
	int step = 0;

	for (int i = 0; i < 2 * g->layers; i++)
		if (g->layer[i / 2].is_searched)
			memcpy(steps[step++], s->features.row[i / 2], sizeof *steps);
	return steps;
}

/*
 * The actions that stand for an episode: the agent's own where they led to this policy,
 * else the middles of its bits.
 */
static void actions_of(const struct search *s, struct ddpg *agent, const struct policy *policy, int k,
                       float *actions)
{
	if (!strcmp(s->conf.replay_action, "raw")) {
		struct policy own;
		bool is_own;

		ddpg_actions(agent, k, actions);
		own = policy_of_actions(&s->problem, actions);
		is_own = policy_equal(&s->problem.g, &own, policy);
		policy_free(&own);
		if (is_own)
			return;
	}
	actions_of_policy(&s->problem, policy, actions);
}

/* --- keeping --------------------------------------------------------------------------------- */

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

static void new_agent(struct ddpg *agent, const struct search *s)
{
	ddpg_init(agent, &s->conf.ddpg, (const float(*)[STATE_SIZE])features_of_steps(s),
	          steps_of(&s->problem.g), s->seed);
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

	new_agent(agent, s);
	if (k && !ddpg_load(agent, &z)) {
		new_agent(agent, s);
		k = 0;
	}
	if (!error)
		npz_free(&z);
	return k;
}

/* --- choosing -------------------------------------------------------------------------------- */

/*
 * Learns from all episodes, whoever chose their bits; most were learnt from when RUN/agent.npz was written.
 */
struct policy agent_ddpg(const struct search *s, const struct episode *history, int k)
{
	float *actions = xmalloc((size_t)steps_of(&s->problem.g), sizeof *actions);
	char *path = xprintf("%s/agent.npz", s->run);
	struct ddpg agent;
	int known = load_agent(path, &agent, s, history, k - 1);

	if (k - 1 - known > LONG_REBUILD)
		warn("%s is not there or not of this history; learning from %d episodes again", path,
		     k - 1 - known);
	for (int i = known + 1; i < k; i++) {
		const struct episode *e = &history[i];

		actions_of(s, &agent, &e->policy, i, actions);
		ddpg_learn(&agent, i, actions,
		           (float)reward_of(&s->reward, &s->problem, &e->policy, &e->score));
	}
	if (known < k - 1)
		save_agent(path, &agent, k - 1, history[k - 1].hash);
	ddpg_actions(&agent, k, actions);
	return policy_of_actions(&s->problem, actions);
}
