/*
 * csv.h - tables with named columns, read by libcsv.
 *
 * The first row names the columns.  Rows must all have as many cells as it has.  Cells are read where
 * they are used: table_int() and its like die naming file, line, column and what was expected.
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

/* Dies with "PATH: line N: MESSAGE" for a row of the table. */
_Noreturn void table_die(const struct table *t, size_t row, const char *fmt, ...) PRINTF(3, 4);

#endif
