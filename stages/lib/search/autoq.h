/*
 * autoq.h - the agent of AutoQ (ICLR 2020): a high level that gives each layer a goal, the mean bits of its
 * kernels, and bits of activations; a low level that gives kernels their bits.  Both are TD3 (td3.h), bound
 * by HIRO's rewards and relabelled goals (hiro.h).
 *
 * An episode is a walk over the searched layers.  Of each, in this order:
 *
 *	weights       the high level chooses a goal on [0, 1]
 *	kernels       the low level chooses bits, group after group (kernel-groups.h), most sensitive first
 *	activations   the high level chooses bits
 *
 * A state is
 *
 *	0..7  the layer: features.h, index to whether it is depthwise
 *	8     1 for weights and kernels, 0 for activations
 *	9     place of the group among those of its layer, 0 to 1; 0 for the high level
 *	10    standard score z of log2 of the group's sensitivity among those of its layer, as 1/2 + z/6
 *	      (ours); 0 for the high level
 *	11    action of the high level before: of the low level, its layer's goal
 *	12    action of the low level before; of the high level, their mean in the last layer
 *	13    of the low level alone: the goal now, by hiro_goal()
 *
 * Actions become bits by eq. 3 of HAQ (actions.h), goals mean bits by the same line without its rounding.
 * With one level instead of two the low one has no goals, chooses the bits of activations too, behind the
 * kernels of their layer, and is rewarded for the accuracy alone: the flat agent of AutoQ's comparison, by
 * TD3 rather than DDPG.  With llc = formula or uniform, kernels get the bits of least noise whose mean is
 * the goal (kernel-bits.h), or all those nearest to it.
 *
 * What is kept of an episode is what was done: bits after rounding and after the budget took some away,
 * as actions; a goal moves by as much as the budget, and bits that cost nothing (kernel-menu.h), moved the
 * kernels' mean.
 *
 * Everything is a function of the episodes, in order, and the seed.
 */
#ifndef AUTOQ_H
#define AUTOQ_H

#include "search/search.h"

#define AUTOQ_HIGH 13 /* numbers of a state */
#define AUTOQ_LOW 14

/* What the agent remembers of an episode. */
struct autoq_episode {
	const struct policy *policy;
	double reward;
	float *goal;       /* [layers] */
	float *activation; /* [layers] actions */
	float *mean;       /* [layers] of the actions of a layer's groups */
	float *action;     /* [steps] of each group */
	float *sum;        /* [steps] of those of the same layer before it */
};

struct autoq {
	const struct search *s;
	const struct autoq_conf *conf;
	struct td3_conf of_high, of_low;
	struct td3 high, low;
	int layers;                    /* searched ones */
	int *layer;                    /* [layers] which layer of the network each is */
	int *first;                    /* [layers + 1] the first step of its groups; steps, in the end */
	float **z;                     /* [layers][groups] feature 10 */
	int count;                     /* episodes learnt from */
	struct autoq_episode *episode; /* [1 + most] from 1 */
};

/* An agent of `most` episodes at most, which knows nothing yet. */
void autoq_init(struct autoq *q, const struct search *s, int most);
void autoq_free(struct autoq *q);

/* The policy of episode k, within the budget, and the goals [layers] that stand for it. */
struct policy autoq_act(struct autoq *q, int k, float *goal);

/* Remembers episode count + 1. */
void autoq_remember(struct autoq *q, const struct policy *p, double reward, const float *goal);
/* Updates after the last episode that it remembers. */
void autoq_learn(struct autoq *q);

/* The mean of a layer's actions in a policy: the goal that was reached, whoever chose it. */
float autoq_reached(const struct autoq *q, const struct policy *p, int layer);

void autoq_state_high(const struct autoq *q, int layer, bool is_weights, float before, float low, float *row);
void autoq_state_low(const struct autoq *q, int layer, int group, float goal, float before, float goal_now,
                     float *row);

#endif
