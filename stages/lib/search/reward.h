/*
 * reward.h - what a policy is worth: eq. 7 of HAQ under a budget, eq. 12 and 13 without one.
 *
 *	eq. 7    reward_scale (top1 - top1 in full precision), in percent points
 *
 *	eq. 12   reward_accuracy (top1 - top1 in full precision) / 100
 *	         + sum over metrics of reward_METRIC (1 - cost / cost at 8/8)
 *
 * The second is for `accuracy-guaranteed`, which has no limit.  It has the sign of eq. 13 that makes cheaper
 * better, accuracy as a fraction, and each cost as a share of what uniform 8/8 bits cost.
 */
#ifndef REWARD_H
#define REWARD_H

#include "search/problem.h"

struct reward_conf {
	double scale, accuracy;
	double cost[METRICS]; /* 0 where a figure does not count */
};

struct reward {
	struct reward_conf conf;
	double top1;            /* accuracy of the network in full precision, percent */
	double cost_8[METRICS]; /* costs of uniform 8/8 bits; NAN where the accelerator has no such figure */
};

/* Dies where the reward counts a cost that the accelerator does not have, or that is 0 at 8/8 bits. */
void reward_init(struct reward *r, const struct reward_conf *conf, const struct problem *p, double top1);

/* The reward of a policy that scored `top1` percent. */
double reward_of(const struct reward *r, const struct problem *p, const struct policy *policy, double top1);

/*
 * Points of top-1 that the reward sets against a unit of a metric (ms, mJ, byte); 0 where it does not count.
 */
double reward_price(const struct reward *r, enum metric m);

#endif
