#include "hw/costs.h"

#include <stdlib.h>
#include <string.h>

#define REVISION 1 /* raise when the numbers change */

const char *const metric_names[METRICS] = { "latency", "energy", "size" };
const char *const metric_columns[METRICS] = { "latency_ms", "energy_mj", "weight_bytes" };

void costs_alloc(struct costs *c, const struct graph *g)
{
	c->path = "";
	c->layers = g->layers;
	c->at = xmalloc((size_t)g->layers, sizeof *c->at);
	for (int i = 0; i < g->layers * BITS_MAX * BITS_MAX; i++)
		c->at[i / 64][i / 8 % 8][i % 8] = COST_NONE;
}

static void read_row(struct costs *c, const struct graph *g, const struct table *t, size_t row, bool *seen)
{
	const char *name = table_text(t, row, table_column(t, "layer"));
	int w = (int)table_int(t, row, table_column(t, "weight_bits"), 1, BITS_MAX);
	int a = (int)table_int(t, row, table_column(t, "activation_bits"), 1, BITS_MAX);
	int layer = graph_layer(g, name), cycles = table_find(t, "cycles");
	struct cost *cost;

	if (layer < 0)
		table_die(t, row, "layer '%.60s' is not in %s", name, g->path);
	if (seen[layer * 64 + (w - 1) * 8 + a - 1])
		table_die(t, row, "a second row for layer '%s' at %d/%d bits", name, w, a);
	seen[layer * 64 + (w - 1) * 8 + a - 1] = true;
	cost = &c->at[layer][w - 1][a - 1];
	if (cycles >= 0 && *table_text(t, row, cycles))
		cost->cycles = table_int(t, row, cycles, 0, INT64_MAX / 1000000);
	for (int m = 0; m < METRICS; m++) {
		int column = table_find(t, metric_columns[m]);

		if (column >= 0 && *table_text(t, row, column))
			cost->metric[m] = table_real(t, row, column, 0, 1e15);
	}
}

void costs_read(struct costs *c, const struct graph *g, const char *path)
{
	bool *seen = xmalloc((size_t)g->layers * 64, sizeof *seen);
	struct table t;

	table_read(&t, path);
	costs_alloc(c, g);
	c->path = path;
	for (size_t row = 0; row < t.rows; row++)
		read_row(c, g, &t, row, seen);
	for (int i = 0; i < g->layers * 64; i++)
		if (!seen[i])
			die("%s: no row for layer '%s' at %d/%d bits", path, g->layer[i / 64].name,
			    i / 8 % 8 + 1, i % 8 + 1);
	table_free(&t);
	free(seen);
}

void costs_header(FILE *f)
{
	fputs("layer,weight_bits,activation_bits,cycles,latency_ms,energy_mj,weight_bytes\n", f);
}

void cost_write(FILE *f, const struct cost *cost)
{
	fputc(',', f);
	if (cost->cycles >= 0)
		fprintf(f, "%jd", (intmax_t)cost->cycles);
	for (int m = 0; m < METRICS; m++)
		fprintf(f, isnan(cost->metric[m]) ? "," : ",%.12g", cost->metric[m]);
	fputc('\n', f);
}

void costs_write(const struct costs *c, const struct graph *g, const char *path)
{
	FILE *f = out_open(path);

	costs_header(f);
	for (int i = 0; i < c->layers * 64; i++) {
		fprintf(f, "%s,%d,%d", g->layer[i / 64].name, i / 8 % 8 + 1, i % 8 + 1);
		cost_write(f, &c->at[i / 64][i / 8 % 8][i % 8]);
	}
	out_commit(f);
}

size_t costs_total_row(const struct table *t)
{
	int layer = table_column(t, "layer");

	for (size_t row = 0; row < t->rows; row++)
		if (!strcmp(table_text(t, row, layer), "total"))
			return row;
	die("%s: no row 'total'", t->path);
}

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
			sum += c->at[i][p->bits[i].w - 1][p->bits[i].a - 1].metric[m];
	return sum;
}

double costs_of(const struct costs *c, const struct graph *g, const struct policy *p, enum metric m,
                enum costs_count count)
{
	double sum = costs_sum(c, g, p, m, count);

	for (int i = 0; isnan(sum) && i < c->layers; i++)
		if (counts(g, i, count) && isnan(c->at[i][p->bits[i].w - 1][p->bits[i].a - 1].metric[m]))
			die("%s: no %s for layer '%s' at %d/%d bits", c->path, metric_columns[m],
			    g->layer[i].name, p->bits[i].w, p->bits[i].a);
	return sum;
}

void costs_require(const struct costs *c, const struct graph *g, enum metric m, int min_bits, int max_bits)
{
	for (int i = 0; i < g->layers * 64; i++) {
		const struct layer *l = &g->layer[i / 64];
		int w = i / 8 % 8 + 1, a = i % 8 + 1;
		bool is_asked = l->is_searched
		                        ? w >= min_bits && w <= max_bits && a >= min_bits && a <= max_bits
		                        : w == l->fixed_bits && a == l->fixed_bits;

		if (is_asked && isnan(c->at[i / 64][w - 1][a - 1].metric[m]))
			die("%s: no %s for layer '%s' at %d/%d bits", c->path, metric_columns[m], l->name, w,
			    a);
	}
}

static struct bits cheapest_bits(const struct costs *c, int layer, enum metric m, int min_bits, int max_bits)
{
	struct bits best = { (unsigned char)min_bits, (unsigned char)min_bits };

	for (int w = min_bits; w <= max_bits; w++)
		for (int a = min_bits; a <= max_bits; a++)
			if (c->at[layer][w - 1][a - 1].metric[m] <
			    c->at[layer][best.w - 1][best.a - 1].metric[m])
				best = (struct bits){ (unsigned char)w, (unsigned char)a };
	return best;
}

static double least_cost(const struct costs *c, const struct graph *g, enum metric m, enum costs_count count,
                         int min_bits, int max_bits)
{
	struct policy p = policy_uniform(g, min_bits, min_bits);
	double sum;

	for (int i = 0; i < g->layers; i++)
		if (g->layer[i].is_searched)
			p.bits[i] = cheapest_bits(c, i, m, min_bits, max_bits);
	sum = costs_of(c, g, &p, m, count);
	policy_free(&p);
	return sum;
}

struct budget budget_parse(const char *name, const struct costs *c, const struct graph *g,
                           enum costs_count count, int min_bits, int max_bits)
{
	struct budget b = { METRICS, count, 0 };
	const char *dash = strchr(name, '-');
	int w = BITS_MAX, a = BITS_MAX;
	struct policy p;
	double share = 1, least;
	char *end = NULL;

	if (!strcmp(name, "accuracy-guaranteed"))
		return (struct budget){ METRICS, count, INFINITY };
	for (int m = 0; dash && m < METRICS; m++)
		if (strlen(metric_names[m]) == (size_t)(dash - name) &&
		    !strncmp(metric_names[m], name, strlen(metric_names[m])))
			b.metric = (enum metric)m;
	if (b.metric == METRICS)
		die("budget '%s': expected latency-, energy- or size- and w4a4 or 0.60, "
		    "or accuracy-guaranteed",
		    name);
	if (!policy_parse_uniform(dash + 1, &w, &a)) {
		w = a = BITS_MAX;
		share = strtod(dash + 1, &end);
		if (end == dash + 1 || *end || !(share > 0 && share <= 1))
			die("budget '%s': expected bits as in w4a4 (1 to 8) or a share as in 0.60 "
			    "after the dash",
			    name);
	}
	costs_require(c, g, b.metric, min_bits, max_bits);
	p = policy_uniform(g, w, a);
	b.limit = share * costs_of(c, g, &p, b.metric, count);
	policy_free(&p);
	least = least_cost(c, g, b.metric, count, min_bits, max_bits);
	if (least > b.limit)
		die("budget %s of %.6g %s cannot be met: the cheapest policy of %d..%d bits costs %.6g (%s)",
		    name, b.limit, metric_columns[b.metric], min_bits, max_bits, least, c->path);
	return b;
}

bool budget_fits(const struct budget *b, const struct costs *c, const struct graph *g, const struct policy *p)
{
	return b->metric == METRICS || costs_of(c, g, p, b->metric, b->count) <= b->limit;
}

/* One round of the walk; false when no layer had a bit left to give. */
static bool walk(const struct budget *b, const struct costs *c, const struct graph *g, struct policy *p,
                 int min_bits)
{
	bool moved = false;

	for (int i = g->layers - 1; i >= 0; i--) {
		unsigned char *bits[2] = { &p->bits[i].a, &p->bits[i].w };

		for (int k = 0; k < 2; k++) {
			if (!g->layer[i].is_searched || *bits[k] <= min_bits)
				continue;
			--*bits[k];
			moved = true;
			if (budget_fits(b, c, g, p))
				return true;
		}
	}
	return moved;
}

void budget_enforce(const struct budget *b, const struct costs *c, const struct graph *g, struct policy *p,
                    int min_bits, int max_bits)
{
	while (!budget_fits(b, c, g, p) && walk(b, c, g, p, min_bits))
		;
	for (int i = g->layers - 1; i >= 0 && !budget_fits(b, c, g, p); i--)
		if (g->layer[i].is_searched)
			p->bits[i] = cheapest_bits(c, i, b->metric, min_bits, max_bits);
	if (!budget_fits(b, c, g, p))
		BUG("no policy fits a budget that the cheapest one meets");
}
