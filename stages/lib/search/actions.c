#include "search/actions.h"

#define REVISION 1 /* raise when the numbers change */

int action_bits(double action, struct bit_range range)
{
	int bits = (int)rint(range.min - 0.5 + action * (range.max - range.min + 1));

	return bits < range.min ? range.min : bits > range.max ? range.max : bits;
}

float bits_action(int bits, struct bit_range range)
{
	float action = ((float)(bits - range.min) + 0.5f) / (float)(range.max - range.min + 1);

	return action < 0 ? 0 : action > 1 ? 1 : action;
}

int steps_of(const struct graph *g)
{
	int steps = 0;

	for (int i = 0; i < g->layers; i++)
		steps += 2 * g->layer[i].is_searched;
	return steps;
}

struct policy policy_of_actions(const struct problem *p, const float *actions)
{
	struct policy policy = policy_uniform(&p->g, p->range.min, p->range.min);

	for (int i = 0; i < policy.layers; i++) {
		if (!p->g.layer[i].is_searched)
			continue;
		policy.bits[i].w = (unsigned char)action_bits((double)*actions++, p->range);
		policy.bits[i].a = (unsigned char)action_bits((double)*actions++, p->range);
	}
	problem_enforce(p, &policy);
	return policy;
}

void actions_of_policy(const struct problem *p, const struct policy *policy, float *actions)
{
	for (int i = 0; i < policy->layers; i++) {
		if (!p->g.layer[i].is_searched)
			continue;
		*actions++ = bits_action(policy->bits[i].w, p->range);
		*actions++ = bits_action(policy->bits[i].a, p->range);
	}
}
