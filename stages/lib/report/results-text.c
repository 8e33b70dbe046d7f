#include "report/results-text.h"
#include "report/text-table.h"

#include <string.h>

#define NAMES 4

static bool has_spread(const struct results *r)
{
	return r->rows && r->row[0].seeds > 1;
}

/* A table without uniform bits is ahead of none. */
static bool has_ahead(const struct results *r)
{
	for (size_t i = 0; i < r->rows; i++)
		if (r->row[i].ahead.n)
			return true;
	return false;
}

static struct text_table *columns_of(const struct results *r, const struct results_style *style)
{
	struct text_column c[NAMES + 1 + 2 * RESULTS_FIGURES] = { { "network", LEFT, 22, 0 },
		                                                  { "hardware", LEFT, 13, 1 },
		                                                  { "budget", LEFT, 6, 1 },
		                                                  { "bits", LEFT, 10, 1 } };
	int width = has_spread(r) ? 14 : 8;
	size_t n = NAMES;

	for (size_t k = 0; k < r->figures; k++)
		c[n++] = (struct text_column){ style->figure[k].unit, RIGHT, width, 2 };
	if (has_ahead(r))
		c[n++] = (struct text_column){ "ahead", RIGHT, width, 2 };
	for (size_t k = 0; style->has_paper && k < r->figures; k++)
		c[n++] = (struct text_column){ style->figure[k].unit, RIGHT, 7, k ? 2 : 4 };
	return text_table_new(c, n);
}

static void add_ahead(struct text_table *t, const struct result *r)
{
	struct sample ahead = by_seed_sample(&r->ahead);

	if (ahead.n > 1)
		text_cell(t, "%+.2f ± %.2f", sample_mean(&ahead), sample_error(&ahead));
	else if (ahead.n)
		text_cell(t, "%+.2f", sample_mean(&ahead));
	else
		text_cell(t, "%s", "");
}

static void add_row(struct text_table *t, const struct results *all, const struct result *r,
                    const struct results_style *style)
{
	text_cell(t, "%s", r->network);
	text_cell(t, "%s", r->hardware);
	text_cell(t, "%s", r->budget);
	text_cell(t, "%s", r->policy);
	for (size_t k = 0; k < all->figures; k++) {
		int digits = style->figure[k].digits;
		double mean = r->figure[k].mean * style->figure[k].scale,
		       deviation = r->figure[k].deviation * style->figure[k].scale;

		if (r->seeds > 1)
			text_cell(t, "%.*f ± %.*f", digits, mean, digits, deviation);
		else
			text_number(t, mean, digits);
	}
	if (has_ahead(all))
		add_ahead(t, r);
	for (size_t k = 0; style->has_paper && k < all->figures; k++)
		text_number(t, r->figure[k].paper * style->figure[k].scale, 2);
	text_end_row(t);
}

static void write_notes(FILE *f, const struct results *r)
{
	if (has_spread(r) || has_ahead(r))
		fprintf(f, "\n");
	if (has_spread(r))
		fprintf(f, "mean ± standard deviation over %d seeds\n", r->row[0].seeds);
	if (has_ahead(r))
		fprintf(f, "ahead: of uniform bits at equal cost, in top-1%s\n",
		        has_spread(r) ? ", mean ± standard error of the same seeds" : "");
}

void results_write_text(const struct results *r, const struct results_style *style, const char *path)
{
	FILE *f = out_open(path);
	struct text_table *t = columns_of(r, style);

	for (size_t i = 0; i < r->rows; i++) {
		const struct result *row = &r->row[i];

		if (i && (strcmp(row->network, row[-1].network) || strcmp(row->hardware, row[-1].hardware)))
			text_blank_row(t);
		add_row(t, r, row, style);
	}
	fprintf(f, "%s\n\n", style->title);
	if (style->has_paper)
		fprintf(f, "%*s    paper, on ImageNet\n",
		        text_table_width(t, 0, NAMES + r->figures + has_ahead(r)), "ours");
	text_table_print(t, f);
	write_notes(f, r);
	text_table_free(t);
	out_commit(f);
}
