/*
 * td3.h - an actor and two critics that learn from batches: TD3 (Fujimoto, van Hoof, Meger, ICML 2018), as
 * HIRO uses it on both of its levels (Nachum et al., NeurIPS 2018).
 *
 * One action on [0, 1], which the actor makes of a state; perceptrons as in mlp.h.  An update on a batch of
 * transitions (state, action, reward, state after, whether anything comes after):
 *
 *	a'        target policy smoothing: clamp(actor'(s') + clamp(N(0, smoothing), +-smoothing_clip), 0, 1)
 *	y         r + discount min(critic1'(s', a'), critic2'(s', a')), or r at an end
 *	critics   step down on the mean of huber(critic(s, a) - y): x^2 / 2 up to |x| = 1, then |x| - 1/2
 *	actor     every actor_every updates: a step up on the mean of critic1(s, actor(s)); then the primed,
 *	          the targets, follow by tau
 *
 * What is in a batch, and whose rewards they are, is the caller's (hiro.h).  Everything is a function of the
 * batches, in order, and the random numbers.
 */
#ifndef TD3_H
#define TD3_H

#include "io/npz.h"
#include "search/mlp.h"

struct td3_conf {
	long hidden_1, hidden_2; /* widths of the two hidden layers, of actor and critics alike */
	long batch;              /* rows of a batch at most */
	double actor_rate, critic_rate, tau, discount;
	double smoothing, smoothing_clip; /* in actions: standard deviation, and the most */
	long actor_every;                 /* updates of the critics to one of the actor */
};

/* Rows of a batch; those of `after` are not read where there is none. */
struct td3_batch {
	int n;
	const float *state, *after; /* [n][state_size] */
	const float *action, *reward;
	const bool *ends; /* [n] nothing comes after */
};

struct td3 {
	const struct td3_conf *conf;
	int state_size;
	struct mlp actor, critic[2], actor_target, critic_target[2], grad_actor, grad_critic;
	struct adam adam_actor, adam_critic[2];
	struct mlp_pass on_actor, on_critic;
	float *target; /* [batch] y */
	long updates;
};

/* `conf` must live as long as the agent.  First weights are drawn from `index` on. */
void td3_init(struct td3 *t, const struct td3_conf *conf, int state_size, struct rng r, uint64_t index);

/* The actor's actions in any number of states. */
void td3_actions(struct td3 *t, const float *state, int n, float *action);
/* One update; smoothing draws from `index` on, a number a row. */
void td3_learn(struct td3 *t, const struct td3_batch *b, struct rng r, uint64_t index);

/* Arrays whose names begin with `name`. */
void td3_save(const struct td3 *t, const char *name, struct npz_writer *w);
/* False where the file holds no such agent; t is then spoilt. */
bool td3_load(struct td3 *t, const char *name, const struct npz *z);

#endif
