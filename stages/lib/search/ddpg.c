#include "search/ddpg.h"
#include "search/kept.h"

#include <math.h>
#include <string.h>

#define REVISION 2 /* raise when the numbers change, mlp.c's too: kept agents of another one are not used */

/* Random numbers of the critic's first weights start here; the actor's are below. */
#define CRITIC_INDEX ((uint64_t)1 << 32)

void ddpg_init(struct ddpg *d, const struct ddpg_conf *conf, const float (*features)[STATE_SIZE], int steps,
               uint64_t seed)
{
	const struct rng r = { seed, 0, RNG_AGENT_INIT };
	const int hidden[2] = { (int)conf->hidden_1, (int)conf->hidden_2 };

	*d = (struct ddpg){
		.conf = conf, .seed = seed, .steps = steps, .features = features, .baseline = NAN
	};
	mlp_alloc(&d->actor, STATE_SIZE, hidden, true);
	mlp_alloc(&d->actor_target, STATE_SIZE, hidden, true);
	mlp_alloc(&d->grad_actor, STATE_SIZE, hidden, true);
	mlp_alloc(&d->critic, STATE_SIZE, hidden, false);
	mlp_alloc(&d->critic_target, STATE_SIZE, hidden, false);
	mlp_alloc(&d->grad_critic, STATE_SIZE, hidden, false);
	adam_alloc(&d->adam_actor, &d->actor);
	adam_alloc(&d->adam_critic, &d->critic);
	mlp_pass_alloc(&d->on_actor, &d->actor, (int)conf->batch);
	mlp_pass_alloc(&d->on_critic, &d->critic, (int)conf->batch);
	mlp_init(&d->actor, r, 0);
	mlp_init(&d->critic, r, CRITIC_INDEX);
	mlp_follow(&d->actor_target, &d->actor, 1);
	mlp_follow(&d->critic_target, &d->critic, 1);
	d->room = (size_t)conf->replay * (size_t)steps / 2;
	d->replay = xmalloc(d->room, sizeof *d->replay);
	d->sample = xmalloc((size_t)conf->batch, sizeof *d->sample);
	d->target = xmalloc((size_t)conf->batch, sizeof *d->target);
}

static void state_of(const struct ddpg *d, int step, float before, float state[STATE_SIZE])
{
	memcpy(state, d->features[step], STATE_SIZE * sizeof *state);
	state[FEATURE_IS_ACTIVATION] = (float)(step % 2);
	state[FEATURE_LAST_ACTION] = before;
}

/* --- acting ---------------------------------------------------------------------------------- */

static float actor_mean(struct ddpg *d, int step, float before)
{
	float state[STATE_SIZE];

	state_of(d, step, before, state);
	mlp_input(&d->actor, d->on_actor.x, state, before);
	mlp_forward(&d->actor, &d->on_actor, 1);
	return *d->on_actor.y;
}

void ddpg_actions(struct ddpg *d, int episode, float *actions)
{
	const struct rng random = { d->seed, (uint32_t)episode, RNG_ACTION },
			 noise = { d->seed, (uint32_t)episode, RNG_NOISE };
	double sigma = d->conf->noise * pow(d->conf->noise_decay, (double)(episode - d->conf->warmup));
	float before = 1;

	for (int i = 0; i < d->steps; i++) {
		if (episode <= d->conf->warmup)
			actions[i] = (float)rng_uniform(random, (uint64_t)i);
		else
			actions[i] = (float)rng_truncated_normal(noise, (uint64_t)i,
			                                         (double)actor_mean(d, i, before), sigma);
		before = actions[i];
	}
}

/* --- learning -------------------------------------------------------------------------------- */

/* Draws n of the stored transitions, each at most once: Floyd's way. */
static void draw_sample(struct ddpg *d, int episode, size_t update, size_t n)
{
	const struct rng r = { d->seed, (uint32_t)episode, RNG_REPLAY };

	for (size_t i = 0; i < n; i++) {
		size_t last = d->count - n + i,
		       drawn = (size_t)rng_below(r, update * (size_t)d->conf->batch + i, last + 1);

		for (size_t j = 0; j < i; j++)
			if (d->sample[j] == drawn)
				drawn = last;
		d->sample[i] = drawn;
	}
}

/*
 * The inputs of a network for the sampled transitions, or for the steps after them.  The action is `actions`
 * where given; else the critic gets that of the step, and the actor (an input of its own) that of the step
 * before.
 */
static void fill(const struct ddpg *d, const struct mlp *m, struct mlp_pass *p, size_t n, bool after,
                 const float *actions)
{
	for (size_t i = 0; i < n; i++) {
		const struct transition *t = &d->replay[d->sample[i]];
		int step = after && t->step + 1 < d->steps ? t->step + 1 : t->step;
		float before = after ? t->action : t->before, state[STATE_SIZE];

		state_of(d, step, before, state);
		mlp_input(m, p->x + i * (size_t)m->inputs, state,
		          actions      ? actions[i]
		          : m->sigmoid ? before
		                       : t->action);
	}
}

/* Targets of the critic for the sampled transitions: eq. 9, by the target networks. */
static void targets(struct ddpg *d, size_t n)
{
	double mean = 0;

	fill(d, &d->actor, &d->on_actor, n, true, NULL);
	mlp_forward(&d->actor_target, &d->on_actor, (int)n);
	fill(d, &d->critic, &d->on_critic, n, true, d->on_actor.y);
	mlp_forward(&d->critic_target, &d->on_critic, (int)n);
	for (size_t i = 0; i < n; i++)
		mean += (double)d->replay[d->sample[i]].reward / (double)n;
	d->baseline = isnan(d->baseline) ? mean
	                                 : d->baseline + (1 - d->conf->baseline_decay) * (mean - d->baseline);
	for (size_t i = 0; i < n; i++) {
		const struct transition *t = &d->replay[d->sample[i]];

		d->target[i] = (float)((double)t->reward - d->baseline);
		if (t->step + 1 < d->steps)
			d->target[i] += (float)d->conf->discount * d->on_critic.y[i];
	}
}

/* A step of the critic towards its targets: eq. 10. */
static void update_critic(struct ddpg *d, size_t n)
{
	fill(d, &d->critic, &d->on_critic, n, false, NULL);
	mlp_forward(&d->critic, &d->on_critic, (int)n);
	for (size_t i = 0; i < n; i++)
		d->on_critic.dy[i] = 2 * (d->on_critic.y[i] - d->target[i]) / (float)n;
	mlp_backward(&d->critic, &d->on_critic, (int)n, &d->grad_critic, NULL);
	adam_step(&d->adam_critic, &d->critic, &d->grad_critic, d->conf->critic_rate);
}

/* A step of the actor, uphill on the critic's mean. */
static void update_actor(struct ddpg *d, size_t n)
{
	fill(d, &d->actor, &d->on_actor, n, false, NULL);
	mlp_forward(&d->actor, &d->on_actor, (int)n);
	fill(d, &d->critic, &d->on_critic, n, false, d->on_actor.y);
	mlp_forward(&d->critic, &d->on_critic, (int)n);
	for (size_t i = 0; i < n; i++)
		d->on_critic.dy[i] = -1 / (float)n;
	mlp_backward(&d->critic, &d->on_critic, (int)n, NULL, d->on_actor.dy);
	mlp_backward(&d->actor, &d->on_actor, (int)n, &d->grad_actor, NULL);
	adam_step(&d->adam_actor, &d->actor, &d->grad_actor, d->conf->actor_rate);
}

static void update(struct ddpg *d, int episode, size_t number)
{
	size_t n = d->count < (size_t)d->conf->batch ? d->count : (size_t)d->conf->batch;

	draw_sample(d, episode, number, n);
	targets(d, n);
	update_critic(d, n);
	update_actor(d, n);
	mlp_follow(&d->actor_target, &d->actor, d->conf->tau);
	mlp_follow(&d->critic_target, &d->critic, d->conf->tau);
}

void ddpg_learn(struct ddpg *d, int episode, const float *actions, float reward)
{
	size_t updates = (size_t)d->conf->updates;

	for (int i = 0; i < d->steps; i++) {
		d->replay[d->next] = (struct transition){ i, i ? actions[i - 1] : 1, actions[i], reward };
		d->next = (d->next + 1) % d->room;
		d->count += d->count < d->room;
		for (size_t u = 0; u < updates && episode > d->conf->warmup; u++)
			update(d, episode, (size_t)i * updates + u);
	}
}

/* --- keeping --------------------------------------------------------------------------------- */

#define PARTS 8

/* What it remembers beyond its replay. */
static void parts_of(const struct ddpg *d, struct kept part[PARTS])
{
	const struct kept all[PARTS] = {
		{ "actor", d->actor.w1, d->actor.size },
		{ "critic", d->critic.w1, d->critic.size },
		{ "actor_target", d->actor_target.w1, d->actor.size },
		{ "critic_target", d->critic_target.w1, d->critic.size },
		{ "actor_mean", d->adam_actor.mean, d->actor.size },
		{ "critic_mean", d->adam_critic.mean, d->critic.size },
		{ "actor_square", d->adam_actor.square, d->actor.size },
		{ "critic_square", d->adam_critic.square, d->critic.size },
	};

	memcpy(part, all, sizeof all);
}

void ddpg_save(const struct ddpg *d, struct npz_writer *w)
{
	double baseline = isnan(d->baseline) ? 0 : d->baseline;
	int64_t counts[4] = { (int64_t)d->count, (int64_t)d->next, d->adam_actor.steps, REVISION };
	struct kept part[PARTS];

	parts_of(d, part);
	kept_save(w, "", part, PARTS);
	npz_add(w, "replay", U8, 2, SHAPE(d->count, sizeof *d->replay), d->replay);
	npz_add(w, "counts", I64, 1, SHAPE(4), counts);
	npz_add(w, "baseline", F64, 1, SHAPE(1), &baseline);
}

/* Whether transitions, the place of the next one and updates can be those of an agent like d. */
static bool are_possible(const struct ddpg *d, const int64_t counts[4])
{
	uint64_t count = (uint64_t)counts[0], next = (uint64_t)counts[1];

	if (counts[0] < 0 || counts[1] < 0 || counts[2] < 0 || counts[3] != REVISION || count > d->room)
		return false;
	return next == (count < d->room ? count : next % d->room);
}

static bool load_replay(struct ddpg *d, const struct npz *z, size_t count)
{
	const void *replay = kept_find(z, "", "replay", U8, count * sizeof *d->replay);

	if (!replay)
		return false;
	memcpy(d->replay, replay, count * sizeof *d->replay);
	for (size_t i = 0; i < count; i++)
		if (d->replay[i].step < 0 || d->replay[i].step >= d->steps)
			return false;
	return true;
}

bool ddpg_load(struct ddpg *d, const struct npz *z)
{
	const int64_t *counts = kept_find(z, "", "counts", I64, 4);
	const double *baseline = kept_find(z, "", "baseline", F64, 1);
	struct kept part[PARTS];

	if (!counts || !baseline || !are_possible(d, counts) || !load_replay(d, z, (size_t)counts[0]))
		return false;
	parts_of(d, part);
	if (!kept_load(z, "", part, PARTS))
		return false;
	d->count = (size_t)counts[0];
	d->next = (size_t)counts[1];
	d->adam_actor.steps = d->adam_critic.steps = (long)counts[2];
	d->baseline = counts[2] ? *baseline : NAN;
	return true;
}
