#include "core/rng.h"
#include "search/actions.h"
#include "search/agent.h"

#include <stdlib.h>

#define REVISION 1 /* raise when the numbers change */

/* Bits drawn at random, one after the other, and walked under the budget: the baseline of a search. */
struct policy agent_random(const struct search *s, const struct episode *history, int k)
{
	const struct rng r = { s->seed, (uint32_t)k, RNG_ACTION };
	int steps = steps_of(&s->problem.g);
	float *actions = xmalloc((size_t)steps, sizeof *actions);
	struct policy p;

	(void)history;
	for (int i = 0; i < steps; i++)
		actions[i] = (float)rng_uniform(r, (uint64_t)i);
	p = policy_of_actions(&s->problem, actions);
	free(actions);
	return p;
}
