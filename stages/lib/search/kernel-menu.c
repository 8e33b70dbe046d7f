#include "search/kernel-menu.h"
#include "search/kernel-bits.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REVISION 1 /* raise when the numbers change */

static void add_uniform(struct kernel_menu *m, const struct kernel_layer *l, int w)
{
	struct kernel_choice *c = &m->choice[m->n++];

	*c = (struct kernel_choice){ .widest = (unsigned char)w, .noise = ldexp(1, 2 * (4 - w)) };
	c->channels[w] = l->kernels;
}

/* The bits of least noise whose sum over groups this is. */
static void add_mixed(struct kernel_menu *m, const struct kernel_layer *l, int sum, struct bit_range range)
{
	struct kernel_choice *c = &m->choice[m->n++];
	unsigned char *kernels = xmalloc((size_t)l->kernels, 1);

	*c = (struct kernel_choice){ .group = xmalloc((size_t)l->groups, 1) };
	kernel_bits(l->group, l->groups, sum, range, c->group);
	for (int i = 0; i < l->groups; i++) {
		c->channels[c->group[i]] += kernel_group_size(l, i);
		c->widest = c->group[i] > c->widest ? c->group[i] : c->widest;
	}
	kernel_groups_set(l, c->group, kernels);
	c->noise = kernel_groups_noise(l, kernels);
	free(kernels);
}

void kernel_menu_of(struct kernel_menu *m, const struct problem *p, const struct kernel_groups *k, int layer,
                    bool kernels)
{
	const struct kernel_layer *l = &k->layer[layer];
	struct bit_range range = p->range;
	int more = range.max - range.min, steps = kernels && l->groups > 1 ? more * MENU_STEPS : 0;

	*m = (struct kernel_menu){
		.choice = xmalloc((size_t)more + 1 + (size_t)steps, sizeof *m->choice),
		.cost = xmalloc((size_t)more + 1 + (size_t)steps, sizeof *m->cost),
	};
	for (int w = range.min; w <= range.max; w++)
		add_uniform(m, l, w);
	for (int i = 1, last = l->groups * range.min; i < steps; i++) {
		int sum = l->groups * range.min + (l->groups * i + MENU_STEPS / 2) / MENU_STEPS;

		if (sum > last && sum < l->groups * range.max)
			add_mixed(m, l, sum, range);
		last = sum;
	}
	for (int i = 0; i < m->n; i++)
		for (int a = range.min; a <= range.max; a++)
			m->cost[i][a - 1] =
				m->choice[i].group
					? simulator_layer_cost(p->machine, &p->g, layer,
			                                       m->choice[i].channels, a)
					: *costs_at(&p->costs, layer,
			                            (struct bits){ m->choice[i].widest, (unsigned char)a });
}

void kernel_menu_free(struct kernel_menu *m)
{
	for (int i = 0; i < m->n; i++)
		free(m->choice[i].group);
	free(m->choice);
	free(m->cost);
}

void kernel_choice_take(const struct kernel_choice *c, const struct kernel_layer *l, struct policy *policy,
                        int layer)
{
	policy->bits[layer].w = c->widest;
	if (c->group)
		kernel_groups_set(l, c->group, policy->kernels[layer]);
	else
		memset(policy->kernels[layer], c->widest, (size_t)l->kernels);
}

/* --- bits that cost nothing ------------------------------------------------------------------ */

static double cost_that_counts(const struct problem *p, const double price[METRICS],
                               const struct policy *policy, int layer)
{
	double sum = 0;

	if (budget_has_limit(&p->budget))
		return problem_layer_cost(p, policy, layer, p->budget.metric);
	for (int m = 0; m < METRICS; m++)
		if (price[m] > 0)
			sum += price[m] * problem_layer_cost(p, policy, layer, (enum metric)m);
	return sum;
}

static void promote_layer(const struct problem *p, const struct kernel_layer *l, const double price[METRICS],
                          struct policy *policy, int layer)
{
	unsigned char *bits = xmalloc((size_t)l->groups, 1);
	double cost = cost_that_counts(p, price, policy, layer);

	kernel_groups_get(l, policy->kernels[layer], bits);
	for (int i = 0; i < l->groups; i++) {
		while (bits[i] < p->range.max) {
			bits[i]++;
			kernel_groups_set(l, bits, policy->kernels[layer]);
			policy_set_widest(policy, &p->g, layer);
			if (!(cost_that_counts(p, price, policy, layer) <= cost)) {
				bits[i]--;
				break;
			}
		}
	}
	kernel_groups_set(l, bits, policy->kernels[layer]);
	policy_set_widest(policy, &p->g, layer);
	free(bits);
}

void kernels_promote(const struct problem *p, const struct kernel_groups *k, const double price[METRICS],
                     struct policy *policy)
{
	for (int i = 0; i < p->g.layers; i++)
		if (k->layer[i].groups)
			promote_layer(p, &k->layer[i], price, policy, i);
}
