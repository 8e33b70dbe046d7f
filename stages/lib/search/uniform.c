#include "search/uniform.h"

#include <math.h>
#include <stdlib.h>

#define REVISION 1 /* raise when the numbers change */

static bool fits(const struct problem *p, int w, int a)
{
	struct policy policy = policy_uniform(&p->g, w, a);
	bool fits = problem_fits(p, &policy);

	policy_free(&policy);
	return fits;
}

/* Whether weights or activations could have a bit more. */
static bool can_grow(const struct problem *p, struct bits b)
{
	return (b.w < p->range.max && fits(p, b.w + 1, b.a)) || (b.a < p->range.max && fits(p, b.w, b.a + 1));
}

static int by_rank(const void *x, const void *y)
{
	const struct bits *u = x, *v = y;
	double noise = ldexp(1, -2 * u->w) + ldexp(1, -2 * u->a),
	       other = ldexp(1, -2 * v->w) + ldexp(1, -2 * v->a);

	if ((u->w != u->a) != (v->w != v->a))
		return (u->w != u->a) - (v->w != v->a);
	return noise != other ? (noise > other) - (noise < other) : u->w - v->w;
}

bool uniform_ranked(const struct problem *p, int number, struct policy *policy)
{
	struct bits all[BITS_MAX * BITS_MAX];
	int n = 0;

	FOR_BITS(b, p->range)
		if (fits(p, b.w, b.a) && (b.w == b.a || !can_grow(p, b)))
			all[n++] = b;
	qsort(all, (size_t)n, sizeof *all, by_rank);
	if (number > n)
		return false;
	*policy = policy_uniform(&p->g, all[number - 1].w, all[number - 1].a);
	return true;
}
