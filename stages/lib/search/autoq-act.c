#include "search/actions.h"
#include "search/autoq.h"
#include "search/kernel-bits.h"
#include "search/kernel-menu.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REVISION 1 /* raise when the numbers change */

/* --- acting ---------------------------------------------------------------------------------- */

/* A walk under way. */
struct walk {
	struct autoq *q;
	int k;
	struct rng r;
	double decay; /* of noises, now */
	struct policy policy;
	float *goal;         /* [layers] */
	float before, low;   /* features 11 and 12 of the high level */
	double spent, later; /* of the budget: by the layers before, and at least by those to come */
};

static float explore(const struct walk *w, uint64_t index, float action, double sigma)
{
	return (float)rng_truncated_normal(w->r, index, (double)action, sigma * w->decay);
}

static float ask_high(struct walk *w, int layer, bool is_weights)
{
	float state[AUTOQ_HIGH], action;

	autoq_state_high(w->q, layer, is_weights, w->before, w->low, state);
	td3_actions(&w->q->high, state, 1, &action);
	return explore(w, 2 * (uint64_t)layer + !is_weights, action, w->q->conf->goal_noise);
}

static uint64_t index_of_groups(const struct walk *w, int layer)
{
	return 4 * (uint64_t)w->q->layers + (uint64_t)w->q->first[layer];
}

/* Bits of the groups of a layer, one after the other. */
static void ask_low(struct walk *w, int layer, unsigned char *bits)
{
	struct autoq *q = w->q;
	const struct kernel_layer *l = &q->s->groups.layer[q->layer[layer]];
	const struct hiro_layer h = { .kernels = l->groups };
	double slope = q->conf->slope_noise * w->decay *
	               rng_normal(w->r, 3 * (uint64_t)q->layers + (uint64_t)layer),
	       sum = 0;
	float before = w->low, goal = q->conf->levels == 2 ? w->goal[layer] : 0;

	for (int j = 0; j < l->groups; j++) {
		float state[AUTOQ_LOW], action,
			now = q->conf->levels == 2 ? hiro_goal(&q->conf->hiro, &h, goal, j, sum) : 0;

		autoq_state_low(q, layer, j, goal, before, now, state);
		td3_actions(&q->low, state, 1, &action);
		action = (float)fmin(fmax((double)action + slope * ((double)q->z[layer][j] - 0.5), 0), 1);
		action = explore(w, index_of_groups(w, layer) + (uint64_t)j, action, q->conf->kernel_noise);
		bits[j] = (unsigned char)action_bits((double)action, q->s->problem.range);
		before = bits_action(bits[j], q->s->problem.range);
		sum += (double)before;
	}
}

/* The mean bits that a goal stands for. */
static double goal_bits(const struct autoq *q, float goal)
{
	struct bit_range range = q->s->problem.range;
	double bits = range.min - 0.5 + (double)goal * (range.max - range.min + 1);

	return fmin(fmax(bits, range.min), range.max);
}

static void follow_goal(struct walk *w, int layer, unsigned char *bits)
{
	const struct kernel_layer *l = &w->q->s->groups.layer[w->q->layer[layer]];
	double mean = goal_bits(w->q, w->goal[layer]);

	if (!strcmp(w->q->conf->llc, "uniform"))
		memset(bits, (int)rint(mean), (size_t)l->groups);
	else
		kernel_bits(l->group, l->groups, (int)rint(mean * l->groups), w->q->s->problem.range, bits);
}

static void set_groups(struct walk *w, int layer, const unsigned char *bits)
{
	int i = w->q->layer[layer];

	kernel_groups_set(&w->q->s->groups.layer[i], bits, w->policy.kernels[i]);
	policy_set_widest(&w->policy, &w->q->s->problem.g, i);
}

/* --- the budget, layer by layer -------------------------------------------------------------- */

static double cost_here(const struct walk *w, int layer)
{
	const struct problem *p = &w->q->s->problem;

	return problem_layer_cost(p, &w->policy, w->q->layer[layer], p->budget.metric);
}

static struct bits cheapest(const struct walk *w, int layer)
{
	const struct problem *p = &w->q->s->problem;
	int i = w->q->layer[layer], m = (int)p->budget.metric;
	struct bits best = bits_first(p->range);

	FOR_BITS(b, p->range)
		if (costs_at(&p->costs, i, b)->metric[m] < costs_at(&p->costs, i, best)->metric[m])
			best = b;
	return best;
}

static double least_cost(const struct walk *w, int layer)
{
	const struct problem *p = &w->q->s->problem;

	return costs_at(&p->costs, w->q->layer[layer], cheapest(w, layer))->metric[p->budget.metric];
}

/* Takes bits of kernels away, the least sensitive group first, until the layer's cost is within `room`. */
static void limit_kernels(struct walk *w, int layer, unsigned char *bits, double room)
{
	const struct kernel_layer *l = &w->q->s->groups.layer[w->q->layer[layer]];
	bool has_moved = true;

	while (has_moved && cost_here(w, layer) > room) {
		has_moved = false;
		for (int j = l->groups - 1; j >= 0 && cost_here(w, layer) > room; j--)
			if (bits[j] > w->q->s->problem.range.min) {
				bits[j]--;
				has_moved = true;
				set_groups(w, layer, bits);
			}
	}
}

static void take_cheapest(struct walk *w, int layer, unsigned char *bits)
{
	struct bits b = cheapest(w, layer);

	memset(bits, b.w, (size_t)w->q->s->groups.layer[w->q->layer[layer]].groups);
	w->policy.bits[w->q->layer[layer]].a = b.a;
	set_groups(w, layer, bits);
}

/* What the layers before, and the least bits of those to come, leave to this one. */
static double room_of(const struct walk *w)
{
	return budget_room(&w->q->s->problem) - w->spent - w->later;
}

static bool is_limited(const struct walk *w)
{
	return budget_has_limit(&w->q->s->problem.budget) && !strcmp(w->q->conf->budget, "limit");
}

/* --- a layer, and all -------------------------------------------------------------------------- */

static void choose_kernels(struct walk *w, int layer, unsigned char *bits)
{
	if (w->q->conf->levels == 2)
		w->goal[layer] = ask_high(w, layer, true);
	if (!strcmp(w->q->conf->llc, "hiro"))
		ask_low(w, layer, bits);
	else
		follow_goal(w, layer, bits);
	set_groups(w, layer, bits);
}

/* The flat agent's, behind the kernels of the layer. */
static float ask_flat(struct walk *w, int layer)
{
	float state[AUTOQ_LOW], action;

	autoq_state_low(w->q, layer, 0, 0, w->low, 0, state);
	state[8] = state[9] = state[10] = 0;
	td3_actions(&w->q->low, state, 1, &action);
	return explore(w, 2 * (uint64_t)layer + 1, action, w->q->conf->goal_noise);
}

/* Moves a goal as the budget, or bits that cost nothing, moved what the layer's kernels had reached. */
static void lower_goal(struct walk *w, int layer, float reached)
{
	float goal = w->goal[layer] - (reached - autoq_reached(w->q, &w->policy, layer));

	w->goal[layer] = fminf(fmaxf(goal, 0), 1);
}

static void walk_layer(struct walk *w, int layer)
{
	const struct problem *p = &w->q->s->problem;
	int i = w->q->layer[layer];
	unsigned char *bits = xmalloc((size_t)w->q->s->groups.layer[i].groups, 1);
	float reached;

	if (is_limited(w))
		w->later -= least_cost(w, layer);
	choose_kernels(w, layer, bits);
	w->policy.bits[i].a = (unsigned char)p->range.min;
	reached = autoq_reached(w->q, &w->policy, layer);
	if (is_limited(w)) {
		limit_kernels(w, layer, bits, room_of(w));
		lower_goal(w, layer, reached);
	}
	w->before = w->goal[layer];
	w->low = autoq_reached(w->q, &w->policy, layer);
	w->policy.bits[i].a = (unsigned char)action_bits(
		(double)(w->q->conf->levels == 2 ? ask_high(w, layer, false) : ask_flat(w, layer)), p->range);
	while (is_limited(w) && w->policy.bits[i].a > p->range.min && cost_here(w, layer) > room_of(w))
		w->policy.bits[i].a--;
	if (is_limited(w) && cost_here(w, layer) > room_of(w)) {
		take_cheapest(w, layer, bits);
		lower_goal(w, layer, w->low);
		w->low = autoq_reached(w->q, &w->policy, layer);
	}
	if (is_limited(w))
		w->spent += cost_here(w, layer);
	w->before = bits_action(w->policy.bits[i].a, p->range);
	free(bits);
}

static void enforce(struct walk *w)
{
	float *reached = xmalloc((size_t)w->q->layers, sizeof *reached);
	double price[METRICS];

	for (int n = 0; n < w->q->layers; n++)
		reached[n] = autoq_reached(w->q, &w->policy, n);
	problem_enforce(&w->q->s->problem, &w->policy);
	for (int m = 0; m < METRICS; m++)
		price[m] = reward_price(&w->q->s->reward, (enum metric)m);
	kernels_promote(&w->q->s->problem, &w->q->s->groups, price, &w->policy);
	for (int n = 0; n < w->q->layers; n++)
		lower_goal(w, n, reached[n]);
	free(reached);
}

struct policy autoq_act(struct autoq *q, int k, float *goal)
{
	const struct problem *p = &q->s->problem;
	double past = k > q->conf->noise_constant ? (double)(k - q->conf->noise_constant) : 0;
	struct walk w = {
		.q = q,
		.k = k,
		.r = { q->s->seed, (uint32_t)k, RNG_ACTION },
		.decay = pow(q->conf->noise_decay, past),
		.policy = policy_uniform(&p->g, p->range.min, p->range.min),
		.goal = goal,
		.before = 1,
		.low = 1,
	};

	policy_add_kernels(&w.policy, &p->g);
	for (int n = 0; n < q->layers; n++) {
		goal[n] = 0;
		if (is_limited(&w))
			w.later += least_cost(&w, n);
	}
	for (int n = 0; n < q->layers; n++)
		walk_layer(&w, n);
	enforce(&w);
	return w.policy;
}
