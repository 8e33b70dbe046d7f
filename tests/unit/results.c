/* Tables of results and of costs are read as they were written. */
#include "unit.h"
#include "report/cost-grid.h"
#include "report/ranking.h"
#include "report/results.h"

static struct result row(const char *hardware, const char *policy, double top1)
{
	struct result r = { "net", hardware, "w4a4", policy, 2, { { top1, 0.25, NAN }, { 1.5, NAN, 2.5 } },
		            { 0 } };

	return r;
}

static void test_results(void **state)
{
	struct result rows[] = { row("edge", "uniform", 80), row("edge", "searched", 81) };
	struct results r = { 2, 2, { "top1", "latency_ms" }, rows }, s;
	char *path = scratch(""), *text;
	size_t size;

	(void)state;
	by_seed_add(&rows[1].ahead, 1, 0.75);
	by_seed_add(&rows[1].ahead, 2, 1.25);
	results_write(&r, path);
	text = (char *)file_bytes(path, &size);
	assert_string_equal(text,
	                    "network,hardware,budget,policy,seeds,top1,top1_sd,latency_ms,latency_ms_sd,"
	                    "paper_top1,paper_latency_ms,top1_ahead,top1_ahead_error,top1_ahead_seeds\n"
	                    "net,edge,w4a4,uniform,2,80,0.25,1.5,,,2.5,,,\n"
	                    "net,edge,w4a4,searched,2,81,0.25,1.5,,,2.5,1,0.25,1:0.75 2:1.25\n");
	results_read(&s, path);
	assert_true(s.row[0].ahead.n == 0 && s.row[1].ahead.n == 2);
	assert_true(by_seed_find(&s.row[1].ahead, 2) == 1.25 && isnan(by_seed_find(&s.row[1].ahead, 3)));
	assert_true(s.rows == 2 && s.figures == 2 && results_figure(&s, "latency_ms") == 1);
	assert_true(result_same_place(&s.row[0], &s.row[1]) && !result_same_row(&s.row[0], &s.row[1]));
	assert_true(result_same_row(&s.row[1], &rows[1]) && s.row[1].seeds == 2);
	assert_true(s.row[1].figure[0].mean == 81 && s.row[1].figure[0].deviation == 0.25);
	assert_true(isnan(s.row[1].figure[0].paper) && isnan(s.row[1].figure[1].deviation));
	assert_true(s.row[1].figure[1].paper == 2.5);
	unlink(path);
	free(text);
}

/* Tables of before have no columns of gains. */
static void test_old_results(void **state)
{
	char *path = scratch("network,hardware,budget,policy,seeds,top1,top1_sd,paper_top1\n"
	                     "net,edge,w4a4,uniform,2,80,0.25,\n");
	struct results r;

	(void)state;
	results_read(&r, path);
	assert_true(r.rows == 1 && r.figures == 1 && r.row[0].ahead.n == 0);
	unlink(path);
}

/* Only seeds that both have are compared. */
static void test_by_seed(void **state)
{
	static const char *const wrong[] = {
		"1", "1:", "x:1", "1:2,2:3", "1:2 2", "-1:2", "1:nan", "1:2 1:3"
	};
	struct by_seed a = { 0 }, b = { 0 }, less;

	(void)state;
	assert_null(by_seed_parse(&a, ""));
	assert_null(by_seed_parse(&a, "1:90.5 3:-2 10:0.25"));
	assert_string_equal(by_seed_text(&a), "1:90.5 3:-2 10:0.25");
	by_seed_add(&b, 10, 1);
	by_seed_add(&b, 2, 7);
	by_seed_add(&b, 1, 90);
	less = by_seed_less(&a, &b);
	assert_string_equal(by_seed_text(&less), "1:0.5 10:-0.75");
	assert_true(by_seed_sample(&less).mean == -0.125);
	for (size_t i = 0; i < LEN(wrong); i++) {
		struct by_seed c = { 0 };

		if (!by_seed_parse(&c, wrong[i]))
			fail_msg("'%s' is taken", wrong[i]);
	}
}

/* A row that is in two tables counts once; what stands alone does not count. */
static void test_ranking(void **state)
{
	struct result rows[] = { row("edge", "uniform", 80), row("edge", "searched", 81),
		                 row("cloud", "searched", 70), row("cloud", "uniform", 71),
		                 row("none", "searched", 90) };
	struct results first = { 5, 1, { "top1" }, rows }, second = { 2, 1, { "top1" }, rows };
	struct ranking r = { 0 };
	int won, of;

	(void)state;
	ranking_add(&r, &first, "latency");
	ranking_add(&r, &second, "latency");
	ranking_wins(&r, "searched", &won, &of);
	assert_true(won == 1 && of == 2);
	rows[0].policy = "heuristic";
	rows[0].figure[0].mean = 82;
	ranking_add(&r, &second, "latency");
	ranking_wins(&r, "searched", &won, &of);
	assert_true(won == 0 && of == 2);
	ranking_add(&r, &second, "energy");
	ranking_wins(&r, "searched", &won, &of);
	assert_true(won == 0 && of == 3);
}

static void test_costs(void **state)
{
	char *list = scratch("policy,hardware\np,one\nq,one\np,two\n"), *path = scratch(""), *text;
	struct cost_grid g, h;
	struct table t;
	size_t size;

	(void)state;
	table_read(&t, list);
	cost_grid_of(&g, &t);
	assert_true(g.policies == 2 && g.hardwares == 2);
	cost_grid_at(&g, 0, 0)[COST_LATENCY] = 1.5;
	cost_grid_at(&g, 1, 0)[COST_LATENCY] = 2.25;
	cost_grid_at(&g, 0, 1)[COST_ENERGY] = 0.125;
	g.top1 = (double[]){ 90, 91.5 };
	cost_grid_write(&g, path);
	text = (char *)file_bytes(path, &size);
	assert_string_equal(
		text, "policy,one latency_ms,two energy_mj,top1\np,1.5,0.125,90.0000\nq,2.25,,91.5000\n");
	table_read(&t, path);
	cost_grid_read(&h, &t);
	assert_true(h.policies == 2 && h.hardwares == 2 && cost_grid_hardware(&h, "two") == 1);
	assert_true(cost_grid_at(&h, 1, 0)[COST_LATENCY] == 2.25 &&
	            isnan(cost_grid_at(&h, 1, 1)[COST_ENERGY]));
	assert_true(h.top1[1] == 91.5 && cost_grid_policy(&h, "none") == -1);
	unlink(list);
	unlink(path);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_results), cmocka_unit_test(test_old_results),
		cmocka_unit_test(test_by_seed), cmocka_unit_test(test_ranking),
		cmocka_unit_test(test_costs),
	};

	return cmocka_run_group_tests_name("results", tests, NULL, NULL);
}
