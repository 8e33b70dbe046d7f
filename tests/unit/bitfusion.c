#include "unit.h"
#include "hw/bitfusion.h"
#include "core/rng.h"
#include "io/csv.h"
#include "model/policy.h"

static struct bitfusion paper, grouped, small;
static struct graph v1, v2;

static int read_all(void **state)
{
	(void)state;
	bitfusion_read(&paper, "hwmodels/bitfusion.conf");
	bitfusion_read(&grouped, "hwmodels/bitfusion-grouped.conf");
	bitfusion_read(&small, "hwmodels/bitfusion-small.conf");
	graph_read(&v1, "data/networks/mobilenet-v1.csv");
	graph_read(&v2, "data/networks/mobilenet-v2.csv");
	return 0;
}

static struct bitfusion_cost whole_layer(const struct bitfusion *hw, const struct layer *l, bool is_first,
                                         int w, int a)
{
	return bitfusion_cost(hw, l, is_first, l->cout, w, a);
}

static struct layer conv(int cin, int cout, int kernel, int side, int stride, int groups)
{
	return (struct layer){ .name = "l",
		               .cin = cin,
		               .cout = cout,
		               .kernel = kernel,
		               .window = kernel,
		               .stride = stride,
		               .groups = groups,
		               .hout = side,
		               .wout = side,
		               .is_depthwise = groups > 1 && groups == cin };
}

/* --- the same model written down plainly: every tile, every one of the 120 orders, nothing left out --- */

static int64_t up(int64_t a, int64_t b)
{
	return (a + b - 1) / b * b;
}

struct plain {
	const struct bitfusion *hw;
	int64_t k, side, stride, ic, oc, w, a, np;
	bool im2col;
	int64_t cycles;
	double pj;
};

/* A buffer, loops from the innermost outwards. */
static void move(int64_t tile, int64_t bytes, const char *depends, const char *order, const int64_t *trips,
                 int64_t *t, int64_t *r)
{
	bool keep = true;

	*t = *r = tile;
	for (int i = 4; i >= 0; i--) {
		int64_t n = trips[strchr("BHWIO", order[i]) - "BHWIO"];

		if (!keep) {
			*t *= n;
		} else if (strchr(depends, order[i])) {
			*t *= n;
			if (*t > bytes * 8 / 2)
				keep = false;
			else
				*r = *t;
		}
	}
}

static double plain_array_pj(const struct plain *p, int64_t b, int64_t o, int64_t ic, int64_t oc,
                             int64_t tiles)
{
	const struct bitfusion *hw = p->hw;
	int64_t i = up(oc, hw->columns), wp = b * o * o,
		op = p->im2col ? up(p->k * p->k * ic, p->np) : up(ic, p->np) * p->k * p->k;
	int64_t v = p->k * p->k * ic, mac = tiles * v * oc * wp;
	int64_t is = op * wp * (p->a + i * (p->w + 32)), os = i * wp * (32 + op * (p->a + p->w)),
		ws = op * i * (p->w + wp * (p->a + 32));
	double in = (double)(mac * p->a), weights = (double)(mac * p->w), out = (double)(mac * 32);

	if (is <= os && is <= ws)
		in = (double)(tiles * v * wp * p->a);
	else if (os <= ws)
		out = (double)(tiles * oc * wp * 32);
	else
		weights = (double)(tiles * v * oc * p->w);
	return weights * hw->weight_read_pj + in * hw->input_read_pj +
	       out * (hw->output_read_pj + hw->output_write_pj);
}

static void plain_tile(struct plain *p, int64_t b, int64_t o, int64_t ic, int64_t oc)
{
	const struct bitfusion *hw = p->hw;
	int64_t k2 = p->k * p->k, span = p->k + (o - 1) * p->stride;
	int64_t wgt = up(k2 * ic, p->np) * oc * p->w,
		act = p->im2col ? o * o * k2 * ic * b * p->a : span * span * ic * b * p->a;
	int64_t out = o * o * up(oc, hw->columns) * b * 32, n = (p->side + o - 1) / o;
	int64_t trips[5] = { (hw->batch + b - 1) / b, n, n, (p->ic + ic - 1) / ic, (p->oc + oc - 1) / oc };
	int64_t tiles = trips[0] * n * n * trips[3] * trips[4];
	int64_t compute = tiles * b * o * o * (up(oc, hw->columns) / hw->columns) *
	                  (p->im2col ? up(k2 * ic, p->np) / p->np : k2 * (up(ic, p->np) / p->np));

	if (wgt > hw->weight_buffer_bytes * 4 || act > hw->input_buffer_bytes * 4 ||
	    out > hw->output_buffer_bytes * 4)
		return;
	for (int x = 0; x < 3125; x++) {
		int digit[5] = { x / 625, x / 125 % 5, x / 25 % 5, x / 5 % 5, x % 5 };
		char order[6] = "";
		int64_t ta, ra, tw, rw, to, ro, latency, memory, cycles;
		double pj;

		for (int i = 0; i < 5; i++)
			order[i] = "BHWIO"[digit[i]];
		if (!strchr(order, 'B') || !strchr(order, 'H') || !strchr(order, 'W') ||
		    !strchr(order, 'I') || !strchr(order, 'O'))
			continue;
		move(act, hw->input_buffer_bytes, "BHWI", order, trips, &ta, &ra);
		move(wgt, hw->weight_buffer_bytes, "IO", order, trips, &tw, &rw);
		move(out, hw->output_buffer_bytes, "BHWO", order, trips, &to, &ro);
		latency = up(ra + rw + ro, hw->port_bits) / hw->port_bits +
		          up(ro, hw->port_bits) / hw->port_bits;
		memory = up(ta + tw + 2 * to - ra - rw - 2 * ro, hw->port_bits) / hw->port_bits;
		cycles = compute + (memory > compute ? memory - compute : 0) + latency;
		pj = (double)compute * hw->core_pj + plain_array_pj(p, b, o, ic, oc, tiles) +
		     (double)tw * hw->weight_write_pj + (double)ta * hw->input_write_pj +
		     (double)to * (hw->output_read_pj + hw->output_write_pj) +
		     (double)(ta + tw + 2 * to) * hw->dram_pj;
		if (cycles < p->cycles || (cycles == p->cycles && pj < p->pj)) {
			p->cycles = cycles;
			p->pj = pj;
		}
	}
}

static int64_t at_most(int64_t x, int64_t limit)
{
	return x < limit ? x : limit;
}

static void plain_cost(struct plain *p)
{
	int64_t first = p->im2col ? 1 : p->hw->columns;

	p->cycles = INT64_MAX;
	for (int i = 0; i == 0 || 1 << (i - 1) < p->hw->batch; i++)
		for (int j = 0; j == 0 || 1 << (j - 1) < p->side; j++)
			for (int k = 0; k == 0 || 1 << (k - 1) < p->ic; k++)
				for (int l = 0; l == 0 || first << (l - 1) < p->oc; l++)
					plain_tile(p, at_most(1 << i, p->hw->batch), at_most(1 << j, p->side),
					           at_most(1 << k, p->ic), at_most(first << l, p->oc));
}

static void test_equals_the_plain_model(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 60; i++) {
		struct rng r = { 1, (uint32_t)i, RNG_AUGMENT };
		struct bitfusion hw = i % 3 ? paper : small;
		struct layer l = conv(1 + (int)(rng_bits(r, 0) % 70), 1 + (int)(rng_bits(r, 1) % 90),
		                      1 + 2 * (int)(rng_bits(r, 2) % 2), 1 + (int)(rng_bits(r, 3) % 15),
		                      1 + (int)(rng_bits(r, 4) % 2), 1);
		int w = 1 + (int)(rng_bits(r, 5) % 8), a = 1 + (int)(rng_bits(r, 6) % 8);
		struct plain p = { .hw = &hw,
			           .k = l.kernel,
			           .side = l.hout,
			           .stride = l.stride,
			           .ic = l.cin,
			           .oc = l.cout,
			           .w = w,
			           .a = a,
			           .np = hw.rows * (8 / (w < 2 ? 2 : w)) * (8 / (a < 2 ? 2 : a)),
			           .im2col = i % 5 == 0 };
		struct bitfusion_cost cost;

		hw.batch = 1 + (int)(rng_bits(r, 7) % 3);
		hw.input_buffer_bytes >>= i % 4;
		plain_cost(&p);
		cost = whole_layer(&hw, &l, p.im2col, w, a);
		assert_true(cost.cycles == p.cycles);
		assert_close(cost.pj, p.pj, 1e-12 * p.pj);
	}
}

/* --- known numbers ---------------------------------------------------------------------------- */

static void test_table_of_mobilenet_v1(void **state)
{
	struct table t;
	int equal = 0;

	(void)state;
	table_read(&t, "tests/golden/bitfusion-mobilenet-v1.csv");
	assert_int_equal(t.rows, 1792);
	for (size_t row = 0; row < t.rows; row++) {
		int layer = graph_layer(&v1, table_text(&t, row, table_column(&t, "layer")));
		int w = (int)table_int(&t, row, table_column(&t, "weight_bits"), 1, 8);
		int a = (int)table_int(&t, row, table_column(&t, "activation_bits"), 1, 8);
		struct bitfusion_cost cost = whole_layer(&paper, &v1.layer[layer], layer == 0, w, a);

		assert_close(cost.pj * 1e-9, table_real(&t, row, table_column(&t, "energy_mj"), 0, 1e6),
		             1e-9);
		equal += cost.cycles == table_int(&t, row, table_column(&t, "cycles"), 0, INT64_MAX);
	}
	assert_int_equal(equal, 1792);
	table_free(&t);
}

/*
 * By hand: tiles of one output position, all channels; IMAGES, INPUTS, OUTPUTS, HEIGHT,
 * WIDTH from the outside.
 */
static void test_first_layer_by_hand(void **state)
{
	struct bitfusion_cost cost = whole_layer(&paper, &v1.layer[0], true, 8, 8);
	int64_t positions = 112 * 112, compute = positions * 2, acts = positions * 27 * 8,
		sums = positions * 32 * 32;
	int64_t weights = 32 * 32 * 8, acts_start = 112 * 216, fill = acts_start + weights + 1024;
	int64_t moving = (acts + weights + 2 * sums - fill - 1024 + 191) / 192;

	(void)state;
	assert_true(compute == 25088 && moving == 147778);
	assert_true(cost.cycles == moving + (fill + 191) / 192 + 6);
	assert_true(cost.cycles == 147958);
	assert_close(cost.pj * 1e-6, 441.98, 0.005);
}

/* --- what any such machine must obey ---------------------------------------------------------- */

static void test_never_below_what_must_be_done(void **state)
{
	const struct bitfusion *all[] = { &paper, &small, &grouped };

	(void)state;
	for (size_t i = 0; i < LEN(all); i++) {
		for (int layer = 0; layer < v2.layers; layer++) {
			const struct layer *l = &v2.layer[layer];

			for (int bits = 1; bits <= 8; bits++) {
				struct bitfusion_cost cost = whole_layer(all[i], l, layer == 0, bits, bits);
				double traffic = (double)((l->weights + l->input_numbers) * bits +
				                          (int64_t)64 * l->cout * l->hout * l->wout);

				assert_true((double)cost.cycles >=
				            (double)l->macs /
				                    (double)bitfusion_macs_per_cycle(all[i], bits, bits));
				assert_true((double)cost.cycles >= traffic / (double)all[i]->port_bits);
				assert_true(cost.pj >= traffic * all[i]->dram_pj);
			}
		}
	}
}

static void test_more_bandwidth_is_never_slower(void **state)
{
	(void)state;
	for (int layer = 0; layer < v1.layers; layer++) {
		int64_t before = INT64_MAX;

		for (long port = 16; port <= 2048; port += 97) {
			struct bitfusion hw = paper;
			int64_t cycles;

			hw.port_bits = port;
			cycles = whole_layer(&hw, &v1.layer[layer], layer == 0, 6, 4).cycles;
			assert_true(cycles <= before);
			before = cycles;
		}
	}
}

/*
 * One bit more can take less: tiles are chosen for the fewest cycles, and where a tile no longer
 * fits another one may move less.  hwmodels/README.md gives these two counts.
 */
static void test_where_it_is_not_monotone(void **state)
{
	int steps = 0, faster = 0, cheaper = 0;

	(void)state;
	for (int i = 0; i < v1.layers; i++) {
		const struct layer *l = &v1.layer[i];

		FOR_BITS(b, ALL_BITS) {
			struct bitfusion_cost here = whole_layer(&paper, l, i == 0, b.w, b.a);

			for (int k = 0; k < 2; k++) {
				struct bitfusion_cost next;

				if ((k ? b.a : b.w) == BITS_MAX)
					continue;
				next = whole_layer(&paper, l, i == 0, b.w + !k, b.a + k);
				steps++;
				faster += next.cycles < here.cycles;
				cheaper += next.pj < here.pj;
			}
		}
	}
	assert_int_equal(steps, 3136);
	assert_int_equal(faster, 68);
	assert_int_equal(cheaper, 133);
}

/* --- groups and parts -------------------------------------------------------------------------- */

static void test_groups(void **state)
{
	struct layer depthwise = conv(80, 80, 3, 14, 1, 80), two = conv(64, 96, 3, 7, 1, 2);
	struct layer block = conv(32, 32, 3, 14, 1, 1), rest = conv(16, 16, 3, 14, 1, 1),
		     half = conv(32, 48, 3, 7, 1, 1);
	struct layer dense = conv(80, 80, 3, 14, 1, 1);

	(void)state;
	/* 32 columns: two blocks of 32 channels and one of 16 */
	assert_true(whole_layer(&grouped, &depthwise, false, 4, 8).cycles ==
	            2 * whole_layer(&paper, &block, false, 4, 8).cycles +
	                    whole_layer(&paper, &rest, false, 4, 8).cycles);
	assert_close(whole_layer(&grouped, &depthwise, false, 4, 8).pj,
	             2 * whole_layer(&paper, &block, false, 4, 8).pj +
	                     whole_layer(&paper, &rest, false, 4, 8).pj,
	             1);
	assert_true(whole_layer(&paper, &depthwise, false, 4, 8).cycles ==
	            whole_layer(&paper, &dense, false, 4, 8).cycles);
	/* groups of more channels than columns run one by one */
	assert_true(whole_layer(&grouped, &two, false, 4, 8).cycles ==
	            2 * whole_layer(&paper, &half, false, 4, 8).cycles);
	assert_true(whole_layer(&grouped, &dense, false, 4, 8).cycles ==
	            whole_layer(&paper, &dense, false, 4, 8).cycles);
}

static void test_parts_of_a_layer(void **state)
{
	struct layer l = conv(64, 96, 1, 14, 1, 1), part = conv(64, 40, 1, 14, 1, 1),
		     depthwise = conv(64, 64, 3, 14, 1, 64);
	struct layer few = conv(24, 24, 3, 14, 1, 24);

	(void)state;
	assert_true(bitfusion_cost(&paper, &l, false, 40, 3, 5).cycles ==
	            whole_layer(&paper, &part, false, 3, 5).cycles);
	assert_true(bitfusion_cost(&grouped, &depthwise, false, 24, 3, 5).cycles ==
	            whole_layer(&grouped, &few, false, 3, 5).cycles);
	/*
	 * mapped as dense, some channels still read all inputs: a part is no cheaper than its share
	 * of the zeros
	 */
	assert_true(bitfusion_cost(&paper, &depthwise, false, 32, 8, 8).cycles * 2 >=
	            whole_layer(&paper, &depthwise, false, 8, 8).cycles);
}

/* --- what cannot be mapped --------------------------------------------------------------------- */

static void no_room(const void *unused)
{
	struct bitfusion hw = paper;

	(void)unused;
	hw.weight_buffer_bytes = 16;
	whole_layer(&hw, &v1.layer[2], false, 8, 8);
}

static void huge(const void *unused)
{
	struct layer l = conv(60000, 60000, 31, 4000, 1, 1);

	(void)unused;
	whole_layer(&paper, &l, false, 8, 8);
}

static void oblong(const void *unused)
{
	struct layer l = conv(8, 8, 3, 14, 1, 1);

	(void)unused;
	l.wout = 7;
	whole_layer(&paper, &l, false, 8, 8);
}

static void test_what_cannot_be_mapped(void **state)
{
	(void)state;
	assert_contains(last_words(no_room, NULL),
	                "layer 'b1.pw' at 8/8 bits: not even the smallest tile fits the buffers");
	assert_contains(last_words(huge, NULL), "layer 'l' is too large");
	assert_contains(last_words(oblong, NULL), "layer 'l' makes images of 14 x 7");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equals_the_plain_model),
		cmocka_unit_test(test_table_of_mobilenet_v1),
		cmocka_unit_test(test_first_layer_by_hand),
		cmocka_unit_test(test_never_below_what_must_be_done),
		cmocka_unit_test(test_more_bandwidth_is_never_slower),
		cmocka_unit_test(test_where_it_is_not_monotone),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_parts_of_a_layer),
		cmocka_unit_test(test_what_cannot_be_mapped),
	};

	return cmocka_run_group_tests_name("bitfusion", tests, read_all, NULL);
}
