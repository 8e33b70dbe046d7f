/*
 * measures.h - what a table or a trace shows, as one number: the evidence for check-claims.
 */
#ifndef MEASURES_H
#define MEASURES_H

#include "report/cost-grid.h"
#include "report/differences.h"
#include "report/results.h"

/*
 * Adds top-1 of the rows of a policy, less that of uniform bits in their places, each shared by the
 * accelerators of a network and budget, and by seed where the table has it; and the same of the paper,
 * where it has both.  The number of seeds of the last row, 0 where there is none.
 */
int measure_differences(struct differences *d, struct sample *paper, const struct results *r,
                        const char *policy);

/*
 * By which factor a cost falls: that of row `full`, over the least of a searched row of its network and
 * hardware that is at most `negligible` points of top-1 worse; 1 where none is.
 */
double measure_saving(const struct results *r, size_t full, const char *cost, double negligible);

/* Mean of a column (bits) over depthwise layers less that over pointwise ones; NaN without either. */
double measure_depthwise_less_pointwise(const struct table *roofline, const char *column);

/*
 * By how many percent latency changes from where accuracy has made nine tenths of its way to the end of a
 * trace of episodes; both as means of `window` of them.  NaN of a trace shorter than two windows.
 */
double measure_latency_after_accuracy(const struct table *trace, size_t window);

/*
 * Whether no policy of the same seed is better than policy k on the accelerator that it was searched for:
 * faster, or, where `and_accurate`, faster and at least as accurate.  Policies are named
 * NET/HARDWARE/BUDGET/seed-N/...  Dies where that accelerator's cost is not in the table.
 */
bool measure_wins_at_home(const struct cost_grid *g, const struct table *t, int k, bool and_accurate);
int measure_seed(const struct cost_grid *g, const struct table *t, int k); /* N; dies where there is none */

#endif
