#include "unit.h"
#include "lib/graph.h"

#define HEADER "name,op,inputs,channels,size,stride,pad,groups,bias,norm,activation,bits\n"
#define IMAGE  "image,input,,3,8,,,,,,,\n"
#define CONV1  "c1,conv,image,4,3,2,1,1,no,yes,relu,8\n"

static const char small[] = HEADER IMAGE CONV1
	"dw,conv,c1,4,3,1,1,4,no,yes,relu6,search\n"
	"pw,conv,dw,4,1,1,0,1,no,yes,none,search\n"
	"sum,add,c1 pw,,,,,,,,relu,\n"
	"part,conv,sum,6,1,1,0,2,no,yes,relu,search\n"
	"small,max,part,,2,2,,,,,,\n"
	"pool,average,small,,,,,,,,,\n"
	"fc,linear,pool,10,,,,,yes,,,8\n";

static struct graph read_text(const char *text)
{
	char *path = scratch(text);
	struct graph g;

	graph_read(&g, path);
	unlink(path);
	return g;
}

static void test_shapes(void **state)
{
	struct graph g = read_text(small);

	(void)state;
	assert_int_equal(g.nodes, 9);
	assert_int_equal(g.layers, 5);
	assert_int_equal(g.node[1].h, 4);
	assert_int_equal(g.node[4].channels, 4);
	assert_int_equal(g.node[6].w, 2);
	assert_int_equal(g.node[7].h, 1);
	assert_int_equal(graph_classes(&g), 10);
	assert_int_equal(g.node[1].users, 2);
	assert_int_equal(g.node[4].input[1], 3);
}

static void test_layers(void **state)
{
	struct graph g = read_text(small);
	const struct layer *l = g.layer;

	(void)state;
	assert_int_equal(graph_layer(&g, "fc"), 4);
	assert_int_equal(graph_layer(&g, "pool"), -1);
	assert_true(l[1].is_depthwise && !l[0].is_depthwise && !l[3].is_depthwise && l[4].is_linear);
	assert_true(l[1].is_searched && !l[0].is_searched && l[0].fixed_bits == 8);
	assert_int_equal(l[0].weights, 4 * 3 * 3 * 3);
	assert_int_equal(l[1].weights, 4 * 3 * 3);
	assert_int_equal(l[3].weights, 6 * 2);
	assert_int_equal(l[4].weights, 10 * 6);
	assert_int_equal(l[1].macs, 4 * 3 * 3 * 4 * 4);
	assert_int_equal(graph_macs(&g), 16 * (4 * 27 + 4 * 9 + 16 + 12) + 60);
	/* an input may be negative only before an activation: the image, and what has none */
	assert_true(l[0].input_is_signed && !l[1].input_is_signed && !l[3].input_is_signed && !l[4].input_is_signed);
	assert_true(g.node[3].is_signed && !g.node[4].is_signed);
}

static void test_networks_of_the_repository(void **state)
{
	static const struct { const char *path; int layers; double weights, macs; } nets[] = {
		{ "data/networks/mobilenet-v1.csv", 28, 4.2e6, 569e6 },
		{ "data/networks/mobilenet-v2.csv", 53, 3.47e6, 301e6 },
	};

	(void)state;
	for (size_t i = 0; i < LEN(nets); i++) {
		double weights = 0;
		struct graph g;

		graph_read(&g, nets[i].path);
		for (int k = 0; k < g.layers; k++)
			weights += (double)g.layer[k].weights;
		assert_int_equal(g.layers, nets[i].layers);
		assert_close(weights, nets[i].weights, 0.01 * nets[i].weights);
		assert_close(graph_macs(&g), nets[i].macs, 0.01 * nets[i].macs);
		assert_false(g.layer[0].is_searched || g.layer[g.layers - 1].is_searched);
	}
}

static void read_path(const void *path)
{
	struct graph g;

	graph_read(&g, path);
}

static const struct { const char *text, *error; } bad_networks[] = {
	{ HEADER IMAGE, "1 nodes" },
	{ "name,op\na,b\nc,d\n", "no column 'inputs'" },
	{ HEADER IMAGE "image,conv,image,4,3,1,1,1,,,,8\n", "line 3: two nodes are named 'image'" },
	{ HEADER IMAGE "a b,conv,image,4,3,1,1,1,,,,8\n", "line 3: 'a b' is no name" },
	{ HEADER IMAGE "c,convolution,image,4,3,1,1,1,,,,8\n", "line 3: op is 'convolution'" },
	{ HEADER IMAGE "c,conv,picture,4,3,1,1,1,,,,8\n", "line 3: input 'picture' is not a node above" },
	{ HEADER IMAGE "c,conv,c,4,3,1,1,1,,,,8\n", "line 3: input 'c' is not a node above" },
	{ HEADER IMAGE "m,max,image,,2,2,0,,,,relu,\n", "line 3: an activation is of conv, linear and add" },
	{ HEADER IMAGE "c,conv,,4,3,1,1,1,,,,8\n", "line 3: 0 inputs, where 'conv' takes 1" },
	{ HEADER IMAGE "c,add,image image image,,,,,,,,,\n", "line 3: more than the 2 inputs" },
	{ HEADER IMAGE IMAGE, "line 3: " },
	{ HEADER CONV1 IMAGE, "line 2: the first node" },
	{ HEADER IMAGE "c,conv,image,0,3,1,1,1,,,,8\n", "line 3: channels must lie in" },
	{ HEADER IMAGE "c,conv,image,4,,1,1,1,,,,8\n", "line 3: size must be a whole number" },
	{ HEADER IMAGE "c,conv,image,4,9,1,0,1,,,,8\n", "line 3: a window of 9" },
	{ HEADER IMAGE "c,conv,image,4,3,1,3,1,,,,8\n", "line 3: a window of 3 (pad 3)" },
	{ HEADER IMAGE "c,conv,image,4,3,1,1,2,,,,8\n", "line 3: 2 groups do not divide 3" },
	{ HEADER IMAGE "c,conv,image,4,3,1,1,1,,maybe,,8\n", "line 3: norm is 'maybe'" },
	{ HEADER IMAGE "c,conv,image,4,3,1,1,1,,,tanh,8\n", "line 3: activation is 'tanh'" },
	{ HEADER IMAGE "c,conv,image,4,3,1,1,1,,,,9\n", "line 3: bits must lie in 1..8" },
	{ HEADER IMAGE "c,conv,image,4,3,1,1,1,,,,\n", "line 3: bits must be a whole number" },
	{ HEADER IMAGE "p,average,image,,,,,,,,,8\n", "line 3: bias, norm and bits are of conv and linear" },
	{ HEADER IMAGE "f,linear,image,4,,,,,yes,,,8\n", "line 3: linear wants an input of 1 x 1, not 8 x 8" },
	{ HEADER IMAGE CONV1 "s,add,image c1,,,,,,,,,\n", "line 4: inputs of different shapes" },
	{ HEADER IMAGE CONV1 "d,conv,image,4,3,2,1,1,,,,8\n", "line 3: nothing reads the output of 'c1'" },
	{ HEADER IMAGE "p,average,image,,,,,,,,,\n", "no conv or linear node" },
	{ HEADER "image,input,,65536,65536,,,,,,,\n"
	  "c,conv,image,65536,65535,1,1,1,,,,8\n", "layer 'c' is too large" },
};

static void test_errors(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(bad_networks); i++) {
		char *path = scratch(bad_networks[i].text);
		const char *words = last_words(read_path, path);

		if (!strstr(words, bad_networks[i].error) || !strstr(words, path))
			fail_msg("expected '%s', got: %s", bad_networks[i].error, words);
		unlink(path);
		free(path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_layers),
		cmocka_unit_test(test_networks_of_the_repository),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests_name("graph", tests, NULL, NULL);
}
