/*
 * claims.h - claims of a paper beside what was measured, and the verdicts: CLAIMS.csv and aligned text.
 *
 *	claim,paper,ours,spread,seeds,verdict
 *	"flexible bits beat fixed ones at equal size (Table 6)",+5.61 points,0.29,0.0279,3,holds
 *
 * The CSV gives ours without its unit.
 */
#ifndef CLAIMS_H
#define CLAIMS_H

#include "core/statistics.h"

struct claim {
	const char *text, *paper;
	double ours, spread; /* spread: NaN where there is none */
	int seeds;
	const char *unit; /* that of ours, for the text */
	int verdict;      /* 1 holds, -1 does not hold, 0 undecided */
};

struct claims {
	int n;
	struct claim at[32];
};

/* Texts stay the caller's; claims begin as { 0 }. */
void claims_add(struct claims *all, struct claim c);
/* Adds a claim that all of so many comparisons are won: it holds where nine of ten are.  0: adds nothing. */
void claims_wins(struct claims *all, const char *text, const char *paper, int won, int of, int seeds);
/*
 * Adds a claim, whose text, paper and unit are set, by a number for each seed: that it is above zero
 * where sign is 1, below where it is -1 (Student's t).  With one seed, `clear` is far enough from zero to
 * decide; with none, nothing is added.
 */
void claims_seeds(struct claims *all, struct claim c, const struct sample *seeds, int sign, double clear);

void claims_write(const struct claims *all, const char *path); /* dies */
void claims_write_text(const struct claims *all, const char *title, const char *path);

#endif
