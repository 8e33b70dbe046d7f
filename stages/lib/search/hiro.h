/*
 * hiro.h - what binds two levels of reinforcement learning: goals, the reward of who is given them, and goals
 * told anew.
 *
 * In AutoQ (ICLR 2020) the high level gives each layer a goal, the mean bits of its kernels, and the low
 * level gives each kernel its bits.  Bits are actions on [0, 1] here (actions.h), and so are goals.  What
 * AutoQ leaves open is HIRO's (Nachum et al., NeurIPS 2018; tensorflow/models, research/efficient-hrl), or
 * ours, and marked so.
 *
 *	goal          the same for all kernels of a layer (paper, as far as is known), or what is left of it
 *	              for those to come: (n goal - sum of the actions before) / (n - number of them), within
 *	              [0, 1] (ours, after HIRO's goal transition s + g - s')
 *	reward        of a layer, eq. 3 of AutoQ: (1 - zeta) of minus the distance of the sum of bits from n
 *	              goals, and zeta of n times the extrinsic reward of the episode; or all that divided by
 *	              n, so that layers of 16 and of 1280 kernels weigh alike (ours)
 *	zeta          grows from 0.1 to 0.8 (paper), linearly in the episode, then stays (ours)
 *	relabelling   the goal under which the low level, as it is now, would do most nearly what was done: of
 *	              the original, the achieved and 8 around the achieved the one with the least sum of
 *	              (action - low(state, goal))^2 (HIRO).  The 8 are even steps of 1/8, 4 to each side,
 *	              within [0, 1] (ours; HIRO draws them)
 */
#ifndef HIRO_H
#define HIRO_H

#include "search/td3.h"

#define HIRO_AROUND 8                 /* goals around the achieved one (HIRO) */
#define HIRO_APART (1. / HIRO_AROUND) /* between them (ours) */
#define HIRO_KERNELS 16 /* of a layer at most, evenly spaced, by which goals are judged (ours) */

struct hiro_conf {
	double zeta_first, zeta_last; /* of the first episode and the last growing one; 0.1, 0.8 (paper) */
	long zeta_episodes;           /* until it is zeta_last (ours) */
	const char *goal;             /* of kernels: `fixed` (paper) or `remaining` (ours, after HIRO) */
	const char *intrinsic;  /* reward of a layer: `literal` (paper, eq. 3) or `mean`, by kernel (ours) */
	const char *relabelled; /* `yes` (HIRO), or `no`: the high level learns of the goals it gave */
};

/* The goals and actions of a layer's kernels, in the order in which they were chosen. */
struct hiro_layer {
	int kernels;
	float goal;          /* of all of them, as the high level chose it */
	const float *state;  /* [kernels][state_size] of the low level; the goals in them are not read */
	const float *action; /* [kernels] as executed */
	int state_size;
	int goal_at;   /* where in a state the goal now is: hiro_goal() */
	int chosen_at; /* where the goal is as it was chosen, too; 0: nowhere */
};

/* The share of the extrinsic reward in an episode, from 1. */
double hiro_zeta(const struct hiro_conf *c, int episode);
/* The goal of the kernel after `done` of the layer's, whose actions sum to `sum`; on [0, 1]. */
float hiro_goal(const struct hiro_conf *c, const struct hiro_layer *l, float goal, int done, double sum);
/* The low level's reward for a layer whose goal and mean are so many bits, in an episode of this reward. */
double hiro_reward(const struct hiro_conf *c, double zeta, double goal_bits, double mean_bits,
                   double extrinsic, int kernels);
/* The goal that explains the actions best by the low level's actor; the original where no other is better. */
float hiro_relabel(const struct hiro_conf *c, struct td3 *low, const struct hiro_layer *l);

#endif
