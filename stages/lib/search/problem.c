#include "search/problem.h"
#include "model/quantizer.h"

#include <math.h>
#include <stdlib.h>

#define REVISION 1 /* raise when the numbers change */

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

/* Costs of layers must be those of the machine, or sums over both would be of neither. */
static void check_machine(const struct problem *p, const struct problem_files *files)
{
	for (int i = 0; i < p->g.layers; i++)
		for (int bits = p->range.min; bits <= p->range.max; bits += p->range.max - 1) {
			int channels[BITS_MAX + 1] = { 0 };
			const struct cost *said = costs_at(
				&p->costs, i, (struct bits){ (unsigned char)bits, (unsigned char)bits });
			struct cost own;

			channels[bits] = p->g.layer[i].cout;
			own = simulator_layer_cost(p->machine, &p->g, i, channels, bits);
			for (int m = 0; m < METRICS; m++)
				if (isnan(said->metric[m]) != isnan(own.metric[m]) ||
				    fabs(said->metric[m] - own.metric[m]) > 1e-6 * fabs(own.metric[m]))
					die("%s: not the costs of %s: %s of layer '%s' at %d/%d bits is %.6g "
					    "there",
					    files->costs, files->machine, metric_columns[m],
					    p->g.layer[i].name, bits, bits, own.metric[m]);
		}
}

void problem_read(struct problem *p, const struct problem_files *files, struct bit_range range)
{
	p->range = range;
	graph_read(&p->g, files->net);
	costs_read(&p->costs, &p->g, files->costs);
	p->budget = budget_parse(files->budget, &p->costs, &p->g, files->count, range);
	p->machine = NULL;
	if (files->machine) {
		p->machine = simulator_of_model(files->machine);
		p->machine->read(files->machine, &p->g);
		check_machine(p, files);
	}
	if (range.min == 1 && takes_time(&p->costs))
		check_one_bit(p, files);
}

/* --- costs ----------------------------------------------------------------------------------- */

bool problem_counts(const struct problem *p, int layer)
{
	return p->budget.count == COUNT_ALL || p->g.layer[layer].is_searched;
}

double problem_layer_cost(const struct problem *p, const struct policy *policy, int layer, enum metric m)
{
	int channels[BITS_MAX + 1];

	if (policy->kernels) {
		policy_count_widths(policy, &p->g, layer, channels);
		if (channels[policy->bits[layer].w] < p->g.layer[layer].cout)
			return simulator_layer_cost(p->machine, &p->g, layer, channels, policy->bits[layer].a)
			        .metric[m];
	}
	return costs_at(&p->costs, layer, policy->bits[layer])->metric[m];
}

double problem_cost_if_known(const struct problem *p, const struct policy *policy, enum metric m)
{
	double sum = 0;

	for (int i = 0; i < p->g.layers; i++)
		if (problem_counts(p, i))
			sum += problem_layer_cost(p, policy, i, m);
	return sum;
}

double problem_cost(const struct problem *p, const struct policy *policy, enum metric m)
{
	double sum = problem_cost_if_known(p, policy, m);

	return isnan(sum) ? costs_of(&p->costs, &p->g, policy, m, p->budget.count) : sum;
}

bool problem_fits(const struct problem *p, const struct policy *policy)
{
	return !budget_has_limit(&p->budget) || problem_cost(p, policy, p->budget.metric) <= p->budget.limit;
}

/* --- a walk under the budget, where kernels differ ------------------------------------------- */

/* The cost of each layer that counts, so that a step of the walk asks for that of one. */
struct walk {
	const struct problem *p;
	struct policy *policy;
	double *cost; /* [layers] */
};

static bool walk_fits(struct walk *w, int changed)
{
	double sum = 0;

	w->cost[changed] = problem_layer_cost(w->p, w->policy, changed, w->p->budget.metric);
	for (int i = 0; i < w->p->g.layers; i++) /* in the order of problem_cost() */
		if (problem_counts(w->p, i))
			sum += w->cost[i];
	return sum <= w->p->budget.limit;
}

/* Each kernel of the layer that has more than the least gives a bit; false where none has. */
static bool lower_kernels(const struct problem *p, struct policy *policy, int layer)
{
	bool has_moved = false;

	for (int k = 0; k < p->g.layer[layer].cout; k++)
		if (policy->kernels[layer][k] > p->range.min) {
			policy->kernels[layer][k]--;
			has_moved = true;
		}
	policy_set_widest(policy, &p->g, layer);
	return has_moved;
}

/* One round, from the last layer to the first, activations then weights; whether it fits or has moved. */
static bool walk_round(struct walk *w, bool *fits)
{
	bool has_moved = false;

	for (int i = w->p->g.layers - 1; i >= 0 && !*fits; i--) {
		struct bits *bits = &w->policy->bits[i];

		if (!w->p->g.layer[i].is_searched)
			continue;
		if (bits->a > w->p->range.min) {
			bits->a--;
			has_moved = true;
			if ((*fits = walk_fits(w, i)))
				break;
		}
		if (lower_kernels(w->p, w->policy, i)) {
			has_moved = true;
			*fits = walk_fits(w, i);
		}
	}
	return has_moved;
}

/* Kernels whose walk has ended at the least bits everywhere: the rest is a matter of layers. */
static void enforce_layers(const struct problem *p, struct policy *policy)
{
	budget_enforce(&p->budget, &p->costs, &p->g, policy, p->range);
	for (int i = 0; i < p->g.layers; i++)
		for (int k = 0; k < p->g.layer[i].cout; k++)
			policy->kernels[i][k] = policy->bits[i].w;
}

static void enforce_kernels(const struct problem *p, struct policy *policy)
{
	struct walk w = { p, policy, xmalloc((size_t)p->g.layers, sizeof *w.cost) };
	bool fits = problem_fits(p, policy);

	for (int i = 0; i < p->g.layers; i++)
		w.cost[i] = problem_layer_cost(p, policy, i, p->budget.metric);
	while (!fits && walk_round(&w, &fits))
		;
	free(w.cost);
	if (!fits)
		enforce_layers(p, policy);
}

void problem_enforce(const struct problem *p, struct policy *policy)
{
	if (policy->kernels && budget_has_limit(&p->budget))
		enforce_kernels(p, policy);
	else
		budget_enforce(&p->budget, &p->costs, &p->g, policy, p->range);
}
