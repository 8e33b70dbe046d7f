/*
 * costs.h - what each layer costs at each pair of bits: the table a simulator writes.
 *
 *	layer,weight_bits,activation_bits,cycles,latency_ms,energy_mj,weight_bytes
 *
 * A row for every layer and 1..8 weight and activation bits; a cell is empty where the simulator has
 * no such figure.  Both simulators are separable by layer, so a network costs the sum of its layers
 * and a search never runs a simulator again.
 *
 * Which layers count (enum costs_count): Table 3 of HAQ leaves the first and last layer out of the
 * latency (COUNT_SEARCHED), Tables 4 and 5 count every layer (COUNT_ALL).
 *
 * Budgets by name: METRIC-w4a4, what uniform 4/4 bits cost (fixed layers at their bits),
 * or METRIC-0.60, a share of what 8/8 bits cost; METRIC is latency, energy or size.
 * `accuracy-guaranteed` is no limit: what bits cost is in the reward then (search.h).
 */
#ifndef COSTS_H
#define COSTS_H

#include "model/graph.h"
#include "model/policy.h"
#include "io/csv.h"

#include <math.h>

enum metric { METRIC_LATENCY, METRIC_ENERGY, METRIC_SIZE, METRICS };
enum costs_count { COUNT_SEARCHED, COUNT_ALL };

extern const char *const metric_names[METRICS];   /* latency, energy, size */
extern const char *const metric_columns[METRICS]; /* latency_ms, energy_mj, weight_bytes */

struct cost {
	int64_t cycles;         /* -1 where there is none */
	double metric[METRICS]; /* ms, mJ, bytes; NAN where there is none */
};

#define COST_NONE \
	(struct cost) \
	{ \
		-1, \
		{ \
			NAN, NAN, NAN \
		} \
	}

struct costs {
	const char *path;
	int layers;
	struct cost (*at)[BITS_MAX][BITS_MAX]; /* [layer][w - 1][a - 1] */
};

void costs_alloc(struct costs *c, const struct graph *g);
/* dies; checks for missing rows */
void costs_read(struct costs *c, const struct graph *g, const char *path);
void costs_header(FILE *f); /* the line above */
/* the cells behind the bits, and the end of the line */
void cost_write(FILE *f, const struct cost *cost);
void costs_write(const struct costs *c, const struct graph *g, const char *path);

/* The row `total` of what a simulator wrote for a policy; dies where there is none. */
size_t costs_total_row(const struct table *t);

/* The sum over the layers that count; NAN, or costs_of() dies, where the table lacks the figure. */
double costs_sum(const struct costs *c, const struct graph *g, const struct policy *p, enum metric m,
                 enum costs_count count);
double costs_of(const struct costs *c, const struct graph *g, const struct policy *p, enum metric m,
                enum costs_count count);

/* Dies where the table lacks a figure that bits in min..max may need. */
void costs_require(const struct costs *c, const struct graph *g, enum metric m, int min_bits, int max_bits);

struct budget {
	enum metric metric; /* METRICS where there is no limit */
	enum costs_count count;
	double limit; /* or INFINITY */
};

/* Dies where the name is wrong, where the table lacks a figure that bits in min..max may need,
 * or where even the cheapest policy of such bits is over the budget (it names that least cost). */
struct budget budget_parse(const char *name, const struct costs *c, const struct graph *g,
                           enum costs_count count, int min_bits, int max_bits);
bool budget_fits(const struct budget *b, const struct costs *c, const struct graph *g,
                 const struct policy *p);

/*
 * Bring a policy under the budget (HAQ, section 3.2; order of the released code): from the last
 * layer to the first, activation then weight, one bit each, round after round, until it fits.  Only
 * searched layers, and never below min_bits.  Costs need not be monotone in bits (BitFusion): where
 * every layer is at min_bits and the policy is still over, each layer in turn takes its cheapest
 * pair of bits, from the last to the first, until it fits.
 */
void budget_enforce(const struct budget *b, const struct costs *c, const struct graph *g, struct policy *p,
                    int min_bits, int max_bits);

#endif
