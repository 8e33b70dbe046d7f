#include "unit.h"
#include "model/graph.h"

#define HEADER "name,op,inputs,channels,size,stride,pad,groups,bias,norm,activation,bits\n"
#define IMAGE "image,input,,3,8,,,,,,,\n"
#define CONV1 "c1,conv,image,4,3,2,1,1,no,yes,relu,8\n"

static const char small[] = HEADER IMAGE CONV1 "dw,conv,c1,4,3,1,1,4,no,yes,relu6,search\n"
					       "pw,conv,dw,4,1,1,0,1,no,yes,none,search\n"
					       "sum,add,c1 pw,,,,,,,,relu,\n"
					       "part,conv,sum,6,1,1,0,2,no,yes,relu,search\n"
					       "small,max,part,,2,2,,,,,,\n"
					       "pool,average,small,,,,,,,,,\n"
					       "fc,linear,pool,10,,,,,yes,,,8\n";

/* Networks of other frameworks have more operators; and the column that may be missing. */
#define HEADER13 "name,op,inputs,channels,size,stride,pad,groups,bias,norm,activation,bits,dilation\n"
#define IMAGE13 "image,input,,3,8,,,,,,,,\n"

static const char other[] = HEADER13 "image,input,,3,9,,,,,,,,\n"
				     "c1,conv,image,8,3,2,0:1,1,no,yes,none,8,1\n"
				     "hs,activate,c1,,,,,,,,hardswish,,\n"
				     "squeeze,average,hs,,,,,,,,,,\n"
				     "excite,conv,squeeze,8,1,1,0,1,yes,no,none,search,\n"
				     "gate,activate,excite,,,,,,,,hardsigmoid,,\n"
				     "se,multiply,hs gate,,,,,,,,,,\n"
				     "wide,conv,gate,4,1,1,0,1,yes,no,none,search,\n"
				     "sig,activate,wide,,,,,,,,sigmoid,,\n"
				     "atrous,conv,se,4,3,1,2,1,no,yes,relu,search,2\n"
				     "near,average,atrous,,3,1,1:1,,,,,,\n"
				     "sw,activate,atrous,,,,,,,,swish,,\n"
				     "same,multiply,near sw,,,,,,,,,,\n"
				     "most,max,se,,2,1,0:1,,,,,,\n"
				     "join,concat,same atrous most,,,,,,,,,,\n"
				     "six,activate,join,,,,,,,,relu6,,\n"
				     "mean,average,six,,,,,,,,,,\n"
				     "both,concat,mean sig,,,,,,,,,,\n"
				     "fc,linear,both,10,,,,,yes,,,8,\n";

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
	assert_true(l[0].input_is_signed && !l[1].input_is_signed && !l[3].input_is_signed &&
	            !l[4].input_is_signed);
	assert_true(g.node[3].is_signed && !g.node[4].is_signed);
}

static const struct node *named(const struct graph *g, const char *name)
{
	for (int i = 0; i < g->nodes; i++)
		if (!strcmp(g->node[i].name, name))
			return &g->node[i];
	fail_msg("no node '%s'", name);
	abort();
}

static void test_shapes_of_other_nodes(void **state)
{
	static const struct {
		const char *name;
		int h, w, channels;
		bool is_signed;
	} expected[] = {
		{ "c1", 4, 4, 8, true },      { "hs", 4, 4, 8, true },     { "squeeze", 1, 1, 8, true },
		{ "gate", 1, 1, 8, false },   { "se", 4, 4, 8, true },     { "sig", 1, 1, 4, false },
		{ "atrous", 4, 4, 4, false }, { "near", 4, 4, 4, false },  { "sw", 4, 4, 4, false },
		{ "same", 4, 4, 4, false },   { "most", 4, 4, 8, true },   { "join", 4, 4, 16, true },
		{ "six", 4, 4, 16, false },   { "both", 1, 1, 20, false },
	};
	struct graph g = read_text(other);
	const struct layer *atrous = &g.layer[graph_layer(&g, "atrous")];

	(void)state;
	for (size_t i = 0; i < LEN(expected); i++) {
		const struct node *n = named(&g, expected[i].name);

		if (n->h != expected[i].h || n->w != expected[i].w || n->channels != expected[i].channels ||
		    n->is_signed != expected[i].is_signed)
			fail_msg("%s: %d x %d x %d, signed %d", n->name, n->h, n->w, n->channels,
			         n->is_signed);
	}
	assert_true(named(&g, "c1")->pad == 0 && named(&g, "c1")->pad_end == 1);
	assert_true(named(&g, "squeeze")->size == 0 && named(&g, "near")->size == 3);
	assert_int_equal(named(&g, "join")->inputs, 3);
	assert_int_equal(named(&g, "atrous")->users, 3);
	assert_true(atrous->kernel == 3 && atrous->window == 5 && g.layer[0].window == 3);
	assert_int_equal(atrous->weights, 4 * 8 * 9);
	assert_int_equal(atrous->macs, 4 * 8 * 9 * 16);
	assert_int_equal(g.layer[graph_layer(&g, "fc")].cin, 20);
}

/* Windows cover all of an input, but for what strides leave out and gaps of a dilated kernel. */
static void test_input_numbers(void **state)
{
	struct graph g = read_text(HEADER13 IMAGE13 "a,conv,image,4,3,1,1,1,,,,8,1\n"
	                                            "b,conv,a,4,1,2,0,1,,,,search,\n"
	                                            "c,conv,b,4,2,1,0,1,,,,search,3\n"
	                                            "fc,linear,c,5,,,,,,,,8,\n");

	(void)state;
	assert_int_equal(g.layer[0].input_numbers, 8 * 8 * 3);
	assert_int_equal(g.layer[1].input_numbers, 4 * 4 * 4);
	assert_int_equal(g.layer[2].input_numbers, 2 * 2 * 4);
}

/* A network is written as it was read, and reads as it was written. */
static void test_writing(void **state)
{
	const char *texts[] = { small, other };

	(void)state;
	for (size_t i = 0; i < LEN(texts); i++) {
		struct graph g = read_text(texts[i]), h;
		char *first = scratch(""), *second = scratch("");

		graph_write(&g, first);
		graph_read(&h, first);
		graph_write(&h, second);
		assert_true(g.nodes == h.nodes && g.layers == h.layers);
		for (int k = 0; k < g.nodes; k++) {
			const struct node *a = &g.node[k], *b = &h.node[k];

			assert_string_equal(a->name, b->name);
			assert_memory_equal(a->input, b->input, (size_t)a->inputs * sizeof *a->input);
			assert_true(a->op == b->op && a->inputs == b->inputs && a->channels == b->channels);
			assert_true(a->size == b->size && a->stride == b->stride && a->pad == b->pad);
			assert_true(a->pad_end == b->pad_end && a->dilation == b->dilation);
			assert_true(a->groups == b->groups && a->bias == b->bias && a->bits == b->bits);
			assert_true(a->batch_norm == b->batch_norm && a->activation == b->activation);
		}
		assert_string_equal((char *)file_bytes(first, &(size_t){ 0 }),
		                    (char *)file_bytes(second, &(size_t){ 0 }));
		unlink(first);
		unlink(second);
	}
}

static void test_networks_of_the_repository(void **state)
{
	static const struct {
		const char *path;
		int layers;
		double weights, macs;
	} nets[] = {
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

static const struct {
	const char *text, *error;
} bad_networks[] = {
	{ HEADER IMAGE, "1 nodes" },
	{ "name,op\na,b\nc,d\n", "no column 'inputs'" },
	{ HEADER IMAGE "image,conv,image,4,3,1,1,1,,,,8\n", "line 3: two nodes are named 'image'" },
	{ HEADER IMAGE "a b,conv,image,4,3,1,1,1,,,,8\n", "line 3: 'a b' is no name" },
	{ HEADER IMAGE "\"a,b\",conv,image,4,3,1,1,1,,,,8\n", "line 3: 'a,b' is no name" },
	{ HEADER IMAGE "total,conv,image,4,3,1,1,1,,,,8\n", "line 3: 'total' is no name" },
	{ HEADER IMAGE "fc,linear,image,4,,,,3,,,,8\n", "line 3: groups are of conv" },
	{ HEADER IMAGE "c,convolution,image,4,3,1,1,1,,,,8\n", "line 3: op is 'convolution'" },
	{ HEADER IMAGE "c,conv,picture,4,3,1,1,1,,,,8\n", "line 3: input 'picture' is not a node above" },
	{ HEADER IMAGE "c,conv,c,4,3,1,1,1,,,,8\n", "line 3: input 'c' is not a node above" },
	{ HEADER IMAGE "m,max,image,,2,2,0,,,,relu,\n",
	  "line 3: an activation is of conv, linear, add and activate" },
	{ HEADER IMAGE "c,conv,,4,3,1,1,1,,,,8\n", "line 3: 0 inputs, where 'conv' takes 1" },
	{ HEADER IMAGE "c,add,image image image,,,,,,,,,\n", "line 3: more than the 2 inputs" },
	{ HEADER IMAGE IMAGE, "line 3: " },
	{ HEADER CONV1 IMAGE, "line 2: the first node" },
	{ HEADER IMAGE "c,conv,image,0,3,1,1,1,,,,8\n", "line 3: channels must lie in" },
	{ HEADER IMAGE "c,conv,image,4,,1,1,1,,,,8\n", "line 3: size must be a whole number" },
	{ HEADER IMAGE "c,conv,image,4,9,1,0,1,,,,8\n", "line 3: a window of 9" },
	{ HEADER IMAGE "c,conv,image,4,3,1,3,1,,,,8\n", "line 3: a window of 3 (pad 3)" },
	{ HEADER IMAGE "c,conv,image,4,3,1,1,2,,,,8\n", "line 3: 2 groups do not divide 3" },
	{ HEADER IMAGE CONV1 "f,linear,c1,4,4,,,,yes,,,8\n",
	  "line 4: size and stride are of conv, max and average" },
	{ HEADER IMAGE "p,average,image,,,2,,,,,,\n",
	  "line 3: size and stride are of conv, max and average" },
	{ HEADER IMAGE "m,maxpool,image,,2,2,0,,,,,\n",
	  "line 3: op is 'maxpool'; expected one of input, conv, linear, add, average, max," },
	{ HEADER IMAGE "c,conv,image,4,3,1,1,1,,maybe,,8\n", "line 3: norm is 'maybe'" },
	{ HEADER IMAGE "c,conv,image,4,3,1,1,1,,,tanh,8\n", "line 3: activation is 'tanh'" },
	{ HEADER IMAGE "c,conv,image,4,3,1,1,1,,,,9\n", "line 3: bits must lie in 1..8" },
	{ HEADER IMAGE "c,conv,image,4,3,1,1,1,,,,\n", "line 3: bits of a layer are search, or 1 to 8" },
	{ HEADER IMAGE "p,average,image,,,,,,,,,8\n", "line 3: bias, norm and bits are of conv and linear" },
	{ HEADER IMAGE "f,linear,image,4,,,,,yes,,,8\n",
	  "line 3: linear wants an input of 1 x 1, not 8 x 8" },
	{ HEADER IMAGE CONV1 "s,add,image c1,,,,,,,,,\n", "line 4: inputs of different shapes" },
	{ HEADER IMAGE CONV1 "d,conv,image,4,3,2,1,1,,,,8\n", "line 3: nothing reads the output of 'c1'" },
	{ HEADER IMAGE "p,average,image,,,,,,,,,\n", "no conv or linear node" },
	{ HEADER IMAGE "c,conv,image,4,3,1,1,1,,,swish,8\n",
	  "line 3: activation is 'swish'; expected one of none, relu, relu6" },
	{ HEADER IMAGE "c,conv,image,4,3,1,0:3,1,,,,8\n",
	  "line 3: a window of 3 (pad 0:3) does not fit an image of 8 x 8" },
	{ HEADER IMAGE "c,conv,image,4,3,1,3:0,1,,,,8\n", "line 3: a window of 3 (pad 3:0)" },
	{ HEADER IMAGE "c,conv,image,4,10,1,1:0,1,,,,8\n", "line 3: a window of 10 (pad 1:0)" },
	{ HEADER IMAGE "c,conv,image,4,3,1,:1,1,,,,8\n",
	  "line 3: pad must be a whole number, or two as in 0:1, not ':1'" },
	{ HEADER IMAGE "c,conv,image,4,3,1,1:,1,,,,8\n", "line 3: pad must be a whole number, or two" },
	{ HEADER IMAGE "c,conv,image,4,3,1,0:1:2,1,,,,8\n", "line 3: pad must be a whole number, or two" },
	{ HEADER IMAGE "c,conv,image,4,3,1,-1:1,1,,,,8\n", "line 3: pad must be a whole number, or two" },
	{ HEADER IMAGE "c,conv,image,4,3,1,0:1000000,1,,,,8\n",
	  "line 3: pad must be a whole number, or two" },
	{ HEADER IMAGE "c,conv,image,4,3,1,x,1,,,,8\n", "line 3: pad must be a whole number, not 'x'" },
	{ HEADER IMAGE "p,average,image,,,,1,,,,,\n",
	  "line 3: a pad is of conv, max, and average with a size" },
	{ HEADER IMAGE "p,average,image,,2,,,,,,,\n", "line 3: stride must be a whole number" },
	{ HEADER IMAGE "p,average,image,,2,1,2,,,,,\n", "line 3: a window of 2 (pad 2)" },
	{ HEADER IMAGE "p,average,image,,9,1,,,,,,\n", "line 3: a window of 9 (pad 0)" },
	{ HEADER IMAGE "p,average,image,,0,1,,,,,,\n", "line 3: size must lie in 1.." },
	{ HEADER13 IMAGE13 "c,conv,image,4,3,1,0,1,,,,8,4\n", "line 3: a window of 9 (pad 0)" },
	{ HEADER13 IMAGE13 "c,conv,image,4,3,1,0,1,,,,8,0\n", "line 3: dilation must lie in 1..1024" },
	{ HEADER13 IMAGE13 "c,conv,image,4,3,1,0,1,,,,8,two\n", "line 3: dilation must be a whole number" },
	{ HEADER13 IMAGE13 "m,max,image,,2,2,0,,,,,,2\n", "line 3: a dilation is of conv" },
	{ HEADER IMAGE "a,activate,image,,,,,,,,,\n",
	  "line 3: activation is ''; expected one of relu, relu6, hardswish, hardsigmoid, "
	  "sigmoid, swish" },
	{ HEADER IMAGE "a,activate,image,,,,,,,,none,\n",
	  "line 3: activation is 'none'; expected one of relu, relu6, hardswish, hardsigmoid, "
	  "sigmoid, swish" },
	{ HEADER IMAGE "a,activate,image image,,,,,,,,relu,\n", "line 3: more than the 1 inputs" },
	{ HEADER IMAGE "a,activate,image,,,,,,yes,,relu,\n",
	  "line 3: bias, norm and bits are of conv and linear" },
	{ HEADER IMAGE "m,multiply,image image,,,,,,,,swish,\n",
	  "line 3: an activation is of conv, linear, add and activate" },
	{ HEADER IMAGE "m,multiply,image,,,,,,,,,\n", "line 3: 1 inputs, where 'multiply' takes 2" },
	{ HEADER IMAGE CONV1 "m,multiply,image c1,,,,,,,,,\n",
	  "line 4: inputs of different shapes: 8 x 8 x 3 and 4 x 4 x 4" },
	{ HEADER IMAGE "p,average,image,,,,,,,,,\n"
	               "m,multiply,p image,,,,,,,,,\n",
	  "line 4: inputs of different shapes: 1 x 1 x 3 and 8 x 8 x 3" },
	{ HEADER IMAGE "j,concat,image,,,,,,,,,\n", "line 3: 1 inputs, where 'concat' takes 2 or more" },
	{ HEADER IMAGE CONV1 "j,concat,image image c1,,,,,,,,,\n",
	  "line 4: inputs of different sizes: 8 x 8 and 4 x 4" },
	{ HEADER "image,input,,40000,1,,,,,,,\n"
	         "j,concat,image image,,,,,,,,,\n",
	  "line 3: more than 65536 channels" },
	{ HEADER "image,input,,1,65536,,,,,,,\n"
	         "m,max,image,,3,1,2,,,,,\n",
	  "line 3: an image of 65538 x 65538; at most 65536" },
	{ HEADER "image,input,,65536,65536,,,,,,,\n"
	         "c,conv,image,65536,65535,1,1,1,,,,8\n",
	  "layer 'c' is too large" },
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
		cmocka_unit_test(test_shapes_of_other_nodes),
		cmocka_unit_test(test_input_numbers),
		cmocka_unit_test(test_writing),
		cmocka_unit_test(test_networks_of_the_repository),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests_name("graph", tests, NULL, NULL);
}
