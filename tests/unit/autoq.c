#include "unit.h"
#include "core/threads.h"
#include "search/actions.h"
#include "search/autoq.h"
#include "search/kernel-menu.h"

#define NET "data/networks/tiny-fashion.csv"
#define MODEL "hwmodels/bismo-edge.conf"
#define LAYERS 4 /* searched */
#define FIRST 1

static const struct autoq_conf usual = {
	.levels = 2,
	.llc = "hiro",
	.budget = "walk",
	.high_reward = "every",
	.hiro = { 0.1, 0.8, 10, "remaining", "mean", "yes" },
	.td3 = { .hidden_1 = 16,
	         .hidden_2 = 12,
	         .batch = 8,
	         .actor_rate = 1e-3,
	         .critic_rate = 1e-2,
	         .tau = 0.05,
	         .smoothing = 0.1,
	         .smoothing_clip = 0.25,
	         .actor_every = 2 },
	.low_discount = 1,
	.noise_decay = 0.9,
	.high_replay = 1000,
	.low_replay = 1000,
	.high_updates = 6,
	.low_updates = 9,
};
/* Every bit has a size, so that none costs nothing. */
static const struct budget no_limit = { METRIC_SIZE, COUNT_SEARCHED, INFINITY };
static struct search search;
static double cheapest, dearest; /* uniform policies */

static int setup(void **state)
{
	struct problem *p = &search.problem;
	struct policy low, high;
	struct weights w;

	(void)state;
	graph_read(&p->g, NET);
	weights_random(&w, &p->g, 1, 5);
	p->range = (struct bit_range){ 2, 8 };
	p->machine = simulator_of_model(MODEL);
	p->machine->read(MODEL, &p->g);
	costs_alloc(&p->costs, &p->g);
	for (int i = 0; i < p->g.layers; i++)
		FOR_BITS(b, ALL_BITS) {
			int channels[BITS_MAX + 1] = { 0 };

			channels[b.w] = p->g.layer[i].cout;
			*costs_at(&p->costs, i, b) =
				simulator_layer_cost(p->machine, &p->g, i, channels, b.a);
		}
	p->budget = no_limit;
	kernel_groups_of(&search.groups, &p->g, &w, (struct kernel_order){ 4, 1, false });
	features_of(&search.features, &p->g);
	search.seed = 3;
	search.conf.autoq = usual;
	low = policy_uniform(&p->g, 2, 2);
	high = policy_uniform(&p->g, 8, 8);
	cheapest = problem_cost(p, &low, METRIC_LATENCY);
	dearest = problem_cost(p, &high, METRIC_LATENCY);
	return 0;
}

/* The state of a level, number by number, as autoq.h has it. */
static void state_of(int layer, bool is_weights, int group, float before, float low, float goal_now,
                     float *row)
{
	const struct kernel_layer *l = &search.groups.layer[layer];

	for (int i = 0; i < 8; i++)
		row[i] = search.features.row[layer][i];
	row[8] = is_weights;
	row[9] = group < 0 ? 0 : (float)group / (float)(l->groups - 1);
	row[10] = 0;
	row[11] = before;
	row[12] = low;
	row[13] = goal_now;
	if (group >= 0) {
		double mean = 0, square = 0, z = log2(l->group[group] / kernel_group_size(l, group));

		for (int j = 0; j < l->groups; j++)
			mean += log2(l->group[j] / kernel_group_size(l, j)) / l->groups;
		for (int j = 0; j < l->groups; j++)
			square += pow(log2(l->group[j] / kernel_group_size(l, j)) - mean, 2) / l->groups;
		row[10] = (float)fmin(fmax(0.5 + (z - mean) / sqrt(square) / 6, 0), 1);
	}
}

static double ask(struct td3 *t, const float *row)
{
	float action;

	td3_actions(t, row, 1, &action);
	return (double)action;
}

/* Groups of a layer, one after the other, by its goal; their mean action. */
static double choose_by_hand(struct autoq *q, int layer, double goal, double low, struct policy *p)
{
	const struct kernel_layer *l = &search.groups.layer[layer];
	unsigned char bits[8];
	double sum = 0, last = low;
	float row[AUTOQ_LOW];

	for (int j = 0; j < l->groups; j++) {
		double now = fmin(fmax((goal * l->groups - sum) / (l->groups - j), 0), 1);

		state_of(layer, true, j, (float)goal, (float)last, (float)now, row);
		bits[j] = (unsigned char)action_bits(ask(&q->low, row), search.problem.range);
		last = (double)bits_action(bits[j], search.problem.range);
		sum += last;
	}
	kernel_groups_set(l, bits, p->kernels[layer]);
	policy_set_widest(p, &search.problem.g, layer);
	return sum / l->groups;
}

/* An episode without noise, walked by hand, but for bits that cost nothing. */
static void test_walks_by_its_definition(void **state)
{
	const double no_price[METRICS] = { 0 };
	struct policy p, hand = policy_uniform(&search.problem.g, 2, 2);
	float goal[LAYERS], row[AUTOQ_LOW];
	double before = 1, low = 1, wanted[LAYERS], reached[LAYERS];
	struct autoq q;

	(void)state;
	search.problem.budget.metric = METRIC_LATENCY;
	autoq_init(&q, &search, 1);
	assert_int_equal(q.layers, LAYERS);
	for (size_t i = 0; i < q.low.actor.size; i++)
		q.low.actor.w1[i] *= 2; /* so that bits differ */
	p = autoq_act(&q, 1, goal);
	policy_add_kernels(&hand, &search.problem.g);
	for (int n = 0; n < LAYERS; n++) {
		int i = FIRST + n;

		state_of(i, true, -1, (float)before, (float)low, 0, row);
		wanted[n] = ask(&q.high, row);
		low = reached[n] = choose_by_hand(&q, i, wanted[n], low, &hand);
		state_of(i, false, -1, (float)wanted[n], (float)low, 0, row);
		hand.bits[i].a = (unsigned char)action_bits(ask(&q.high, row), search.problem.range);
		before = (double)bits_action(hand.bits[i].a, search.problem.range);
	}
	kernels_promote(&search.problem, &search.groups, no_price, &hand);
	assert_true(policy_equal(&search.problem.g, &p, &hand));
	for (int n = 0; n < LAYERS; n++) /* goals move with what was given */
		assert_close(goal[n], fmin(wanted[n] + (double)autoq_reached(&q, &p, n) - reached[n], 1),
		             1e-5);
	policy_free(&p);
	search.problem.budget = no_limit;
	policy_free(&hand);
	autoq_free(&q);
}

/* Both budgets hold, whatever is asked for; goals are lowered with what they are goals of. */
static void check_budget(const char *budget, long levels, const char *llc)
{
	struct autoq q;

	search.conf.autoq = usual;
	search.conf.autoq.budget = budget;
	search.conf.autoq.levels = levels;
	search.conf.autoq.llc = llc;
	search.conf.autoq.goal_noise = search.conf.autoq.kernel_noise = search.conf.autoq.slope_noise = 0.5;
	autoq_init(&q, &search, 1);
	for (int k = 1; k <= 60; k++) {
		float goal[LAYERS];
		struct policy p;

		search.problem.budget.metric = METRIC_LATENCY;
		search.problem.budget.limit = cheapest + (k % 10 + 1) * 0.05 * (dearest - cheapest);
		p = autoq_act(&q, k, goal);
		assert_true(problem_cost(&search.problem, &p, METRIC_LATENCY) <= search.problem.budget.limit);
		for (int n = 0; n < LAYERS; n++)
			assert_true(goal[n] >= 0 && goal[n] <= 1);
		policy_free(&p);
	}
	search.problem.budget = no_limit;
	search.conf.autoq = usual;
	autoq_free(&q);
}

static void test_keeps_budgets(void **state)
{
	(void)state;
	check_budget("walk", 2, "hiro");
	check_budget("limit", 2, "hiro");
	check_budget("limit", 1, "hiro");
	check_budget("walk", 1, "hiro");
	check_budget("limit", 2, "formula");
	check_budget("walk", 2, "uniform");
}

/* Bits by the formula have the goal as their mean, to the nearest group's bit. */
static void test_formula_meets_goals(void **state)
{
	struct autoq q;
	float goal[LAYERS];
	struct policy p;

	(void)state;
	search.conf.autoq.llc = "formula";
	search.conf.autoq.goal_noise = 0.3;
	autoq_init(&q, &search, 1);
	p = autoq_act(&q, 1, goal);
	for (int n = 0; n < LAYERS; n++) {
		double bits = 1.5 + (double)goal[n] * 7, groups = search.groups.layer[n + FIRST].groups,
		       sum = 0;

		bits = fmin(fmax(bits, 2), 8);
		for (int j = 0; j < groups; j++)
			sum += p.kernels[n + FIRST][search.groups.layer[n + FIRST].order[4 * j]];
		assert_close(sum / groups, bits, 0.5 / groups + 1e-6);
	}
	search.conf.autoq = usual;
	policy_free(&p);
	autoq_free(&q);
}

/* An accuracy that wants many bits of one layer and few of the others is learnt. */
static void test_learns(void **state)
{
	double first = 0, last = 0;
	struct autoq q;

	(void)state;
	search.conf.autoq.goal_noise = 0.4;
	search.conf.autoq.kernel_noise = 0.1;
	search.conf.autoq.noise_constant = 20;
	search.conf.autoq.td3.hidden_1 = search.conf.autoq.td3.hidden_2 = 32;
	search.conf.autoq.td3.batch = 32;
	search.conf.autoq.td3.actor_rate = search.conf.autoq.td3.critic_rate = 3e-3;
	search.conf.autoq.high_updates = search.conf.autoq.low_updates = 30;
	search.conf.autoq.hiro.zeta_episodes = 60;
	autoq_init(&q, &search, 80);
	for (int k = 1; k <= 80; k++) {
		float goal[LAYERS];
		struct policy p = autoq_act(&q, k, goal);
		double reward = 0;

		for (int n = 0; n < LAYERS; n++) {
			double off = (double)autoq_reached(&q, &p, n) - (n == 1 ? 0.9 : 0.2);

			reward -= off * off;
		}
		if (k <= 20)
			first += reward / 20;
		if (k > 60)
			last += reward / 20;
		autoq_remember(&q, &p, reward, goal);
		autoq_learn(&q);
	}
	search.conf.autoq = usual;
	assert_true(last > 0.5 * first); /* both are negative */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walks_by_its_definition),
		cmocka_unit_test(test_keeps_budgets),
		cmocka_unit_test(test_formula_meets_goals),
		cmocka_unit_test(test_learns),
	};

	threads_init();
	return cmocka_run_group_tests_name("autoq", tests, setup, NULL);
}
