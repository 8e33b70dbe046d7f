/*
 * check-hardware - the figures of a paper that hardware alone decides, beside ours.
 *
 *	check-hardware -p experiments/published/hardware.csv -n data/networks -c results -o check.csv
 *
 * Reads what is published, a figure a row,
 *
 *	table,network,hardware,weight_bits,activation_bits,first,last,count,figure,paper,tolerance
 *
 * uniform bits but for the `first` and `last` layer (empty: like all others); `count` says which
 * layers count: all, searched, or searched+first; tolerance is `exact` (every printed digit)
 * or a share of the paper's figure.  Figures latency_ms and energy_mj are sums of
 * COSTS/NETWORK/HARDWARE/costs.csv, by a simulator; size_mib, of a network alone, has its weights
 * at these bits and biases and batch norms at 32 (HAQ, Table 6).
 *
 * Writes the rows with ours and the difference, and with --text as aligned text.
 * Exits 1 if one is not as it must be.
 */
#include "core/cli.h"
#include "hw/costs.h"
#include "model/graph.h"
#include "io/csv.h"
#include "report/text-table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REVISION 1

static const char *published_path, *networks, *costs_dir, *out_path, *text_path;

static const struct opt options[] = {
	{ 'p', "published", OPT_PATH, &published_path, "published.csv", "what is to be found again" },
	{ 'n', "networks", OPT_PATH, &networks, "data/networks", "folder of NETWORK.csv" },
	{ 'c', "costs", OPT_PATH, &costs_dir, "results", "folder of NETWORK/HARDWARE/costs.csv" },
	{ 'o', "output", OPT_OUT, &out_path, "check.csv", "the rows, with ours" },
	{ 't', "text", OPT_OUT, &text_path, NULL, "the same as aligned text" },
	{ 0 }
};

struct figure {
	const char *table, *network, *hardware, *count, *name, *paper, *tolerance;
	int w, a, first, last;  /* bits; first, last 0: like the others */
	double published, ours; /* published: the number that `paper` prints */
	double limit;           /* of the difference, as a share; 0: every printed digit */
	bool is_good;
};

static struct figure read_figure(const struct table *t, size_t row)
{
	const char *first = table_text(t, row, table_column(t, "first")),
		   *last = table_text(t, row, table_column(t, "last"));
	const char *a = table_text(t, row, table_column(t, "activation_bits"));

	return (struct figure){
		.table = table_text(t, row, table_column(t, "table")),
		.network = table_text(t, row, table_column(t, "network")),
		.hardware = table_text(t, row, table_column(t, "hardware")),
		.count = table_text(t, row, table_column(t, "count")),
		.name = table_text(t, row, table_column(t, "figure")),
		.paper = table_text(t, row, table_column(t, "paper")),
		.published = table_real(t, row, table_column(t, "paper"), 1e-9, 1e12),
		.tolerance = table_text(t, row, table_column(t, "tolerance")),
		.w = (int)table_int(t, row, table_column(t, "weight_bits"), 1, 32),
		.a = *a ? (int)table_int(t, row, table_column(t, "activation_bits"), 1, BITS_MAX) : 0,
		.first = *first ? (int)table_int(t, row, table_column(t, "first"), 1, 32) : 0,
		.last = *last ? (int)table_int(t, row, table_column(t, "last"), 1, 32) : 0,
	};
}

static int bits_of(const struct figure *f, const struct graph *g, int layer, int others)
{
	return layer == 0 && f->first ? f->first : layer == g->layers - 1 && f->last ? f->last : others;
}

static double size_mib(const struct figure *f, const struct graph *g)
{
	double bits = 0;

	for (int i = 0; i < g->layers; i++) {
		bits += (double)(g->layer[i].weights * bits_of(f, g, i, f->w));
		bits += (double)(32 * (g->layer[i].biases + g->layer[i].batch_norms));
	}
	return bits / 8 / (1 << 20);
}

static double sum_of_costs(const struct figure *f, const struct graph *g, const struct table *t, size_t row)
{
	bool is_latency = !strcmp(f->name, "latency_ms"), with_first = !strcmp(f->count, "searched+first");
	enum metric metric = is_latency ? METRIC_LATENCY : METRIC_ENERGY;
	struct costs c;
	double sum = 0;

	if (!is_latency && strcmp(f->name, "energy_mj"))
		table_die(t, row, "figure '%.60s'; expected latency_ms, energy_mj or size_mib", f->name);
	if (!*f->hardware)
		table_die(t, row, "%s is of a hardware; none is named", f->name);
	if (f->w > BITS_MAX || f->first > BITS_MAX || f->last > BITS_MAX || !f->a)
		table_die(t, row, "accelerators have 1 to %d bits", BITS_MAX);
	costs_read(&c, g, xprintf("%s/%s/%s/costs.csv", costs_dir, f->network, f->hardware));
	for (int i = 0; i < g->layers; i++)
		if (!strcmp(f->count, "all") || g->layer[i].is_searched || (with_first && i == 0))
			sum += c.at[i][bits_of(f, g, i, f->w) - 1][bits_of(f, g, i, f->a) - 1].metric[metric];
	return sum;
}

static bool is_exact(const struct figure *f)
{
	return !strcmp(f->tolerance, "exact");
}

static double difference(const struct figure *f)
{
	return f->ours / f->published - 1;
}

/* Exact: ours rounded to the paper's digits reads the same; else the difference is within its limit. */
static bool agrees(const struct figure *f)
{
	const char *point = strchr(f->paper, '.');
	bool is_same;
	char *ours;

	if (!is_exact(f))
		return difference(f) <= f->limit && difference(f) >= -f->limit;
	ours = xprintf("%.*f", point ? (int)strlen(point + 1) : 0, f->ours);
	is_same = !strcmp(ours, f->paper);
	free(ours);
	return is_same;
}

static void find_again(struct figure *f, const struct table *t, size_t row)
{
	struct graph g;

	if (strcmp(f->count, "all") && strcmp(f->count, "searched") && strcmp(f->count, "searched+first"))
		table_die(t, row, "count '%.60s'; expected all, searched or searched+first", f->count);
	graph_read(&g, xprintf("%s/%s.csv", networks, f->network));
	f->ours = strcmp(f->name, "size_mib") ? sum_of_costs(f, &g, t, row) : size_mib(f, &g);
	if (isnan(f->ours))
		table_die(t, row, "the costs of %s on %s have no %s", f->network, f->hardware, f->name);
	if (!is_exact(f))
		f->limit = table_real(t, row, table_column(t, "tolerance"), 0, 1);
	f->is_good = agrees(f);
}

static void write_csv(const struct figure *f, size_t n)
{
	struct csv_writer t =
		csv_create(out_path, "table,network,hardware,weight_bits,activation_bits,figure,paper,"
	                             "ours,difference,tolerance,verdict");

	for (size_t i = 0; i < n; i++, f++) {
		csv_text(&t, f->table);
		csv_text(&t, f->network);
		csv_text(&t, f->hardware);
		csv_int(&t, f->w);
		if (f->a)
			csv_int(&t, f->a);
		else
			csv_empty(&t, 1);
		csv_text(&t, f->name);
		csv_text(&t, f->paper);
		csv_real(&t, f->ours, 8);
		csv_real(&t, difference(f), 3);
		csv_text(&t, f->tolerance);
		csv_text(&t, f->is_good ? "ok" : "wrong");
		csv_end_row(&t);
	}
	csv_commit(&t);
}

static void add_row(struct text_table *t, const struct figure *f)
{
	text_cell(t, "%s", f->table);
	text_cell(t, "%s", f->network);
	text_cell(t, "%s", f->hardware);
	text_cell(t, f->a ? "w%da%d" : "w%d", f->w, f->a);
	text_cell(t, "%s", f->name);
	text_cell(t, "%s", f->paper);
	text_number(t, f->ours, 4);
	text_cell(t, "%.3f %%", 100 * difference(f));
	if (!f->is_good)
		text_cell(t, "WRONG");
	else if (!is_exact(f))
		text_cell(t, "(within %g %%)", 100 * f->limit);
	text_end_row(t);
}

static void write_text(const struct figure *f, size_t n)
{
	static const struct text_column columns[] = {
		{ "table", LEFT, 6, 0 },  { "network", LEFT, 13, 1 },     { "hardware", LEFT, 12, 1 },
		{ "bits", LEFT, 5, 1 },   { "figure", LEFT, 11, 1 },      { "paper", RIGHT, 8, 2 },
		{ "ours", RIGHT, 11, 1 }, { "difference", RIGHT, 12, 1 }, { "", LEFT, 0, 2 },
	};
	struct text_table *t = text_table_new(columns, LEN(columns));
	size_t exact = 0, near = 0, wrong = 0;
	FILE *out = out_open(text_path);

	for (size_t i = 0; i < n; i++) {
		if (i && strcmp(f[i].table, f[i - 1].table))
			text_blank_row(t);
		add_row(t, &f[i]);
		*(!f[i].is_good ? &wrong : is_exact(&f[i]) ? &exact : &near) += 1;
	}
	text_table_print(t, out);
	text_table_free(t);
	fprintf(out, "\n%zu figures: %zu to the last printed digit, %zu within the stated share, %zu wrong\n",
	        n, exact, near, wrong);
	out_commit(out);
}

int main(int argc, char **argv)
{
	struct table t;
	struct figure *f;
	size_t wrong = 0;

	cli_begin(argc, argv, "the figures of a paper that hardware alone decides, beside ours", REVISION,
	          options);
	table_read(&t, published_path);
	if (!t.rows)
		die("%s: no figures", published_path);
	f = xmalloc(t.rows, sizeof *f);
	for (size_t row = 0; row < t.rows; row++) {
		f[row] = read_figure(&t, row);
		find_again(&f[row], &t, row);
		wrong += !f[row].is_good;
	}
	write_csv(f, t.rows);
	if (text_path)
		write_text(f, t.rows);
	for (size_t row = 0; row < t.rows; row++)
		if (!f[row].is_good)
			warn("%s: line %d: Table %s, %s on %s: the paper has %s, ours is %.6g",
			     published_path, t.lines[row], f[row].table, f[row].network,
			     *f[row].hardware ? f[row].hardware : "any", f[row].paper, f[row].ours);
	cli_end();
	return wrong > 0;
}
