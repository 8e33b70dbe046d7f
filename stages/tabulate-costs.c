/*
 * tabulate-costs - what policies cost on several accelerators, side by side.
 *
 * Reads a list policy,hardware,cost[,score] of files that simulators wrote for a policy
 * (their `total` rows count) and `evaluate` for its network.  Writes a row for each policy and
 * a column for each hardware and figure: HARDWARE latency_ms and, where the simulator has it,
 * HARDWARE energy_mj, then top1 where there are scores; with --text the same as aligned text, one
 * block a figure.
 */
#include "core/cli.h"
#include "hw/costs.h"
#include "search/history.h"
#include "io/csv.h"

#include <math.h>
#include <string.h>

#define REVISION 3

static const char *list_path, *out_path, *text_path, *title = "";

static const struct opt options[] = { { 'l', "list", OPT_PATH, &list_path, "list.csv", "which files" },
	                              { 'o', "output", OPT_OUT, &out_path, "table.csv", "the table" },
	                              { 't', "text", OPT_OUT, &text_path, NULL, "the same as aligned text" },
	                              { 0, "title", OPT_TEXT, &title, NULL, "line above the text" },
	                              { 0 } };

enum { LATENCY, ENERGY, FIGURES };
static const char *const figure_names[FIGURES] = { "latency_ms", "energy_mj" };

struct grid {
	int policies, hardwares;
	const char **policy, **hardware;
	double (*at)[FIGURES]; /* [policies][hardwares]; NAN where there is none */
	double *top1;          /* [policies], in percent, or NULL */
};

static int find_or_add(const char **names, int *n, const char *name)
{
	int i = 0;

	while (i < *n && strcmp(names[i], name))
		i++;
	if (i == *n)
		names[(*n)++] = name;
	return i;
}

static void read_total(double x[FIGURES], const char *path)
{
	struct table t;
	size_t total;

	table_read(&t, path);
	total = costs_total_row(&t);
	for (int f = 0; f < FIGURES; f++) {
		int column = table_column(&t, figure_names[f]);

		x[f] = *table_text(&t, total, column) ? table_real(&t, total, column, 0, 1e15) : NAN;
	}
}

static void collect_scores(struct grid *g, const struct table *t)
{
	int policy = table_column(t, "policy"), score = table_find(t, "score");

	if (score < 0)
		return;
	g->top1 = xmalloc((size_t)g->policies + 1, sizeof *g->top1);
	for (size_t i = 0; i < t->rows; i++)
		g->top1[find_or_add(g->policy, &g->policies, table_text(t, i, policy))] =
			score_read(table_text(t, i, score)).top1;
}

static void collect(struct grid *g, const struct table *t)
{
	int policy = table_column(t, "policy"), hardware = table_column(t, "hardware"),
	    cost = table_column(t, "cost");

	*g = (struct grid){ .policy = xmalloc(t->rows + 1, sizeof *g->policy),
		            .hardware = xmalloc(t->rows + 1, sizeof *g->hardware) };
	for (size_t i = 0; i < t->rows; i++) {
		find_or_add(g->policy, &g->policies, table_text(t, i, policy));
		find_or_add(g->hardware, &g->hardwares, table_text(t, i, hardware));
	}
	g->at = xmalloc((size_t)g->policies * (size_t)g->hardwares + 1, sizeof *g->at);
	for (int i = 0; i < g->policies * g->hardwares; i++)
		g->at[i][LATENCY] = g->at[i][ENERGY] = NAN;
	for (size_t i = 0; i < t->rows; i++) {
		int p = find_or_add(g->policy, &g->policies, table_text(t, i, policy));
		int h = find_or_add(g->hardware, &g->hardwares, table_text(t, i, hardware));

		if (!isnan(g->at[p * g->hardwares + h][LATENCY]))
			table_die(t, i, "a second row for this policy and hardware");
		read_total(g->at[p * g->hardwares + h], table_text(t, i, cost));
	}
}

/* Whether any policy has this figure on this hardware. */
static bool has(const struct grid *g, int hardware, int figure)
{
	for (int p = 0; p < g->policies; p++)
		if (!isnan(g->at[p * g->hardwares + hardware][figure]))
			return true;
	return false;
}

static void write_csv(const struct grid *g)
{
	FILE *f = out_open(out_path);

	fputs("policy", f);
	for (int k = 0; k < FIGURES; k++)
		for (int h = 0; h < g->hardwares; h++)
			if (has(g, h, k))
				fprintf(f, ",%s %s", g->hardware[h], figure_names[k]);
	if (g->top1)
		fputs(",top1", f);
	for (int p = 0; p < g->policies; p++) {
		fprintf(f, "\n%s", g->policy[p]);
		for (int k = 0; k < FIGURES; k++)
			for (int h = 0; h < g->hardwares; h++)
				if (has(g, h, k))
					fprintf(f, isnan(g->at[p * g->hardwares + h][k]) ? "," : ",%.8g",
					        g->at[p * g->hardwares + h][k]);
		if (g->top1)
			fprintf(f, ",%.4f", g->top1[p]);
	}
	fputc('\n', f);
	out_commit(f);
}

static void write_cell(FILE *f, double x, int width)
{
	width = width < 9 ? 9 : width;
	if (isnan(x))
		fprintf(f, "  %*s", width, "-");
	else
		fprintf(f, "  %*.4f", width, x);
}

static void write_block(FILE *f, const struct grid *g, int figure, int width)
{
	fprintf(f, "\n%-*s", width, figure_names[figure]);
	for (int h = 0; h < g->hardwares; h++)
		if (has(g, h, figure))
			fprintf(f, "  %*s", (int)strlen(g->hardware[h]) < 9 ? 9 : (int)strlen(g->hardware[h]),
			        g->hardware[h]);
	if (g->top1)
		fputs("    top-1 %", f);
	for (int p = 0; p < g->policies; p++) {
		fprintf(f, "\n%-*s", width, g->policy[p]);
		for (int h = 0; h < g->hardwares; h++)
			if (has(g, h, figure))
				write_cell(f, g->at[p * g->hardwares + h][figure],
				           (int)strlen(g->hardware[h]));
		if (g->top1)
			fprintf(f, "  %9.2f", g->top1[p]);
	}
	fputc('\n', f);
}

static void write_text(const struct grid *g)
{
	FILE *f = out_open(text_path);
	int width = 10;

	for (int p = 0; p < g->policies; p++)
		width = (int)strlen(g->policy[p]) > width ? (int)strlen(g->policy[p]) : width;
	fprintf(f, "%s\n", title);
	for (int k = 0; k < FIGURES; k++) {
		bool any = false;

		for (int h = 0; h < g->hardwares; h++)
			any |= has(g, h, k);
		if (any)
			write_block(f, g, k, width);
	}
	out_commit(f);
}

int main(int argc, char **argv)
{
	struct table list;
	struct grid grid;

	cli_begin(argc, argv, "what policies cost on several accelerators, side by side", REVISION, options);
	table_read(&list, list_path);
	collect(&grid, &list);
	collect_scores(&grid, &list);
	write_csv(&grid);
	if (text_path)
		write_text(&grid);
	return cli_end();
}
