#include "unit.h"
#include "model/histograms.h"

static struct graph net;

static void test_counts(void **state)
{
	static const float x[] = { 0, -1, 0.5f, 0.499f, 1 };
	struct histogram h;

	(void)state;
	histogram_of(&h, x, LEN(x));
	assert_true(h.max == 1 && h.bin[0] == 1 && h.bin[HISTOGRAM_BINS - 1] == 2);
	assert_true(h.bin[HISTOGRAM_BINS / 2] == 1 && h.bin[HISTOGRAM_BINS / 2 - 3] == 1);
}

static struct histogram *some(void)
{
	struct histogram *h = xmalloc((size_t)net.layers, sizeof *h);

	for (int i = 0; i < net.layers; i++) {
		h[i].max = 1 + i;
		h[i].bin[i] = 7;
	}
	return h;
}

static void test_round_trip(void **state)
{
	struct histogram *h = some(), *r;
	char *path = scratch("");

	(void)state;
	histograms_write(h, &net, path);
	r = histograms_read(&net, path);
	assert_memory_equal(h, r, (size_t)net.layers * sizeof *h);
	unlink(path);
	free(path);
}

static void read_it(const void *path)
{
	histograms_read(&net, path);
}

static void test_nonsense(void **state)
{
	struct histogram *h = some();
	char *path = scratch("");

	(void)state;
	h[1].bin[3] = -1;
	histograms_write(h, &net, path);
	assert_contains(last_words(read_it, path), "holds a count that is none");
	h[1].bin[3] = 0;
	h[1].max = 0;
	histograms_write(h, &net, path);
	assert_contains(last_words(read_it, path), "read nothing but zeros");
	unlink(path);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_nonsense),
	};

	graph_read(&net, "data/networks/tiny-fashion.csv");
	return cmocka_run_group_tests_name("histograms", tests, NULL, NULL);
}
