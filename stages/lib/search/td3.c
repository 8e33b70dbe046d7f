#include "search/td3.h"
#include "search/kept.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REVISION 1 /* raise when the numbers change, mlp.c's too: kept agents of another one are not used */

/* Random numbers of the next network's first weights are so far on. */
#define NEXT_NETWORK ((uint64_t)1 << 32)

void td3_init(struct td3 *t, const struct td3_conf *conf, int state_size, struct rng r, uint64_t index)
{
	const int hidden[2] = { (int)conf->hidden_1, (int)conf->hidden_2 };

	*t = (struct td3){ .conf = conf, .state_size = state_size };
	mlp_alloc(&t->actor, state_size, hidden, true);
	mlp_alloc(&t->actor_target, state_size, hidden, true);
	mlp_alloc(&t->grad_actor, state_size, hidden, true);
	mlp_alloc(&t->grad_critic, state_size, hidden, false);
	mlp_init(&t->actor, r, index);
	mlp_follow(&t->actor_target, &t->actor, 1);
	adam_alloc(&t->adam_actor, &t->actor);
	for (int i = 0; i < 2; i++) {
		mlp_alloc(&t->critic[i], state_size, hidden, false);
		mlp_alloc(&t->critic_target[i], state_size, hidden, false);
		mlp_init(&t->critic[i], r, index + (uint64_t)(i + 1) * NEXT_NETWORK);
		mlp_follow(&t->critic_target[i], &t->critic[i], 1);
		adam_alloc(&t->adam_critic[i], &t->critic[i]);
	}
	mlp_pass_alloc(&t->on_actor, &t->actor, (int)conf->batch);
	mlp_pass_alloc(&t->on_critic, &t->critic[0], (int)conf->batch);
	t->target = xmalloc((size_t)conf->batch, sizeof *t->target);
}

/* Rows of a network for n states, with their actions; the actor reads none. */
static void fill(const struct mlp *m, struct mlp_pass *p, const float *state, const float *action, int n)
{
	for (int i = 0; i < n; i++)
		mlp_input(m, p->x + i * m->inputs, state + i * m->state_size, action ? action[i] : 0);
}

void td3_actions(struct td3 *t, const float *state, int n, float *action)
{
	int most = (int)t->conf->batch;

	for (int i = 0; i < n; i += most) {
		int now = n - i < most ? n - i : most;

		fill(&t->actor, &t->on_actor, state + i * t->state_size, NULL, now);
		mlp_forward(&t->actor, &t->on_actor, now);
		memcpy(action + i, t->on_actor.y, (size_t)now * sizeof *action);
	}
}

/* --- learning -------------------------------------------------------------------------------- */

static float clamp(double x, double low, double high)
{
	return (float)fmin(fmax(x, low), high);
}

/* The left side of the critics' equation, into t->target. */
static void targets(struct td3 *t, const struct td3_batch *b, struct rng r, uint64_t index)
{
	const struct td3_conf *c = t->conf;
	float *action = t->on_actor.y;

	fill(&t->actor, &t->on_actor, b->after, NULL, b->n);
	mlp_forward(&t->actor_target, &t->on_actor, b->n);
	for (int i = 0; i < b->n; i++) {
		double noise = c->smoothing * rng_normal(r, index + (uint64_t)i);

		noise = fmin(fmax(noise, -c->smoothing_clip), c->smoothing_clip);
		action[i] = clamp((double)action[i] + noise, 0, 1);
	}
	for (int k = 0; k < 2; k++) {
		fill(&t->critic[k], &t->on_critic, b->after, action, b->n);
		mlp_forward(&t->critic_target[k], &t->on_critic, b->n);
		for (int i = 0; i < b->n; i++)
			t->target[i] = k ? fminf(t->target[i], t->on_critic.y[i]) : t->on_critic.y[i];
	}
	for (int i = 0; i < b->n; i++)
		t->target[i] = b->reward[i] + (b->ends[i] ? 0 : (float)c->discount * t->target[i]);
}

static void update_critic(struct td3 *t, const struct td3_batch *b, int k)
{
	struct mlp_pass *p = &t->on_critic;

	fill(&t->critic[k], p, b->state, b->action, b->n);
	mlp_forward(&t->critic[k], p, b->n);
	for (int i = 0; i < b->n; i++)
		p->dy[i] = clamp((double)(p->y[i] - t->target[i]), -1, 1) / (float)b->n;
	mlp_backward(&t->critic[k], p, b->n, &t->grad_critic, NULL);
	adam_step(&t->adam_critic[k], &t->critic[k], &t->grad_critic, t->conf->critic_rate);
}

static void update_actor(struct td3 *t, const struct td3_batch *b)
{
	fill(&t->actor, &t->on_actor, b->state, NULL, b->n);
	mlp_forward(&t->actor, &t->on_actor, b->n);
	fill(&t->critic[0], &t->on_critic, b->state, t->on_actor.y, b->n);
	mlp_forward(&t->critic[0], &t->on_critic, b->n);
	for (int i = 0; i < b->n; i++)
		t->on_critic.dy[i] = -1 / (float)b->n;
	mlp_backward(&t->critic[0], &t->on_critic, b->n, NULL, t->on_actor.dy);
	mlp_backward(&t->actor, &t->on_actor, b->n, &t->grad_actor, NULL);
	adam_step(&t->adam_actor, &t->actor, &t->grad_actor, t->conf->actor_rate);
}

void td3_learn(struct td3 *t, const struct td3_batch *b, struct rng r, uint64_t index)
{
	if (b->n > t->conf->batch)
		BUG("a batch of %d, where there is room for %ld", b->n, t->conf->batch);
	targets(t, b, r, index);
	for (int k = 0; k < 2; k++)
		update_critic(t, b, k);
	if (++t->updates % t->conf->actor_every)
		return;
	update_actor(t, b);
	mlp_follow(&t->actor_target, &t->actor, t->conf->tau);
	for (int k = 0; k < 2; k++)
		mlp_follow(&t->critic_target[k], &t->critic[k], t->conf->tau);
}

/* --- keeping --------------------------------------------------------------------------------- */

#define PARTS 12

static void parts_of(const struct td3 *t, struct kept part[PARTS])
{
	size_t actor = t->actor.size, critic = t->critic[0].size;
	const struct kept all[PARTS] = {
		{ "actor", t->actor.w1, actor },
		{ "actor_target", t->actor_target.w1, actor },
		{ "actor_mean", t->adam_actor.mean, actor },
		{ "actor_square", t->adam_actor.square, actor },
		{ "critic", t->critic[0].w1, critic },
		{ "critic_target", t->critic_target[0].w1, critic },
		{ "critic_mean", t->adam_critic[0].mean, critic },
		{ "critic_square", t->adam_critic[0].square, critic },
		{ "critic2", t->critic[1].w1, critic },
		{ "critic2_target", t->critic_target[1].w1, critic },
		{ "critic2_mean", t->adam_critic[1].mean, critic },
		{ "critic2_square", t->adam_critic[1].square, critic },
	};

	memcpy(part, all, sizeof all);
}

void td3_save(const struct td3 *t, const char *name, struct npz_writer *w)
{
	int64_t counts[3] = { t->updates, t->adam_actor.steps, REVISION };
	struct kept part[PARTS];
	char *prefix = xprintf("%s.", name), *path = xprintf("%scounts", prefix);

	npz_add(w, path, I64, 1, SHAPE(3), counts);
	parts_of(t, part);
	kept_save(w, prefix, part, PARTS);
	free(path);
	free(prefix);
}

bool td3_load(struct td3 *t, const char *name, const struct npz *z)
{
	char *prefix = xprintf("%s.", name);
	const int64_t *counts = kept_find(z, prefix, "counts", I64, 3);
	struct kept part[PARTS];
	bool is_there;

	parts_of(t, part);
	is_there = counts && counts[0] >= 0 && counts[1] >= 0 && counts[2] == REVISION &&
	           kept_load(z, prefix, part, PARTS);
	free(prefix);
	if (!is_there)
		return false;
	t->updates = (long)counts[0];
	t->adam_actor.steps = (long)counts[1];
	t->adam_critic[0].steps = t->adam_critic[1].steps = (long)counts[0];
	return true;
}
