#include "unit.h"
#include "model/policy.h"

static struct graph net;

static void test_uniform(void **state)
{
	struct policy p = policy_uniform(&net, 4, 6);

	(void)state;
	assert_int_equal(p.layers, net.layers);
	for (int i = 0; i < p.layers; i++) {
		assert_int_equal(p.bits[i].w, net.layer[i].is_searched ? 4 : 8);
		assert_int_equal(p.bits[i].a, net.layer[i].is_searched ? 6 : 8);
	}
	policy_free(&p);
	assert_null(p.bits);
}

static void test_round_trip(void **state)
{
	struct policy p = policy_uniform(&net, 4, 6), q;
	char *path = scratch("");

	(void)state;
	p.bits[3].w = 2;
	policy_write(&net, &p, path);
	q = policy_read(&net, path);
	assert_memory_equal(p.bits, q.bits, (size_t)p.layers * sizeof *p.bits);
	policy_free(&p);
	policy_free(&q);
	unlink(path);
	free(path);
}

/* Bits of each output channel, beside a table that has the widest of each layer. */
static void test_kernels(void **state)
{
	struct policy p = policy_uniform(&net, 4, 6), q;
	char *table = scratch(""), *kernels = scratch("");

	(void)state;
	p.kernels = xmalloc((size_t)net.layers, sizeof *p.kernels);
	for (int i = 0; i < net.layers; i++) {
		p.kernels[i] = xmalloc((size_t)net.layer[i].cout, 1);
		for (int k = 0; k < net.layer[i].cout; k++)
			p.kernels[i][k] = (unsigned char)(k ? 1 + k % p.bits[i].w : p.bits[i].w);
	}
	policy_write(&net, &p, table);
	policy_write_kernels(&net, &p, kernels);
	q = policy_read(&net, table);
	policy_read_kernels(&q, &net, kernels);
	for (int i = 0; i < net.layers; i++)
		assert_memory_equal(p.kernels[i], q.kernels[i], (size_t)net.layer[i].cout);
	unlink(table);
	unlink(kernels);
}

static void test_names(void **state)
{
	static const char *const wrong[] = {
		"", "w4", "w4a", "w4a9", "w0a4", "w4a44", "4w4a", "w4A4", "0.60"
	};
	int w, a;

	(void)state;
	assert_true(policy_parse_uniform("w4a6", &w, &a));
	assert_int_equal(w, 4);
	assert_int_equal(a, 6);
	for (size_t i = 0; i < LEN(wrong); i++)
		assert_false(policy_parse_uniform(wrong[i], &w, &a));
}

static void read_path(const void *path)
{
	policy_read(&net, path);
}

static void expect_error(const char *text, const char *error)
{
	char *path = scratch(text);

	assert_contains(last_words(read_path, path), error);
	unlink(path);
	free(path);
}

static void test_errors(void **state)
{
	(void)state;
	expect_error("layer,weight_bits,activation_bits\n",
	             "0 layers, where data/networks/mobilenet-v1.csv has 28");
	expect_error("layer,weight_bits\n", "no column 'activation_bits'");
}

static int read_net(void **state)
{
	(void)state;
	graph_read(&net, "data/networks/mobilenet-v1.csv");
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_uniform), cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_kernels), cmocka_unit_test(test_names),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests_name("policy", tests, read_net, NULL);
}
