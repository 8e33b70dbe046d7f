/*
 * tabulate - rows of results as a table: means over seeds, with the paper's numbers beside them.
 *
 * Reads a list of results, network,hardware,budget,policy,seed,score,cost, where score is a file of `evaluate` and
 * cost one of a simulator (its `total` row counts); and the paper's rows, network,hardware,budget,policy,top1,top5
 * and latency_ms, or what else --metric asks for.  A network NET-SET stands beside the paper's NET.  Writes the table as CSV,
 * and with --text as aligned text.  Policies of a budget keep the order of the list.  sd is the standard deviation over
 * seeds, empty where there is one.
 */
#include "lib/cli.h"
#include "lib/costs.h"
#include "lib/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REVISION 2      /* raise when the numbers below change */

static const char *rows_path, *paper_path, *out_path, *text_path, *title = "", *metric = "latency";

static const struct opt options[] = {
	{ 'r', "rows",   OPT_PATH, &rows_path,  "rows.csv",  "which results, and where they lie" },
	{ 'p', "paper",  OPT_PATH, &paper_path, "paper.csv", "the paper's numbers" },
	{ 'o', "output", OPT_OUT,  &out_path,   "table.csv", "the table" },
	{ 't', "text",   OPT_OUT,  &text_path,  NULL,        "the same as aligned text" },
	{ 'm', "metric", OPT_TEXT, &metric,     NULL,        "what it costs: latency, energy or size" },
	{ 0,   "title",  OPT_TEXT, &title,      NULL,        "line above the text" },
	{ 0 }
};

enum { TOP1, TOP5, COST, FIGURES };
static const char *figure_names[FIGURES] = { "top1", "top5", NULL };    /* the last by --metric */
static const char *unit;
static double scale = 1;                /* of the text's costs */

struct row {
	const char *network, *hardware, *budget, *policy;
	int seeds, place;               /* place: in the list */
	double sum[FIGURES], square[FIGURES], paper[FIGURES];
};

static bool same_row(const struct row *a, const struct row *b)
{
	return !strcmp(a->network, b->network) && !strcmp(a->hardware, b->hardware) && !strcmp(a->budget, b->budget) &&
	       !strcmp(a->policy, b->policy);
}

static struct row key_of(const struct table *t, size_t i)
{
	return (struct row){
		table_text(t, i, table_column(t, "network")), table_text(t, i, table_column(t, "hardware")),
		table_text(t, i, table_column(t, "budget")), table_text(t, i, table_column(t, "policy")),
		.paper = { NAN, NAN, NAN },
	};
}

static void read_figures(double x[FIGURES], const char *score_path, const char *cost_path)
{
	struct table score, cost;

	table_read(&score, score_path);
	if (score.rows != 1)
		die("%s: %zu rows; expected 1", score_path, score.rows);
	x[TOP1] = table_real(&score, 0, table_column(&score, "top1"), 0, 100);
	x[TOP5] = table_real(&score, 0, table_column(&score, "top5"), 0, 100);
	table_read(&cost, cost_path);
	x[COST] = table_real(&cost, costs_total_row(&cost), table_column(&cost, figure_names[COST]), 0, 1e12);
}

static int collect(struct row *rows, const struct table *t)
{
	int score = table_column(t, "score"), cost = table_column(t, "cost"), n = 0;

	for (size_t i = 0; i < t->rows; i++) {
		struct row key = key_of(t, i);
		double x[FIGURES];
		int k = 0;

		while (k < n && !same_row(&rows[k], &key))
			k++;
		if (k == n)
			key.place = n, rows[n++] = key;
		read_figures(x, table_text(t, i, score), table_text(t, i, cost));
		rows[k].seeds++;
		for (int f = 0; f < FIGURES; f++) {
			rows[k].sum[f] += x[f];
			rows[k].square[f] += x[f] * x[f];
		}
	}
	return n;
}

/* "mobilenet-v1-fashion" is the paper's "mobilenet-v1" on another data set. */
static bool is_paper_name(const char *ours, const char *paper)
{
	size_t n = strlen(paper);

	return !strncmp(ours, paper, n) && (ours[n] == '\0' || ours[n] == '-');
}

static void add_paper(struct row *rows, int n, const struct table *paper)
{
	for (int k = 0; k < n; k++) {
		for (size_t i = 0; i < paper->rows; i++) {
			struct row key = key_of(paper, i);

			if (!is_paper_name(rows[k].network, key.network))
				continue;
			key.network = rows[k].network;
			for (int f = 0; same_row(&rows[k], &key) && f < FIGURES; f++)
				rows[k].paper[f] = table_real(paper, i, table_column(paper, figure_names[f]), 0, 1e12);
		}
	}
}

static double mean(const struct row *r, int f)
{
	return r->sum[f] / r->seeds;
}

static double deviation(const struct row *r, int f)
{
	double v = r->square[f] - r->sum[f] * r->sum[f] / r->seeds;

	return r->seeds > 1 ? sqrt((v > 0 ? v : 0) / (r->seeds - 1)) : NAN;
}

/* Network, then hardware, then budget; w8a8 comes last by name. */
static int compare(const void *pa, const void *pb)
{
	const struct row *a = pa, *b = pb;
	int order = strcmp(a->network, b->network);

	/* edge before cloud, as the paper's columns */
	order = order ? order : -strcmp(a->hardware, b->hardware);
	order = order ? order : strcmp(a->budget, b->budget);
	return order ? order : a->place - b->place;
}

static void write_csv(const struct row *rows, int n)
{
	FILE *f = out_open(out_path);

	fprintf(f, "network,hardware,budget,policy,seeds,top1,top1_sd,top5,top5_sd,%s,%s_sd,paper_top1,paper_top5,paper_%s\n",
	        figure_names[COST], figure_names[COST], figure_names[COST]);
	for (int i = 0; i < n; i++) {
		const struct row *r = &rows[i];

		fprintf(f, "%s,%s,%s,%s,%d", r->network, r->hardware, r->budget, r->policy, r->seeds);
		for (int k = 0; k < FIGURES; k++) {
			fprintf(f, ",%.6g,", mean(r, k));
			if (r->seeds > 1)
				fprintf(f, "%.3g", deviation(r, k));
		}
		for (int k = 0; k < FIGURES; k++)
			fprintf(f, isnan(r->paper[k]) ? "," : ",%.6g", r->paper[k]);
		fputc('\n', f);
	}
	out_commit(f);
}

static void print_figure(FILE *f, const struct row *r, int k, int digits)
{
	char text[40], spread[20] = "";
	double by = k == COST ? scale : 1;

	if (r->seeds > 1)
		snprintf(spread, sizeof spread, " ± %.*f", digits, deviation(r, k) * by);
	snprintf(text, sizeof text, "%.*f%s", digits, mean(r, k) * by, spread);
	fprintf(f, "  %*s", r->seeds > 1 ? 15 : 8, text);         /* ± is two bytes */
}

static void print_paper(FILE *f, double x, int digits)
{
	if (isnan(x))
		fprintf(f, "  %7s", "-");
	else
		fprintf(f, "  %7.*f", digits, x);
}

static void write_text(const struct row *rows, int n)
{
	FILE *f = out_open(text_path);
	bool spread = n && rows[0].seeds > 1;
	int w = spread ? 14 : 8, width = 3 * w + 4;

	fprintf(f, "%s\n\n%-48s  %*s    paper, on ImageNet\n", title, "", width, "ours");
	fprintf(f, "%-22s %-13s %-6s %-8s  %*s  %*s  %*s    %7s  %7s  %7s\n", "network", "hardware", "budget", "bits", w, "top-1 %",
	        w, "top-5 %", w, unit, "top-1 %", "top-5 %", unit);
	for (int i = 0; i < n; i++) {
		const struct row *r = &rows[i];

		if (i && (strcmp(r->network, rows[i - 1].network) || strcmp(r->hardware, rows[i - 1].hardware)))
			fputc('\n', f);
		fprintf(f, "%-22s %-13s %-6s %-8s", r->network, r->hardware, r->budget, r->policy);
		print_figure(f, r, TOP1, 2);
		print_figure(f, r, TOP5, 2);
		print_figure(f, r, COST, 4);
		fputs("  ", f);
		for (int k = 0; k < FIGURES; k++)
			print_paper(f, r->paper[k] * (k == COST ? scale : 1), 2);
		fputc('\n', f);
	}
	if (spread)
		fprintf(f, "\nmean ± standard deviation over %d seeds\n", rows[0].seeds);
	out_commit(f);
}

int main(int argc, char **argv)
{
	static const struct { const char *name; double scale; } units[METRICS] = { { "ms", 1 }, { "mJ", 1 }, { "KiB", 1 / 1024.0 } };
	struct table list, paper;
	struct row *rows;
	int n;

	cli_begin(argc, argv, "rows of results as a table, with the paper's numbers beside them", REVISION, options);
	for (int m = 0; m < METRICS; m++)
		if (!strcmp(metric, metric_names[m])) {
			figure_names[COST] = metric_columns[m];
			unit = units[m].name;
			scale = units[m].scale;
		}
	if (!unit)
		usage("--metric must be latency, energy or size, not '%s'", metric);
	table_read(&list, rows_path);
	table_read(&paper, paper_path);
	rows = xmalloc(list.rows + 1, sizeof *rows);
	n = collect(rows, &list);
	add_paper(rows, n, &paper);
	qsort(rows, (size_t)n, sizeof *rows, compare);
	write_csv(rows, n);
	if (text_path)
		write_text(rows, n);
	return cli_end();
}
