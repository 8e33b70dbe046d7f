/*
 * results.h - tables of results: a row for each network, hardware, budget and policy, means over seeds,
 * with the paper's numbers beside them.  Written by tabulate, read by check-claims.
 *
 *	network,hardware,budget,policy,seeds,top1,top1_sd,latency_ms,latency_ms_sd,paper_top1,
 *	paper_latency_ms,top1_ahead,top1_ahead_error,top1_ahead_seeds
 *	mobilenet-v1,bismo-edge,w4a4,searched,3,70.1,0.2,45.5,0,67.4,45.51,
 *	0.72,0.0451,1:0.67 2:0.68 3:0.81
 *
 * What the columns between `seeds` and `paper_` are of is up to the table: its figures.  FIGURE is the
 * mean over seeds, FIGURE_sd the standard deviation, empty of one seed; paper_FIGURE is empty where the
 * paper has no such row.  top1_ahead_seeds says by how much top-1 is ahead of that of the row `uniform`
 * in the same place, by each seed that both have (report/by-seed.h); top1_ahead is the mean,
 * top1_ahead_error its standard error, empty of one seed.  All three are empty of uniform bits, and where
 * there are none to compare with; tables of earlier versions do not have them.
 */
#ifndef RESULTS_H
#define RESULTS_H

#include "io/csv.h"
#include "report/by-seed.h"

#define RESULTS_FIGURES 6 /* at most */

struct result {
	const char *network, *hardware, *budget, *policy;
	int seeds;
	struct {
		double mean, deviation, paper; /* NaN where there is none */
	} figure[RESULTS_FIGURES];
	struct by_seed ahead; /* top-1 less that of uniform bits; empty where it is not known */
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
