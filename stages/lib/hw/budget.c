#include "hw/budget.h"

#include <stdlib.h>
#include <string.h>

#define REVISION 1 /* raise when the numbers change */

static struct bits cheapest_bits(const struct costs *c, int layer, enum metric m, struct bit_range range)
{
	struct bits best = bits_first(range);

	FOR_BITS(b, range)
		if (costs_at(c, layer, b)->metric[m] < costs_at(c, layer, best)->metric[m])
			best = b;
	return best;
}

static double least_cost(const struct budget *b, const struct costs *c, const struct graph *g,
                         struct bit_range range)
{
	struct policy p = policy_uniform(g, range.min, range.min);
	double sum;

	for (int i = 0; i < g->layers; i++)
		if (g->layer[i].is_searched)
			p.bits[i] = cheapest_bits(c, i, b->metric, range);
	sum = costs_of(c, g, &p, b->metric, b->count);
	policy_free(&p);
	return sum;
}

/* --- by name --------------------------------------------------------------------------------- */

/* The metric that the name begins with, before its dash. */
static enum metric metric_of(const char *name)
{
	size_t length = strcspn(name, "-");

	for (int m = 0; name[length] && m < METRICS; m++)
		if (strlen(metric_names[m]) == length && !strncmp(metric_names[m], name, length))
			return (enum metric)m;
	die("budget '%s': expected latency-, energy- or size- and w4a4 or 0.60, or accuracy-guaranteed",
	    name);
}

/* The uniform bits that the name says behind its dash, and what share of their cost. */
static double share_of(const char *name, struct bits *uniform)
{
	const char *text = strchr(name, '-') + 1;
	char *end = NULL;
	int w, a;
	double share;

	*uniform = (struct bits){ BITS_MAX, BITS_MAX };
	if (policy_parse_uniform(text, &w, &a)) {
		*uniform = (struct bits){ (unsigned char)w, (unsigned char)a };
		return 1;
	}
	share = strtod(text, &end);
	if (end == text || *end || !(share > 0 && share <= 1))
		die("budget '%s': expected bits as in w4a4 (1 to 8) or a share as in 0.60 after the dash",
		    name);
	return share;
}

struct budget budget_parse(const char *name, const struct costs *c, const struct graph *g,
                           enum costs_count count, struct bit_range range)
{
	struct budget b = { METRICS, count, INFINITY };
	struct bits uniform;
	struct policy p;
	double share, least;

	if (!strcmp(name, "accuracy-guaranteed"))
		return b;
	b.metric = metric_of(name);
	share = share_of(name, &uniform);
	costs_require(c, g, b.metric, range);
	p = policy_uniform(g, uniform.w, uniform.a);
	b.limit = share * costs_of(c, g, &p, b.metric, count);
	policy_free(&p);
	least = least_cost(&b, c, g, range);
	if (least > b.limit)
		die("budget %s of %.6g %s cannot be met: the cheapest policy of %d..%d bits costs %.6g (%s)",
		    name, b.limit, metric_columns[b.metric], range.min, range.max, least, c->path);
	return b;
}

/* --- enforcing ------------------------------------------------------------------------------- */

bool budget_has_limit(const struct budget *b)
{
	return b->metric != METRICS;
}

bool budget_fits(const struct budget *b, const struct costs *c, const struct graph *g, const struct policy *p)
{
	return !budget_has_limit(b) || costs_of(c, g, p, b->metric, b->count) <= b->limit;
}

/* One round of the walk; false when no layer had a bit left to give. */
static bool walk(const struct budget *b, const struct costs *c, const struct graph *g, struct policy *p,
                 int min_bits)
{
	bool moved = false;

	for (int i = g->layers - 1; i >= 0; i--) {
		unsigned char *bits[2] = { &p->bits[i].a, &p->bits[i].w };

		for (int k = 0; k < 2; k++) {
			if (!g->layer[i].is_searched || *bits[k] <= min_bits)
				continue;
			--*bits[k];
			moved = true;
			if (budget_fits(b, c, g, p))
				return true;
		}
	}
	return moved;
}

void budget_enforce(const struct budget *b, const struct costs *c, const struct graph *g, struct policy *p,
                    struct bit_range range)
{
	while (!budget_fits(b, c, g, p) && walk(b, c, g, p, range.min))
		;
	for (int i = g->layers - 1; i >= 0 && !budget_fits(b, c, g, p); i--)
		if (g->layer[i].is_searched)
			p->bits[i] = cheapest_bits(c, i, b->metric, range);
	if (!budget_fits(b, c, g, p))
		BUG("no policy fits a budget that the cheapest one meets");
}
