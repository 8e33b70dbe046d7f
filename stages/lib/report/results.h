/*
 * results.h - tables of results: a row for each network, hardware, budget and policy, means over seeds,
 * with the paper's numbers beside them.  Written by tabulate, read by check-claims.
 *
 *	network,hardware,budget,policy,seeds,top1,top1_sd,latency_ms,latency_ms_sd,paper_top1,paper_latency_ms
 *	mobilenet-v1,bismo-edge,latency-w4a4,searched,3,70.1,0.2,45.5,0,67.4,45.51
 *
 * What the columns between `seeds` and `paper_` are of is up to the table: its figures.  FIGURE is the
 * mean over seeds, FIGURE_sd the standard deviation, empty of one seed; paper_FIGURE is empty where the
 * paper has no such row.
 */
#ifndef RESULTS_H
#define RESULTS_H

#include "io/csv.h"

#define RESULTS_FIGURES 6 /* at most */

struct result {
	const char *network, *hardware, *budget, *policy;
	int seeds;
	struct {
		double mean, deviation, paper; /* NaN where there is none */
	} figure[RESULTS_FIGURES];
};

struct results {
	size_t rows, figures;
	const char *name[RESULTS_FIGURES];
	struct result *row; /* [rows] */
};

/* The names of a row of any table that has these four columns; no seeds, all figures NaN.  Dies. */
struct result result_named(const struct table *t, size_t row);
bool result_same_place(const struct result *a, const struct result *b); /* all names but the policy's */
bool result_same_row(const struct result *a, const struct result *b);

/*
 * The paper's numbers beside a row of a table of these figures, by columns of the paper's rows that are named
 * as the figures.  "mobilenet-v1-fashion" is the paper's "mobilenet-v1" on another data set.  Dies.
 */
void result_add_paper(struct result *r, const struct results *figures, const struct table *paper);

void results_write(const struct results *r, const char *path);    /* dies */
void results_read(struct results *r, const char *path);           /* for good; dies */
size_t results_figure(const struct results *r, const char *name); /* which one; dies */

#endif
