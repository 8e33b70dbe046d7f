#include "search/reward.h"

#define REVISION 1 /* raise when the numbers change */

void reward_init(struct reward *r, const struct reward_conf *conf, const struct problem *p, double top1)
{
	struct policy widest = policy_uniform(&p->g, BITS_MAX, BITS_MAX);

	*r = (struct reward){ .conf = *conf, .top1 = top1 };
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

double reward_of(const struct reward *r, const struct problem *p, const struct policy *policy, double top1)
{
	double points = top1 - r->top1, reward = r->conf.accuracy * points / 100;

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
