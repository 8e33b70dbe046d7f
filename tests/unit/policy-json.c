#include "unit.h"
#include "onnx/policy-json.h"

#include <stdio.h>

/* A network of two layers; JSON must escape the backslash in the name of the second. */
static const char network[] = "name,op,inputs,channels,size,stride,pad,groups,bias,norm,activation,bits\n"
			      "image,input,,1,2,,,,,,,\n"
			      "conv,conv,image,2,2,1,0,1,no,no,relu,8\n"
			      "f\\c,linear,conv,1,,,,,no,no,none,search\n";

static float conv[] = { 1, -1, 0.5f, 0.25f, 0, 2, -0.5f, 0 }, fc[] = { 0.75f, -1.5f };
static float clip_of_all[] = { 2 }, clip_of_each[] = { 1, 2 }, clip_fc[] = { 1.5f };

static char *json_of(const struct policy *p, const struct graph *g, const struct weights *w)
{
	char *path = scratch(""), *text;
	size_t size;

	policy_json_write(g, w, p, path);
	text = (char *)file_bytes(path, &size);
	unlink(path);
	free(path);
	return text;
}

static struct graph read_network(void)
{
	struct graph g;
	char *path = scratch(network);

	graph_read(&g, path);
	unlink(path);
	return g;
}

static void test_layer_wise(void **state)
{
	struct graph g = read_network();
	struct policy p = policy_uniform(&g, 3, 2);
	struct layer_weights layer[] = {
		{ .weight = conv, .weight_clip = clip_of_all, .weight_clips = 1, .activation_clip = 4 },
		{ .weight = fc, .weight_clip = clip_fc, .weight_clips = 1, .activation_clip = 0.1f },
	};
	struct weights w = { .layers = 2, .has_clips = true, .layer = layer };

	(void)state;
	assert_string_equal(json_of(&p, &g, &w), "{\n"
	                                         "  \"layers\": [\n"
	                                         "    {\n"
	                                         "      \"name\": \"conv\",\n"
	                                         "      \"kind\": \"conv\",\n"
	                                         "      \"weight_bits\": 8,\n"
	                                         "      \"weight_clip\": 2,\n"
	                                         "      \"weight_scale\": 0.0157480314,\n"
	                                         "      \"activation_bits\": 8,\n"
	                                         "      \"activation_signed\": true,\n"
	                                         "      \"activation_clip\": 4,\n"
	                                         "      \"activation_scale\": null\n"
	                                         "    },\n"
	                                         "    {\n"
	                                         "      \"name\": \"f\\u005cc\",\n"
	                                         "      \"kind\": \"linear\",\n"
	                                         "      \"weight_bits\": 3,\n"
	                                         "      \"weight_clip\": 1.5,\n"
	                                         "      \"weight_scale\": 0.5,\n"
	                                         "      \"activation_bits\": 2,\n"
	                                         "      \"activation_signed\": false,\n"
	                                         "      \"activation_clip\": 0.100000001,\n"
	                                         "      \"activation_scale\": 0.0333333351\n"
	                                         "    }\n"
	                                         "  ]\n"
	                                         "}\n");
}

static void test_kernel_wise(void **state)
{
	struct graph g = read_network();
	struct policy p = policy_uniform(&g, 3, 2);
	unsigned char bits[] = { 3, 2, 3 }, *kernels[] = { bits, bits + 2 };
	struct layer_weights layer[] = {
		{ .weight = conv, .weight_clip = clip_of_each, .weight_clips = 2, .activation_clip = 4 },
		{ .weight = fc, .weight_clip = clip_fc, .weight_clips = 1, .activation_clip = 1 },
	};
	struct weights w = { .layers = 2, .has_clips = true, .layer = layer };
	char *json;

	(void)state;
	p.kernels = kernels;
	json = json_of(&p, &g, &w);
	assert_contains(json, "\"kernel_bits\": [3, 2],\n      \"weight_clip\": [1, 2],\n"
	                      "      \"weight_scale\": [0.333333343, 2],\n");
	assert_contains(json, "\"kernel_bits\": [3],\n      \"weight_clip\": 1.5,\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layer_wise),
		cmocka_unit_test(test_kernel_wise),
	};

	return cmocka_run_group_tests_name("policy-json", tests, NULL, NULL);
}
