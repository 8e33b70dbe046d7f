#include "hw/bitfusion.h"
#include "core/conf.h"
#include "hw/arithmetic.h"

#include <string.h>

#define REVISION 1 /* raise when the numbers change */

void bitfusion_read(struct bitfusion *hw, const char *path)
{
	const struct conf_key keys[] = {
		{ "rows", CONF_INT, &hw->rows, .min = 1, .max = 1024 },
		{ "columns", CONF_INT, &hw->columns, .min = 1, .max = 1024 },
		{ "multiplier_bits", CONF_INT, &hw->multiplier_bits, .min = 8, .max = 16 },
		{ "multiplier_bits_min", CONF_INT, &hw->multiplier_bits_min, .min = 1, .max = 8 },
		{ "sum_bits", CONF_INT, &hw->sum_bits, .min = 8, .max = 64 },
		{ "port_bits", CONF_INT, &hw->port_bits, .min = 1, .max = 65536 },
		{ "batch", CONF_INT, &hw->batch, .min = 1, .max = 1024 },
		{ "weight_buffer_bytes", CONF_INT, &hw->weight_buffer_bytes, .min = 1, .max = 1 << 30 },
		{ "input_buffer_bytes", CONF_INT, &hw->input_buffer_bytes, .min = 1, .max = 1 << 30 },
		{ "output_buffer_bytes", CONF_INT, &hw->output_buffer_bytes, .min = 1, .max = 1 << 30 },
		{ "clock_mhz", CONF_REAL, &hw->clock_mhz, .min = 1, .max = 10000 },
		{ "core_pj", CONF_REAL, &hw->core_pj, .min = 0, .max = 1e6 },
		{ "weight_read_pj", CONF_REAL, &hw->weight_read_pj, .min = 0, .max = 1000 },
		{ "weight_write_pj", CONF_REAL, &hw->weight_write_pj, .min = 0, .max = 1000 },
		{ "input_read_pj", CONF_REAL, &hw->input_read_pj, .min = 0, .max = 1000 },
		{ "input_write_pj", CONF_REAL, &hw->input_write_pj, .min = 0, .max = 1000 },
		{ "output_read_pj", CONF_REAL, &hw->output_read_pj, .min = 0, .max = 1000 },
		{ "output_write_pj", CONF_REAL, &hw->output_write_pj, .min = 0, .max = 1000 },
		{ "dram_pj", CONF_REAL, &hw->dram_pj, .min = 0, .max = 1000 },
		{ "depthwise", CONF_WORD, &hw->depthwise, .words = "dense grouped" },
		{ "im2col", CONF_WORD, &hw->im2col, .words = "first none" },
		{ 0 }
	};

	conf_read(path, keys);
	hw->path = path;
}

/* A dense convolution on the array.  All sizes in numbers, all traffic in bits. */
struct product {
	const struct bitfusion *hw;
	int64_t kernel, side, stride, inputs, outputs; /* side: of the output; inputs, outputs: channels */
	int64_t reach;       /* side that the kernel covers, gaps of a dilated one included */
	int64_t w, a, lanes; /* lanes: input channels at once */
	bool im2col;
};

struct tile {
	int64_t images, side, inputs, outputs;
};

/* Bits of each buffer that one tile takes, and cycles and energy on the chip, filling the buffers aside. */
struct load {
	int64_t weights, acts, sums;
	int64_t compute; /* cycles of all tiles of the layer */
	double pj;       /* energy of all tiles */
};

/* The five loops over tiles; a height and a width have the same trips, so they are interchangeable. */
enum loop { IMAGES, HEIGHT, WIDTH, INPUTS, OUTPUTS, LOOPS };

/* --- one tile -------------------------------------------------------------------------------- */

static int64_t multipliers(const struct bitfusion *hw, int bits)
{
	return hw->multiplier_bits / max(bits, hw->multiplier_bits_min);
}

int64_t bitfusion_macs_per_cycle(const struct bitfusion *hw, int w, int a)
{
	return hw->rows * hw->columns * multipliers(hw, w) * multipliers(hw, a);
}

static int64_t window(const struct product *p)
{
	return p->kernel * p->kernel;
}

/* Input channels and kernel, as many as the array walks over: padded to its lanes. */
static int64_t padded_depth(const struct product *p, int64_t inputs)
{
	return p->im2col ? round_up(window(p) * inputs, p->lanes) : round_up(inputs, p->lanes) * window(p);
}

static void footprint(const struct product *p, const struct tile *t, struct load *l)
{
	int64_t span = p->reach + (t->side - 1) * p->stride;
	int64_t positions = p->im2col ? t->side * t->side * window(p) : span * span;

	l->weights = round_up(window(p) * t->inputs, p->lanes) * t->outputs * p->w;
	l->acts = positions * t->inputs * t->images * p->a;
	l->sums = t->side * t->side * round_up(t->outputs, p->hw->columns) * t->images * p->hw->sum_bits;
}

/*
 * Energy of reading and writing the buffers from the array's side.  One operand stays in the array;
 * the one that costs least by a proxy of the padded sizes: inputs, then outputs, then weights
 * among equals.
 */
static double array_pj(const struct product *p, const struct tile *t, int64_t tiles)
{
	const struct bitfusion *hw = p->hw;
	int64_t sum = hw->sum_bits, columns = round_up(t->outputs, hw->columns),
		positions = t->images * t->side * t->side;
	int64_t depth = padded_depth(p, t->inputs), real_depth = window(p) * t->inputs;
	int64_t inputs_stay = depth * positions * (p->a + columns * (p->w + sum));
	int64_t sums_stay = columns * positions * (sum + depth * (p->a + p->w));
	int64_t weights_stay = depth * columns * (p->w + positions * (p->a + sum));
	int64_t macs = tiles * real_depth * t->outputs * positions;
	int64_t acts = macs * p->a, weights = macs * p->w, sums = macs * sum;

	if (inputs_stay <= sums_stay && inputs_stay <= weights_stay)
		acts = tiles * real_depth * positions * p->a;
	else if (sums_stay <= weights_stay)
		sums = tiles * t->outputs * positions * sum;
	else
		weights = tiles * real_depth * t->outputs * p->w;
	return (double)weights * hw->weight_read_pj + (double)acts * hw->input_read_pj +
	       (double)sums * (hw->output_read_pj + hw->output_write_pj);
}

/* --- an order of the loops ------------------------------------------------------------------- */

/* Bits moved between DRAM and a buffer, and the part of them that is there before computing starts. */
struct traffic {
	int64_t total, start;
};

/*
 * From the innermost loop outwards: a loop that the content does not depend on reuses it, one that
 * it depends on brings new content; once all of that no longer fits the buffer, every further loop
 * brings everything again.
 */
static struct traffic traffic(int64_t tile, int64_t room, unsigned depends, const enum loop *order,
                              const int64_t *trips)
{
	struct traffic x = { tile, tile };
	bool fits = true;

	for (int i = LOOPS - 1; i >= 0; i--) {
		if (fits && !(depends >> order[i] & 1))
			continue;
		x.total *= trips[order[i]];
		fits = fits && x.total <= room;
		if (fits)
			x.start = x.total;
	}
	return x;
}

static void try_order(const struct product *p, const struct load *l, const enum loop *order,
                      const int64_t *trips, struct bitfusion_cost *best)
{
	const struct bitfusion *hw = p->hw;
	struct traffic acts = traffic(l->acts, hw->input_buffer_bytes * 4,
	                              1 << IMAGES | 1 << HEIGHT | 1 << WIDTH | 1 << INPUTS, order, trips);
	struct traffic weights =
		traffic(l->weights, hw->weight_buffer_bytes * 4, 1 << INPUTS | 1 << OUTPUTS, order, trips);
	struct traffic sums = traffic(l->sums, hw->output_buffer_bytes * 4,
	                              1 << IMAGES | 1 << HEIGHT | 1 << WIDTH | 1 << OUTPUTS, order, trips);
	int64_t dram = acts.total + weights.total + 2 * sums.total;
	int64_t fill = acts.start + weights.start + sums.start;
	int64_t exposed = ceil_div(fill, hw->port_bits) + ceil_div(sums.start, hw->port_bits);
	int64_t moving = ceil_div(dram - fill - sums.start, hw->port_bits);
	struct bitfusion_cost cost = { l->compute + max(0, moving - l->compute) + exposed, l->pj };

	if (cost.cycles > best->cycles)
		return;
	cost.pj += (double)weights.total * hw->weight_write_pj + (double)acts.total * hw->input_write_pj +
	           (double)sums.total * (hw->output_read_pj + hw->output_write_pj) +
	           (double)dram * hw->dram_pj;
	if (cost.cycles < best->cycles || cost.pj < best->pj)
		*best = cost;
}

/* All orders with HEIGHT outside WIDTH; with one image its loop may as well be the outermost. */
static void try_orders(const struct product *p, const struct load *l, const int64_t *trips,
                       struct bitfusion_cost *best)
{
	static const enum loop orders[][LOOPS - 1] = {
		{ HEIGHT, WIDTH, INPUTS, OUTPUTS }, { HEIGHT, WIDTH, OUTPUTS, INPUTS },
		{ HEIGHT, INPUTS, WIDTH, OUTPUTS }, { HEIGHT, INPUTS, OUTPUTS, WIDTH },
		{ HEIGHT, OUTPUTS, WIDTH, INPUTS }, { HEIGHT, OUTPUTS, INPUTS, WIDTH },
		{ INPUTS, HEIGHT, WIDTH, OUTPUTS }, { INPUTS, HEIGHT, OUTPUTS, WIDTH },
		{ INPUTS, OUTPUTS, HEIGHT, WIDTH }, { OUTPUTS, HEIGHT, WIDTH, INPUTS },
		{ OUTPUTS, HEIGHT, INPUTS, WIDTH }, { OUTPUTS, INPUTS, HEIGHT, WIDTH },
	};

	for (size_t i = 0; i < LEN(orders); i++) {
		for (int place = 0; place < (trips[IMAGES] > 1 ? LOOPS : 1); place++) {
			enum loop order[LOOPS];

			memcpy(order, orders[i], (size_t)place * sizeof *order);
			order[place] = IMAGES;
			memcpy(order + place + 1, orders[i] + place,
			       (size_t)(LOOPS - 1 - place) * sizeof *order);
			try_order(p, l, order, trips, best);
		}
	}
}

/* --- all tiles ------------------------------------------------------------------------------- */

static void try_tile(const struct product *p, const struct tile *t, struct bitfusion_cost *best)
{
	const struct bitfusion *hw = p->hw;
	int64_t rows = ceil_div(p->side, t->side);
	int64_t trips[LOOPS] = { ceil_div(hw->batch, t->images), rows, rows, ceil_div(p->inputs, t->inputs),
		                 ceil_div(p->outputs, t->outputs) };
	int64_t tiles = trips[IMAGES] * rows * rows * trips[INPUTS] * trips[OUTPUTS];
	struct load l;

	footprint(p, t, &l);
	if (l.weights > hw->weight_buffer_bytes * 4 || l.acts > hw->input_buffer_bytes * 4 ||
	    l.sums > hw->output_buffer_bytes * 4)
		return;
	l.compute = tiles * t->images * t->side * t->side * ceil_div(t->outputs, hw->columns) *
	            (padded_depth(p, t->inputs) / p->lanes);
	if (l.compute > best->cycles)
		return;
	l.pj = (double)l.compute * hw->core_pj + array_pj(p, t, tiles);
	try_orders(p, &l, trips, best);
}

/* The sizes tried: unit, twice, four times ..., and at last all of n.  The one after `size`, or 0. */
static int64_t next_size(int64_t size, int64_t n)
{
	return size >= n ? 0 : min(2 * size, n);
}

static struct bitfusion_cost best_cost(const struct product *p)
{
	int64_t unit = p->im2col ? 1 : min(p->hw->columns, p->outputs);
	struct bitfusion_cost best = { INT64_MAX, 0 };

	for (int64_t images = 1; images; images = next_size(images, p->hw->batch))
		for (int64_t side = 1; side; side = next_size(side, p->side))
			for (int64_t inputs = 1; inputs; inputs = next_size(inputs, p->inputs))
				for (int64_t outputs = unit; outputs;
				     outputs = next_size(outputs, p->outputs))
					try_tile(p, &(struct tile){ images, side, inputs, outputs }, &best);
	return best;
}

/* --- layers ---------------------------------------------------------------------------------- */

static struct bitfusion_cost product_cost(const struct product *p, const struct layer *l)
{
	/* tiles at the edge are charged whole, each of five sizes at most doubles; 64-bit sums */
	int64_t span = max(p->reach, p->stride);
	double most = 32.0 * 64 * (double)p->hw->batch * (double)(p->side * p->side) *
	              (double)max(window(p), span * span) * (double)(p->inputs + p->lanes) *
	              (double)(p->outputs + p->hw->columns);
	struct bitfusion_cost best;

	if (most > 4e18)
		die("%s: layer '%s' is too large to count its bits", p->hw->path, l->name);
	best = best_cost(p);
	if (best.cycles == INT64_MAX)
		die("%s: layer '%s' at %d/%d bits: not even the smallest tile fits the buffers", p->hw->path,
		    l->name, (int)p->w, (int)p->a);
	return best;
}

struct bitfusion_cost bitfusion_cost(const struct bitfusion *hw, const struct layer *l, bool is_first,
                                     int channels, int w, int a)
{
	struct product p = {
		.hw = hw,
		.kernel = l->is_linear ? 1 : l->kernel,
		.side = l->hout,
		.stride = l->is_linear ? 1 : l->stride,
		.reach = l->is_linear ? 1 : l->window,
		.inputs = l->cin,
		.outputs = channels,
		.w = w,
		.a = a,
		.lanes = hw->rows * multipliers(hw, w) * multipliers(hw, a),
		.im2col = is_first && !l->is_linear && !strcmp(hw->im2col, "first"),
	};
	int groups = (int)min(l->groups, channels);
	int64_t ins = l->cin / l->groups, outs = ceil_div(channels, groups),
		together = max(1, hw->columns / outs), whole;
	struct bitfusion_cost block, sum = { 0, 0 };

	if (l->hout != l->wout)
		die("%s: layer '%s' makes images of %d x %d; BitFusion's model wants square ones", hw->path,
		    l->name, l->hout, l->wout);
	if (l->groups == 1 || !strcmp(hw->depthwise, "dense"))
		return product_cost(&p, l);
	together = min(together, groups);
	whole = groups / together;
	for (int rest = 0; rest < 2; rest++) {
		int64_t blocks = rest ? groups % together > 0 : whole,
			size = rest ? groups % together : together;

		if (!blocks)
			continue;
		p.inputs = size * ins;
		p.outputs = size * outs;
		block = product_cost(&p, l);
		sum.cycles += blocks * block.cycles;
		sum.pj += (double)blocks * block.pj;
	}
	return sum;
}
