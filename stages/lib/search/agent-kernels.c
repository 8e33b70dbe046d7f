#include "search/actions.h"
#include "search/agent.h"
#include "search/kernel-menu.h"
#include "search/uniform.h"

#include <math.h>
#include <stdlib.h>

#define REVISION 1   /* raise when the numbers change */
#define DRAWS_MAX 40 /* to find a policy not yet tried */

/* --- a model of layers, bits of kernels by their sensitivities --------------------------------- */

/* The noise of weights and activations of each searched layer, episode after episode. */
static double *noise_of(const struct search *s, const struct episode *history, int count)
{
	const struct graph *g = &s->problem.g;
	double *all = xmalloc((size_t)count * (size_t)steps_of(g) + 1, sizeof *all), *noise = all;

	for (int e = 1; e <= count; e++) {
		const struct policy *p = &history[e].policy;

		for (int i = 0; i < g->layers; i++) {
			if (!g->layer[i].is_searched)
				continue;
			*noise++ = kernel_groups_noise(&s->groups.layer[i], p->kernels[i]);
			*noise++ = ldexp(1, 2 * (4 - p->bits[i].a));
		}
	}
	return all;
}

static void free_menus(struct kernel_menu *menu, const struct graph *g)
{
	for (int i = 0; i < g->layers; i++)
		if (g->layer[i].is_searched)
			kernel_menu_free(&menu[i]);
	free(menu);
}

static struct kernel_menu *menus_of(const struct search *s, bool kernels)
{
	const struct graph *g = &s->problem.g;
	struct kernel_menu *menu = xmalloc((size_t)g->layers, sizeof *menu);

	for (int i = 0; i < g->layers; i++)
		if (g->layer[i].is_searched)
			kernel_menu_of(&menu[i], &s->problem, &s->groups, i, kernels);
	return menu;
}

/* What the cost is taken for: itself under a budget, else points. */
static double cost_of(const struct search *s, const struct cost *cost, const double price[METRICS])
{
	double sum = 0;

	if (budget_has_limit(&s->problem.budget))
		return cost->metric[s->problem.budget.metric];
	for (int m = 0; m < METRICS; m++)
		if (price[m] > 0)
			sum += price[m] * cost->metric[m];
	return sum;
}

/* Choices of a layer whose weights and activations lose value[0] and value[1] at 4 bits. */
static void fill(const struct search *s, const struct kernel_menu *from, const double *value, struct menu *m)
{
	struct bit_range range = s->problem.range;
	double price[METRICS];

	agent_prices(s, price);
	m->choice = xmalloc((size_t)from->n * BITS_MAX, sizeof *m->choice);
	m->n = m->taken = 0;
	for (int i = 0; i < from->n; i++)
		for (int a = range.min; a <= range.max; a++)
			m->choice[m->n++] = (struct choice){
				cost_of(s, &from->cost[i][a - 1], price),
				value[0] * from->choice[i].noise + value[1] * ldexp(1, 2 * (4 - a)),
				{ from->choice[i].widest, (unsigned char)a },
				i,
			};
	menu_sort(m);
}

/* Without a budget each layer takes what it loses least by, costs in points. */
static void choose_at_a_price(struct menu *m, int n)
{
	for (int i = 0; i < n; i++)
		for (int j = 1; j < m[i].n; j++)
			if (m[i].choice[j].loss + m[i].choice[j].cost <
			    m[i].choice[m[i].taken].loss + m[i].choice[m[i].taken].cost)
				m[i].taken = j;
}

/* The best bits if this were what layers lose. */
static struct policy best_bits(const struct search *s, const struct kernel_menu *menu, const double *value)
{
	const struct graph *g = &s->problem.g;
	struct policy p = policy_uniform(g, s->problem.range.min, s->problem.range.min);
	struct menu *m = xmalloc((size_t)g->layers, sizeof *m);
	double price[METRICS];
	int n = 0;

	for (int i = 0; i < g->layers; i++)
		if (g->layer[i].is_searched) {
			m[n].layer = i;
			fill(s, &menu[i], value + 2 * n, &m[n]);
			n++;
		}
	if (budget_has_limit(&s->problem.budget))
		menus_choose(m, n, budget_room(&s->problem));
	else
		choose_at_a_price(m, n);
	policy_add_kernels(&p, g);
	for (int i = 0; i < n; i++) {
		const struct choice *taken = &m[i].choice[m[i].taken];
		int layer = m[i].layer;

		p.bits[layer].a = taken->bits.a;
		kernel_choice_take(&menu[layer].choice[taken->which], &s->groups.layer[layer], &p, layer);
		free(m[i].choice);
	}
	free(m);
	problem_enforce(&s->problem, &p);
	agent_prices(s, price);
	kernels_promote(&s->problem, &s->groups, price, &p);
	return p;
}

/* As agent_sensitivity(), with menus of kernels; every `layers_every`th episode has none. */
struct policy agent_kernel_sensitivity(const struct search *s, const struct episode *history, int k)
{
	const struct rng r = { s->seed, (uint32_t)k, RNG_MODEL };
	bool kernels = !s->conf.layers_every || k % s->conf.layers_every;
	struct kernel_menu *menu = menus_of(s, kernels);
	double *value = xmalloc((size_t)steps_of(&s->problem.g), sizeof *value),
	       *noise = noise_of(s, history, k - 1);
	struct sensitivity model;
	struct policy p;

	agent_fit(s, history, k - 1, noise, &model);
	for (uint64_t draw = 0;; draw++) {
		bool is_greedy = !draw && s->conf.greedy_every && k % s->conf.greedy_every == 0;

		sensitivity_draw(&model, is_greedy ? 0 : s->conf.thompson_width, r, draw, value);
		p = best_bits(s, menu, value);
		if (draw == DRAWS_MAX - 1 || !history_has(&s->problem.g, history, k - 1, &p))
			break;
		policy_free(&p);
	}
	free_menus(menu, &s->problem.g);
	free(value);
	free(noise);
	return p;
}

/* --- nothing learnt -------------------------------------------------------------------------- */

static unsigned char within(struct bit_range range, int bits)
{
	return (unsigned char)(bits < range.min ? range.min : bits > range.max ? range.max : bits);
}

/* Bits of each group of kernels, and of activations, up to one from those of the best uniform policy. */
struct policy agent_kernel_random(const struct search *s, const struct episode *history, int k)
{
	const struct rng r = { s->seed, (uint32_t)k, RNG_ACTION };
	const struct graph *g = &s->problem.g;
	double price[METRICS];
	struct policy p;
	uint64_t index = 0;

	(void)history;
	if (!uniform_ranked(&s->problem, 1, &p))
		p = policy_uniform(g, s->problem.range.min, s->problem.range.min);
	policy_add_kernels(&p, g);
	for (int i = 0; i < g->layers; i++) {
		const struct kernel_layer *l = &s->groups.layer[i];
		int w = p.bits[i].w;

		if (!l->groups)
			continue;
		p.bits[i].a = within(s->problem.range, p.bits[i].a + (int)rng_below(r, index++, 3) - 1);
		for (int j = 0; j < l->groups; j++) {
			unsigned char bits = within(s->problem.range, w + (int)rng_below(r, index++, 3) - 1);

			for (int n = 0; n < kernel_group_size(l, j); n++)
				p.kernels[i][l->order[j * l->together + n]] = bits;
		}
		policy_set_widest(&p, g, i);
	}
	problem_enforce(&s->problem, &p);
	agent_prices(s, price);
	kernels_promote(&s->problem, &s->groups, price, &p);
	return p;
}
