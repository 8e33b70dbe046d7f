#include "unit.h"
#include "hw/bismo.h"
#include "core/rng.h"
#include "io/csv.h"

#include <string.h>

static struct bismo edge, cloud;
static struct graph v1, v2;

static int read_all(void **state)
{
	(void)state;
	bismo_read(&edge, "hwmodels/bismo-edge.conf");
	bismo_read(&cloud, "hwmodels/bismo-cloud.conf");
	graph_read(&v1, "data/networks/mobilenet-v1.csv");
	graph_read(&v2, "data/networks/mobilenet-v2.csv");
	return 0;
}

static int64_t whole_layer(const struct bismo *hw, const struct layer *l, int w, int a)
{
	return bismo_cycles(hw, l, l->cout, w, a);
}

/* --- the same model, step by step ------------------------------------------------------------ */

#define CHUNKS_MAX 4096
#define GROUPS_MAX 64

struct plain {
	int lines, lanes, groups;
	int bits[GROUPS_MAX], first[GROUPS_MAX]; /* of each group; the index of its first chunk */
	int64_t arrival[CHUNKS_MAX];
};

/*
 * When each chunk has arrived, index first[group] + word * bits + bit: the order in which they are fetched.
 * A group has the bits of its first line.
 */
static void fetch(struct plain *x, const struct bismo *hw, const unsigned char *bits_of_line, int lines,
                  int depth)
{
	int words = (depth + (int)hw->word_bits - 1) / (int)hw->word_bits, n = 0;
	int64_t clock = 0;

	x->lines = lines;
	x->groups = (lines + x->lanes - 1) / x->lanes;
	assert_true(x->groups <= GROUPS_MAX);
	for (int g = 0; g < x->groups; g++) {
		x->bits[g] = bits_of_line[g * x->lanes];
		x->first[g] = n;
		for (int j = 0; j < words; j++) {
			int left = depth - j * (int)hw->word_bits;
			int bits = left < hw->word_bits ? left : (int)hw->word_bits;
			int size = lines - g * x->lanes < x->lanes ? lines - g * x->lanes : x->lanes;

			for (int b = 0; b < x->bits[g]; b++) {
				clock += (int64_t)size *
				         ((bits + (int)hw->port_bits - 1) / (int)hw->port_bits);
				assert_true(n < CHUNKS_MAX);
				x->arrival[n++] = clock;
			}
		}
	}
}

static int64_t plain_run(const struct plain *outer, const struct plain *inner, int words)
{
	int64_t t = 0;

	for (int o = 0; o < outer->groups; o++)
		for (int i = 0; i < inner->groups; i++)
			for (int j = 0; j < words; j++)
				for (int bi = 0; bi < inner->bits[i]; bi++)
					for (int bo = 0; bo < outer->bits[o]; bo++) {
						int64_t x = outer->arrival[outer->first[o] +
						                           j * outer->bits[o] + bo];
						int64_t y = inner->arrival[inner->first[i] +
						                           j * inner->bits[i] + bi];

						t = t + 1 > x ? t + 1 : x;
						t = t > y ? t : y;
					}
	return t;
}

/*
 * The first line of the next tile: as few tiles as fit the buffer, and then as few bits in the fullest
 * of them as can be, found by trying.
 */
static int greedy(const unsigned char *bits, int lines, int lanes, int from, int fit)
{
	int sum = 0, at = from;

	do {
		sum += bits[at];
		at += lanes;
	} while (at < lines && sum + bits[at] <= fit);
	return at < lines ? at : lines;
}

static int tiles(const unsigned char *bits, int lines, int lanes, int fit)
{
	int n = 0;

	for (int at = 0; at < lines; n++)
		at = greedy(bits, lines, lanes, at, fit);
	return n;
}

static int next_tile(const struct bismo *hw, const unsigned char *bits, int lines, int lanes, int words,
                     int from)
{
	int most = (int)hw->buffer_words / words, fit = 1;

	while (tiles(bits, lines, lanes, fit) > tiles(bits, lines, lanes, most))
		fit++;
	return greedy(bits, lines, lanes, from, fit);
}

static int64_t plain_product(const struct bismo *hw, const unsigned char *w, int rows, const unsigned char *a,
                             int columns, int depth)
{
	static struct plain r, c;
	int words = (depth + (int)hw->word_bits - 1) / (int)hw->word_bits, next_row, next_column;
	int64_t columns_outer = 0, rows_outer = 0;

	r.lanes = (int)hw->pe_rows;
	c.lanes = (int)hw->pe_columns;
	for (int i = 0; i < rows; i = next_row) {
		next_row = next_tile(hw, w, rows, r.lanes, words, i);
		fetch(&r, hw, w + i, next_row - i, depth);
		for (int k = 0; k < columns; k = next_column) {
			next_column = next_tile(hw, a, columns, c.lanes, words, k);
			fetch(&c, hw, a + k, next_column - k, depth);
			columns_outer += plain_run(&c, &r, words);
			rows_outer += plain_run(&r, &c, words);
		}
	}
	return columns_outer < rows_outer ? columns_outer : rows_outer;
}

/* All lines of the same bits. */
static int64_t plain_uniform(const struct bismo *hw, int rows, int columns, int depth, int w, int a)
{
	unsigned char of_rows[64], of_columns[64];

	memset(of_rows, w, sizeof of_rows);
	memset(of_columns, a, sizeof of_columns);
	return plain_product(hw, of_rows, rows, of_columns, columns, depth);
}

/* --- products drawn at random ---------------------------------------------------------------- */

struct product {
	struct bismo hw;
	int rows, columns, depth, w, a;
};

static int draw(uint64_t *at, int n)
{
	return 1 + (int)rng_below((struct rng){ 1, 0, RNG_TEST }, (*at)++, (uint64_t)n);
}

static struct product random_product(uint64_t i)
{
	uint64_t at = i * 16;
	struct product p;

	p.hw = (struct bismo){ .pe_rows = draw(&at, 8),
		               .pe_columns = draw(&at, 8),
		               .word_bits = draw(&at, 32),
		               .port_bits = draw(&at, 40),
		               .buffer_words = draw(&at, 200),
		               .batch = 1,
		               .clock_mhz = 1 };
	p.rows = draw(&at, 40);
	p.columns = draw(&at, 60);
	p.depth = draw(&at, draw(&at, 2) == 1 ? 10 : 90);
	p.w = draw(&at, 8);
	p.a = draw(&at, 8);
	return p;
}

static int64_t cycles_of(const struct product *p)
{
	return bismo_product(&p->hw, p->rows, p->columns, p->depth, p->w, p->a);
}

static void test_equals_step_by_step(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 3000; i++) {
		struct product p = random_product(i);

		assert_int_equal(cycles_of(&p), plain_uniform(&p.hw, p.rows, p.columns, p.depth, p.w, p.a));
	}
}

/* --- rows of different bits ------------------------------------------------------------------ */

/* Widest first, `spread` widths of 1..8 bits, as many as there are rows. */
static void random_widths(uint64_t i, int rows, unsigned char *bits)
{
	uint64_t at = i * 64 + 1000000;
	int spread = draw(&at, 4);

	for (int k = 0; k < rows; k++) {
		int w = draw(&at, spread) + (int)(i % 5), j = k;

		for (; j > 0 && bits[j - 1] < w; j--)
			bits[j] = bits[j - 1];
		bits[j] = (unsigned char)w;
	}
}

static void test_sorted_equals_step_by_step(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 3000; i++) {
		struct product p = random_product(i);
		unsigned char w[64], a[64];

		random_widths(i, p.rows, w);
		memset(a, p.a, sizeof a);
		assert_int_equal(bismo_sorted_product(&p.hw, w, p.rows, p.columns, p.depth, p.a),
		                 plain_product(&p.hw, w, p.rows, a, p.columns, p.depth));
	}
}

static void test_sorted_rows_that_agree(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 20000; i++) {
		struct product p = random_product(i);
		unsigned char w[64];

		memset(w, p.w, sizeof w);
		assert_int_equal(bismo_sorted_product(&p.hw, w, p.rows, p.columns, p.depth, p.a),
		                 cycles_of(&p));
	}
}

static void test_never_below_what_must_be_done(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 20000; i++) {
		struct product p = random_product(i);
		int64_t row_groups = (p.rows + p.hw.pe_rows - 1) / p.hw.pe_rows;
		int64_t column_groups = (p.columns + p.hw.pe_columns - 1) / p.hw.pe_columns;
		int64_t words = (p.depth + p.hw.word_bits - 1) / p.hw.word_bits, cycles = cycles_of(&p);

		assert_true(cycles >= row_groups * column_groups * words * p.w * p.a);
		assert_true(cycles * p.hw.port_bits >= (int64_t)p.rows * p.depth * p.w);
		assert_true(cycles * p.hw.port_bits >= (int64_t)p.columns * p.depth * p.a);
	}
}

static void test_more_bandwidth_is_never_slower(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 20000; i++) {
		struct product p = random_product(i);
		int64_t before = cycles_of(&p);

		p.hw.port_bits++;
		assert_true(cycles_of(&p) <= before);
	}
}

static void test_buffers(void **state)
{
	struct product p = { { 4, 4, 8, 8, 1 << 20, 1, 1, "grouped", "" }, 16, 16, 8, 1, 1 };
	struct product odd = { { 4, 1, 22, 20, 43, 1, 1, "grouped", "" }, 25, 46, 78, 1, 4 };

	(void)state;
	/* 16 steps; each waits for four lines only at the start, and while the inner operand is new */
	assert_int_equal(cycles_of(&p), plain_uniform(&p.hw, 16, 16, 8, 1, 1));
	assert_true(cycles_of(&p) < 32);
	p.hw.buffer_words = 1; /* 16 runs of one step, each of which waits for four lines */
	assert_int_equal(cycles_of(&p), 16 * 4);
	/* more is rarely slower, but it can be: larger tiles, cut evenly, hide less of their start */
	assert_int_equal(cycles_of(&odd), 5704);
	odd.hw.buffer_words *= 2;
	assert_int_equal(cycles_of(&odd), 5767);
}

/* --- what was published ---------------------------------------------------------------------- */

static void test_published_table(void **state)
{
	struct table t;
	int equal = 0;

	(void)state;
	table_read(&t, "tests/golden/bismo-cloud-mobilenet-v2-batch16.csv");
	for (size_t row = 0; row < t.rows; row++) {
		int layer = graph_layer(&v2, table_text(&t, row, table_column(&t, "layer")));
		int w = (int)table_int(&t, row, table_column(&t, "weight_bits"), 1, 8);
		int a = (int)table_int(&t, row, table_column(&t, "activation_bits"), 1, 8);

		assert_true(layer == (int)row / 64);
		equal += whole_layer(&cloud, &v2.layer[layer], w, a) ==
		         table_int(&t, row, table_column(&t, "cycles"), 0, INT64_MAX);
	}
	assert_int_equal(equal, 3392);
	table_free(&t);
}

static void test_single_products(void **state)
{
	static const struct {
		bool is_v1;
		int layer, w, a;
		int64_t cycles;
	} at_the_edge[] = {
		{ true, 0, 8, 8, 402136 },   { true, 13, 8, 8, 822784 }, /* depthwise 512, 14 x 14 */
		{ true, 14, 4, 4, 56675 },   { true, 14, 8, 8, 214151 },
		{ true, 26, 4, 4, 66328 },   { true, 26, 8, 8, 247836 },
		{ false, 8, 4, 4, 37720 },   { false, 8, 8, 8, 76828 },
		{ false, 50, 8, 8, 80142 },  { false, 51, 4, 4, 37382 },
		{ false, 49, 8, 8, 436800 }, /* depthwise 960, 7 x 7 */
	};

	(void)state;
	for (size_t i = 0; i < LEN(at_the_edge); i++) {
		const struct layer *l = &(at_the_edge[i].is_v1 ? &v1 : &v2)->layer[at_the_edge[i].layer];

		assert_int_equal(whole_layer(&edge, l, at_the_edge[i].w, at_the_edge[i].a),
		                 at_the_edge[i].cycles);
	}
}

static void test_groups(void **state)
{
	struct layer dense = {
		.name = "l", .cin = 64, .cout = 32, .kernel = 3, .groups = 1, .hout = 7, .wout = 7
	};
	struct layer half = dense;

	(void)state;
	half.groups = 2;
	assert_int_equal(whole_layer(&edge, &half, 4, 4), 2 * bismo_product(&edge, 16, 49, 288, 4, 4));
	assert_int_equal(whole_layer(&cloud, &half, 4, 4), 32 * bismo_product(&cloud, 16, 49, 288, 4, 4));
	assert_int_equal(whole_layer(&cloud, &dense, 4, 4), 16 * bismo_product(&cloud, 32, 49, 576, 4, 4));
}

static void test_parts_of_a_layer(void **state)
{
	const struct layer *pointwise = &v2.layer[2], *depthwise = &v2.layer[1];

	(void)state;
	assert_int_equal(bismo_cycles(&edge, pointwise, 5, 4, 6),
	                 bismo_product(&edge, 5, 112 * 112, 32, 4, 6));
	assert_int_equal(bismo_cycles(&edge, depthwise, 5, 4, 6) * 32,
	                 whole_layer(&edge, depthwise, 4, 6) * 5);
}

/* A layer whose output channels all have w bits. */
static int64_t sorted_layer(const struct bismo *hw, const struct layer *l, int w, int a)
{
	int channels[BITS_MAX + 1] = { 0 };

	channels[w] = l->cout;
	return bismo_sorted_cycles(hw, l, channels, a);
}

static void test_sorted_layers(void **state)
{
	const struct layer *depthwise = &v2.layer[1], *pointwise = &v2.layer[2];
	int mixed[BITS_MAX + 1] = { [3] = 5, [6] = 27 }, few[BITS_MAX + 1] = { [2] = 9, [5] = 7 };
	struct layer halves = {
		.name = "l", .cin = 64, .cout = 16, .kernel = 3, .groups = 2, .hout = 7, .wout = 7
	};

	(void)state;
	for (int i = 0; i < v2.layers; i++)
		for (int w = 1; w <= BITS_MAX; w += 3)
			assert_int_equal(sorted_layer(&edge, &v2.layer[i], w, 5),
			                 whole_layer(&edge, &v2.layer[i], w, 5));
	/* each channel of a depthwise layer is a product of its own */
	assert_int_equal(bismo_sorted_cycles(&cloud, depthwise, mixed, 4),
	                 bismo_cycles(&cloud, depthwise, 5, 3, 4) +
	                         bismo_cycles(&cloud, depthwise, 27, 6, 4));
	/* 9 of 16 rows are narrow: the second eight of them run narrower, where all ran at 5 bits */
	assert_int_equal(bismo_sorted_cycles(&edge, pointwise, few, 4),
	                 bismo_sorted_product(
				 &edge,
				 (const unsigned char[]){ 5, 5, 5, 5, 5, 5, 5, 2, 2, 2, 2, 2, 2, 2, 2, 2 },
				 16, 112 * 112, 32, 4));
	/* eight kernels of each half, as many of each width */
	assert_int_equal(
		bismo_sorted_cycles(&edge, &halves, (const int[BITS_MAX + 1]){ [2] = 8, [4] = 8 }, 4),
		2 * bismo_sorted_product(&edge, (const unsigned char[]){ 4, 4, 4, 4, 2, 2, 2, 2 }, 8, 49, 288,
	                                 4));
}

static void huge_layer(const void *unused)
{
	struct layer l = { .name = "huge",
		           .cin = 32768,
		           .cout = 32768,
		           .kernel = 1,
		           .groups = 1,
		           .hout = 181,
		           .wout = 181 };

	(void)unused;
	whole_layer(&(struct bismo){ 1, 1, 1, 1, 1, 1024, 1, "grouped", "small.conf" }, &l, 8, 8);
}

static void test_huge_layer(void **state)
{
	(void)state;
	assert_contains(last_words(huge_layer, NULL), "small.conf: layer 'huge' takes more than");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equals_step_by_step),
		cmocka_unit_test(test_sorted_equals_step_by_step),
		cmocka_unit_test(test_sorted_rows_that_agree),
		cmocka_unit_test(test_sorted_layers),
		cmocka_unit_test(test_never_below_what_must_be_done),
		cmocka_unit_test(test_more_bandwidth_is_never_slower),
		cmocka_unit_test(test_buffers),
		cmocka_unit_test(test_published_table),
		cmocka_unit_test(test_parts_of_a_layer),
		cmocka_unit_test(test_single_products),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_huge_layer),
	};

	return cmocka_run_group_tests_name("bismo", tests, read_all, NULL);
}
