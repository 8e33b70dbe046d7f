#include "unit.h"
#include "hw/bismo.h"
#include "core/rng.h"
#include "io/csv.h"

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

struct plain {
	int lines, lanes, bits, groups;
	int64_t arrival[CHUNKS_MAX];
};

/*
 * When each chunk has arrived, index (group * words + word) * bits + bit: the order in which they
 * are fetched.
 */
static void fetch(struct plain *x, const struct bismo *hw, int lines, int depth)
{
	int words = (depth + (int)hw->word_bits - 1) / (int)hw->word_bits, n = 0;
	int64_t clock = 0;

	x->lines = lines;
	x->groups = (lines + x->lanes - 1) / x->lanes;
	for (int g = 0; g < x->groups; g++) {
		for (int j = 0; j < words; j++) {
			int left = depth - j * (int)hw->word_bits;
			int bits = left < hw->word_bits ? left : (int)hw->word_bits;
			int size = lines - g * x->lanes < x->lanes ? lines - g * x->lanes : x->lanes;

			for (int b = 0; b < x->bits; b++) {
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
				for (int bi = 0; bi < inner->bits; bi++)
					for (int bo = 0; bo < outer->bits; bo++) {
						int64_t x =
							outer->arrival[(o * words + j) * outer->bits + bo];
						int64_t y =
							inner->arrival[(i * words + j) * inner->bits + bi];

						t = t + 1 > x ? t + 1 : x;
						t = t > y ? t : y;
					}
	return t;
}

/* Lines of a tile, cut evenly. */
static int tile_lines(const struct bismo *hw, int lines, int lanes, int words, int bits)
{
	int groups = (lines + lanes - 1) / lanes, fit = (int)hw->buffer_words / (words * bits), tiles;

	fit = fit ? fit : 1;
	tiles = (groups + fit - 1) / fit;
	return (groups + tiles - 1) / tiles * lanes;
}

static int64_t plain_product(const struct bismo *hw, int rows, int columns, int depth, int w, int a)
{
	static struct plain r, c;
	int words = (depth + (int)hw->word_bits - 1) / (int)hw->word_bits;
	int64_t columns_outer = 0, rows_outer = 0;

	r.lanes = (int)hw->pe_rows;
	c.lanes = (int)hw->pe_columns;
	r.bits = w;
	c.bits = a;
	for (int i = 0, n = tile_lines(hw, rows, r.lanes, words, w); i < rows; i += n) {
		fetch(&r, hw, rows - i < n ? rows - i : n, depth);
		for (int k = 0, m = tile_lines(hw, columns, c.lanes, words, a); k < columns; k += m) {
			fetch(&c, hw, columns - k < m ? columns - k : m, depth);
			columns_outer += plain_run(&c, &r, words);
			rows_outer += plain_run(&r, &c, words);
		}
	}
	return columns_outer < rows_outer ? columns_outer : rows_outer;
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

		assert_int_equal(cycles_of(&p), plain_product(&p.hw, p.rows, p.columns, p.depth, p.w, p.a));
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
	struct product p = { { 4, 4, 8, 8, 1 << 20, 1, 1, "" }, 16, 16, 8, 1, 1 };
	struct product odd = { { 4, 1, 22, 20, 43, 1, 1, "" }, 25, 46, 78, 1, 4 };

	(void)state;
	/* 16 steps; each waits for four lines only at the start, and while the inner operand is new */
	assert_int_equal(cycles_of(&p), plain_product(&p.hw, 16, 16, 8, 1, 1));
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
	whole_layer(&(struct bismo){ 1, 1, 1, 1, 1, 1024, 1, "small.conf" }, &l, 8, 8);
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
