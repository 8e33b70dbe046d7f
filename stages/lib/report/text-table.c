#include "report/text-table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct text_table {
	size_t columns, rows, room, in_row;
	struct text_column *column; /* [columns], as wide as their cells by now */
	char **cell;                /* [rows][columns]; NULL: empty */
};

/* Characters of UTF-8: bytes that do not continue one. */
static int width_of(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xC0) != 0x80;
	return n;
}

struct text_table *text_table_new(const struct text_column *columns, size_t n)
{
	struct text_table *t = xmalloc(1, sizeof *t);

	t->columns = n;
	t->column = xmalloc(n, sizeof *t->column);
	memcpy(t->column, columns, n * sizeof *columns);
	for (size_t i = 0; i < n; i++)
		if (width_of(columns[i].title) > columns[i].width)
			t->column[i].width = width_of(columns[i].title);
	return t;
}

/* The row that is being filled has room. */
static char **row_at_work(struct text_table *t)
{
	if (t->rows == t->room) {
		size_t room = t->room ? 2 * t->room : 16;

		if (!(t->cell = realloc(t->cell, room * t->columns * sizeof *t->cell)))
			die("out of memory for a table");
		for (size_t i = t->room * t->columns; i < room * t->columns; i++)
			t->cell[i] = NULL;
		t->room = room;
	}
	return t->cell + t->rows * t->columns;
}

/* Takes the text. */
static void add_cell(struct text_table *t, char *text)
{
	struct text_column *c = t->column + t->in_row;

	if (t->in_row == t->columns)
		BUG("more than %zu cells in a row", t->columns);
	row_at_work(t)[t->in_row++] = text;
	if (width_of(text) > c->width)
		c->width = width_of(text);
}

void text_cell(struct text_table *t, const char *fmt, ...)
{
	va_list ap;
	char *text;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	text = xmalloc((size_t)n + 1, 1);
	va_start(ap, fmt);
	vsnprintf(text, (size_t)n + 1, fmt, ap);
	va_end(ap);
	add_cell(t, text);
}

void text_number(struct text_table *t, double x, int decimals)
{
	add_cell(t, isnan(x) ? xstrdup("-") : xprintf("%.*f", decimals, x));
}

void text_end_row(struct text_table *t)
{
	row_at_work(t);
	t->rows++;
	t->in_row = 0;
}

void text_blank_row(struct text_table *t)
{
	if (t->in_row)
		BUG("a row that was not ended");
	text_end_row(t);
}

int text_table_width(const struct text_table *t, size_t first, size_t count)
{
	int sum = 0;

	for (size_t i = first; i < first + count; i++)
		sum += t->column[i].width + (i > first ? t->column[i].gap : 0);
	return sum;
}

/* Blanks are kept back until something follows them. */
static void print_line(const struct text_table *t, FILE *f, const char *const *cells)
{
	int blanks = 0;

	for (size_t i = 0; i < t->columns; i++) {
		const struct text_column *c = t->column + i;
		const char *text = cells[i] ? cells[i] : "";
		int rest = c->width - width_of(text);

		blanks += c->gap + (c->side == RIGHT ? rest : 0);
		if (*text) {
			fprintf(f, "%*s%s", blanks, "", text);
			blanks = 0;
		}
		blanks += c->side == LEFT ? rest : 0;
	}
	fputc('\n', f);
}

void text_table_print(const struct text_table *t, FILE *f)
{
	const char **titles = xmalloc(t->columns, sizeof *titles);
	bool has_titles = false;

	for (size_t i = 0; i < t->columns; i++) {
		titles[i] = t->column[i].title;
		has_titles |= *titles[i] != '\0';
	}
	if (has_titles)
		print_line(t, f, titles);
	free(titles);
	for (size_t row = 0; row < t->rows; row++)
		print_line(t, f, (const char *const *)(t->cell + row * t->columns));
}

void text_table_free(struct text_table *t)
{
	for (size_t i = 0; i < t->room * t->columns; i++)
		free(t->cell[i]);
	free(t->cell);
	free(t->column);
	free(t);
}
