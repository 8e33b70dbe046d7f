#include "search/actions.h"
#include "search/agent.h"
#include "search/bit-allocation.h"

#include <math.h>
#include <stdlib.h>

#define REVISION 2   /* raise when the numbers change */
#define DRAWS_MAX 40 /* to find a policy not yet tried */

static struct trial trial_of(const struct search *s, const struct episode *e, double best_top1,
                             const double *noise)
{
	return (struct trial){
		.policy = e->policy,
		.noise = noise,
		.loss = reward_points_lost(&s->reward, &e->score),
		.is_broken = e->score.top1 < s->conf.broken_below * best_top1,
	};
}

void agent_fit(const struct search *s, const struct episode *history, int count, const double *noise,
               struct sensitivity *model)
{
	struct trial *trials = xmalloc((size_t)count, sizeof *trials);
	double best = 0;

	for (int i = 1; i <= count; i++)
		best = fmax(best, history[i].score.top1);
	for (int i = 0; i < count; i++)
		trials[i] = trial_of(s, &history[i + 1], best,
		                     noise ? noise + i * steps_of(&s->problem.g) : NULL);
	sensitivity_fit(model, &s->conf.sensitivity, &s->problem.g, trials, count);
	note("model: noise %.3g", model->noise);
	free(trials);
}

void agent_prices(const struct search *s, double price[METRICS])
{
	for (int m = 0; m < METRICS; m++)
		price[m] = reward_price(&s->reward, (enum metric)m);
}

/* The best bits if this were the loss, in points of top-1. */
static struct policy best_bits(const struct search *s, const struct layer_loss *loss)
{
	double price[METRICS];

	if (budget_has_limit(&s->problem.budget))
		return allocate_bits(loss, &s->problem);
	agent_prices(s, price);
	return allocate_bits_penalized(loss, price, &s->problem);
}

/* Draws from the posterior until the best bits by one of them are new. */
struct policy agent_sensitivity(const struct search *s, const struct episode *history, int k)
{
	const struct rng r = { s->seed, (uint32_t)k, RNG_MODEL };
	struct layer_loss *loss = xmalloc((size_t)s->problem.g.layers, sizeof *loss);
	double *value = xmalloc((size_t)s->problem.g.layers, 2 * sizeof *value);
	struct sensitivity model;
	struct policy p;

	agent_fit(s, history, k - 1, NULL, &model);
	for (uint64_t draw = 0;; draw++) {
		bool is_greedy = !draw && s->conf.greedy_every && k % s->conf.greedy_every == 0;

		sensitivity_draw(&model, is_greedy ? 0 : s->conf.thompson_width, r, draw, value);
		sensitivity_losses(&s->problem.g, value, loss);
		p = best_bits(s, loss);
		if (draw == DRAWS_MAX - 1 || !history_has(&s->problem.g, history, k - 1, &p))
			break;
		policy_free(&p);
	}
	free(loss);
	free(value);
	return p;
}
