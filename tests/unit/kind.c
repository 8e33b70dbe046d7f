#include "unit.h"
#include "hw/bismo.h"
#include "hw/bitfusion.h"
#include "hw/kind.h"
#include "core/rng.h"

#include <glob.h>

#define TRIES 100

static struct graph net;

static int read_net(void **state)
{
	(void)state;
	graph_read(&net, "data/networks/tiny-fashion.csv");
	return 0;
}

static const struct simulator *of_model(const char *path)
{
	const struct simulator *s = simulator_of_model(path);

	s->read(path, &net);
	return s;
}

/* Each channel of a layer at one of a few widths, of two to eight; how many there are of each. */
static void draw(int layer, uint64_t i, int channels[BITS_MAX + 1])
{
	struct rng r = { 1, (uint32_t)layer, RNG_TEST };
	int widths = 2 + (int)rng_below(r, i * 1000, BITS_MAX - 1),
	    first = (int)rng_below(r, i * 1000 + 1, 8);

	memset(channels, 0, (BITS_MAX + 1) * sizeof *channels);
	for (int c = 0; c < net.layer[layer].cout; c++) {
		int nth = (int)rng_below(r, i * 1000 + 2 + (uint64_t)c, (uint64_t)widths);

		channels[1 + (first + nth) % BITS_MAX]++;
	}
}

static int widths_of(const int *channels)
{
	int n = 0;

	for (int w = 1; w <= BITS_MAX; w++)
		n += channels[w] > 0;
	return n;
}

/* What the bits of the weights take, and 4 bits a channel to say which these are. */
static double bytes_of(const struct layer *l, const int *channels)
{
	double bits = widths_of(channels) > 1 ? 4 * l->cout : 0;

	for (int w = 1; w <= BITS_MAX; w++)
		bits += (double)l->weights / l->cout * channels[w] * w;
	return bits / 8;
}

/* Calls check() for many layers whose channels differ. */
static void each(const struct simulator *s, const void *hw,
                 void (*check)(const void *hw, int layer, const int *channels, int a, const struct cost *c))
{
	int channels[BITS_MAX + 1];

	for (int layer = 0; layer < net.layers; layer++) {
		for (uint64_t i = 0; i < TRIES; i++) {
			int a = 1 + (int)(i % BITS_MAX);
			struct cost c;

			draw(layer, i, channels);
			c = simulator_layer_cost(s, &net, layer, channels, a);
			assert_close(c.metric[METRIC_SIZE], bytes_of(&net.layer[layer], channels), 1e-9);
			check(hw, layer, channels, a, &c);
		}
	}
}

static void check_grouped(const void *hw, int layer, const int *channels, int a, const struct cost *c)
{
	int64_t cycles = 0;

	for (int w = 1; w <= BITS_MAX; w++)
		if (channels[w])
			cycles += bismo_cycles(hw, &net.layer[layer], channels[w], w, a);
	assert_int_equal(c->cycles, cycles);
	assert_close(c->metric[METRIC_LATENCY], bismo_ms(hw, cycles), 1e-12);
	assert_true(isnan(c->metric[METRIC_ENERGY]));
}

static void check_sorted(const void *hw, int layer, const int *channels, int a, const struct cost *c)
{
	int64_t cycles = bismo_sorted_cycles(hw, &net.layer[layer], channels, a);

	assert_int_equal(c->cycles, cycles);
	assert_close(c->metric[METRIC_LATENCY], bismo_ms(hw, cycles), 1e-12);
	assert_true(isnan(c->metric[METRIC_ENERGY]));
}

static void test_bismo(void **state)
{
	struct bismo hw;

	(void)state;
	bismo_read(&hw, "hwmodels/bismo-edge.conf");
	each(of_model("hwmodels/bismo-edge.conf"), &hw, check_grouped);
	bismo_read(&hw, "hwmodels/bismo-cloud-sorted.conf");
	each(of_model("hwmodels/bismo-cloud-sorted.conf"), &hw, check_sorted);
}

static void check_bitfusion(const void *hw, int layer, const int *channels, int a, const struct cost *c)
{
	double pj = 0;
	int64_t cycles = 0;

	for (int w = 1; w <= BITS_MAX; w++) {
		struct bitfusion_cost x = { 0, 0 };

		if (channels[w])
			x = bitfusion_cost(hw, &net.layer[layer], layer == 0, channels[w], w, a);
		cycles += x.cycles;
		pj += x.pj;
	}
	assert_int_equal(c->cycles, cycles);
	assert_close(c->metric[METRIC_LATENCY], (double)cycles / 500e3, 1e-12); /* 500 MHz */
	assert_close(c->metric[METRIC_ENERGY], pj * 1e-9, 1e-12);
}

static void test_bitfusion(void **state)
{
	struct bitfusion hw;

	(void)state;
	bitfusion_read(&hw, "hwmodels/bitfusion-grouped.conf");
	assert_close(hw.clock_mhz, 500, 0);
	each(of_model("hwmodels/bitfusion-grouped.conf"), &hw, check_bitfusion);
}

static bool same(double x, double y)
{
	return isnan(x) ? isnan(y) : x == y;
}

/* What a policy of layers costs: the whole layer at once, and no bits that say whose bits these are. */
static void alike(const char *path)
{
	const struct simulator *s = of_model(path);

	for (int layer = 0; layer < net.layers; layer++) {
		const struct layer *l = &net.layer[layer];

		FOR_BITS(b, ALL_BITS) {
			int channels[BITS_MAX + 1] = { 0 };
			struct cost whole = COST_NONE, c;

			channels[b.w] = l->cout;
			c = simulator_layer_cost(s, &net, layer, channels, b.a);
			whole.metric[METRIC_SIZE] = (double)(l->weights * b.w) / 8;
			s->cost(&net, layer, l->cout, b.w, b.a, &whole);
			assert_int_equal(c.cycles, whole.cycles);
			for (int m = 0; m < METRICS; m++)
				assert_true(same(c.metric[m], whole.metric[m]));
		}
	}
}

static void test_channels_alike(void **state)
{
	(void)state;
	alike("hwmodels/bismo-edge.conf");
	alike("hwmodels/bismo-edge-sorted.conf");
	alike("hwmodels/bitfusion.conf");
}

/* Codes have a size and no time; the layer that reads the image keeps its 32 bits a weight. */
static void test_size(void **state)
{
	const struct simulator *s = of_model("hwmodels/size-codebook.conf");
	const int channels[BITS_MAX + 1] = { [2] = 6, [5] = 10 }, image[BITS_MAX + 1] = { [2] = 8 };
	struct cost c = simulator_layer_cost(s, &net, 2, channels, 8);

	(void)state;
	assert_int_equal(c.cycles, -1);
	assert_true(isnan(c.metric[METRIC_LATENCY]) && isnan(c.metric[METRIC_ENERGY]));
	/* b1.pw: 8 weights a channel, batch norms at 32 bits, 4 bits a channel that say its bits */
	assert_close(c.metric[METRIC_SIZE],
	             (6 * 8 * 2 + 10 * 8 * 5 + 32 * (double)net.layer[2].batch_norms + 4 * 16) / 8.0, 0);
	c = simulator_layer_cost(s, &net, 0, image, 8);
	assert_close(c.metric[METRIC_SIZE], (72 * 32 + 32 * (double)net.layer[0].batch_norms) / 8.0, 0);
}

/* A device of weights of 4 and 8 bits, activations of 4; first and last layer at 8/8. */
static char *device(void)
{
	char *path = scratch("");
	FILE *f = fopen(path, "w");

	fprintf(f, "layer,weight_bits,activation_bits,latency_ms,energy_mj\n");
	for (int i = 0; i < net.layers; i++) {
		const char *name = net.layer[i].name;

		if (net.layer[i].is_searched)
			fprintf(f, "%s,4,4,1,3\n%s,8,4,2,5\n", name, name);
		else
			fprintf(f, "%s,8,8,2,6\n", name);
	}
	fclose(f);
	return path;
}

static void test_table(void **state)
{
	const struct simulator *s = simulator_of_model("hwmodels/table-device.csv");
	const int channels[BITS_MAX + 1] = { [2] = 4, [5] = 12 };
	char *path = device();
	struct cost c;

	(void)state;
	s->read(path, &net);
	c = simulator_layer_cost(s, &net, 2, channels, 3);
	assert_close(c.metric[METRIC_LATENCY], 0.25 * 1 + 0.75 * 2, 1e-12);
	assert_close(c.metric[METRIC_ENERGY], 0.25 * 3 + 0.75 * 5, 1e-12);
	assert_int_equal(c.cycles, -1);
	/* activations wider than any that were measured: there is no figure, and nobody dies */
	c = simulator_layer_cost(s, &net, 2, channels, 5);
	assert_true(isnan(c.metric[METRIC_LATENCY]) && isnan(c.metric[METRIC_ENERGY]));
	assert_close(c.metric[METRIC_SIZE], (4 * 8 * 2 + 12 * 8 * 5 + 4 * 16) / 8.0, 0);
	assert_int_equal(simulator_kernels_together(s), 1);
	unlink(path);
	free(path);
}

static void test_kernels_together(void **state)
{
	const struct simulator *bismo = of_model("hwmodels/bismo-edge.conf");
	char *path = scratch("pe_rows = 24\npe_columns = 8\nword_bits = 256\nport_bits = 64\n"
	                     "buffer_words = 1024\nclock_mhz = 200\nbatch = 1\nschedule = sorted\n");

	(void)state;
	assert_int_equal(simulator_kernels_together(bismo), 8);
	bismo->read(path, &net); /* the model read last */
	assert_int_equal(simulator_kernels_together(bismo), 24);
	unlink(path);
	free(path);
	assert_int_equal(simulator_kernels_together(of_model("hwmodels/bitfusion.conf")), 32);
	assert_int_equal(simulator_kernels_together(of_model("hwmodels/size-codebook.conf")), 1);
}

/* Every program simulate-KIND has its kind in the list. */
static void test_kinds_of_programs(void **state)
{
	const size_t prefix = strlen("stages/simulate-");
	glob_t programs;

	(void)state;
	assert_int_equal(glob("stages/simulate-*.c", 0, NULL, &programs), 0);
	assert_true(programs.gl_pathc >= 4);
	for (size_t i = 0; i < programs.gl_pathc; i++) {
		const char *word = programs.gl_pathv[i] + prefix;
		char *path = xprintf("some-where/%.*s-mine.conf", (int)strlen(word) - 2, word);
		const struct simulator *s = simulator_of_model(path);

		assert_int_equal(strlen(s->kind), strlen(word) - 2);
		assert_memory_equal(s->kind, word, strlen(s->kind));
		free(path);
	}
	globfree(&programs);
	assert_string_equal(simulator_of_model("bitfusion.conf")->kind, "bitfusion");
}

static void find_kind(const void *path)
{
	simulator_of_model(path);
}

static void test_unknown_kinds(void **state)
{
	(void)state;
	assert_contains(last_words(find_kind, "hwmodels/tpu-edge.conf"),
	                "hwmodels/tpu-edge.conf: no kind of accelerator is called 'tpu'; expected "
	                "KIND-NAME.conf or .csv, KIND bismo, bitfusion, size or table\n");
	assert_contains(last_words(find_kind, "bismo/edge.conf"), "is called 'edge'");
	assert_contains(last_words(find_kind, "bismoedge.conf"), "is called 'bismoedge'");
	assert_contains(last_words(find_kind, "bit-fusion.conf"), "is called 'bit'");
	assert_contains(last_words(find_kind, "hwmodels/"), "is called ''");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bismo),
		cmocka_unit_test(test_bitfusion),
		cmocka_unit_test(test_channels_alike),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_kernels_together),
		cmocka_unit_test(test_kinds_of_programs),
		cmocka_unit_test(test_unknown_kinds),
	};

	return cmocka_run_group_tests_name("kind", tests, read_net, NULL);
}
