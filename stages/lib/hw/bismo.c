#include "hw/bismo.h"
#include "core/conf.h"
#include "hw/arithmetic.h"

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

/* One operand of a run.  Its lines come in groups, one line per PE; the last group may be smaller. */
struct operand {
	int64_t lines, lanes, bits;
};

/* How many steps of the computation pass from one group, word or bit of an operand to its next. */
struct strides {
	int64_t group, word, bit;
};

static int64_t groups_of(struct operand x)
{
	return ceil_div(x.lines, x.lanes);
}

/*
 * The earliest end of a run of `steps` steps that the fetching of one operand allows.  A chunk
 * (one bit of one word of one group) that has arrived at cycle F and is first used in step e
 * leaves steps - 1 - e steps to do after the one that waited for it, so the run ends at
 * max(F + steps - 1 - e).  F and e are linear in group, word and bit but for the last group and the
 * last word, so the maximum is at a corner.
 */
static int64_t end_by(struct operand x, struct line line, struct strides step, int64_t steps)
{
	int64_t n = groups_of(x), per_line = ((line.words - 1) * line.beat + line.last_beat) * x.bits,
		end = 0;
	const int64_t groups[] = { 0, max(n - 2, 0), n - 1 };
	const int64_t words[] = { 0, max(line.words - 2, 0), line.words - 1 };
	const int64_t bits[] = { 0, x.bits - 1 };

	for (int i = 0; i < 18; i++) {
		int64_t g = groups[i / 6], j = words[i / 2 % 3], b = bits[i % 2];
		int64_t size = min(x.lanes, x.lines - g * x.lanes);
		int64_t beat = j < line.words - 1 ? line.beat : line.last_beat;
		int64_t fetched = g * x.lanes * per_line + size * (j * line.beat * x.bits + (b + 1) * beat);

		end = max(end, fetched + steps - 1 - (g * step.group + j * step.word + b * step.bit));
	}
	return end;
}

/* Cycles of a run whose loops are: groups of outer, groups of inner, words, bits of inner, bits of outer. */
static int64_t run(struct operand outer, struct operand inner, struct line line)
{
	int64_t pairs = outer.bits * inner.bits, pass = line.words * pairs;
	int64_t steps = groups_of(outer) * groups_of(inner) * pass;
	struct strides of_outer = { groups_of(inner) * pass, pairs, 1 },
		       of_inner = { pass, pairs, outer.bits };

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

int64_t bismo_product(const struct bismo *hw, int64_t rows, int64_t columns, int64_t depth, int w, int a)
{
	int64_t words = ceil_div(depth, hw->word_bits);
	struct line line = { words, ceil_div(min(depth, hw->word_bits), hw->port_bits),
		             ceil_div(depth - (words - 1) * hw->word_bits, hw->port_bits) };
	struct operand r = { rows, hw->pe_rows, w }, c = { columns, hw->pe_columns, a };
	struct tiles rt = cut(r, words, hw->buffer_words), ct = cut(c, words, hw->buffer_words);
	int64_t columns_outer = 0, rows_outer = 0;

	for (int i = 0; i < 4; i++) { /* whole or rest of the rows, whole or rest of the columns */
		int64_t runs = (i & 1 ? rt.rest > 0 : rt.count) * (i & 2 ? ct.rest > 0 : ct.count);

		r.lines = i & 1 ? rt.rest : rt.lines;
		c.lines = i & 2 ? ct.rest : ct.lines;
		if (!runs)
			continue;
		columns_outer += runs * run(c, r, line);
		rows_outer += runs * run(r, c, line);
	}
	return min(columns_outer, rows_outer);
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
	if (cycles > CYCLES_MAX)
		die("%s: layer '%s' takes more than %jd cycles", hw->path, l->name, (intmax_t)CYCLES_MAX);
	return cycles;
}

double bismo_ms(const struct bismo *hw, int64_t cycles)
{
	return (double)cycles / (hw->clock_mhz * 1e3);
}
