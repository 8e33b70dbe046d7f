#include "search/autoq.h"
#include "search/actions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REVISION 1 /* raise when the numbers change */

/* --- what stays the same over episodes -------------------------------------------------------- */

/* Feature 10 of the groups of a layer. */
static float *standard_scores(const struct kernel_layer *l)
{
	float *z = xmalloc((size_t)l->groups, sizeof *z);
	double mean = 0, square = 0;

	for (int j = 0; j < l->groups; j++)
		mean += log2(l->group[j] / kernel_group_size(l, j)) / l->groups;
	for (int j = 0; j < l->groups; j++) {
		double off = log2(l->group[j] / kernel_group_size(l, j)) - mean;

		square += off * off / l->groups;
	}
	for (int j = 0; j < l->groups; j++) {
		double off = log2(l->group[j] / kernel_group_size(l, j)) - mean;

		z[j] = (float)fmin(fmax(0.5 + (square > 0 ? off / sqrt(square) / 6 : 0), 0), 1);
	}
	return z;
}

void autoq_init(struct autoq *q, const struct search *s, int most)
{
	const struct rng r = { s->seed, 0, RNG_AGENT_INIT };
	const struct graph *g = &s->problem.g;

	*q = (struct autoq){
		.s = s,
		.conf = &s->conf.autoq,
		.of_high = s->conf.autoq.td3,
		.of_low = s->conf.autoq.td3,
		.layer = xmalloc((size_t)g->layers, sizeof *q->layer),
		.first = xmalloc((size_t)g->layers + 1, sizeof *q->first),
		.z = xmalloc((size_t)g->layers, sizeof *q->z),
		.episode = xmalloc((size_t)most + 1, sizeof *q->episode),
	};
	q->of_high.discount = s->conf.autoq.high_discount;
	q->of_low.discount = s->conf.autoq.low_discount;
	for (int i = 0; i < g->layers; i++) {
		const struct kernel_layer *l = &s->groups.layer[i];

		if (!g->layer[i].is_searched)
			continue;
		q->layer[q->layers] = i;
		q->z[q->layers] = standard_scores(l);
		q->first[q->layers + 1] = q->first[q->layers] + l->groups;
		q->layers++;
	}
	td3_init(&q->high, &q->of_high, AUTOQ_HIGH, r, 0);
	td3_init(&q->low, &q->of_low, AUTOQ_LOW, r, (uint64_t)1 << 40);
}

static void free_episode(struct autoq_episode *e)
{
	free(e->goal);
	free(e->activation);
	free(e->mean);
	free(e->action);
	free(e->sum);
}

void autoq_free(struct autoq *q)
{
	for (int i = 1; i <= q->count; i++)
		free_episode(&q->episode[i]);
	for (int n = 0; n < q->layers; n++)
		free(q->z[n]);
	free(q->episode);
	free(q->layer);
	free(q->first);
	free(q->z);
}

/* --- states ---------------------------------------------------------------------------------- */

void autoq_state_high(const struct autoq *q, int layer, bool is_weights, float before, float low, float *row)
{
	memcpy(row, q->s->features.row[q->layer[layer]], FEATURE_IS_ACTIVATION * sizeof *row);
	row[8] = is_weights;
	row[9] = row[10] = 0;
	row[11] = before;
	row[12] = low;
}

void autoq_state_low(const struct autoq *q, int layer, int group, float goal, float before, float goal_now,
                     float *row)
{
	int groups = q->first[layer + 1] - q->first[layer];

	autoq_state_high(q, layer, true, goal, before, row);
	row[9] = groups > 1 ? (float)group / (float)(groups - 1) : 0;
	row[10] = q->z[layer][group];
	row[13] = goal_now;
}

/* --- remembering ----------------------------------------------------------------------------- */

/* Actions of the groups of a layer; their mean. */
static float actions_of_layer(const struct autoq *q, const struct policy *p, int layer, float *action)
{
	const struct kernel_layer *l = &q->s->groups.layer[q->layer[layer]];
	unsigned char *bits = xmalloc((size_t)l->groups, 1);
	double sum = 0;

	kernel_groups_get(l, p->kernels[q->layer[layer]], bits);
	for (int j = 0; j < l->groups; j++) {
		action[j] = bits_action(bits[j], q->s->problem.range);
		sum += (double)action[j];
	}
	free(bits);
	return (float)(sum / l->groups);
}

float autoq_reached(const struct autoq *q, const struct policy *p, int layer)
{
	float *action = xmalloc((size_t)(q->first[layer + 1] - q->first[layer]), sizeof *action),
	      mean = actions_of_layer(q, p, layer, action);

	free(action);
	return mean;
}

void autoq_remember(struct autoq *q, const struct policy *p, double reward, const float *goal)
{
	size_t layers = (size_t)q->layers, steps = (size_t)q->first[q->layers];
	struct autoq_episode *e = &q->episode[++q->count];

	*e = (struct autoq_episode){
		.policy = p,
		.reward = reward,
		.goal = xmalloc(layers, sizeof *e->goal),
		.activation = xmalloc(layers, sizeof *e->activation),
		.mean = xmalloc(layers, sizeof *e->mean),
		.action = xmalloc(steps, sizeof *e->action),
		.sum = xmalloc(steps, sizeof *e->sum),
	};
	memcpy(e->goal, goal, layers * sizeof *goal);
	for (int n = 0; n < q->layers; n++) {
		double sum = 0;

		e->mean[n] = actions_of_layer(q, p, n, e->action + q->first[n]);
		e->activation[n] = bits_action(p->bits[q->layer[n]].a, q->s->problem.range);
		for (int j = q->first[n]; j < q->first[n + 1]; j++) {
			e->sum[j] = (float)sum;
			sum += (double)e->action[j];
		}
	}
}
