#include "hw/costs.h"
#include "core/cli.h"

#include <stdlib.h>
#include <string.h>

#define REVISION 1 /* raise when the numbers change */

const char *const metric_names[METRICS] = { "latency", "energy", "size" };
const char *const metric_columns[METRICS] = { "latency_ms", "energy_mj", "weight_bytes" };

enum costs_count costs_count_named(const char *name)
{
	if (strcmp(name, "searched") && strcmp(name, "all"))
		usage("--count is searched or all, not '%s'", name);
	return strcmp(name, "all") ? COUNT_SEARCHED : COUNT_ALL;
}

void costs_alloc(struct costs *c, const struct graph *g)
{
	c->path = "";
	c->layers = g->layers;
	c->at = xmalloc((size_t)g->layers, sizeof *c->at);
	for (int i = 0; i < g->layers; i++)
		FOR_BITS(b, ALL_BITS)
			*costs_at(c, i, b) = COST_NONE;
}

/* --- reading --------------------------------------------------------------------------------- */

static void read_row(struct costs *c, const struct graph *g, const struct table *t, size_t row,
                     bool (*seen)[BITS_MAX][BITS_MAX])
{
	const char *name = table_text(t, row, table_column(t, "layer"));
	int w = (int)table_int(t, row, table_column(t, "weight_bits"), 1, BITS_MAX);
	int a = (int)table_int(t, row, table_column(t, "activation_bits"), 1, BITS_MAX);
	int layer = graph_layer(g, name), cycles = table_find(t, "cycles");
	struct cost *cost;

	if (layer < 0)
		table_die(t, row, "layer '%.60s' is not in %s", name, g->path);
	if (seen[layer][w - 1][a - 1])
		table_die(t, row, "a second row for layer '%s' at %d/%d bits", name, w, a);
	seen[layer][w - 1][a - 1] = true;
	cost = &c->at[layer][w - 1][a - 1];
	if (cycles >= 0 && *table_text(t, row, cycles))
		cost->cycles = table_int(t, row, cycles, 0, CYCLES_MAX);
	for (int m = 0; m < METRICS; m++) {
		int column = table_find(t, metric_columns[m]);

		if (column >= 0 && *table_text(t, row, column))
			cost->metric[m] = table_real(t, row, column, 0, 1e15);
	}
}

void costs_read(struct costs *c, const struct graph *g, const char *path)
{
	bool(*seen)[BITS_MAX][BITS_MAX] = xmalloc((size_t)g->layers, sizeof *seen);
	struct table t;

	table_read(&t, path);
	costs_alloc(c, g);
	c->path = path;
	for (size_t row = 0; row < t.rows; row++)
		read_row(c, g, &t, row, seen);
	for (int i = 0; i < g->layers; i++)
		FOR_BITS(b, ALL_BITS)
			if (!seen[i][b.w - 1][b.a - 1])
				die("%s: no row for layer '%s' at %d/%d bits", path, g->layer[i].name, b.w,
				    b.a);
	table_free(&t);
	free(seen);
}

size_t costs_total_row(const struct table *t)
{
	int layer = table_column(t, "layer");

	for (size_t row = 0; row < t->rows; row++)
		if (!strcmp(table_text(t, row, layer), "total"))
			return row;
	die("%s: no row 'total'", t->path);
}

/* --- writing --------------------------------------------------------------------------------- */

#define COLUMNS "layer,weight_bits,activation_bits,cycles,latency_ms,energy_mj,weight_bytes"

/* The cells behind the bits, and the end of the row. */
static void write_cost(struct csv_writer *t, const struct cost *cost)
{
	if (cost->cycles >= 0)
		csv_int(t, cost->cycles);
	else
		csv_empty(t, 1);
	for (int m = 0; m < METRICS; m++)
		csv_real(t, cost->metric[m], 12);
	csv_end_row(t);
}

void costs_write(const struct costs *c, const struct graph *g, const char *path)
{
	struct csv_writer t = csv_create(path, COLUMNS);

	for (int i = 0; i < c->layers; i++) {
		FOR_BITS(b, ALL_BITS) {
			csv_text(&t, g->layer[i].name);
			csv_int(&t, b.w);
			csv_int(&t, b.a);
			write_cost(&t, costs_at(c, i, b));
		}
	}
	csv_commit(&t);
}

void costs_write_policy(const struct graph *g, const struct policy *p, const struct layer_cost *layers,
                        const struct cost *total, const char *path)
{
	struct csv_writer t = csv_create(path, COLUMNS);

	for (int i = 0; i < g->layers; i++) {
		csv_text(&t, g->layer[i].name);
		csv_real(&t, layers[i].weight_bits, 6);
		csv_int(&t, p->bits[i].a);
		write_cost(&t, &layers[i].cost);
	}
	csv_text(&t, "total");
	csv_empty(&t, 2);
	write_cost(&t, total);
	csv_commit(&t);
}

/* --- sums ------------------------------------------------------------------------------------ */

static bool counts(const struct graph *g, int layer, enum costs_count count)
{
	return count == COUNT_ALL || g->layer[layer].is_searched;
}

double costs_sum(const struct costs *c, const struct graph *g, const struct policy *p, enum metric m,
                 enum costs_count count)
{
	double sum = 0;

	for (int i = 0; i < c->layers; i++)
		if (counts(g, i, count))
			sum += costs_at(c, i, p->bits[i])->metric[m];
	return sum;
}

static _Noreturn void die_of_hole(const struct costs *c, const struct graph *g, int layer, struct bits b,
                                  enum metric m)
{
	die("%s: no %s for layer '%s' at %d/%d bits", c->path, metric_columns[m], g->layer[layer].name, b.w,
	    b.a);
}

double costs_of(const struct costs *c, const struct graph *g, const struct policy *p, enum metric m,
                enum costs_count count)
{
	double sum = costs_sum(c, g, p, m, count);

	for (int i = 0; isnan(sum) && i < c->layers; i++)
		if (counts(g, i, count) && isnan(costs_at(c, i, p->bits[i])->metric[m]))
			die_of_hole(c, g, i, p->bits[i], m);
	return sum;
}

void costs_require(const struct costs *c, const struct graph *g, enum metric m, struct bit_range range)
{
	for (int i = 0; i < g->layers; i++) {
		const struct layer *l = &g->layer[i];
		struct bit_range asked =
			l->is_searched ? range : (struct bit_range){ l->fixed_bits, l->fixed_bits };

		FOR_BITS(b, asked)
			if (isnan(costs_at(c, i, b)->metric[m]))
				die_of_hole(c, g, i, b, m);
	}
}
