#include "search/problem.h"
#include "model/quantizer.h"

#include <math.h>

/* Where nothing takes time, weights are only stored, and activations are not quantized. */
static bool takes_time(const struct costs *c)
{
	for (int i = 0; i < c->layers; i++)
		FOR_BITS(b, ALL_BITS)
			if (!isnan(costs_at(c, i, b)->metric[METRIC_LATENCY]))
				return true;
	return false;
}

static void check_one_bit(const struct problem *p, const struct problem_files *files)
{
	for (int i = 0; i < p->g.layers; i++)
		if (p->g.layer[i].is_searched && !quantizer_has_bits(1, p->g.layer[i].input_is_signed))
			die("%s: min_bits 1, where '%s' of %s reads numbers of both signs, which want 2",
			    files->conf, p->g.layer[i].name, files->net);
}

void problem_read(struct problem *p, const struct problem_files *files, struct bit_range range)
{
	p->range = range;
	graph_read(&p->g, files->net);
	costs_read(&p->costs, &p->g, files->costs);
	p->budget = budget_parse(files->budget, &p->costs, &p->g, files->count, range);
	if (range.min == 1 && takes_time(&p->costs))
		check_one_bit(p, files);
}

bool problem_fits(const struct problem *p, const struct policy *policy)
{
	return budget_fits(&p->budget, &p->costs, &p->g, policy);
}

void problem_enforce(const struct problem *p, struct policy *policy)
{
	budget_enforce(&p->budget, &p->costs, &p->g, policy, p->range);
}

double problem_cost(const struct problem *p, const struct policy *policy, enum metric m)
{
	return costs_of(&p->costs, &p->g, policy, m, p->budget.count);
}

double problem_cost_if_known(const struct problem *p, const struct policy *policy, enum metric m)
{
	return costs_sum(&p->costs, &p->g, policy, m, p->budget.count);
}
