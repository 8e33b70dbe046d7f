#include "unit.h"
#include "core/rng.h"
#include "search/kernel-menu.h"

/* A chain of searched layers between fixed ones; kernels of c, d and e fill no whole number of groups. */
static const char *const net = "name,op,inputs,channels,size,stride,pad,groups,bias,norm,activation,bits\n"
			       "image,input,,3,16,,,,,,,\n"
			       "a,conv,image,16,3,1,1,1,no,yes,relu,8\n"
			       "b,conv,a,16,3,1,1,16,no,yes,relu6,search\n"
			       "c,conv,b,36,1,1,0,1,no,yes,relu6,search\n"
			       "d,conv,c,36,3,1,1,36,no,yes,relu6,search\n"
			       "e,conv,d,20,1,1,0,1,no,yes,relu6,search\n"
			       "p,average,e,,,,,,,,,\n"
			       "f,linear,p,10,,,,,yes,,,8\n";

#define FIRST 1 /* searched layer */
#define LAST 4
#define TOGETHER 8

static const struct rng r = { 12, 0, RNG_TEST };
static const double no_price[METRICS] = { 0 };
static struct problem problem;
static struct weights weights;
static struct kernel_groups groups;

/* The costs of layers, by the model of the accelerator as kernels are costed. */
static void set_costs(struct problem *p)
{
	costs_alloc(&p->costs, &p->g);
	for (int i = 0; i < p->g.layers; i++)
		FOR_BITS(b, ALL_BITS) {
			int channels[BITS_MAX + 1] = { 0 };

			channels[b.w] = p->g.layer[i].cout;
			*costs_at(&p->costs, i, b) =
				simulator_layer_cost(p->machine, &p->g, i, channels, b.a);
		}
}

static void set_machine(const char *path)
{
	problem.machine = simulator_of_model(path);
	problem.machine->read(path, &problem.g);
	set_costs(&problem);
}

static int setup(void **state)
{
	char *path = scratch(net);

	(void)state;
	graph_read(&problem.g, path);
	unlink(path);
	problem.range = (struct bit_range){ 2, 8 };
	weights_random(&weights, &problem.g, 1, 3);
	kernel_groups_of(&groups, &problem.g, &weights, (struct kernel_order){ TOGETHER, 1, false });
	set_machine("hwmodels/bismo-edge.conf");
	problem.budget = (struct budget){ METRIC_LATENCY, COUNT_SEARCHED, INFINITY };
	return 0;
}

/* --- groups ---------------------------------------------------------------------------------- */

static void test_groups_are_in_order(void **state)
{
	(void)state;
	assert_int_equal(groups.layer[0].groups, 0);
	assert_int_equal(groups.layer[2].groups, 5);
	assert_int_equal(kernel_group_size(&groups.layer[2], 3), TOGETHER);
	assert_int_equal(kernel_group_size(&groups.layer[2], 4), 4);
	for (int i = FIRST; i <= LAST; i++) {
		const struct kernel_layer *l = &groups.layer[i];
		double sum = 0, in_groups = 0;
		bool seen[64] = { false };

		for (int k = 0; k < l->kernels; k++) {
			assert_true(!k || l->sensitivity[k] <= l->sensitivity[k - 1]);
			assert_false(seen[l->order[k]]);
			seen[l->order[k]] = true;
			sum += l->sensitivity[k];
		}
		for (int j = 0; j < l->groups; j++)
			in_groups += l->group[j];
		assert_close(sum, l->kernels, 1e-9);
		assert_close(in_groups, l->kernels, 1e-9);
	}
}

/* All kernels alike without trust; with half of it, ratios are roots. */
static void test_trust(void **state)
{
	struct kernel_groups none, half;

	(void)state;
	kernel_groups_of(&none, &problem.g, &weights, (struct kernel_order){ TOGETHER, 0, false });
	kernel_groups_of(&half, &problem.g, &weights, (struct kernel_order){ TOGETHER, 0.5, false });
	for (int k = 0; k < 36; k++)
		assert_close(none.layer[2].sensitivity[k], 1, 1e-12);
	assert_close(half.layer[2].sensitivity[0] / half.layer[2].sensitivity[35],
	             sqrt(groups.layer[2].sensitivity[0] / groups.layer[2].sensitivity[35]), 1e-9);
}

static void test_dead_kernels_come_last(void **state)
{
	struct kernel_groups g;
	float variance = weights.layer[2].variance[7];

	(void)state;
	weights.layer[2].variance[7] = 0;
	kernel_groups_of(&g, &problem.g, &weights, (struct kernel_order){ TOGETHER, 1, false });
	assert_int_equal(g.layer[2].order[35], 7);
	assert_close(g.layer[2].sensitivity[34] / g.layer[2].sensitivity[35], 64, 1e-9);
	weights.layer[2].variance[7] = variance;
}

static void test_noise(void **state)
{
	unsigned char kernels[36], bits[5] = { 6, 5, 4, 3, 2 }, again[5];
	double sum = 0;

	(void)state;
	memset(kernels, 3, sizeof kernels);
	assert_close(kernel_groups_noise(&groups.layer[2], kernels), 4, 1e-9);
	kernel_groups_set(&groups.layer[2], bits, kernels);
	kernel_groups_get(&groups.layer[2], kernels, again);
	assert_memory_equal(bits, again, sizeof bits);
	for (int j = 0; j < 5; j++)
		sum += groups.layer[2].group[j] * pow(4, 4 - bits[j]) / 36;
	assert_close(kernel_groups_noise(&groups.layer[2], kernels), sum, 1e-9);
}

/* --- menus ----------------------------------------------------------------------------------- */

static void check_menu(int layer)
{
	struct kernel_menu m;
	int uniform = 0;

	kernel_menu_of(&m, &problem, &groups, layer, true);
	for (int i = 0; i < m.n; i++) {
		struct policy p = policy_uniform(&problem.g, 4, 5);

		policy_add_kernels(&p, &problem.g);
		kernel_choice_take(&m.choice[i], &groups.layer[layer], &p, layer);
		assert_close(kernel_groups_noise(&groups.layer[layer], p.kernels[layer]), m.choice[i].noise,
		             1e-9);
		assert_close(problem_layer_cost(&problem, &p, layer, METRIC_LATENCY),
		             m.cost[i][4].metric[METRIC_LATENCY], 1e-12);
		uniform += !m.choice[i].group;
		policy_free(&p);
	}
	assert_int_equal(uniform, 7);
	kernel_menu_free(&m);
}

static void test_menu_is_exact(void **state)
{
	static const char *const machines[] = { "hwmodels/bismo-edge-sorted.conf", "hwmodels/bitfusion.conf",
		                                "hwmodels/bismo-edge.conf" };

	(void)state;
	for (size_t i = 0; i < LEN(machines); i++) {
		set_machine(machines[i]);
		for (int layer = FIRST; layer <= LAST; layer++)
			check_menu(layer);
	}
}

/* With the same mean, kernels by their sensitivities have less noise than all alike. */
static void test_menu_wins(void **state)
{
	struct kernel_menu m, none;
	double mixed = INFINITY;

	(void)state;
	kernel_menu_of(&m, &problem, &groups, 2, true);
	kernel_menu_of(&none, &problem, &groups, 2, false);
	assert_int_equal(none.n, 7);
	for (int i = 0; i < m.n; i++) {
		int sum = 0;

		for (int j = 0; j < 5 && m.choice[i].group; j++)
			sum += m.choice[i].group[j];
		if (sum == 20)
			mixed = m.choice[i].noise;
	}
	assert_true(mixed <= 1);
	kernel_menu_free(&m);
	kernel_menu_free(&none);
}

/* --- budgets --------------------------------------------------------------------------------- */

static struct policy random_policy(uint64_t number)
{
	struct policy p = policy_uniform(&problem.g, 4, 4);
	uint64_t index = number * 1000;

	policy_add_kernels(&p, &problem.g);
	for (int i = FIRST; i <= LAST; i++) {
		p.bits[i].a = (unsigned char)(2 + rng_below(r, index++, 7));
		for (int k = 0; k < problem.g.layer[i].cout; k++)
			p.kernels[i][k] = (unsigned char)(2 + rng_below(r, index++, 7));
		policy_set_widest(&p, &problem.g, i);
	}
	return p;
}

static void test_walk_keeps_budget(void **state)
{
	struct policy least = policy_uniform(&problem.g, 2, 2), most = policy_uniform(&problem.g, 8, 8);
	double low = problem_cost(&problem, &least, METRIC_LATENCY),
	       high = problem_cost(&problem, &most, METRIC_LATENCY);

	(void)state;
	for (uint64_t n = 0; n < 200; n++) {
		struct policy p = random_policy(n);

		problem.budget.limit = low + rng_uniform(r, 900000 + n) * (high - low);
		problem_enforce(&problem, &p);
		assert_true(problem_fits(&problem, &p));
		assert_true(problem_cost(&problem, &p, METRIC_LATENCY) <= problem.budget.limit);
		for (int i = FIRST; i <= LAST; i++)
			for (int k = 0; k < problem.g.layer[i].cout; k++)
				assert_true(p.kernels[i][k] >= 2 && p.kernels[i][k] <= p.bits[i].w);
		policy_free(&p);
	}
	problem.budget.limit = INFINITY;
}

/* Where kernels are alike it is the walk of layers. */
static void test_walk_of_layers(void **state)
{
	(void)state;
	for (uint64_t n = 0; n < 50; n++) {
		struct policy p = policy_uniform(&problem.g, 8, 8), q = policy_uniform(&problem.g, 8, 8);

		problem.budget.limit =
			problem_cost(&problem, &p, METRIC_LATENCY) * (0.2 + 0.7 * rng_uniform(r, 990000 + n));
		policy_add_kernels(&p, &problem.g);
		problem_enforce(&problem, &p);
		problem_enforce(&problem, &q);
		assert_true(policy_equal(&problem.g, &p, &q));
	}
	problem.budget.limit = INFINITY;
}

/* The same bits for the kernels of a group, as agents give them. */
static struct policy random_groups(uint64_t number)
{
	struct policy p = random_policy(number);

	for (int i = FIRST; i <= LAST; i++) {
		unsigned char bits[8];

		kernel_groups_get(&groups.layer[i], p.kernels[i], bits);
		kernel_groups_set(&groups.layer[i], bits, p.kernels[i]);
		policy_set_widest(&p, &problem.g, i);
	}
	return p;
}

/* Bits that cost nothing are given, and none that costs. */
static void test_promotion(void **state)
{
	int given = 0;

	(void)state;
	problem.budget.limit = 1e9;
	for (uint64_t n = 0; n < 100; n++) {
		struct policy p = random_groups(n), q = random_groups(n);

		kernels_promote(&problem, &groups, no_price, &q);
		assert_true(problem_cost(&problem, &q, METRIC_LATENCY) <=
		            problem_cost(&problem, &p, METRIC_LATENCY));
		for (int i = FIRST; i <= LAST; i++)
			for (int j = 0; j < groups.layer[i].groups; j++) {
				int k = groups.layer[i].order[j * TOGETHER];

				assert_true(q.kernels[i][k] >= p.kernels[i][k]);
				given += q.kernels[i][k] - p.kernels[i][k];
			}
		policy_free(&p);
		policy_free(&q);
	}
	assert_true(given > 0);
	problem.budget.limit = INFINITY;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_groups_are_in_order),
		cmocka_unit_test(test_trust),
		cmocka_unit_test(test_dead_kernels_come_last),
		cmocka_unit_test(test_noise),
		cmocka_unit_test(test_menu_is_exact),
		cmocka_unit_test(test_menu_wins),
		cmocka_unit_test(test_walk_keeps_budget),
		cmocka_unit_test(test_walk_of_layers),
		cmocka_unit_test(test_promotion),
	};

	return cmocka_run_group_tests_name("kernel-menu", tests, setup, NULL);
}
