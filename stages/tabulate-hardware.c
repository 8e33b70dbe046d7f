/*
 * tabulate-hardware - the accelerators' configurations beside the paper's: Table 2 of HAQ.
 *
 *	tabulate-hardware -p experiments/published/table2.csv -m hwmodels -o table2.csv -t table2.txt
 *
 * Reads what is published, hardware,row,paper, and HWMODELS/HARDWARE.conf of each hardware, which is a BISMO.
 * Rows are
 *
 *	device      no number of a simulation
 *	batch       images at a time
 *	pe_array    8x8: rows and columns of processing elements
 *	axi_port    4x64b: ports and their bits; ours has one for weights and one for activations
 *	block_ram   140x36Kb: blocks and their kibibits; ours are the buffers, which must fit
 *
 * Writes the rows with ours and a verdict: ok, within, not simulated, or wrong.  Exits 1 if one is wrong.
 */
#include "core/cli.h"
#include "hw/bismo.h"
#include "io/csv.h"
#include "report/text-table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define REVISION 1

static const char *published_path, *models_dir, *out_path, *text_path, *title = "";

static const struct opt options[] = {
	{ 'p', "published", OPT_PATH, &published_path, "table2.csv", "hardware,row,paper" },
	{ 'm', "models", OPT_DIR, &models_dir, "hwmodels", "folder of HARDWARE.conf" },
	{ 'o', "output", OPT_OUT, &out_path, "table.csv", "the same with ours" },
	{ 't', "text", OPT_OUT, &text_path, NULL, "the same as aligned text" },
	{ 0, "title", OPT_TEXT, &title, NULL, "line above the text" },
	{ 0 }
};

enum verdict { OK, WITHIN, NOT_SIMULATED, WRONG };
static const char *const verdicts[] = { "ok", "within", "not simulated", "wrong" };

struct row {
	const char *hardware, *name, *paper;
	const char *ours; /* "" where there is nothing to compare */
	enum verdict verdict;
};

/* --- rows ------------------------------------------------------------------------------------ */

static void compare_text(struct row *r, const char *ours)
{
	r->ours = ours;
	r->verdict = strcmp(ours, r->paper) ? WRONG : OK;
}

/* A number of things of one size, as in 4x64b. */
static void read_product(const struct row *r, const char *unit, long *count, long *size,
                         const struct table *t, size_t row)
{
	char *end;

	errno = 0;
	*count = strtol(r->paper, &end, 10);
	*size = *end == 'x' ? strtol(end + 1, &end, 10) : 0;
	if (errno || *count < 1 || *size < 1 || strcmp(end, unit))
		table_die(t, row, "%s '%.60s'; expected COUNTxSIZE%s", r->name, r->paper, unit);
}

static void compare_ports(struct row *r, const struct bismo *hw, const struct table *t, size_t row)
{
	long ports, bits;

	read_product(r, "b", &ports, &bits, t, row);
	r->ours = xprintf("2x%ldb", hw->port_bits);
	r->verdict = bits != hw->port_bits || ports < 2 ? WRONG : ports == 2 ? OK : WITHIN;
}

/* A buffer for each row and each column of processing elements. */
static void compare_memory(struct row *r, const struct bismo *hw, const struct table *t, size_t row)
{
	long blocks, kib, ours = (hw->pe_rows + hw->pe_columns) * hw->buffer_words * hw->word_bits / 1024;

	read_product(r, "Kb", &blocks, &kib, t, row);
	r->ours = xprintf("%ldKb", ours);
	r->verdict = ours <= blocks * kib ? WITHIN : WRONG;
}

static struct row read_row(const struct table *t, size_t row)
{
	struct row r = { table_text(t, row, table_column(t, "hardware")),
		         table_text(t, row, table_column(t, "row")),
		         table_text(t, row, table_column(t, "paper")), "", NOT_SIMULATED };
	struct bismo hw;

	bismo_read(&hw, xprintf("%s/%s.conf", models_dir, r.hardware));
	if (!strcmp(r.name, "batch"))
		compare_text(&r, xprintf("%ld", hw.batch));
	else if (!strcmp(r.name, "pe_array"))
		compare_text(&r, xprintf("%ldx%ld", hw.pe_rows, hw.pe_columns));
	else if (!strcmp(r.name, "axi_port"))
		compare_ports(&r, &hw, t, row);
	else if (!strcmp(r.name, "block_ram"))
		compare_memory(&r, &hw, t, row);
	else if (strcmp(r.name, "device"))
		table_die(t, row, "row '%.60s'; expected device, batch, pe_array, axi_port or block_ram",
		          r.name);
	return r;
}

/* --- writing --------------------------------------------------------------------------------- */

static void write_csv(const struct row *rows, size_t n)
{
	struct csv_writer t = csv_create(out_path, "hardware,row,paper,ours,verdict");

	for (size_t i = 0; i < n; i++) {
		csv_text(&t, rows[i].hardware);
		csv_text(&t, rows[i].name);
		csv_text(&t, rows[i].paper);
		csv_text(&t, rows[i].ours);
		csv_text(&t, verdicts[rows[i].verdict]);
		csv_end_row(&t);
	}
	csv_commit(&t);
}

static void write_text(const struct row *rows, size_t n)
{
	static const struct text_column columns[] = {
		{ "hardware", LEFT, 0, 0 }, { "", LEFT, 0, 2 }, { "paper", RIGHT, 0, 2 },
		{ "ours", RIGHT, 0, 2 },    { "", LEFT, 0, 2 },
	};
	struct text_table *t = text_table_new(columns, LEN(columns));
	FILE *f = out_open(text_path);

	for (size_t i = 0; i < n; i++) {
		if (i && strcmp(rows[i].hardware, rows[i - 1].hardware))
			text_blank_row(t);
		text_cell(t, "%s", rows[i].hardware);
		text_cell(t, "%s", rows[i].name);
		text_cell(t, "%s", rows[i].paper);
		text_cell(t, "%s", *rows[i].ours ? rows[i].ours : "-");
		text_cell(t, "%s", rows[i].verdict == OK ? "" : verdicts[rows[i].verdict]);
		text_end_row(t);
	}
	if (*title)
		fprintf(f, "%s\n\n", title);
	text_table_print(t, f);
	text_table_free(t);
	out_commit(f);
}

int main(int argc, char **argv)
{
	struct table t;
	struct row *rows;
	bool is_wrong = false;

	cli_begin(argc, argv, "the accelerators' configurations beside the paper's", REVISION, options);
	table_read(&t, published_path);
	if (!t.rows)
		die("%s: no rows", published_path);
	rows = xmalloc(t.rows, sizeof *rows);
	for (size_t i = 0; i < t.rows; i++)
		rows[i] = read_row(&t, i);
	write_csv(rows, t.rows);
	if (text_path)
		write_text(rows, t.rows);
	for (size_t i = 0; i < t.rows; i++) {
		if (rows[i].verdict != WRONG)
			continue;
		warn("%s: line %d: %s of %s: the paper has %s, ours is %s", published_path, t.lines[i],
		     rows[i].name, rows[i].hardware, rows[i].paper, rows[i].ours);
		is_wrong = true;
	}
	cli_end();
	return is_wrong;
}
