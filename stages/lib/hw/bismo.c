#include "hw/bismo.h"
#include "core/conf.h"
#include "hw/arithmetic.h"

#include <stdlib.h>

#define REVISION 1 /* raise when the numbers change */

void bismo_read(struct bismo *hw, const char *path)
{
	const struct conf_key keys[] = { { "pe_rows", CONF_INT, &hw->pe_rows, .min = 1, .max = 4096 },
		                         { "pe_columns", CONF_INT, &hw->pe_columns, .min = 1, .max = 4096 },
		                         { "word_bits", CONF_INT, &hw->word_bits, .min = 1, .max = 65536 },
		                         { "port_bits", CONF_INT, &hw->port_bits, .min = 1, .max = 65536 },
		                         { "buffer_words", CONF_INT, &hw->buffer_words, .min = 1,
		                           .max = 1 << 24 },
		                         { "clock_mhz", CONF_REAL, &hw->clock_mhz, .min = 1, .max = 10000 },
		                         { "batch", CONF_INT, &hw->batch, .min = 1, .max = 1024 },
		                         { "schedule", CONF_WORD, &hw->schedule, .words = "grouped sorted" },
		                         { 0 } };

	conf_read(path, keys);
	hw->path = path;
}

/* A row of weights or a column of activations, and what it takes to fetch one bit of each of its numbers. */
struct line {
	int64_t words;
	/* cycles of the port: of a word, and of the last, which may be short */
	int64_t beat, last_beat;
};

/*
 * One operand of a run.  Its lines come in groups, one line per PE; the last group may be smaller.  Groups of
 * weights may differ in bits; then bits_before[g] are those of all groups before g.
 */
struct operand {
	int64_t lines, lanes, bits;
	const int64_t *bits_before; /* NULL: `bits` each */
};

/*
 * How many steps of the computation pass until a group, word or bit of an operand is first used: so many for
 * each bit of the groups before it, for each bit of its own group and word before it, and for each bit.
 */
struct strides {
	int64_t before, word, bit;
};

static int64_t groups_of(struct operand x)
{
	return ceil_div(x.lines, x.lanes);
}

static int64_t bits_before(struct operand x, int64_t group)
{
	return x.bits_before ? x.bits_before[group] - x.bits_before[0] : group * x.bits;
}

static int64_t bits_of(struct operand x, int64_t group)
{
	return bits_before(x, group + 1) - bits_before(x, group);
}

/* The earliest end of a run that the fetching of one group of an operand allows (end_by). */
static int64_t end_by_group(struct operand x, struct line line, struct strides step, int64_t steps, int64_t g)
{
	int64_t size = min(x.lanes, x.lines - g * x.lanes), own = bits_of(x, g), before = bits_before(x, g);
	int64_t per_bit = (line.words - 1) * line.beat + line.last_beat, end = 0;
	const int64_t words[] = { 0, max(line.words - 2, 0), line.words - 1 };
	const int64_t bits[] = { 0, own - 1 };

	for (int i = 0; i < 6; i++) {
		int64_t j = words[i / 2], b = bits[i % 2];
		int64_t beat = j < line.words - 1 ? line.beat : line.last_beat;
		int64_t fetched = before * x.lanes * per_bit + size * (j * line.beat * own + (b + 1) * beat);
		int64_t used = before * step.before + j * own * step.word + b * step.bit;

		end = max(end, fetched + steps - 1 - used);
	}
	return end;
}

/*
 * The earliest end of a run of `steps` steps that the fetching of one operand allows.  A chunk
 * (one bit of one word of one group) that has arrived at cycle F and is first used in step e
 * leaves steps - 1 - e steps to do after the one that waited for it, so the run ends at
 * max(F + steps - 1 - e).  F and e are linear in word and bit but for the last word, and in groups of the
 * same bits but for the last group, so the maximum is at a corner.
 */
static int64_t end_by(struct operand x, struct line line, struct strides step, int64_t steps)
{
	int64_t n = groups_of(x), end = 0;

	for (int64_t g = 0; g < n; g++)
		if (x.bits_before || g == 0 || g >= n - 2)
			end = max(end, end_by_group(x, line, step, steps, g));
		else
			g = n - 3; /* the groups between are between corners */
	return end;
}

/* Cycles of a run whose loops are: groups of outer, groups of inner, words, bits of inner, bits of outer. */
static int64_t run(struct operand outer, struct operand inner, struct line line)
{
	int64_t all_inner = bits_before(inner, groups_of(inner)),
		all_outer = bits_before(outer, groups_of(outer));
	int64_t steps = line.words * all_outer * all_inner;
	struct strides of_outer = { line.words * all_inner, bits_of(inner, 0), 1 },
		       of_inner = { line.words * bits_of(outer, 0), bits_of(outer, 0), bits_of(outer, 0) };

	return max(end_by(outer, line, of_outer, steps), end_by(inner, line, of_inner, steps));
}

/*
 * An operand cut into tiles that fit its buffer: `count` of `lines` lines each,
 * then one of `rest` (or none).
 */
struct tiles {
	int64_t count, lines, rest;
};

static struct tiles cut(struct operand x, int64_t words, int64_t buffer_words)
{
	int64_t fit = max(1, buffer_words / (words * x.bits)); /* groups in the buffer */
	int64_t tiles = ceil_div(groups_of(x), fit);
	int64_t lines = min(x.lines, ceil_div(groups_of(x), tiles) * x.lanes);

	return (struct tiles){ x.lines / lines, lines, x.lines % lines };
}

static struct line line_of(const struct bismo *hw, int64_t depth)
{
	int64_t words = ceil_div(depth, hw->word_bits);

	return (struct line){ words, ceil_div(min(depth, hw->word_bits), hw->port_bits),
		              ceil_div(depth - (words - 1) * hw->word_bits, hw->port_bits) };
}

/* Cycles by each of the two orders of the loops. */
struct orders {
	int64_t columns_outer, rows_outer;
};

/* Adds `runs` runs of a tile of rows, each with all tiles of the columns. */
static void add_runs(struct orders *sum, int64_t runs, struct operand r, struct operand c,
                     struct tiles columns, struct line line)
{
	for (int i = 0; i < 2; i++) { /* whole tiles of the columns, the rest */
		int64_t each = runs * (i ? columns.rest > 0 : columns.count);

		c.lines = i ? columns.rest : columns.lines;
		if (!each)
			continue;
		sum->columns_outer += each * run(c, r, line);
		sum->rows_outer += each * run(r, c, line);
	}
}

int64_t bismo_product(const struct bismo *hw, int64_t rows, int64_t columns, int64_t depth, int w, int a)
{
	struct line line = line_of(hw, depth);
	struct operand r = { rows, hw->pe_rows, w, NULL }, c = { columns, hw->pe_columns, a, NULL };
	struct tiles rt = cut(r, line.words, hw->buffer_words), ct = cut(c, line.words, hw->buffer_words);
	struct orders sum = { 0, 0 };

	for (int i = 0; i < 2; i++) { /* whole tiles of the rows, the rest */
		r.lines = i ? rt.rest : rt.lines;
		add_runs(&sum, i ? rt.rest > 0 : rt.count, r, c, ct, line);
	}
	return min(sum.columns_outer, sum.rows_outer);
}

/* --- rows of different bits ------------------------------------------------------------------ */

/* How many tiles the groups make, each as many of them as have no more than `fit` bits, but at least one. */
static int64_t tiles_of(const int64_t *bits_before, int64_t groups, int64_t fit)
{
	int64_t tiles = 0;

	for (int64_t g = 0, next; g < groups; g = next, tiles++)
		for (next = g + 1; next < groups && bits_before[next + 1] - bits_before[g] <= fit;)
			next++;
	return tiles;
}

/*
 * The fewest bits a tile may have without there being more tiles than a buffer of `fit` bits makes: that cuts
 * groups of the same bits evenly.
 */
static int64_t even_fit(const int64_t *bits_before, int64_t groups, int64_t fit)
{
	int64_t tiles = tiles_of(bits_before, groups, fit), low = 1, high = max(fit, 1);

	while (low < high) {
		int64_t middle = (low + high) / 2;

		if (tiles_of(bits_before, groups, middle) > tiles)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int64_t bismo_sorted_product(const struct bismo *hw, const unsigned char *bits, int64_t rows, int64_t columns,
                             int64_t depth, int a)
{
	struct line line = line_of(hw, depth);
	struct operand c = { columns, hw->pe_columns, a, NULL };
	struct tiles ct = cut(c, line.words, hw->buffer_words);
	int64_t groups = ceil_div(rows, hw->pe_rows), fit;
	int64_t *before = xmalloc((size_t)groups + 1, sizeof *before);
	struct orders sum = { 0, 0 };

	before[0] = 0;
	for (int64_t g = 0; g < groups; g++)
		before[g + 1] = before[g] + bits[g * hw->pe_rows];
	fit = even_fit(before, groups, hw->buffer_words / line.words);
	for (int64_t g = 0, next; g < groups; g = next) {
		struct operand r = { .lanes = hw->pe_rows, .bits_before = before + g };

		for (next = g + 1; next < groups && before[next + 1] - before[g] <= fit;)
			next++;
		r.lines = min(next * hw->pe_rows, rows) - g * hw->pe_rows;
		add_runs(&sum, 1, r, c, ct, line);
	}
	free(before);
	return min(sum.columns_outer, sum.rows_outer);
}

/* --- layers ---------------------------------------------------------------------------------- */

static int64_t checked(const struct bismo *hw, const struct layer *l, int64_t cycles)
{
	if (cycles > CYCLES_MAX)
		die("%s: layer '%s' takes more than %jd cycles", hw->path, l->name, (intmax_t)CYCLES_MAX);
	return cycles;
}

int64_t bismo_cycles(const struct bismo *hw, const struct layer *l, int channels, int w, int a)
{
	int64_t positions = (int64_t)l->hout * l->wout, window = (int64_t)l->kernel * l->kernel, cycles;
	int64_t groups = min(l->groups, channels);

	if (l->is_linear)
		cycles = bismo_product(hw, channels, hw->batch, l->cin, w, a);
	else if (l->is_depthwise)
		cycles = channels * bismo_product(hw, hw->batch, positions, window, w, a);
	else
		cycles = hw->batch * groups *
		         bismo_product(hw, ceil_div(channels, groups), positions, l->cin / l->groups * window,
		                       w, a);
	return checked(hw, l, cycles);
}

/* Bits of the rows of a product, widest first.  All groups of the layer have the widest of each row. */
static int64_t rows_by_width(const int *channels, int64_t groups, unsigned char *bits)
{
	int64_t n = 0, seen = 0;

	for (int w = BITS_MAX; w >= 1; w--)
		for (int k = 0; k < channels[w]; k++, seen++)
			if (seen % groups == 0)
				bits[n++] = (unsigned char)w;
	return n;
}

int64_t bismo_sorted_cycles(const struct bismo *hw, const struct layer *l, const int *channels, int a)
{
	int64_t positions = (int64_t)l->hout * l->wout, window = (int64_t)l->kernel * l->kernel, cycles = 0,
		rows;
	int64_t groups = l->is_linear ? 1 : l->groups;
	unsigned char *bits;

	if (l->is_depthwise) { /* every channel is a product of its own, whatever the order */
		for (int w = 1; w <= BITS_MAX; w++)
			cycles += channels[w] ? bismo_cycles(hw, l, channels[w], w, a) : 0;
		return checked(hw, l, cycles);
	}
	bits = xmalloc((size_t)l->cout, 1);
	rows = rows_by_width(channels, groups, bits);
	if (l->is_linear)
		cycles = bismo_sorted_product(hw, bits, rows, hw->batch, l->cin, a);
	else
		cycles = hw->batch * groups *
		         bismo_sorted_product(hw, bits, rows, positions, l->cin / l->groups * window, a);
	free(bits);
	return checked(hw, l, cycles);
}

double bismo_ms(const struct bismo *hw, int64_t cycles)
{
	return (double)cycles / (hw->clock_mhz * 1e3);
}
