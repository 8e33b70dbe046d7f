#include "search/drawn.h"
#include "core/rng.h"
#include "search/uniform.h"

#include <stdlib.h>
#include <string.h>

#define REVISION 1 /* raise when the numbers change */

static struct policy uniform_bits(const struct problem *p, const char *budget)
{
	const char *dash = strchr(budget, '-');
	struct policy policy;
	int w, a;

	if (dash && policy_parse_uniform(dash + 1, &w, &a))
		return policy_uniform(&p->g, w, a);
	if (uniform_ranked(p, 1, &policy))
		return policy;
	return policy_uniform(&p->g, p->range.min, p->range.min);
}

/* The bits that may differ: of weights and of activations, layer after layer.  Returns how many. */
static uint32_t searched_bits(const struct problem *p, struct policy *policy, unsigned char **bits)
{
	uint32_t n = 0;

	for (int i = 0; i < p->g.layers; i++) {
		if (!p->g.layer[i].is_searched)
			continue;
		bits[n++] = &policy->bits[i].w;
		bits[n++] = &policy->bits[i].a;
	}
	return n;
}

static unsigned char within(struct bit_range range, int bits)
{
	return (unsigned char)(bits < range.min ? range.min : bits > range.max ? range.max : bits);
}

/* Spends what is left of the budget; one round at a time, false where nothing fitted. */
static bool spend(const struct problem *p, struct policy *policy, unsigned char **bits, const uint32_t *order,
                  uint32_t n)
{
	bool has_spent = false;

	for (uint32_t i = 0; i < n; i++) {
		unsigned char *b = bits[order[i]];

		if (*b >= p->range.max)
			continue;
		++*b;
		if (problem_fits(p, policy))
			has_spent = true;
		else
			--*b;
	}
	return has_spent;
}

struct policy drawn_policy(const struct problem *p, const char *budget, uint64_t seed, uint32_t number)
{
	const struct rng r = { seed, number, RNG_DRAWN };
	struct policy policy = uniform_bits(p, budget);
	unsigned char **bits = xmalloc((size_t)p->g.layers * 2, sizeof *bits);
	uint32_t n = searched_bits(p, &policy, bits), *order = xmalloc((size_t)n + 1, sizeof *order);

	rng_permute(r, order, n);
	for (uint32_t i = 0; i < n; i++) /* the first n indices are the order's */
		*bits[i] = within(p->range, *bits[i] + (int)rng_below(r, n + i, 3) - 1);
	problem_enforce(p, &policy);
	while (spend(p, &policy, bits, order, n))
		;
	free(bits);
	free(order);
	return policy;
}
