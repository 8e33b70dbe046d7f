/*
 * tabulate-costs - what policies cost on several accelerators, side by side.
 *
 * Reads a list policy,hardware,cost[,score]: names, the costs that a simulator wrote for the policy (the
 * row `total` counts) and the score of `evaluate` for its network.  Writes a row for each policy with its
 * latency and energy on each accelerator (report/cost-grid.h), and with --text the same as aligned text,
 * one block for latency and one for energy.
 */
#include "core/cli.h"
#include "hw/costs.h"
#include "model/score.h"
#include "report/cost-grid.h"
#include "report/text-table.h"

#include <math.h>
#include <stdlib.h>

#define REVISION 3

static const char *list_path, *out_path, *text_path, *title = "";

static const struct opt options[] = { { 'l', "list", OPT_PATH, &list_path, "list.csv", "which files" },
	                              { 'o', "output", OPT_OUT, &out_path, "table.csv", "the table" },
	                              { 't', "text", OPT_OUT, &text_path, NULL, "the same as aligned text" },
	                              { 0, "title", OPT_TEXT, &title, NULL, "a line above the text" },
	                              { 0 } };

/* The row `total` of a policy's costs. */
static void read_total(double x[COST_COLUMNS], const char *path)
{
	struct table t;
	size_t total;

	table_read(&t, path);
	total = costs_total_row(&t);
	for (int c = 0; c < COST_COLUMNS; c++) {
		int column = table_column(&t, cost_columns[c]);

		x[c] = *table_text(&t, total, column) ? table_real(&t, total, column, 0, 1e15) : NAN;
	}
	table_free(&t);
}

static void read_scores(struct cost_grid *g, const struct table *list)
{
	int policy = table_column(list, "policy"), score = table_find(list, "score");

	if (score < 0)
		return;
	g->top1 = xmalloc((size_t)g->policies + 1, sizeof *g->top1);
	for (size_t i = 0; i < list->rows; i++)
		g->top1[cost_grid_policy(g, table_text(list, i, policy))] =
			score_read(table_text(list, i, score)).top1;
}

static void collect(struct cost_grid *g, const struct table *list)
{
	int policy = table_column(list, "policy"), hardware = table_column(list, "hardware"),
	    cost = table_column(list, "cost");

	cost_grid_of(g, list);
	for (size_t i = 0; i < list->rows; i++) {
		double *at = cost_grid_at(g, cost_grid_policy(g, table_text(list, i, policy)),
		                          cost_grid_hardware(g, table_text(list, i, hardware)));

		if (!isnan(at[COST_LATENCY]))
			table_die(list, i, "a second row for this policy and hardware");
		read_total(at, table_text(list, i, cost));
	}
	read_scores(g, list);
}

static void print_block(FILE *f, const struct cost_grid *g, enum cost_column cost)
{
	struct text_column *columns = xmalloc((size_t)g->hardwares + 2, sizeof *columns);
	struct text_table *t;
	size_t n = 0;

	columns[n++] = (struct text_column){ cost_columns[cost], LEFT, 10, 0 };
	for (int h = 0; h < g->hardwares; h++)
		if (cost_grid_has(g, h, cost))
			columns[n++] = (struct text_column){ g->hardware[h], RIGHT, 9, 2 };
	if (n == 1)
		return;
	if (g->top1)
		columns[n++] = (struct text_column){ "top-1 %", RIGHT, 9, 2 };
	t = text_table_new(columns, n);
	for (int p = 0; p < g->policies; p++) {
		text_cell(t, "%s", g->policy[p]);
		for (int h = 0; h < g->hardwares; h++)
			if (cost_grid_has(g, h, cost))
				text_number(t, cost_grid_at(g, p, h)[cost], 4);
		if (g->top1)
			text_number(t, g->top1[p], 2);
		text_end_row(t);
	}
	fputc('\n', f);
	text_table_print(t, f);
	text_table_free(t);
	free(columns);
}

static void write_text(const struct cost_grid *g)
{
	FILE *f = out_open(text_path);

	fprintf(f, "%s\n", title);
	for (int c = 0; c < COST_COLUMNS; c++)
		print_block(f, g, (enum cost_column)c);
	out_commit(f);
}

int main(int argc, char **argv)
{
	struct table list;
	struct cost_grid grid;

	cli_begin(argc, argv, "what policies cost on several accelerators, side by side", REVISION, options);
	table_read(&list, list_path);
	collect(&grid, &list);
	cost_grid_write(&grid, out_path);
	if (text_path)
		write_text(&grid);
	return cli_end();
}
