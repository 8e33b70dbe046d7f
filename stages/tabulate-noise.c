/*
 * tabulate-noise - how far scores of one policy lie apart, draw by draw of its finetuning.
 *
 * Reads a list network,bits,variant,draw,score: score is a file of `evaluate`, variant names the settings
 * of the finetuning.  Writes, for each network, bits and variant in the order of the list,
 *
 *	network,bits,variant,draws,top1,top1_sd,loss,loss_sd,images,chance
 *	tiny-fashion,w4a4,search,8,71.2500,0.4123,0.802100,0.004512,2500,0.9052
 *
 * means and standard deviations (of n - 1, empty of one draw) of top-1, in percent, and of the loss; and,
 * beside the number of images, the standard deviation that chance alone gives top-1 where so many images
 * are drawn at random: sqrt(p (1 - p) / n), in points.  It is what other reward images would do to a
 * score; those of these draws are the same.  With --text the same as aligned text.
 */
#include "core/cli.h"
#include "core/statistics.h"
#include "io/csv.h"
#include "model/score.h"
#include "report/text-table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REVISION 1

static const char *list_path, *out_path, *text_path, *title = "";

static const struct opt options[] = { { 'l', "list", OPT_PATH, &list_path, "list.csv", "which scores" },
	                              { 'o', "output", OPT_OUT, &out_path, "table.csv", "the table" },
	                              { 't', "text", OPT_OUT, &text_path, NULL, "the same as aligned text" },
	                              { 0, "title", OPT_TEXT, &title, NULL, "a line above the text" },
	                              { 0 } };

enum { NAMES = 3 };
static const char *const names[NAMES] = { "network", "bits", "variant" };

struct row {
	size_t first; /* of the list, for its names */
	struct sample top1, loss;
	long images;
};

static bool is_same(const struct table *list, size_t i, size_t k)
{
	for (int n = 0; n < NAMES; n++) {
		int column = table_column(list, names[n]);

		if (strcmp(table_text(list, i, column), table_text(list, k, column)) != 0)
			return false;
	}
	return true;
}

/* A draw that is listed twice would look like two that agree. */
static void refuse_twice(const struct table *list, size_t i)
{
	int draw = table_column(list, "draw");

	for (size_t k = 0; k < i; k++)
		if (is_same(list, i, k) && !strcmp(table_text(list, i, draw), table_text(list, k, draw)))
			table_die(list, i, "draw %s of this row is in line %d already",
			          table_text(list, i, draw), list->lines[k]);
}

static size_t collect(struct row *rows, const struct table *list)
{
	int path = table_column(list, "score");
	size_t n = 0;

	for (size_t i = 0; i < list->rows; i++) {
		const char *file = table_text(list, i, path);
		struct score score = score_read(file);
		long images = score_images(file);
		size_t k = 0;

		refuse_twice(list, i);
		while (k < n && !is_same(list, i, rows[k].first))
			k++;
		if (k == n)
			rows[n++] = (struct row){ .first = i, .images = images };
		if (images != rows[k].images)
			table_die(list, i, "a score of %ld images, where that of line %d is of %ld", images,
			          list->lines[rows[k].first], rows[k].images);
		sample_add(&rows[k].top1, score.top1);
		sample_add(&rows[k].loss, score.loss);
	}
	return n;
}

static double chance(const struct row *r)
{
	double p = sample_mean(&r->top1) / 100;

	return 100 * sqrt(p * (1 - p) / (double)r->images);
}

static void write_table(const struct row *rows, size_t n, const struct table *list)
{
	struct csv_writer t =
		csv_create(out_path, "network,bits,variant,draws,top1,top1_sd,loss,loss_sd,images,chance");

	for (size_t i = 0; i < n; i++) {
		const struct row *r = &rows[i];

		for (int k = 0; k < NAMES; k++)
			csv_text(&t, table_text(list, r->first, table_column(list, names[k])));
		csv_int(&t, r->top1.n);
		csv_fixed(&t, sample_mean(&r->top1), 4);
		csv_fixed(&t, sample_deviation(&r->top1), 4);
		csv_fixed(&t, sample_mean(&r->loss), 6);
		csv_fixed(&t, sample_deviation(&r->loss), 6);
		csv_int(&t, r->images);
		csv_fixed(&t, chance(r), 4);
		csv_end_row(&t);
	}
	csv_commit(&t);
}

static void add_row(struct text_table *t, const struct row *r, const struct table *list)
{
	for (int k = 0; k < NAMES; k++)
		text_cell(t, "%s", table_text(list, r->first, table_column(list, names[k])));
	text_cell(t, "%d", r->top1.n);
	text_number(t, sample_mean(&r->top1), 2);
	text_number(t, sample_deviation(&r->top1), 2);
	text_number(t, sample_mean(&r->loss), 4);
	text_number(t, sample_deviation(&r->loss), 4);
	text_cell(t, "%ld", r->images);
	text_number(t, chance(r), 2);
	text_end_row(t);
}

static void write_text(const struct row *rows, size_t n, const struct table *list)
{
	static const struct text_column columns[] = { { "network", LEFT, 22, 0 }, { "bits", LEFT, 4, 1 },
		                                      { "variant", LEFT, 8, 1 },  { "draws", RIGHT, 5, 2 },
		                                      { "top-1 %", RIGHT, 7, 2 }, { "sd", RIGHT, 5, 2 },
		                                      { "loss", RIGHT, 7, 2 },    { "sd", RIGHT, 6, 2 },
		                                      { "images", RIGHT, 6, 2 },  { "chance", RIGHT, 6, 2 } };
	struct text_table *t = text_table_new(columns, LEN(columns));
	FILE *f = out_open(text_path);
	int network = table_column(list, "network");

	for (size_t i = 0; i < n; i++) {
		if (i && strcmp(table_text(list, rows[i].first, network),
		                table_text(list, rows[i - 1].first, network)) != 0)
			text_blank_row(t);
		add_row(t, &rows[i], list);
	}
	fprintf(f, "%s\n\n", title);
	text_table_print(t, f);
	fprintf(f, "\nsd: standard deviation over draws of the finetuning, scored on the same images\n"
	           "chance: that of top-1 where so many images are drawn at random, in points\n");
	text_table_free(t);
	out_commit(f);
}

int main(int argc, char **argv)
{
	struct table list;
	struct row *rows;
	size_t n;

	cli_begin(argc, argv, "how far scores of one policy lie apart, draw by draw", REVISION, options);
	table_read(&list, list_path);
	rows = xmalloc(list.rows + 1, sizeof *rows);
	n = collect(rows, &list);
	write_table(rows, n, &list);
	if (text_path)
		write_text(rows, n, &list);
	free(rows);
	return cli_end();
}
