/*
 * results-text.h - a table of results as aligned text: figures in units that people read, ours beside the
 * paper's, and how far rows are ahead of uniform bits.
 */
#ifndef RESULTS_TEXT_H
#define RESULTS_TEXT_H

#include "report/results.h"

struct results_style {
	const char *title;
	bool has_paper;
	struct {
		const char *unit;
		double scale; /* from CSV to text */
		int digits;
	} figure[RESULTS_FIGURES];
};

void results_write_text(const struct results *r, const struct results_style *style,
                        const char *path); /* dies */

#endif
