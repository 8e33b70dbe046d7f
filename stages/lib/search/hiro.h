/*
 * hiro.h - what binds two levels of reinforcement learning: goals, who is rewarded for them, and goals told anew.
 *
 * In AutoQ (ICLR 2020) the high level gives each layer a goal, the mean bits of its kernels, and the low level each
 * kernel its bits.  Bits are actions on [0, 1] here (actions.h), and so are goals.  What AutoQ leaves open is HIRO's
 * (Nachum et al., NeurIPS 2018; tensorflow/models, research/efficient-hrl), or ours, marked so:
 *
 *	goal          fixed for all kernels of a layer, or what is left of it for those to come (ours, after HIRO's goal
 *	              transition s + g - s')
 *	reward        of a layer, eq. 3 of AutoQ: (1 - zeta) of minus the distance from the goal, zeta of the extrinsic
 *	              reward of the episode; both a kernel (ours), so that layers of 16 and of 1280 weigh alike
 *	zeta          grows from 0.1 to 0.8 (AutoQ), linearly in the episode (ours), then stays
 *	relabelling   the goal that the low level, as it is now, would best explain its actions of old by: of the original,
 *	              the achieved and 8 around the achieved the one with the least squares of
 *	              action - low(state, goal).  The 8 are even steps within 0.5 (ours; HIRO draws them)
 */
#ifndef HIRO_H
#define HIRO_H

#include "search/td3.h"

#define HIRO_CANDIDATES 10
#define HIRO_KERNELS 32 /* a relabelled goal is judged by so many kernels of a layer, evenly spaced (ours) */

struct hiro_conf {
	double zeta_first, zeta_last;
	long zeta_episodes;     /* episodes until zeta_last */
	const char *goal;       /* fixed or remaining */
	const char *relabelled; /* yes or no */
};

/* The goals and actions of a layer's kernels, in the order in which they were chosen. */
struct hiro_layer {
	int kernels;
	float goal;              /* of all of them, as the high level chose it */
	const float *state;      /* [kernels][state_size], but for the goal */
	const float *action;     /* [kernels], as executed */
	int state_size, goal_at; /* where in a state the goal is */
};

double hiro_zeta(const struct hiro_conf *c, int episode);
/* The goal of the kernel after `done` of them, whose actions sum to `sum`; on [0, 1]. */
float hiro_goal(const struct hiro_conf *c, const struct hiro_layer *l, float goal, int done, double sum);
/* Eq. 3 a kernel: of a layer whose goal and mean action are so many bits, in an episode of such a reward. */
double hiro_reward(double zeta, double goal_bits, double mean_bits, double extrinsic);
/* The goal, of the candidates, that explains the actions best by the low level's actor; of equals the first. */
float hiro_relabel(const struct hiro_conf *c, struct td3 *low, const struct hiro_layer *l);

#endif
