#include "io/csv.h"

#include <csv.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CELLS_MAX ((size_t)1 << 26)
#define COLUMNS_MAX 4096

struct reader {
	char **cells;
	size_t n, room, in_row, columns, rows;
	int *lines;
	size_t lines_room;
	int line;
	const char *error;
};

static void on_cell(void *text, size_t size, void *context)
{
	struct reader *r = context;
	char *copy;

	if (r->error)
		return;
	if (r->in_row >= COLUMNS_MAX || r->n >= CELLS_MAX) {
		r->error = error_text("line %d: too many cells", r->line);
		return;
	}
	if (size && memchr(text, '\0', size)) {
		r->error = error_text("line %d: a NUL byte where text was expected", r->line);
		return;
	}
	if (r->n == r->room) {
		r->room = r->room ? r->room * 2 : 256;
		if (!(r->cells = realloc(r->cells, r->room * sizeof *r->cells)))
			die("out of memory for a table");
	}
	if (!(copy = malloc(size + 1)))
		die("out of memory for a table");
	if (size)
		memcpy(copy, text, size);
	copy[size] = '\0';
	r->cells[r->n++] = copy;
	r->in_row++;
}

static void on_row(int end, void *context)
{
	struct reader *r = context;

	(void)end;
	if (r->error)
		return;
	if (r->rows == 0)
		r->columns = r->in_row;
	else if (r->in_row != r->columns)
		r->error = error_text("line %d: %zu cells, where the header has %zu", r->line, r->in_row,
		                      r->columns);
	if (r->rows == r->lines_room) {
		r->lines_room = r->lines_room ? r->lines_room * 2 : 64;
		if (!(r->lines = realloc(r->lines, r->lines_room * sizeof *r->lines)))
			die("out of memory for a table");
	}
	r->lines[r->rows++] = r->line;
	r->in_row = 0;
}

/* libcsv counts no lines: it is fed one at a time. */
static void feed(struct reader *r, struct csv_parser *parser, const char *text, size_t size)
{
	for (size_t at = 0; at < size && !r->error;) {
		const char *end = memchr(text + at, '\n', size - at);
		size_t n = end ? (size_t)(end - text) - at + 1 : size - at;

		r->line++;
		if (csv_parse(parser, text + at, n, on_cell, on_row, r) != n && !r->error)
			r->error = error_text("line %d: %s", r->line, csv_strerror(csv_error(parser)));
		at += n;
	}
	if (!r->error && csv_fini(parser, on_cell, on_row, r))
		r->error = error_text("line %d: %s", r->line, csv_strerror(csv_error(parser)));
}

static const char *check_header(const struct reader *r)
{
	if (!r->rows)
		return "is empty; expected a row of column names";
	for (size_t i = 0; i < r->columns; i++)
		for (size_t j = 0; j < i; j++)
			if (!strcmp(r->cells[i], r->cells[j]))
				return error_text("line 1: two columns are named '%.60s'", r->cells[i]);
	return NULL;
}

static void release(struct reader *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->cells[i]);
	free(r->cells);
	free(r->lines);
}

const char *table_parse(struct table *t, const void *bytes, size_t size)
{
	struct csv_parser parser;
	struct reader r = { 0 };

	if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI))
		die("cannot start libcsv");
	feed(&r, &parser, bytes, size);
	csv_free(&parser);
	if (!r.error)
		r.error = check_header(&r);
	if (r.error) {
		release(&r);
		memset(t, 0, sizeof *t);
		return r.error;
	}
	*t = (struct table){ .rows = r.rows - 1,
		             .columns = r.columns,
		             .header = r.cells,
		             .cells = r.cells + r.columns,
		             .lines = r.lines + 1 };
	return NULL;
}

void table_read(struct table *t, const char *path)
{
	size_t size;
	unsigned char *bytes = file_bytes(path, &size);
	const char *error = table_parse(t, bytes, size);

	if (error)
		die("%s: %s", path, error);
	t->path = path;
	free(bytes);
}

void table_free(struct table *t)
{
	struct reader r = { .cells = t->header, .n = (t->rows + 1) * t->columns, .lines = t->lines - 1 };

	release(&r);
	memset(t, 0, sizeof *t);
}

int table_find(const struct table *t, const char *column)
{
	for (size_t i = 0; i < t->columns; i++)
		if (!strcmp(t->header[i], column))
			return (int)i;
	return -1;
}

int table_column(const struct table *t, const char *column)
{
	int i = table_find(t, column);

	if (i < 0)
		die("%s: no column '%s' in its header", t->path, column);
	return i;
}

void table_die(const struct table *t, size_t row, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	die("%s: line %d: %s", t->path, t->lines[row], text);
}

const char *table_text(const struct table *t, size_t row, int column)
{
	return t->cells[row * t->columns + (size_t)column];
}

int64_t table_int(const struct table *t, size_t row, int column, int64_t min, int64_t max)
{
	const char *text = table_text(t, row, column);
	char *end = NULL;
	long long x;

	errno = 0;
	x = strtoll(text, &end, 10);
	if (!*text || *end || errno)
		table_die(t, row, "%s must be a whole number, not '%.60s'", t->header[column], text);
	if (x < min || x > max)
		table_die(t, row, "%s must lie in %jd..%jd, not %.60s", t->header[column], (intmax_t)min,
		          (intmax_t)max, text);
	return x;
}

double table_real(const struct table *t, size_t row, int column, double min, double max)
{
	const char *text = table_text(t, row, column);
	char *end = NULL;
	double x;

	errno = 0;
	x = strtod(text, &end);
	if (!*text || *end || errno == ERANGE || !isfinite(x))
		table_die(t, row, "%s must be a number, not '%.60s'", t->header[column], text);
	if (!(x >= min && x <= max))
		table_die(t, row, "%s must lie in %g..%g, not %.60s", t->header[column], min, max, text);
	return x;
}

double table_number(const struct table *t, size_t row, const char *column)
{
	int c = table_column(t, column);

	return *table_text(t, row, c) ? table_real(t, row, c, -1e15, 1e15) : NAN;
}

bool table_is(const struct table *t, size_t row, const char *column, const char *word)
{
	return !strcmp(table_text(t, row, table_column(t, column)), word);
}
