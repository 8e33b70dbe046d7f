#include "search/heuristic.h"

#include <math.h>

#define REVISION 1 /* raise when the numbers change */

/* Bits from level + HEURISTIC_SLOPE / 2 at the first layer to level - HEURISTIC_SLOPE / 2 at the last. */
static void set_line(const struct problem *p, struct policy *policy, double level)
{
	for (int i = 0; i < p->g.layers; i++) {
		double bits = level + HEURISTIC_SLOPE * (0.5 - (double)i / (p->g.layers - 1));

		if (p->g.layer[i].is_searched)
			policy->bits[i].w = policy->bits[i].a =
				(unsigned char)fmin(fmax(round(bits), p->range.min), p->range.max);
	}
}

struct policy heuristic_policy(const struct problem *p)
{
	struct policy policy = policy_uniform(&p->g, p->range.max, p->range.max);

	if (p->g.layers < 2)
		die("%s: one layer, where the heuristic needs two", p->g.path);
	for (double level = p->range.max + 1; level > p->range.min - 1; level -= 1.0 / 64) {
		set_line(p, &policy, level);
		if (problem_fits(p, &policy))
			break;
	}
	problem_enforce(p, &policy); /* where not even the lowest line fits */
	return policy;
}
