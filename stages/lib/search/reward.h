/*
 * reward.h - what a policy is worth: eq. 7 of HAQ under a budget, eq. 12 and 13 without one.
 *
 *	eq. 7    reward_scale (top1 - top1 in full precision), in percent points, or with `target = loss`
 *	         reward_scale points_per_nat (loss in full precision - loss)
 *
 *	eq. 12   reward_accuracy (top1 - top1 in full precision) / 100
 *	         + sum over metrics of reward_METRIC (1 - cost / cost at 8/8)
 *
 *	AutoQ    reward_accuracy ln(top1) - sum over metrics of reward_METRIC ln(cost / cost at 8/8), top1 as
 *	eq. 2    a fraction, of at least that of guessing; under a budget ln(top1) alone; with
 *	         `target = loss` -loss for ln(top1) there.  Of agents that say reward = logarithms
 *
 * The cross-entropy of so many images says more of a policy than how many of them it gets right, most of
 * which every policy does (experiments/README.md has both measured).
 *
 * Eq. 12 is for `accuracy-guaranteed`, which has no limit.  It has the sign of eq. 13 that makes cheaper
 * better, accuracy as a fraction, and each cost as a share of what uniform 8/8 bits cost.
 */
#ifndef REWARD_H
#define REWARD_H

#include "model/score.h"
#include "search/problem.h"

struct reward_conf {
	double scale, accuracy;
	const char *target;    /* what counts under a budget: top1 or loss */
	const char *form;      /* points (eq. 7 and 12) or logarithms; NULL: points */
	double points_per_nat; /* percent points of top-1 that a nat of loss is taken for */
	double cost[METRICS];  /* 0 where a figure does not count */
};

struct reward {
	struct reward_conf conf;
	bool is_by_loss;             /* a loss stands for top-1 */
	struct score full_precision; /* of the network before it is quantized */
	double cost_8[METRICS]; /* costs of uniform 8/8 bits; NAN where the accelerator has no such figure */
};

/* Dies where the reward counts a cost that the accelerator does not have, or that is 0 at 8/8 bits. */
void reward_init(struct reward *r, const struct reward_conf *conf, const struct problem *p,
                 const struct score *full_precision);

/* What a score is behind full precision, by what counts, in percent points of top-1. */
double reward_points_lost(const struct reward *r, const struct score *score);
/* The reward of a policy that scored so. */
double reward_of(const struct reward *r, const struct problem *p, const struct policy *policy,
                 const struct score *score);

/*
 * Points of top-1 that the reward sets against a unit of a metric (ms, mJ, byte); 0 where it does not count.
 */
double reward_price(const struct reward *r, enum metric m);

#endif
