#include "search/reward.h"

#include <math.h>
#include <string.h>

#define REVISION 2 /* raise when the numbers change */

void reward_init(struct reward *r, const struct reward_conf *conf, const struct problem *p,
                 const struct score *full_precision)
{
	struct policy widest = policy_uniform(&p->g, BITS_MAX, BITS_MAX);

	*r = (struct reward){
		.conf = *conf,
		.is_by_loss = budget_has_limit(&p->budget) && !strcmp(conf->target, "loss"),
		.full_precision = *full_precision,
	};
	for (int m = 0; m < METRICS; m++) {
		r->cost_8[m] = problem_cost_if_known(p, &widest, (enum metric)m);
		if (budget_has_limit(&p->budget) || !(conf->cost[m] > 0))
			continue;
		costs_require(&p->costs, &p->g, (enum metric)m, p->range);
		if (!(problem_cost(p, &widest, (enum metric)m) > 0))
			die("%s: 8/8 bits cost no %s; expected some, of which the reward counts the shares",
			    p->costs.path, metric_names[m]);
	}
	policy_free(&widest);
}

double reward_points_lost(const struct reward *r, const struct score *score)
{
	return r->is_by_loss ? r->conf.points_per_nat * (score->loss - r->full_precision.loss)
	                     : r->full_precision.top1 - score->top1;
}

/* AutoQ's eq. 2: the logarithm of accuracy over costs, each to a power. */
static double by_logarithms(const struct reward *r, const struct problem *p, const struct policy *policy,
                            const struct score *score)
{
	bool is_free = !budget_has_limit(&p->budget);
	double least = 1. / graph_classes(&p->g), accuracy = log(fmax(score->top1 / 100, least));
	double reward = (is_free ? r->conf.accuracy : 1) * (r->is_by_loss ? -score->loss : accuracy);

	for (int m = 0; m < METRICS && is_free; m++)
		if (r->conf.cost[m] > 0)
			reward -=
				r->conf.cost[m] * log(problem_cost(p, policy, (enum metric)m) / r->cost_8[m]);
	return reward;
}

double reward_of(const struct reward *r, const struct problem *p, const struct policy *policy,
                 const struct score *score)
{
	double points = -reward_points_lost(r, score), reward = r->conf.accuracy * points / 100;

	if (r->conf.form && !strcmp(r->conf.form, "logarithms"))
		return by_logarithms(r, p, policy, score);
	if (budget_has_limit(&p->budget))
		return r->conf.scale * points;
	for (int m = 0; m < METRICS; m++)
		if (r->conf.cost[m] > 0)
			reward += r->conf.cost[m] *
			          (1 - problem_cost(p, policy, (enum metric)m) / r->cost_8[m]);
	return reward;
}

double reward_price(const struct reward *r, enum metric m)
{
	return r->conf.cost[m] > 0 ? r->conf.cost[m] / r->cost_8[m] * 100 / r->conf.accuracy : 0;
}
