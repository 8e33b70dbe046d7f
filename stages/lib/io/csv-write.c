#include "io/csv.h"

#include <csv.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct csv_writer csv_create(const char *path, const char *names)
{
	struct csv_writer t = { out_open(path), 0, 0 };

	if (!names)
		return t;
	for (const char *end; names; names = end ? end + 1 : NULL) {
		char *name;

		end = strchr(names, ',');
		name = end ? xprintf("%.*s", (int)(end - names), names) : xstrdup(names);
		csv_text(&t, name);
		free(name);
	}
	csv_end_row(&t);
	return t;
}

static void begin_cell(struct csv_writer *t)
{
	if (t->in_row++)
		fputc(',', t->f);
}

void csv_quoted(struct csv_writer *t, const char *text)
{
	begin_cell(t);
	csv_fwrite2(t->f, text, strlen(text), '"');
}

/* Blanks around a cell are lost to readers unless quotes keep them. */
static bool needs_quotes(const char *text)
{
	size_t n = strlen(text);

	return strpbrk(text, ",\"\r\n") || (n && (strchr(" \t", text[0]) || strchr(" \t", text[n - 1])));
}

void csv_text(struct csv_writer *t, const char *text)
{
	if (needs_quotes(text)) {
		csv_quoted(t, text);
		return;
	}
	begin_cell(t);
	fputs(text, t->f);
}

void csv_int(struct csv_writer *t, int64_t x)
{
	begin_cell(t);
	fprintf(t->f, "%jd", (intmax_t)x);
}

void csv_real(struct csv_writer *t, double x, int digits)
{
	begin_cell(t);
	if (!isnan(x))
		fprintf(t->f, "%.*g", digits, x);
}

void csv_fixed(struct csv_writer *t, double x, int decimals)
{
	begin_cell(t);
	if (!isnan(x))
		fprintf(t->f, "%.*f", decimals, x);
}

void csv_empty(struct csv_writer *t, int cells)
{
	while (cells-- > 0)
		begin_cell(t);
}

void csv_end_row(struct csv_writer *t)
{
	if (!t->columns)
		t->columns = t->in_row;
	if (!t->in_row || t->in_row != t->columns)
		BUG("a row of %zu cells, where the header has %zu", t->in_row, t->columns);
	fputc('\n', t->f);
	t->in_row = 0;
}

void csv_commit(struct csv_writer *t)
{
	if (t->in_row)
		BUG("a row that was not ended");
	out_commit(t->f);
}
