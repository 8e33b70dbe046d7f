#include "unit.h"
#include "hw/budget.h"
#include "hw/costs.h"

static struct graph net;
static const struct bit_range range = { 2, 8 };
static struct costs table; /* latency w * a, size w; energy in steps: not monotone in w */

static int make_table(void **state)
{
	(void)state;
	graph_read(&net, "data/networks/mobilenet-v1.csv");
	costs_alloc(&table, &net);
	table.path = "made.csv";
	for (int i = 0; i < net.layers; i++)
		FOR_BITS(b, ALL_BITS)
			*costs_at(&table, i, b) =
				(struct cost){ b.w * b.a,
				               { b.w * b.a, 10 + b.a + (b.w % 2 ? 0 : 5) + b.w, b.w } };
	return 0;
}

/* Every pair of a range once, activations fastest. */
static void test_bit_pairs(void **state)
{
	const struct bit_range narrow = { 3, 5 };
	int n = 0;

	(void)state;
	FOR_BITS(b, narrow) {
		assert_int_equal(b.w, 3 + n / 3);
		assert_int_equal(b.a, 3 + n % 3);
		n++;
	}
	assert_int_equal(n, 9);
	n = 0;
	FOR_BITS(b, ALL_BITS)
		n += b.w > 0 && b.a > 0;
	assert_int_equal(n, 64);
}

static void test_round_trip(void **state)
{
	char *path = scratch("");
	struct costs again;

	(void)state;
	costs_write(&table, &net, path);
	costs_read(&again, &net, path);
	assert_memory_equal(again.at, table.at, (size_t)net.layers * sizeof *table.at);
	unlink(path);
	free(path);
}

static void test_empty_columns(void **state)
{
	struct policy p = policy_uniform(&net, 4, 4);
	char *path = scratch("");
	struct costs c, again;

	(void)state;
	costs_alloc(&c, &net);
	for (int i = 0; i < net.layers; i++)
		FOR_BITS(b, ALL_BITS)
			costs_at(&c, i, b)->metric[METRIC_LATENCY] = 1.5;
	costs_write(&c, &net, path);
	costs_read(&again, &net, path);
	assert_true(isnan(again.at[2][3][4].metric[METRIC_ENERGY]));
	assert_int_equal(again.at[2][3][4].cycles, -1);
	assert_close(costs_of(&again, &net, &p, METRIC_LATENCY, COUNT_ALL), 28 * 1.5, 0);
	policy_free(&p);
	unlink(path);
	free(path);
}

static void test_sums(void **state)
{
	struct policy p = policy_uniform(&net, 4, 5);

	(void)state;
	assert_close(costs_of(&table, &net, &p, METRIC_LATENCY, COUNT_SEARCHED), 26 * 20, 0);
	assert_close(costs_of(&table, &net, &p, METRIC_LATENCY, COUNT_ALL), 26 * 20 + 2 * 64, 0);
	assert_close(costs_of(&table, &net, &p, METRIC_SIZE, COUNT_ALL), 26 * 4 + 2 * 8, 0);
	policy_free(&p);
}

static void test_budget_names(void **state)
{
	(void)state;
	assert_close(budget_parse("latency-w4a4", &table, &net, COUNT_SEARCHED, range).limit, 26 * 16, 0);
	assert_close(budget_parse("latency-w4a4", &table, &net, COUNT_ALL, range).limit, 26 * 16 + 128, 0);
	assert_close(budget_parse("size-0.50", &table, &net, COUNT_SEARCHED, range).limit, 26 * 4, 1e-9);
	assert_int_equal(budget_parse("energy-w8a8", &table, &net, COUNT_ALL, range).metric, METRIC_ENERGY);
}

static void parse_budget(const void *name)
{
	budget_parse(name, &table, &net, COUNT_SEARCHED, range);
}

static void test_budget_errors(void **state)
{
	(void)state;
	assert_contains(last_words(parse_budget, "speed-w4a4"), "budget 'speed-w4a4'");
	assert_contains(last_words(parse_budget, "latency"), "budget 'latency'");
	assert_contains(last_words(parse_budget, "latency-w9a4"), "expected bits");
	assert_contains(last_words(parse_budget, "latency-1.5"), "expected bits");
	assert_contains(last_words(parse_budget, "latency-0.6x"), "expected bits");
	assert_contains(last_words(parse_budget, "latency-nan"), "expected bits");
	/* 26 layers of at least 2 x 2 */
	assert_contains(last_words(parse_budget, "latency-w1a1"), "costs 104 (made.csv)");
}

/* From the last layer to the first, activation before weight, one bit each. */
static void test_walk_order(void **state)
{
	struct policy p = policy_uniform(&net, 8, 8);
	struct budget b = { METRIC_LATENCY, COUNT_SEARCHED, 26 * 64 - 8 - 7 - 8 };

	(void)state;
	budget_enforce(&b, &table, &net, &p, range);
	assert_true(p.bits[26].a == 7 && p.bits[26].w == 7);
	assert_true(p.bits[25].a == 7 && p.bits[25].w == 8);
	assert_true(p.bits[24].a == 8 && p.bits[24].w == 8);
	assert_true(p.bits[27].a == 8 && p.bits[0].w == 8);
	policy_free(&p);
}

static void test_walk_changes_nothing_within_budget(void **state)
{
	struct policy p = policy_uniform(&net, 5, 7);
	struct budget b = { METRIC_LATENCY, COUNT_SEARCHED, 26 * 35 };

	(void)state;
	budget_enforce(&b, &table, &net, &p, range);
	for (int i = 1; i < 27; i++)
		assert_true(p.bits[i].w == 5 && p.bits[i].a == 7);
	policy_free(&p);
}

static void meet(enum metric m, double limit, int start)
{
	struct budget b = { m, COUNT_SEARCHED, limit };
	struct policy p = policy_uniform(&net, start, 10 - start);

	budget_enforce(&b, &table, &net, &p, range);
	assert_true(costs_of(&table, &net, &p, m, b.count) <= limit);
	for (int i = 1; i < 27; i++) {
		assert_in_range(p.bits[i].w, 2, 8);
		assert_in_range(p.bits[i].a, 2, 8);
	}
	policy_free(&p);
}

/* Every budget that can be met is met, from any policy, also where costs are not monotone in bits. */
static void test_walk_meets_any_budget(void **state)
{
	/* 26 layers at their cheapest in 2..8 bits, and at 8/8 */
	static const double least[METRICS] = { 26 * 4, 26 * 15, 26 * 2 };
	static const double most[METRICS] = { 26 * 64, 26 * 31, 26 * 8 };

	(void)state;
	for (int m = 0; m < METRICS; m++)
		for (int start = 2; start <= 8; start++)
			for (int step = 0; step <= 20; step++)
				meet((enum metric)m, least[m] + (most[m] - least[m]) * step / 20, start);
}

static void read_path(const void *path)
{
	struct costs c;

	costs_read(&c, &net, path);
}

static void expect_error(const char *text, const char *error)
{
	char *path = scratch(text);

	assert_contains(last_words(read_path, path), error);
	unlink(path);
	free(path);
}

#define COSTS "layer,weight_bits,activation_bits,cycles,latency_ms,energy_mj,weight_bytes\n"

static void test_bad_tables(void **state)
{
	(void)state;
	expect_error(COSTS, "no row for layer 'conv1' at 1/1 bits");
	expect_error(COSTS "conv9,1,1,1,1,,1\n", "line 2: layer 'conv9' is not in");
	expect_error(COSTS "conv1,9,1,1,1,,1\n", "line 2: weight_bits must lie in 1..8");
	expect_error(COSTS "conv1,1,1,-1,1,,1\n", "line 2: cycles must lie in");
	expect_error(COSTS "conv1,1,1,1,nan,,1\n", "line 2: latency_ms must be a number");
	expect_error(COSTS "conv1,1,1,1,1,,1\nconv1,1,1,1,1,,1\n",
	             "line 3: a second row for layer 'conv1' at 1/1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bit_pairs),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_empty_columns),
		cmocka_unit_test(test_sums),
		cmocka_unit_test(test_budget_names),
		cmocka_unit_test(test_budget_errors),
		cmocka_unit_test(test_walk_order),
		cmocka_unit_test(test_walk_changes_nothing_within_budget),
		cmocka_unit_test(test_walk_meets_any_budget),
		cmocka_unit_test(test_bad_tables),
	};

	return cmocka_run_group_tests_name("costs", tests, make_table, NULL);
}
