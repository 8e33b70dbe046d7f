/*
 * costs.h - what each layer costs at each pair of bits: the table that a simulator writes and a search reads.
 *
 *	layer,weight_bits,activation_bits,cycles,latency_ms,energy_mj,weight_bytes
 *
 * A row for every layer and pair of 1..8 weight and activation bits; a cell is empty where the simulator has
 * no such figure.  Simulators are separable by layer, so a network costs the sum of its layers and a search
 * never runs a simulator again.  What one policy costs has the same columns: a row a layer, at its bits (the
 * mean of a kernel-wise policy's weight bits), then a row `total`.
 *
 * Which layers a total counts (enum costs_count): Table 3 of HAQ leaves the first and last layer out of the
 * latency (COUNT_SEARCHED), Tables 4 and 5 count every layer (COUNT_ALL).
 *
 * Both files are written and read here and nowhere else.  Errors: all functions that read a file or a
 * figure die, naming file, layer and bits.
 */
#ifndef COSTS_H
#define COSTS_H

#include "io/csv.h"
#include "model/graph.h"
#include "model/policy.h"

#include <math.h>

enum metric { METRIC_LATENCY, METRIC_ENERGY, METRIC_SIZE, METRICS };
enum costs_count { COUNT_SEARCHED, COUNT_ALL };

extern const char *const metric_names[METRICS];   /* latency, energy, size */
extern const char *const metric_columns[METRICS]; /* latency_ms, energy_mj, weight_bytes */

/* Option --count: "searched" or "all"; another word is a wrong command line. */
enum costs_count costs_count_named(const char *name);

#define CYCLES_MAX (INT64_MAX / 1000000) /* cycles of one layer: sums over a network stay far from overflow */

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
	const char *path; /* the file, for messages */
	int layers;
	struct cost (*at)[BITS_MAX][BITS_MAX]; /* [layer][w - 1][a - 1] */
};

static inline struct cost *costs_at(const struct costs *c, int layer, struct bits b)
{
	return &c->at[layer][b.w - 1][b.a - 1];
}

/* --- the table of a network ------------------------------------------------------------------ */

void costs_alloc(struct costs *c, const struct graph *g); /* COST_NONE everywhere */
void costs_read(struct costs *c, const struct graph *g, const char *path);
void costs_write(const struct costs *c, const struct graph *g, const char *path);

/* Dies where the table lacks a figure that a policy of these bits may need. */
void costs_require(const struct costs *c, const struct graph *g, enum metric m, struct bit_range range);

/* The sum over the layers that count: NAN where the table lacks a figure, or, of costs_of(), death. */
double costs_sum(const struct costs *c, const struct graph *g, const struct policy *p, enum metric m,
                 enum costs_count count);
double costs_of(const struct costs *c, const struct graph *g, const struct policy *p, enum metric m,
                enum costs_count count);

/* --- what one policy costs ------------------------------------------------------------------- */

struct layer_cost {
	double weight_bits; /* mean over the output channels */
	struct cost cost;
};

void costs_write_policy(const struct graph *g, const struct policy *p, const struct layer_cost *layers,
                        const struct cost *total, const char *path);
/* The row `total` of such a file. */
size_t costs_total_row(const struct table *t);

#endif
