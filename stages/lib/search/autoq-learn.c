#include "search/actions.h"
#include "search/autoq.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REVISION 1 /* raise when the numbers change */

/* Rows of a batch; those of both levels. */
struct rows {
	int size; /* numbers of a state */
	float *state, *after, *action, *reward;
	bool *ends;
};

static struct rows rows_alloc(int n, int size)
{
	return (struct rows){
		.size = size,
		.state = xmalloc((size_t)n * (size_t)size, sizeof(float)),
		.after = xmalloc((size_t)n * (size_t)size, sizeof(float)),
		.action = xmalloc((size_t)n, sizeof(float)),
		.reward = xmalloc((size_t)n, sizeof(float)),
		.ends = xmalloc((size_t)n, sizeof(bool)),
	};
}

static void rows_free(struct rows *x)
{
	free(x->state);
	free(x->after);
	free(x->action);
	free(x->reward);
	free(x->ends);
}

/* The first of the last episodes whose steps fit into a replay of so many. */
static int oldest(const struct autoq *q, long replay, int steps)
{
	long episodes = replay / steps > 0 ? replay / steps : 1;

	return q->count > episodes ? q->count - (int)episodes + 1 : 1;
}

/* --- the low level --------------------------------------------------------------------------- */

static float low_before(const struct autoq_episode *e, const struct autoq *q, int layer, int group)
{
	if (group)
		return e->action[q->first[layer] + group - 1];
	return layer ? e->mean[layer - 1] : 1;
}

static void low_state(const struct autoq *q, const struct autoq_episode *e, int layer, int group, float *row)
{
	const struct hiro_layer h = { .kernels = q->first[layer + 1] - q->first[layer] };
	float goal = e->goal[layer];

	autoq_state_low(q, layer, group, goal, low_before(e, q, layer, group),
	                hiro_goal(&q->conf->hiro, &h, goal, group, (double)e->sum[q->first[layer] + group]),
	                row);
}

/* What the low level gets for a layer: how near it came to the goal, and the accuracy. */
static double intrinsic(const struct autoq *q, const struct autoq_episode *e, int layer)
{
	struct bit_range range = q->s->problem.range;
	double bits = range.max - range.min + 1;

	return hiro_reward(&q->conf->hiro, hiro_zeta(&q->conf->hiro, q->count), bits * (double)e->goal[layer],
	                   bits * (double)e->mean[layer], e->reward, q->first[layer + 1] - q->first[layer]);
}

static void low_row(const struct autoq *q, const struct autoq_episode *e, int step, struct rows *x, int i)
{
	int layer = 0, group;

	while (step >= q->first[layer + 1])
		layer++;
	group = step - q->first[layer];
	low_state(q, e, layer, group, x->state + i * x->size);
	x->action[i] = e->action[step];
	x->ends[i] = step == q->first[layer + 1] - 1;
	x->reward[i] = x->ends[i] ? (float)intrinsic(q, e, layer) : 0;
	if (!x->ends[i])
		low_state(q, e, layer, group + 1, x->after + i * x->size);
}

/* --- the flat agent: groups of a layer, then its activations, then the next ------------------ */

static void flat_state(const struct autoq *q, const struct autoq_episode *e, int layer, int group, float *row)
{
	bool is_group = group < q->first[layer + 1] - q->first[layer];

	autoq_state_low(q, layer, is_group ? group : 0, 0,
	                is_group ? low_before(e, q, layer, group) : e->mean[layer], 0, row);
	if (!is_group)
		row[8] = row[9] = row[10] = 0;
}

static void flat_row(const struct autoq *q, const struct autoq_episode *e, int step, struct rows *x, int i)
{
	int layer = 0, group, groups;

	while (step >= q->first[layer + 1] + layer + 1)
		layer++;
	group = step - q->first[layer] - layer;
	groups = q->first[layer + 1] - q->first[layer];
	flat_state(q, e, layer, group, x->state + i * x->size);
	x->action[i] = group < groups ? e->action[q->first[layer] + group] : e->activation[layer];
	x->ends[i] = layer == q->layers - 1 && group == groups;
	x->reward[i] = x->ends[i] || !strcmp(q->conf->high_reward, "every") ? (float)e->reward : 0;
	if (!x->ends[i])
		flat_state(q, e, group < groups ? layer : layer + 1, group < groups ? group + 1 : 0,
		           x->after + i * x->size);
}

static void learn_low(struct autoq *q, struct rows *x, struct rng r, uint64_t index)
{
	int n = (int)q->conf->td3.batch, steps = q->first[q->layers];
	bool is_flat = q->conf->levels == 1;
	int all = steps + (is_flat ? q->layers : 0), from = oldest(q, q->conf->low_replay, all);

	for (int i = 0; i < n; i++) {
		uint64_t at = index + (uint64_t)(2 * i);
		const struct autoq_episode *e =
			&q->episode[from + (int)rng_below(r, at, (uint64_t)q->count - (uint64_t)from + 1)];
		int step = (int)rng_below(r, at + 1, (uint64_t)all);

		(is_flat ? flat_row : low_row)(q, e, step, x, i);
	}
	td3_learn(&q->low, &(struct td3_batch){ n, x->state, x->after, x->action, x->reward, x->ends }, r,
	          index + (uint64_t)(2 * n));
}

/* --- the high level -------------------------------------------------------------------------- */

/* The goal that the low level, as it is now, would most likely have done this under. */
static float relabelled(struct autoq *q, const struct autoq_episode *e, int layer)
{
	int groups = q->first[layer + 1] - q->first[layer];
	float *state, goal;

	if (strcmp(q->conf->llc, "hiro"))
		return e->goal[layer];
	state = xmalloc((size_t)groups * AUTOQ_LOW, sizeof *state);
	for (int j = 0; j < groups; j++)
		low_state(q, e, layer, j, state + j * AUTOQ_LOW);
	goal = hiro_relabel(&q->conf->hiro, &q->low,
	                    &(struct hiro_layer){
				    .kernels = groups,
				    .state = state,
				    .state_size = AUTOQ_LOW,
				    .goal_at = 13,
				    .chosen_at = 11,
				    .action = e->action + q->first[layer],
				    .goal = e->goal[layer],
			    });
	free(state);
	return goal;
}

static double mean_reward(const struct autoq *q, int from)
{
	double mean = 0;

	for (int i = from; i <= q->count; i++)
		mean += q->episode[i].reward / (q->count - from + 1);
	return mean;
}

static void high_row(struct autoq *q, const struct autoq_episode *e, int step, double baseline,
                     struct rows *x, int i)
{
	int layer = step / 2;
	bool is_weights = step % 2 == 0, is_every = !strcmp(q->conf->high_reward, "every");
	float goal = is_weights ? relabelled(q, e, layer) : e->goal[layer];
	float *state = x->state + i * x->size, *after = x->after + i * x->size;

	x->ends[i] = step == 2 * q->layers - 1;
	x->reward[i] = x->ends[i] || is_every ? (float)(e->reward - baseline) : 0;
	if (is_weights) {
		autoq_state_high(q, layer, true, layer ? e->activation[layer - 1] : 1,
		                 layer ? e->mean[layer - 1] : 1, state);
		x->action[i] = goal;
		autoq_state_high(q, layer, false, goal, e->mean[layer], after);
		return;
	}
	autoq_state_high(q, layer, false, goal, e->mean[layer], state);
	x->action[i] = e->activation[layer];
	if (!x->ends[i])
		autoq_state_high(q, layer + 1, true, e->activation[layer], e->mean[layer], after);
}

static void learn_high(struct autoq *q, struct rows *x, struct rng r, uint64_t index)
{
	int n = (int)q->conf->td3.batch, steps = 2 * q->layers, from = oldest(q, q->conf->high_replay, steps);
	double baseline = mean_reward(q, from);

	for (int i = 0; i < n; i++) {
		uint64_t at = index + (uint64_t)(2 * i);
		const struct autoq_episode *e =
			&q->episode[from + (int)rng_below(r, at, (uint64_t)q->count - (uint64_t)from + 1)];

		high_row(q, e, (int)rng_below(r, at + 1, (uint64_t)steps), baseline, x, i);
	}
	td3_learn(&q->high, &(struct td3_batch){ n, x->state, x->after, x->action, x->reward, x->ends }, r,
	          index + (uint64_t)(2 * n));
}

/* Updates of the two levels take turns, evenly spread. */
void autoq_learn(struct autoq *q)
{
	const struct rng r = { q->s->seed, (uint32_t)q->count, RNG_REPLAY };
	long low = strcmp(q->conf->llc, "hiro") ? 0 : q->conf->low_updates,
	     high = q->conf->levels == 2 ? q->conf->high_updates : 0, most = low > high ? low : high;
	uint64_t each = (uint64_t)(4 * q->conf->td3.batch);
	struct rows x = rows_alloc((int)q->conf->td3.batch, AUTOQ_LOW),
		    y = rows_alloc((int)q->conf->td3.batch, AUTOQ_HIGH);

	for (long u = 0; u < most; u++) {
		if ((u + 1) * low / most > u * low / most)
			learn_low(q, &x, r, (uint64_t)(2 * u) * each);
		if ((u + 1) * high / most > u * high / most)
			learn_high(q, &y, r, (uint64_t)(2 * u + 1) * each);
	}
	rows_free(&x);
	rows_free(&y);
}
