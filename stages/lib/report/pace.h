/*
 * pace.h - how far searches have come, and how long the rest will take.
 *
 * The rest is what is still to be done by the pace of the last two minutes, both counted in episodes.  A last
 * finetuning counts as many episodes as it takes as long as, where it is known how long both take.
 *
 * Files that are no tables die in one line.
 */
#ifndef PACE_H
#define PACE_H

#include "io/csv.h"

#include <time.h>

/* Each may be NULL. */
struct pace_files {
	const char *finals; /* policy,network: PATH of PATH.policy.csv that are finetuned at length */
	const char *times;  /* network,episode,final: seconds; where there is none, finals do not count */
	const char *since;  /* written when this work began: what is older says no pace */
};

struct pace {
	long done, total; /* episodes */
	double left;      /* seconds; 0: nothing is known */
};

/* runs: directories and their lengths, run,episodes. */
struct pace pace_of(const struct table *runs, const struct pace_files *files);

/*
 * When the k-th score of a run was made; 0: it was not.  A score that is older than the first was left by a
 * search that is being redone.
 */
time_t pace_made(const char *run, long k);

#endif
