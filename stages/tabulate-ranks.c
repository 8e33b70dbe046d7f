/*
 * tabulate-ranks - do scores of a search rank policies as the last finetuning does, and what is lost?
 *
 * Reads a list network,hardware,budget,variant,policy,draw,brief,score: brief and score are files of
 * `evaluate`, after the finetuning of a search (with the settings that variant names, in an order of
 * images that draw names) and after the last one.  Brief scores of several draws are averaged.  Writes,
 * for each network, hardware, budget and variant in the order of the list, a row
 *
 *	network,hardware,budget,variant,policies,draws,
 *	rank_top1,rank_top1_se,rank_loss,rank_loss_se,regret_top1,regret_loss,
 *	uniform,chosen_top1,chosen_loss,best
 *
 * rank_top1 and rank_loss: Spearman's correlation of the long top-1 with the brief top-1, and with the
 * brief loss (less is better), and their standard errors (report/correlation.h).  From `uniform` on it is
 * the long top-1, in percent: of the policy of that name, empty where there is none; of those that the
 * best brief top-1 and the least brief loss choose (of equals, their mean); of the best.  Regret is the
 * best less the chosen, in points. With --text the same as aligned text.
 */
#include "core/cli.h"
#include "core/statistics.h"
#include "io/csv.h"
#include "model/score.h"
#include "report/correlation.h"
#include "report/text-table.h"

#include <math.h>
#include <string.h>

#define REVISION 1

static const char *list_path, *out_path, *text_path, *title = "";

static const struct opt options[] = { { 'l', "list", OPT_PATH, &list_path, "list.csv",
	                                "which policies, and their scores" },
	                              { 'o', "output", OPT_OUT, &out_path, "table.csv", "the table" },
	                              { 't', "text", OPT_OUT, &text_path, NULL, "the same as aligned text" },
	                              { 0, "title", OPT_TEXT, &title, NULL, "a line above the text" },
	                              { 0 } };

enum { PLACE = 4 };
static const char *const place[PLACE] = { "network", "hardware", "budget", "variant" };

struct policy_row {
	size_t first;             /* of the list, for its names */
	struct sample top1, loss; /* brief, over draws */
	double score;             /* top-1 after the long finetuning */
};

enum { TOP1, LOSS, FIGURES };

/* The policies of one place. */
struct group {
	size_t first, n;
	int draws;
	double *brief[FIGURES], *score; /* [n], the larger the better: the loss is negated */
	struct prediction by[FIGURES];  /* of score by brief */
	double uniform;                 /* long; NaN where there is no policy of that name */
};

static struct table list;

static const char *cell(size_t row, const char *column)
{
	return table_text(&list, row, table_column(&list, column));
}

static bool is_same(size_t i, size_t k, const char *column)
{
	return !strcmp(cell(i, column), cell(k, column));
}

static bool is_same_place(size_t i, size_t k)
{
	for (int n = 0; n < PLACE; n++)
		if (!is_same(i, k, place[n]))
			return false;
	return true;
}

static void check_row(size_t i, size_t first)
{
	if (!is_same(i, first, "score"))
		table_die(&list, i, "another long score than that of this policy in line %d",
		          list.lines[first]);
	for (size_t k = first; k < i; k++)
		if (is_same_place(i, k) && is_same(i, k, "policy") && is_same(i, k, "draw"))
			table_die(&list, i, "draw %s of this policy is in line %d already", cell(i, "draw"),
			          list.lines[k]);
}

static size_t collect(struct policy_row *rows)
{
	size_t n = 0;

	for (size_t i = 0; i < list.rows; i++) {
		struct score brief = score_read(cell(i, "brief"));
		size_t k = 0;

		while (k < n && !(is_same_place(i, rows[k].first) && is_same(i, rows[k].first, "policy")))
			k++;
		if (k == n)
			rows[n++] =
				(struct policy_row){ .first = i, .score = score_read(cell(i, "score")).top1 };
		check_row(i, rows[k].first);
		sample_add(&rows[k].top1, brief.top1);
		sample_add(&rows[k].loss, brief.loss);
	}
	return n;
}

static void add(struct group *g, const struct policy_row *r)
{
	if (r->top1.n != g->draws)
		table_die(&list, r->first, "a policy of %d draws, where that of line %d has %d", r->top1.n,
		          list.lines[g->first], g->draws);
	g->brief[TOP1][g->n] = sample_mean(&r->top1);
	g->brief[LOSS][g->n] = -sample_mean(&r->loss);
	g->score[g->n++] = r->score;
	if (!strcmp(cell(r->first, "policy"), "uniform"))
		g->uniform = r->score;
}

/* The place of the policy rows[first], whose others come later. */
static struct group group_of(const struct policy_row *rows, size_t n, size_t first)
{
	struct group g = { .first = rows[first].first, .draws = rows[first].top1.n };

	g.uniform = NAN;
	g.score = xmalloc(n, sizeof *g.score);
	for (int f = 0; f < FIGURES; f++)
		g.brief[f] = xmalloc(n, sizeof *g.brief[f]);
	for (size_t k = first; k < n; k++)
		if (is_same_place(g.first, rows[k].first))
			add(&g, &rows[k]);
	for (int f = 0; f < FIGURES; f++)
		g.by[f] = prediction_of(g.brief[f], g.score, g.n);
	return g;
}

static void write_group(struct csv_writer *t, const struct group *g)
{
	const struct prediction *top1 = &g->by[TOP1], *loss = &g->by[LOSS];
	const double x[] = {
		top1->rank,   top1->error, loss->rank,   loss->error,  top1->regret,
		loss->regret, g->uniform,  top1->chosen, loss->chosen, top1->chosen + top1->regret
	};

	for (int k = 0; k < PLACE; k++)
		csv_text(t, cell(g->first, place[k]));
	csv_int(t, (int64_t)g->n);
	csv_int(t, g->draws);
	for (size_t k = 0; k < LEN(x); k++)
		csv_fixed(t, x[k], 4);
	csv_end_row(t);
}

static void print_group(struct text_table *t, const struct group *g)
{
	for (int k = 0; k < PLACE; k++)
		text_cell(t, "%s", cell(g->first, place[k]));
	text_cell(t, "%zu", g->n);
	text_cell(t, "%d", g->draws);
	for (int f = 0; f < FIGURES; f++)
		if (isnan(g->by[f].error))
			text_number(t, g->by[f].rank, 2);
		else
			text_cell(t, "%.2f ± %.2f", g->by[f].rank, g->by[f].error);
	for (int f = 0; f < FIGURES; f++)
		text_number(t, g->by[f].regret, 2);
	text_number(t, g->uniform, 2);
	for (int f = 0; f < FIGURES; f++)
		text_number(t, g->by[f].chosen, 2);
	text_number(t, g->by[TOP1].chosen + g->by[TOP1].regret, 2);
	text_end_row(t);
}

static struct text_table *columns_of_text(void)
{
	static const struct text_column columns[] = {
		{ "network", LEFT, 22, 0 },   { "hardware", LEFT, 10, 1 }, { "budget", LEFT, 12, 1 },
		{ "variant", LEFT, 8, 1 },    { "policies", RIGHT, 8, 1 }, { "draws", RIGHT, 5, 1 },
		{ "by top-1", RIGHT, 12, 2 }, { "by loss", RIGHT, 12, 2 }, { "by top-1", RIGHT, 8, 2 },
		{ "by loss", RIGHT, 7, 1 },   { "uniform", RIGHT, 7, 3 },  { "by top-1", RIGHT, 8, 1 },
		{ "by loss", RIGHT, 7, 1 },   { "best", RIGHT, 6, 1 },
	};

	return text_table_new(columns, LEN(columns));
}

/* Titles over the three parts of the figures. */
static void print_parts(FILE *f, const struct text_table *t)
{
	int names = text_table_width(t, 0, PLACE + 2), ranks = text_table_width(t, PLACE + 2, FIGURES),
	    regrets = text_table_width(t, PLACE + 4, FIGURES), scores = text_table_width(t, PLACE + 6, 4);

	fprintf(f, "%*s%*s%*s%*s\n", names, "", ranks, "rank", regrets, "regret", scores, "top-1 %");
}

static void write_results(const struct policy_row *rows, size_t n)
{
	struct csv_writer csv = csv_create(
		out_path, "network,hardware,budget,variant,policies,draws,rank_top1,rank_top1_se,rank_loss,"
			  "rank_loss_se,regret_top1,regret_loss,uniform,chosen_top1,chosen_loss,best");
	struct text_table *text = columns_of_text();
	FILE *f;

	for (size_t i = 0; i < n; i++) {
		size_t before = 0;
		struct group g;

		while (before < i && !is_same_place(rows[before].first, rows[i].first))
			before++;
		if (before < i)
			continue;
		g = group_of(rows, n, i);
		write_group(&csv, &g);
		print_group(text, &g);
	}
	csv_commit(&csv);
	if (!text_path)
		return;
	f = out_open(text_path);
	fprintf(f, "%s\n\n", title);
	print_parts(f, text);
	text_table_print(text, f);
	fprintf(f, "\nrank: Spearman's correlation of brief and long scores ± standard error\n"
	           "regret: points of the long top-1 that choosing by the brief score loses to the best\n");
	out_commit(f);
}

int main(int argc, char **argv)
{
	struct policy_row *rows;
	size_t n;

	cli_begin(argc, argv, "do scores of a search rank policies as those after the last finetuning do",
	          REVISION, options);
	table_read(&list, list_path);
	rows = xmalloc(list.rows + 1, sizeof *rows);
	n = collect(rows);
	write_results(rows, n);
	return cli_end();
}
