/*
 * tabulate - rows of results as a table: means over seeds, with the paper's numbers beside them.
 *
 * Reads a list of results, network,hardware,budget,policy,seed,score,cost: score is a file of `evaluate`,
 * cost one of a simulator (its row `total` counts).  --paper has the paper's rows, network,hardware,
 * budget,policy,top1,top5 and a column for each cost; ours of a network NET-SET stands beside the
 * paper's NET.  --metric chooses the costs: latency_ms, or others, or several; `reward` is in the files
 * that `ddpg-step reward` writes.
 *
 * Writes the table as CSV (report/results.h), and with --text as aligned text.  Policies of a budget keep
 * the order of the list.  How far top-1 is ahead of that of uniform bits, the row `uniform` of the same
 * network, hardware and budget, is the mean of the differences of equal seeds; its error is theirs.  A policy
 * NAME+RANGES, as in searched+kernel-ranges, is compared with uniform+RANGES.
 */
#include "core/cli.h"
#include "hw/costs.h"
#include "model/score.h"
#include "core/statistics.h"
#include "report/results-text.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define REVISION 4 /* raise when the numbers below change */

static const char *rows_path, *paper_path, *out_path, *text_path, *title = "", *metric = "latency";

static const struct opt options[] = { { 'r', "rows", OPT_PATH, &rows_path, "rows.csv",
	                                "which results, and where they lie" },
	                              { 'o', "output", OPT_OUT, &out_path, "table.csv", "the table" },
	                              { 'p', "paper", OPT_PATH, &paper_path, NULL, "the paper's numbers" },
	                              { 't', "text", OPT_OUT, &text_path, NULL, "the same as aligned text" },
	                              { 'm', "metric", OPT_TEXT, &metric, NULL,
	                                "latency, energy, size, reward, or several (latency,energy)" },
	                              { 0, "title", OPT_TEXT, &title, NULL, "line above the text" },
	                              { 0 } };

enum { TOP1, TOP5, COST }; /* from COST on what --metric says */
static struct results table = { .figures = COST, .name = { "top1", "top5" } };
static struct results_style style = { .figure = { { "top-1 %", 1, 2 }, { "top-5 %", 1, 2 } } };
static double least[RESULTS_FIGURES]; /* that a number of a file may be */

struct row {
	struct result result;
	int place; /* in the list */
	struct sample ours[RESULTS_FIGURES];
	struct by_seed top1;
};

static void read_figures(double x[RESULTS_FIGURES], const char *score_path, const char *cost_path)
{
	struct score score = score_read(score_path);
	struct table cost;

	x[TOP1] = score.top1;
	x[TOP5] = score.top5;
	table_read(&cost, cost_path);
	for (size_t k = COST; k < table.figures; k++)
		x[k] = table_real(&cost, costs_total_row(&cost), table_column(&cost, table.name[k]), least[k],
		                  1e12);
	table_free(&cost);
}

static int seed_of(const struct table *t, size_t row)
{
	return (int)table_int(t, row, table_column(t, "seed"), 0, INT_MAX);
}

/* A seed that is listed twice would look like two that agree. */
static void refuse_twice(const struct table *t, size_t i, const struct result *key)
{
	int seed = seed_of(t, i);

	for (size_t m = 0; m < i; m++) {
		struct result other = result_named(t, m);

		if (result_same_row(&other, key) && seed_of(t, m) == seed)
			table_die(t, i, "seed %d of this row is in line %d already", seed, t->lines[m]);
	}
}

static int collect(struct row *rows, const struct table *t)
{
	int score = table_column(t, "score"), cost = table_column(t, "cost"), n = 0;

	for (size_t i = 0; i < t->rows; i++) {
		struct result key = result_named(t, i);
		double x[RESULTS_FIGURES];
		int k = 0;

		refuse_twice(t, i, &key);
		while (k < n && !result_same_row(&rows[k].result, &key))
			k++;
		if (k == n)
			rows[n++] = (struct row){ .result = key, .place = k };
		read_figures(x, table_text(t, i, score), table_text(t, i, cost));
		rows[k].result.seeds++;
		for (size_t f = 0; f < table.figures; f++)
			sample_add(&rows[k].ours[f], x[f]);
		by_seed_add(&rows[k].top1, seed_of(t, i), x[TOP1]);
	}
	return n;
}

/* Network, then hardware, then budget; w8a8 comes last by name. */
static int compare(const void *pa, const void *pb)
{
	const struct row *x = pa, *y = pb;
	const struct result *a = &x->result, *b = &y->result;
	int order = strcmp(a->network, b->network);

	/* edge before cloud, as the paper's columns */
	order = order ? order : -strcmp(a->hardware, b->hardware);
	order = order ? order : strcmp(a->budget, b->budget);
	return order ? order : x->place - y->place;
}

/* "uniform+kernel-ranges" -> "+kernel-ranges" */
static const char *ranges_of(const struct row *row)
{
	return row->result.policy + strcspn(row->result.policy, "+");
}

static bool is_uniform(const struct row *row)
{
	size_t n = strcspn(row->result.policy, "+");

	return n == strlen("uniform") && !strncmp(row->result.policy, "uniform", n);
}

static struct by_seed ahead_of_uniform(const struct row *rows, int n, const struct row *row)
{
	for (int i = 0; i < n && !is_uniform(row); i++)
		if (is_uniform(&rows[i]) && !strcmp(ranges_of(&rows[i]), ranges_of(row)) &&
		    result_same_place(&rows[i].result, &row->result))
			return by_seed_less(&row->top1, &rows[i].top1);
	return (struct by_seed){ 0 };
}

static void fill_table(struct row *rows, int n)
{
	struct result *row = xmalloc((size_t)n + 1, sizeof *row);

	qsort(rows, (size_t)n, sizeof *rows, compare);
	for (int i = 0; i < n; i++) {
		struct result *r = &rows[i].result;

		for (size_t k = 0; k < table.figures; k++) {
			r->figure[k].mean = sample_mean(&rows[i].ours[k]);
			r->figure[k].deviation = sample_deviation(&rows[i].ours[k]);
		}
		r->ahead = ahead_of_uniform(rows, n, &rows[i]);
		row[i] = *r;
	}
	table.rows = (size_t)n;
	table.row = row;
}

/* --metric: names between commas, each a column behind the accuracies. */
static void add_metrics(void)
{
	static const struct {
		const char *name, *column, *unit;
		double scale, least;
	} all[] = {
		{ "latency", "latency_ms", "ms", 1, 0 },
		{ "energy", "energy_mj", "mJ", 1, 0 },
		{ "size", "weight_bytes", "KiB", 1 / 1024.0, 0 },
		{ "reward", "reward", "reward", 1, -1e12 },
	};

	for (const char *name = metric;; name++) {
		size_t size = strcspn(name, ","), m = 0;

		while (m < LEN(all) && (strlen(all[m].name) != size || strncmp(all[m].name, name, size)))
			m++;
		if (m == LEN(all) || table.figures == RESULTS_FIGURES)
			usage("--metric is latency, energy, size, reward, or some of them "
			      "with commas between, not '%s'",
			      metric);
		style.figure[table.figures].unit = all[m].unit;
		style.figure[table.figures].scale = all[m].scale;
		style.figure[table.figures].digits = 4;
		least[table.figures] = all[m].least;
		table.name[table.figures++] = all[m].column;
		name += size;
		if (!*name)
			return;
	}
}

int main(int argc, char **argv)
{
	struct table list, paper = { 0 };
	struct row *rows;
	int n;

	cli_begin(argc, argv, "rows of results as a table, with the paper's numbers beside them", REVISION,
	          options);
	add_metrics();
	table_read(&list, rows_path);
	if (paper_path)
		table_read(&paper, paper_path);
	rows = xmalloc(list.rows + 1, sizeof *rows);
	n = collect(rows, &list);
	for (int k = 0; k < n; k++)
		result_add_paper(&rows[k].result, &table, &paper);
	fill_table(rows, n);
	results_write(&table, out_path);
	style.title = title;
	style.has_paper = paper_path;
	if (text_path)
		results_write_text(&table, &style, text_path);
	return cli_end();
}
