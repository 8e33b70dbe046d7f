#include "search/bit-allocation.h"

#include <math.h>
#include <stdlib.h>

#define REVISION 1     /* raise when the numbers change */
#define BISECTIONS 60  /* bring lambda to its last digit */
#define ROUNDS_MAX 100 /* rounds of improvements by one layer or two */

static int by_cost(const void *x, const void *y)
{
	const struct choice *a = x, *b = y;

	if (a->cost != b->cost)
		return a->cost < b->cost ? -1 : 1;
	if (a->loss != b->loss)
		return a->loss < b->loss ? -1 : 1;
	if (a->bits.w != b->bits.w || a->bits.a != b->bits.a)
		return (a->bits.w - b->bits.w) * 16 + a->bits.a - b->bits.a;
	return a->which - b->which;
}

void menu_sort(struct menu *m)
{
	int n = 0;

	qsort(m->choice, (size_t)m->n, sizeof *m->choice, by_cost);
	for (int i = 0; i < m->n; i++)
		if (!n || m->choice[i].loss < m->choice[n - 1].loss)
			m->choice[n++] = m->choice[i];
	m->n = n;
}

static void fill_menu(struct menu *m, int layer, const struct layer_loss *loss, const struct problem *p)
{
	*m = (struct menu){ .layer = layer, .choice = xmalloc(BITS_MAX * BITS_MAX, sizeof *m->choice) };
	FOR_BITS(b, p->range)
		m->choice[m->n++] = (struct choice){ costs_at(&p->costs, layer, b)->metric[p->budget.metric],
			                             loss->at[b.w - 1][b.a - 1], b, 0 };
	menu_sort(m);
}

/* Every layer takes its best at this price; the sum of costs. */
static double take(struct menu *m, int n, double lambda)
{
	double sum = 0;

	for (int i = 0; i < n; i++) {
		m[i].taken = 0;
		for (int j = 1; j < m[i].n; j++)
			if (m[i].choice[j].loss + lambda * m[i].choice[j].cost <
			    m[i].choice[m[i].taken].loss + lambda * m[i].choice[m[i].taken].cost)
				m[i].taken = j;
		sum += m[i].choice[m[i].taken].cost;
	}
	return sum;
}

static void relax(struct menu *m, int n, double room)
{
	double low = 0, high = 1;

	if (take(m, n, 0) <= room)
		return;
	while (take(m, n, high) > room && high < 1e300)
		high *= 4;
	for (int i = 0; i < BISECTIONS; i++) {
		double middle = (low + high) / 2;

		if (take(m, n, middle) > room)
			low = middle;
		else
			high = middle;
	}
	if (take(m, n, high) > room) /* rounding: the cheapest of all fits */
		for (int i = 0; i < n; i++)
			m[i].taken = 0;
}

static double left_over(const struct menu *m, int n, double room)
{
	for (int i = 0; i < n; i++)
		room -= m[i].choice[m[i].taken].cost;
	return room;
}

/* The dearest choice that costs at most `cost`, or -1 where the cheapest is above. */
static int affordable(const struct menu *m, double cost)
{
	int low = -1, high = m->n; /* affordable, too dear */

	while (high - low > 1) {
		int middle = (low + high) / 2;

		if (m->choice[middle].cost > cost)
			high = middle;
		else
			low = middle;
	}
	return low;
}

/*
 * The best of all changes of one layer, or of one layer upwards that another one pays for;
 * false where none gains.
 */
static bool improve(struct menu *m, int n, double room)
{
	double slack = left_over(m, n, room), best = 0;
	int up = -1, to = 0, payer = -1, down = 0;

	for (int i = 0; i < n; i++) {
		const struct choice *now = &m[i].choice[m[i].taken];

		for (int j = m[i].taken + 1; j < m[i].n; j++) {
			double gain = now->loss - m[i].choice[j].loss,
			       more = m[i].choice[j].cost - now->cost - slack;

			if (more <= 0 && gain > best)
				best = gain, up = i, to = j, payer = -1;
			for (int p = 0; p < n && more > 0; p++) {
				const struct choice *old = &m[p].choice[m[p].taken];
				int lower = p == i ? -1 : affordable(&m[p], old->cost - more);

				if (lower >= 0 && gain - (m[p].choice[lower].loss - old->loss) > best)
					best = gain - (m[p].choice[lower].loss - old->loss), up = i, to = j,
					payer = p, down = lower;
			}
		}
	}
	if (up < 0)
		return false;
	m[up].taken = to;
	if (payer >= 0)
		m[payer].taken = down;
	return true;
}

void menus_choose(struct menu *m, int n, double room)
{
	relax(m, n, room);
	for (int round = 0; round < ROUNDS_MAX && improve(m, n, room); round++)
		;
}

double budget_room(const struct problem *p)
{
	struct policy fixed = policy_uniform(&p->g, p->range.min, p->range.min);
	double room = p->budget.limit * (1 - 1e-12);

	for (int i = 0; i < p->g.layers; i++)
		if (!p->g.layer[i].is_searched && p->budget.count == COUNT_ALL)
			room -= costs_at(&p->costs, i, fixed.bits[i])->metric[p->budget.metric];
	policy_free(&fixed);
	return room;
}

struct policy allocate_bits(const struct layer_loss *loss, const struct problem *p)
{
	struct policy policy = policy_uniform(&p->g, p->range.min, p->range.min);
	struct menu *m = xmalloc((size_t)p->g.layers, sizeof *m);
	int n = 0;

	for (int i = 0; i < p->g.layers; i++)
		if (p->g.layer[i].is_searched)
			fill_menu(&m[n++], i, &loss[i], p);
	menus_choose(m, n, budget_room(p));
	for (int i = 0; i < n; i++) {
		policy.bits[m[i].layer] = m[i].choice[m[i].taken].bits;
		free(m[i].choice);
	}
	free(m);
	problem_enforce(p, &policy);
	return policy;
}

static double penalized(double loss, const struct cost *cost, const double price[METRICS])
{
	for (int m = 0; m < METRICS; m++)
		if (price[m] > 0)
			loss += price[m] * cost->metric[m];
	return loss;
}

struct policy allocate_bits_penalized(const struct layer_loss *loss, const double price[METRICS],
                                      const struct problem *p)
{
	struct policy policy = policy_uniform(&p->g, p->range.min, p->range.min);

	for (int i = 0; i < p->g.layers; i++) {
		double least = INFINITY;

		if (!p->g.layer[i].is_searched)
			continue;
		FOR_BITS(b, p->range) {
			double sum =
				penalized(loss[i].at[b.w - 1][b.a - 1], costs_at(&p->costs, i, b), price);

			if (sum < least) {
				least = sum;
				policy.bits[i] = b;
			}
		}
	}
	return policy;
}
