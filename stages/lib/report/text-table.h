/*
 * text-table.h - tables that are aligned by blanks, for people.
 *
 *	static const struct text_column columns[] = { { "network", LEFT, 22, 0 }, { "ms", RIGHT, 8, 2 } };
 *	struct text_table *t = text_table_new(columns, LEN(columns));
 *
 *	text_cell(t, "%s", name);
 *	text_cell(t, "%.4f", ms);
 *	text_end_row(t);
 *	text_table_print(t, f);
 *
 * Widths are in characters of UTF-8.  A column is as wide as its widest cell, and not narrower than its
 * width says.  No line ends in blanks.
 */
#ifndef TEXT_TABLE_H
#define TEXT_TABLE_H

#include "core/base.h"

enum text_side { LEFT, RIGHT };

struct text_column {
	const char *title;
	enum text_side side; /* where cells stand in the column */
	int width;           /* at least */
	int gap;             /* blanks before it */
};

struct text_table;

/* The columns are copied, their titles are not. */
struct text_table *text_table_new(const struct text_column *columns, size_t n);
void text_cell(struct text_table *t, const char *fmt, ...) PRINTF(2, 3);
void text_number(struct text_table *t, double x, int decimals); /* NaN: "-" */
void text_end_row(struct text_table *t);                        /* cells not given are empty */
void text_blank_row(struct text_table *t);

/* Characters that `count` columns from `first` take by now, with the gaps between them. */
int text_table_width(const struct text_table *t, size_t first, size_t count);
void text_table_print(const struct text_table *t, FILE *f); /* a line of titles, unless all are empty; rows */
void text_table_free(struct text_table *t);

#endif
