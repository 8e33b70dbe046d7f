#include "io/npz.h"
#include "search/agent.h"
#include "search/autoq.h"

#include <stdlib.h>
#include <string.h>

#define REVISION 1      /* raise when the numbers change */
#define LONG_REBUILD 20 /* episodes; learning from these again takes seconds */

/* --- keeping --------------------------------------------------------------------------------- */

/* The networks, and the goals of all episodes; what was done is in the policies. */
static void save_agent(const char *path, const struct autoq *q, uint64_t hash)
{
	FILE *f = out_open(path);
	struct npz_writer *w = npz_begin(f, false);
	int64_t valid[2] = { q->count, (int64_t)hash };
	size_t layers = (size_t)q->layers, count = (size_t)q->count;
	float *goals = xmalloc(count * layers, sizeof *goals);

	for (size_t i = 0; i < count; i++)
		memcpy(goals + i * layers, q->episode[i + 1].goal, layers * sizeof *goals);
	npz_add(w, "valid", I64, 1, SHAPE(2), valid);
	npz_add(w, "goals", F32, 2, SHAPE(count, layers), goals);
	td3_save(&q->high, "high", w);
	td3_save(&q->low, "low", w);
	npz_end(w);
	out_commit_cache(f);
	free(goals);
}

static double reward_of_episode(const struct search *s, const struct episode *e)
{
	return reward_of(&s->reward, &s->problem, &e->policy, &e->score);
}

/* The episode after which the kept agent is, or 0 where it is of no use; its goals, checked. */
static int kept_episodes(const struct npz *z, const struct episode *history, int last, size_t layers)
{
	const struct array *valid = npz_find(z, "valid"), *goals = npz_find(z, "goals");
	const int64_t *v = valid && valid->dtype == I64 && valid->count == 2 ? valid->data : NULL;

	if (!v || v[0] < 1 || v[0] > last || history[v[0]].hash != (uint64_t)v[1])
		return 0;
	return goals && goals->dtype == F32 && goals->count == (size_t)v[0] * layers ? (int)v[0] : 0;
}

static void load_agent(const char *path, struct autoq *q, const struct search *s,
                       const struct episode *history, int last)
{
	struct npz z;
	const char *error = npz_read_quietly(&z, path);
	int k = error ? 0 : kept_episodes(&z, history, last, (size_t)q->layers);

	if (k && td3_load(&q->high, "high", &z) && td3_load(&q->low, "low", &z)) {
		const float *goals = npz_find(&z, "goals")->data;

		for (int i = 0; i < k; i++)
			autoq_remember(q, &history[i + 1].policy, reward_of_episode(s, &history[i + 1]),
			               goals + i * q->layers);
	} else if (k) {
		autoq_free(q);
		autoq_init(q, s, last);
	}
	if (!error)
		npz_free(&z);
}

/* --- learning and choosing --------------------------------------------------------------------- */

/* Goals that stand for an episode: the agent's own where they led to this policy, else what was reached. */
static void goals_of(struct autoq *q, const struct policy *policy, int k, float *goal)
{
	struct policy own = autoq_act(q, k, goal);
	bool is_own = policy_equal(&q->s->problem.g, &own, policy);

	policy_free(&own);
	for (int n = 0; n < q->layers && !is_own; n++)
		goal[n] = autoq_reached(q, policy, n);
}

/* Learns from all episodes, whoever chose their bits, as agent_ddpg() does. */
struct policy agent_autoq(const struct search *s, const struct episode *history, int k)
{
	char *path = xprintf("%s/agent.npz", s->run);
	struct autoq q;
	struct policy p;
	float *goal;
	int known;

	autoq_init(&q, s, k);
	goal = xmalloc((size_t)q.layers, sizeof *goal);
	load_agent(path, &q, s, history, k - 1);
	known = q.count;
	if (k - 1 - known > LONG_REBUILD)
		warn("%s is not there or not of this history; learning from %d episodes again", path,
		     k - 1 - known);
	for (int i = known + 1; i < k; i++) {
		goals_of(&q, &history[i].policy, i, goal);
		autoq_remember(&q, &history[i].policy, reward_of_episode(s, &history[i]), goal);
		autoq_learn(&q);
	}
	if (known < k - 1)
		save_agent(path, &q, history[k - 1].hash);
	p = autoq_act(&q, k, goal);
	autoq_free(&q);
	free(goal);
	free(path);
	return p;
}
