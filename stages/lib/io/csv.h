/*
 * csv.h - tables with named columns in RFC 4180's CSV: read and written by libcsv.
 *
 * The first row names the columns.  Rows must all have as many cells as it has.
 *
 * Reading.  Cells are read where they are used: table_int() and its like die naming file, line, column
 * and what was expected.
 *
 * Writing.  A row is its cells, one call each, and csv_end_row(); a row of another length than the header
 * is a bug and aborts.  csv_commit() puts the file in its place, as out_commit() does.
 *
 *	struct csv_writer t = csv_create(path, "layer,weight_bits,error");
 *
 *	csv_text(&t, name);
 *	csv_int(&t, bits);
 *	csv_real(&t, error, 6);
 *	csv_end_row(&t);
 *	csv_commit(&t);
 */
#ifndef CSV_H
#define CSV_H

#include "core/base.h"

struct table {
	const char *path; /* for messages */
	size_t rows, columns;
	char **header; /* [columns] */
	char **cells;  /* [rows][columns] */
	int *lines;    /* [rows]: line of the file, for messages */
};

const char *table_parse(struct table *t, const void *bytes, size_t size); /* NULL, or the error */
void table_read(struct table *t, const char *path);                       /* dies */
void table_free(struct table *t);

int table_find(const struct table *t, const char *column);   /* -1 where there is none */
int table_column(const struct table *t, const char *column); /* dies where there is none */
const char *table_text(const struct table *t, size_t row, int column);
int64_t table_int(const struct table *t, size_t row, int column, int64_t min, int64_t max);
double table_real(const struct table *t, size_t row, int column, double min, double max);
/* Cells of a column that must be there, by its name: any number, NaN where empty; whether it is this word. */
double table_number(const struct table *t, size_t row, const char *column);
bool table_is(const struct table *t, size_t row, const char *column, const char *word);

/* Dies with "PATH: line N: MESSAGE" for a row of the table. */
_Noreturn void table_die(const struct table *t, size_t row, const char *fmt, ...) PRINTF(3, 4);

struct csv_writer {
	FILE *f;
	size_t columns, in_row; /* columns: 0 until the first row has ended */
};

/* names: the header, with commas between the columns' names; NULL: the first row that is written.  Dies. */
struct csv_writer csv_create(const char *path, const char *names);
void csv_text(struct csv_writer *t, const char *text);   /* in quotes where it needs them */
void csv_quoted(struct csv_writer *t, const char *text); /* in quotes always */
void csv_int(struct csv_writer *t, int64_t x);
void csv_real(struct csv_writer *t, double x, int digits);    /* significant ones, as %g; NaN: empty */
void csv_fixed(struct csv_writer *t, double x, int decimals); /* as %f; NaN: empty */
void csv_empty(struct csv_writer *t, int cells);              /* so many empty cells */
void csv_end_row(struct csv_writer *t);
void csv_commit(struct csv_writer *t); /* dies */

#endif
