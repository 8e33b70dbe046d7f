/*
 * tabulate - rows of results as a table: means over seeds, with the paper's numbers beside them.
 *
 * Reads a list of results, network,hardware,budget,policy,seed,score,cost, where score is a file
 * of `evaluate` and cost one of a simulator (its `total` row counts); and the paper's rows,
 * network,hardware,budget,policy,top1,top5 and latency_ms, or what else --metric asks for; several
 * metrics, several columns; `reward` is one of the files that `ddpg-step reward` writes.  A network
 * NET-SET stands beside the paper's NET.  Writes the table as CSV, and with --text as aligned text.
 * Policies of a budget keep the order of the list.  sd is the standard deviation over seeds, empty
 * where there is one.
 */
#include "core/cli.h"
#include "hw/costs.h"
#include "search/history.h"
#include "core/statistics.h"
#include "io/csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REVISION 3 /* raise when the numbers below change */

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

/* A column of the table: its name in CSV and text, and the factor between them. */
struct figure {
	const char *name, *unit;
	double scale, least;
};

enum { TOP1, TOP5, COST, FIGURES_MAX = COST + METRICS + 1 }; /* from COST on what --metric says */
static struct figure figures[FIGURES_MAX] = { { "top1", "top-1 %", 1, 0 }, { "top5", "top-5 %", 1, 0 } };
static int n_figures = COST;

struct row {
	const char *network, *hardware, *budget, *policy;
	int seeds, place; /* place: in the list */
	struct sample ours[FIGURES_MAX];
	double paper[FIGURES_MAX];
};

static bool same_row(const struct row *a, const struct row *b)
{
	return !strcmp(a->network, b->network) && !strcmp(a->hardware, b->hardware) &&
	       !strcmp(a->budget, b->budget) && !strcmp(a->policy, b->policy);
}

static struct row key_of(const struct table *t, size_t i)
{
	return (struct row){
		table_text(t, i, table_column(t, "network")), table_text(t, i, table_column(t, "hardware")),
		table_text(t, i, table_column(t, "budget")),  table_text(t, i, table_column(t, "policy")),
		.paper = { NAN, NAN, NAN, NAN, NAN, NAN },
	};
}

static void read_figures(double x[FIGURES_MAX], const char *score_path, const char *cost_path)
{
	struct score score = score_read(score_path);
	struct table cost;

	x[TOP1] = score.top1;
	x[TOP5] = score.top5;
	table_read(&cost, cost_path);
	for (int f = COST; f < n_figures; f++)
		x[f] = table_real(&cost, costs_total_row(&cost), table_column(&cost, figures[f].name),
		                  figures[f].least, 1e12);
	table_free(&cost);
}

/* A seed that is listed twice would look like two that agree. */
static void refuse_twice(const struct table *t, size_t i, const struct row *key)
{
	int seed = table_column(t, "seed");

	for (size_t m = 0; m < i; m++) {
		struct row other = key_of(t, m);

		if (same_row(&other, key) && !strcmp(table_text(t, m, seed), table_text(t, i, seed)))
			table_die(t, i, "seed %s of this row is in line %zu already", table_text(t, i, seed),
			          m + 2);
	}
}

static int collect(struct row *rows, const struct table *t)
{
	int score = table_column(t, "score"), cost = table_column(t, "cost"), n = 0;

	for (size_t i = 0; i < t->rows; i++) {
		struct row key = key_of(t, i);
		double x[FIGURES_MAX];
		int k = 0;

		refuse_twice(t, i, &key);
		while (k < n && !same_row(&rows[k], &key))
			k++;
		if (k == n)
			key.place = n, rows[n++] = key;
		read_figures(x, table_text(t, i, score), table_text(t, i, cost));
		rows[k].seeds++;
		for (int f = 0; f < n_figures; f++)
			sample_add(&rows[k].ours[f], x[f]);
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
			for (int f = 0; same_row(&rows[k], &key) && f < n_figures; f++)
				rows[k].paper[f] =
					table_real(paper, i, table_column(paper, figures[f].name), 0, 1e12);
		}
	}
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

	fputs("network,hardware,budget,policy,seeds", f);
	for (int k = 0; k < n_figures; k++)
		fprintf(f, ",%s,%s_sd", figures[k].name, figures[k].name);
	for (int k = 0; k < n_figures; k++)
		fprintf(f, ",paper_%s", figures[k].name);
	fputc('\n', f);
	for (int i = 0; i < n; i++) {
		const struct row *r = &rows[i];

		fprintf(f, "%s,%s,%s,%s,%d", r->network, r->hardware, r->budget, r->policy, r->seeds);
		for (int k = 0; k < n_figures; k++) {
			fprintf(f, ",%.6g,", sample_mean(&r->ours[k]));
			if (r->seeds > 1)
				fprintf(f, "%.3g", sample_deviation(&r->ours[k]));
		}
		for (int k = 0; k < n_figures; k++)
			fprintf(f, isnan(r->paper[k]) ? "," : ",%.6g", r->paper[k]);
		fputc('\n', f);
	}
	out_commit(f);
}

static void print_figure(FILE *f, const struct row *r, int k)
{
	int digits = k < COST ? 2 : 4;
	char text[40], spread[20] = "";

	if (r->seeds > 1)
		snprintf(spread, sizeof spread, " ± %.*f", digits,
		         sample_deviation(&r->ours[k]) * figures[k].scale);
	snprintf(text, sizeof text, "%.*f%s", digits, sample_mean(&r->ours[k]) * figures[k].scale, spread);
	fprintf(f, "  %*s", r->seeds > 1 ? 15 : 8, text); /* ± is two bytes */
}

static void print_paper(FILE *f, const struct row *r, int k)
{
	if (isnan(r->paper[k]))
		fprintf(f, "  %7s", "-");
	else
		fprintf(f, "  %7.2f", r->paper[k] * figures[k].scale);
}

static int widest_budget;

static void write_head(FILE *f, int width)
{
	if (paper_path)
		fprintf(f, "%s\n\n%-*s  %*s    paper, on ImageNet\n", title, 48 + widest_budget, "",
		        n_figures * (width + 2) - 2, "ours");
	else
		fprintf(f, "%s\n\n", title);
	fprintf(f, "%-22s %-13s %-*s %-10s", "network", "hardware", widest_budget, "budget", "bits");
	for (int k = 0; k < n_figures; k++)
		fprintf(f, "  %*s", width, figures[k].unit);
	if (paper_path)
		fputs("  ", f);
	for (int k = 0; paper_path && k < n_figures; k++)
		fprintf(f, "  %7s", figures[k].unit);
	fputc('\n', f);
}

static void write_text(const struct row *rows, int n)
{
	FILE *f = out_open(text_path);
	bool spread = n && rows[0].seeds > 1;

	widest_budget = 6;
	for (int i = 0; i < n; i++)
		if ((int)strlen(rows[i].budget) > widest_budget)
			widest_budget = (int)strlen(rows[i].budget);
	write_head(f, spread ? 14 : 8);
	for (int i = 0; i < n; i++) {
		const struct row *r = &rows[i];

		if (i &&
		    (strcmp(r->network, rows[i - 1].network) || strcmp(r->hardware, rows[i - 1].hardware)))
			fputc('\n', f);
		fprintf(f, "%-22s %-13s %-*s %-10s", r->network, r->hardware, widest_budget, r->budget,
		        r->policy);
		for (int k = 0; k < n_figures; k++)
			print_figure(f, r, k);
		if (paper_path)
			fputs("  ", f);
		for (int k = 0; paper_path && k < n_figures; k++)
			print_paper(f, r, k);
		fputc('\n', f);
	}
	if (spread)
		fprintf(f, "\nmean ± standard deviation over %d seeds\n", rows[0].seeds);
	out_commit(f);
}

/* --metric: names between commas, each a column behind the accuracies. */
static void add_metrics(void)
{
	static const struct figure all[METRICS + 1] = {
		{ "latency_ms", "ms", 1, 0 },
		{ "energy_mj", "mJ", 1, 0 },
		{ "weight_bytes", "KiB", 1 / 1024.0, 0 },
		{ "reward", "reward", 1, -1e12 },
	};
	const char *name = metric;

	for (;; name++) {
		size_t size = strcspn(name, ",");
		int m = 0;

		while (m < METRICS &&
		       (strlen(metric_names[m]) != size || strncmp(metric_names[m], name, size)))
			m++;
		if ((m == METRICS && (size != 6 || strncmp(name, "reward", size))) ||
		    n_figures == FIGURES_MAX)
			usage("--metric is latency, energy, size, reward, or some of them "
			      "with commas between, not '%s'",
			      metric);
		figures[n_figures++] = all[m];
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
	add_paper(rows, n, &paper);
	qsort(rows, (size_t)n, sizeof *rows, compare);
	write_csv(rows, n);
	if (text_path)
		write_text(rows, n);
	return cli_end();
}
