#include "hw/kind-table.h"
#include "io/csv.h"

#include <string.h>

#define REVISION 1 /* raise when the numbers change */

static struct costs measured;
static const char *model_path;

/* data/networks/NET.csv -> NET */
static char *name_of(const struct graph *g)
{
	const char *slash = strrchr(g->path, '/');
	char *name = xstrdup(slash ? slash + 1 : g->path), *dot = strrchr(name, '.');

	if (dot)
		*dot = '\0';
	return name;
}

struct seen {
	bool weight[BITS_MAX], activation[BITS_MAX];
	bool (*at)[BITS_MAX][BITS_MAX]; /* [layer] */
};

static void read_row(const struct graph *g, const struct table *t, size_t row, struct seen *seen)
{
	const char *name = table_text(t, row, table_column(t, "layer"));
	int w = (int)table_int(t, row, table_column(t, "weight_bits"), 1, BITS_MAX) - 1;
	int a = (int)table_int(t, row, table_column(t, "activation_bits"), 1, BITS_MAX) - 1;
	int layer = graph_layer(g, name), energy = table_find(t, "energy_mj"),
	    cycles = table_find(t, "cycles");
	struct cost *cost;

	if (layer < 0)
		table_die(t, row, "layer '%.60s' is not in %s", name, g->path);
	if (seen->at[layer][w][a])
		table_die(t, row, "a second row for layer '%s' at %d/%d bits", name, w + 1, a + 1);
	seen->at[layer][w][a] = true;
	if (g->layer[layer].is_searched)
		seen->weight[w] = seen->activation[a] = true;
	cost = &measured.at[layer][w][a];
	cost->metric[METRIC_LATENCY] = table_real(t, row, table_column(t, "latency_ms"), 0, 1e12);
	if (energy >= 0)
		cost->metric[METRIC_ENERGY] = table_real(t, row, energy, 0, 1e12);
	if (cycles >= 0)
		cost->cycles = table_int(t, row, cycles, 0, CYCLES_MAX);
}

static void check_holes(const struct graph *g, const struct seen *seen)
{
	for (int i = 0; i < g->layers; i++) {
		const struct layer *l = &g->layer[i];

		FOR_BITS(b, ALL_BITS) {
			bool is_needed = l->is_searched ? seen->weight[b.w - 1] && seen->activation[b.a - 1]
			                                : b.w == l->fixed_bits && b.a == l->fixed_bits;

			if (is_needed && !seen->at[i][b.w - 1][b.a - 1])
				die("%s: no row for layer '%s' at %d/%d bits", model_path, l->name, b.w, b.a);
		}
	}
}

/* A misspelt column would be a figure lost without a word. */
static void check_columns(const struct table *t)
{
	static const char *const known[] = { "network",    "layer",     "weight_bits", "activation_bits",
		                             "latency_ms", "energy_mj", "cycles" };

	for (size_t i = 0; i < t->columns; i++) {
		size_t k = 0;

		while (k < LEN(known) && strcmp(known[k], t->header[i]))
			k++;
		if (k == LEN(known))
			die("%s: column '%.60s'; expected network, layer, weight_bits, activation_bits, "
			    "latency_ms, energy_mj or cycles",
			    t->path, t->header[i]);
	}
}

static void read(const char *path, const struct graph *g)
{
	struct seen seen = { .at = xmalloc((size_t)g->layers, sizeof *seen.at) };
	char *net = name_of(g);
	struct table t;
	int network, rows = 0;

	model_path = path;
	table_read(&t, path);
	network = table_find(&t, "network");
	check_columns(&t);
	costs_alloc(&measured, g);
	for (size_t row = 0; row < t.rows; row++)
		if (network < 0 || !strcmp(table_text(&t, row, network), net))
			read_row(g, &t, row, &seen);
	for (int i = 0; i < BITS_MAX; i++)
		rows += seen.weight[i];
	if (!rows)
		die("%s: no row for a searched layer of %s", path, net);
	check_holes(g, &seen);
}

/* At these bits or the narrowest wider ones that were measured, weights first. */
static const struct cost *find(int layer, int w, int a)
{
	for (int i = w - 1; i < BITS_MAX; i++)
		for (int k = a - 1; k < BITS_MAX; k++)
			if (!isnan(measured.at[layer][i][k].metric[METRIC_LATENCY]))
				return &measured.at[layer][i][k];
	return NULL;
}

static void cost(const struct graph *g, int layer, int channels, int w, int a, struct cost *c)
{
	const struct cost *whole = find(layer, w, a);
	int cout = g->layer[layer].cout;

	if (!whole)
		return;
	c->cycles = whole->cycles < 0 ? -1 : (whole->cycles * channels + cout - 1) / cout;
	for (int m = 0; m < METRICS; m++)
		if (m != METRIC_SIZE) /* bytes of weights are known without measuring */
			c->metric[m] =
				channels == cout ? whole->metric[m] : whole->metric[m] * channels / cout;
}

const struct simulator table_simulator = {
	.kind = "table",
	.about = "what a network costs by a table of measurements",
	.count = COUNT_ALL,
	.read = read,
	.cost = cost,
};
