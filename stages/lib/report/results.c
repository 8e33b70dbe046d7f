#include "report/results.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define AHEAD_SEEDS "top1_ahead_seeds"

struct result result_named(const struct table *t, size_t row)
{
	struct result r = { .network = table_text(t, row, table_column(t, "network")),
		            .hardware = table_text(t, row, table_column(t, "hardware")),
		            .budget = table_text(t, row, table_column(t, "budget")),
		            .policy = table_text(t, row, table_column(t, "policy")) };

	for (size_t k = 0; k < RESULTS_FIGURES; k++)
		r.figure[k].mean = r.figure[k].deviation = r.figure[k].paper = NAN;
	return r;
}

bool result_same_place(const struct result *a, const struct result *b)
{
	return !strcmp(a->network, b->network) && !strcmp(a->hardware, b->hardware) &&
	       !strcmp(a->budget, b->budget);
}

bool result_same_row(const struct result *a, const struct result *b)
{
	return result_same_place(a, b) && !strcmp(a->policy, b->policy);
}

static bool is_paper_name(const char *ours, const char *paper)
{
	size_t n = strlen(paper);

	return !strncmp(ours, paper, n) && (ours[n] == '\0' || ours[n] == '-');
}

void result_add_paper(struct result *r, const struct results *figures, const struct table *paper)
{
	for (size_t i = 0; i < paper->rows; i++) {
		struct result key = result_named(paper, i);

		if (!is_paper_name(r->network, key.network))
			continue;
		key.network = r->network;
		for (size_t k = 0; result_same_row(r, &key) && k < figures->figures; k++)
			r->figure[k].paper =
				table_real(paper, i, table_column(paper, figures->name[k]), 0, 1e12);
	}
}

static void write_header(struct csv_writer *t, const struct results *r)
{
	static const char *const names[] = { "network", "hardware", "budget", "policy", "seeds" };

	for (size_t i = 0; i < LEN(names); i++)
		csv_text(t, names[i]);
	for (size_t k = 0; k < r->figures; k++) {
		csv_text(t, r->name[k]);
		csv_text(t, xprintf("%s_sd", r->name[k]));
	}
	for (size_t k = 0; k < r->figures; k++)
		csv_text(t, xprintf("paper_%s", r->name[k]));
	csv_text(t, "top1_ahead");
	csv_text(t, "top1_ahead_error");
	csv_text(t, AHEAD_SEEDS);
	csv_end_row(t);
}

static void write_ahead(struct csv_writer *t, const struct by_seed *ahead)
{
	struct sample s = by_seed_sample(ahead);

	csv_real(t, sample_mean(&s), 6);
	csv_real(t, sample_error(&s), 3);
	csv_text(t, by_seed_text(ahead));
}

void results_write(const struct results *r, const char *path)
{
	struct csv_writer t = csv_create(path, NULL);

	write_header(&t, r);
	for (size_t i = 0; i < r->rows; i++) {
		const struct result *row = &r->row[i];

		csv_text(&t, row->network);
		csv_text(&t, row->hardware);
		csv_text(&t, row->budget);
		csv_text(&t, row->policy);
		csv_int(&t, row->seeds);
		for (size_t k = 0; k < r->figures; k++) {
			csv_real(&t, row->figure[k].mean, 6);
			csv_real(&t, row->figure[k].deviation, 3);
		}
		for (size_t k = 0; k < r->figures; k++)
			csv_real(&t, row->figure[k].paper, 6);
		write_ahead(&t, &row->ahead);
		csv_end_row(&t);
	}
	csv_commit(&t);
}

/* The figures are the columns FIGURE that have a FIGURE_sd. */
static void find_figures(struct results *r, const struct table *t)
{
	for (size_t i = 0; i < t->columns; i++) {
		char *deviation = xprintf("%s_sd", t->header[i]);

		if (table_find(t, deviation) >= 0) {
			if (r->figures == RESULTS_FIGURES)
				die("%s: more than %d figures", t->path, RESULTS_FIGURES);
			r->name[r->figures++] = t->header[i];
		}
		free(deviation);
	}
}

static void read_ahead(struct result *row, const struct table *t, size_t i)
{
	int column = table_find(t, AHEAD_SEEDS);
	const char *error = column < 0 ? NULL : by_seed_parse(&row->ahead, table_text(t, i, column));

	if (error)
		table_die(t, i, "%s: %s, as in 1:0.67 2:-0.5", AHEAD_SEEDS, error);
}

void results_read(struct results *r, const char *path)
{
	struct table t;

	table_read(&t, path);
	*r = (struct results){ .rows = t.rows, .row = xmalloc(t.rows + 1, sizeof *r->row) };
	find_figures(r, &t);
	for (size_t i = 0; i < t.rows; i++) {
		struct result *row = &r->row[i];

		*row = result_named(&t, i);
		row->seeds = (int)table_int(&t, i, table_column(&t, "seeds"), 1, 1000000);
		for (size_t k = 0; k < r->figures; k++) {
			row->figure[k].mean = table_number(&t, i, r->name[k]);
			row->figure[k].deviation = table_number(&t, i, xprintf("%s_sd", r->name[k]));
			row->figure[k].paper = table_number(&t, i, xprintf("paper_%s", r->name[k]));
		}
		read_ahead(row, &t, i);
	}
}

size_t results_figure(const struct results *r, const char *name)
{
	for (size_t k = 0; k < r->figures; k++)
		if (!strcmp(r->name[k], name))
			return k;
	die("a table of results has no column '%s'", name);
}
