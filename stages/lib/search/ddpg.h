/*
 * ddpg.h - the agent of HAQ: deep deterministic policy gradient, sections 3.6 and 3.7, eq. 8 to 11.
 *
 * An episode is a walk over the searched layers, two steps a layer (actions.h): the bits of its weights, then
 * those of its activations.  The state of a step is eq. 1 (features.h): eight features of the layer, 0 for
 * weights or 1 for activations, and the action before (1 at the first step).  The paper is silent, or the
 * authors' released code (github.com/mit-han-lab/haq) is more exact, on:
 *   reward      the reward of the whole episode is stored for every one of its steps
 *   replay      a ring of 128 transitions a layer, batches without replacement
 *   learning    after an episode its transitions enter one by one, each followed by an update;
 *               none in the warm-up
 *   baseline    moving average, alpha 0.5, of the mean reward of the batches
 *   targets     networks that follow by tau = 0.01 after each update; no Q beyond the last step
 *   actions     stored as the agent chose them, before they become bits and before the budget
 *               takes bits away
 *
 * Everything is a function of what ddpg_learn() was told, in order, and the seed.
 */
#ifndef DDPG_H
#define DDPG_H

#include "io/npz.h"
#include "search/features.h"
#include "search/mlp.h"

#define STATE_SIZE FEATURES

struct ddpg_conf {
	long hidden_1, hidden_2; /* widths of the two hidden layers, of actor and critic alike */
	long batch, replay;      /* transitions: of a batch; kept, for each layer */
	long updates;            /* after each transition */
	long warmup;             /* episodes of random actions, without learning */
	double actor_rate, critic_rate, tau, discount, baseline_decay;
	double noise, noise_decay; /* sigma of eq. 11, and its factor from one episode to the next */
};

struct transition {
	int step;
	float before, action; /* actions of the step before and of this one */
	float reward;         /* reward of the whole episode */
};

struct ddpg {
	const struct ddpg_conf *conf;
	uint64_t seed;
	int steps;                           /* steps of an episode: 2 a searched layer */
	const float (*features)[STATE_SIZE]; /* [steps] */
	struct mlp actor, critic, actor_target, critic_target, grad_actor, grad_critic;
	struct adam adam_actor, adam_critic;
	struct mlp_pass on_actor, on_critic;
	struct transition *replay; /* a ring, the oldest at `next` once full */
	size_t room, count, next;
	double baseline; /* NAN before the first batch */
	size_t *sample;  /* [batch] places in the ring */
	float *target;   /* [batch] left side of eq. 9 */
};

/* `conf` and `features` [steps] must live as long as the agent. */
void ddpg_init(struct ddpg *d, const struct ddpg_conf *conf, const float (*features)[STATE_SIZE], int steps,
               uint64_t seed);

/* Actions [steps] of the agent in this episode, from 1: uniform on [0, 1] in the warm-up, then eq. 11. */
void ddpg_actions(struct ddpg *d, int episode, float *actions);
/* Episodes must come in order; `actions` [steps] led to the reward, whoever chose them. */
void ddpg_learn(struct ddpg *d, int episode, const float *actions, float reward);

void ddpg_save(const struct ddpg *d, struct npz_writer *w);
/* False where the file holds another agent, or one of another revision; d is then spoilt. */
bool ddpg_load(struct ddpg *d, const struct npz *z);

#endif
