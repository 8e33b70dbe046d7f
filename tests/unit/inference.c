#include "unit.h"
#include "engine/inference.h"
#include "engine/net.h"
#include "core/rng.h"
#include "core/threads.h"

#include <omp.h>

/*
 * Strides, residual additions, an input that is read twice, max pooling, groups,
 * a signed input of a layer.
 */
static const char residual[] = "name,op,inputs,channels,size,stride,pad,groups,bias,norm,activation,bits\n"
			       "image,input,,3,32,,,,,,,\n"
			       "conv1,conv,image,16,3,1,1,1,no,yes,relu,8\n"
			       "pool1,max,conv1,,3,2,1,,,,,\n"
			       "a1,conv,pool1,24,1,1,0,1,no,yes,relu6,search\n"
			       "a2,conv,a1,24,3,1,1,24,no,yes,relu6,search\n"
			       "a3,conv,a2,16,1,1,0,1,no,yes,none,search\n"
			       "a,add,pool1 a3,,,,,,,,none,\n"
			       "b1,conv,a,32,3,2,1,2,yes,no,relu,search\n"
			       "b2,conv,b1,24,1,1,0,1,no,yes,none,search\n"
			       "down,conv,a,24,1,2,0,1,no,yes,none,search\n"
			       "b,add,b2 down,,,,,,,,relu,\n"
			       "c1,conv,b,40,1,1,0,1,no,yes,none,search\n"
			       "c2,conv,c1,40,3,1,1,40,yes,yes,relu6,search\n"
			       "mean,average,c2,,,,,,,,,\n"
			       "fc,linear,mean,10,,,,,yes,,,8\n";

/*
 * Squeeze and excitation, functions that may be negative or not, windows, uneven padding, dilation,
 * a concatenation.
 */
static const char modern[] =
	"name,op,inputs,channels,size,stride,pad,groups,bias,norm,activation,bits,dilation\n"
	"image,input,,3,32,,,,,,,,\n"
	"conv1,conv,image,16,3,1,1:0,1,no,yes,none,8,\n"
	"hs1,activate,conv1,,,,,,,,hardswish,,\n"
	"dw,conv,hs1,16,3,2,0:1,16,no,yes,none,search,\n"
	"sw,activate,dw,,,,,,,,swish,,\n"
	"sq,average,sw,,,,,,,,,,\n"
	"e1,conv,sq,8,1,1,0,1,yes,no,relu,search,\n"
	"e2,conv,e1,16,1,1,0,1,yes,no,none,search,\n"
	"gate,activate,e2,,,,,,,,hardsigmoid,,\n"
	"se,multiply,sw gate,,,,,,,,,,\n"
	"p1,conv,se,24,1,1,0,1,no,yes,none,search,\n"
	"at,conv,p1,24,3,1,2,24,no,yes,relu6,search,2\n"
	"b1,conv,at,8,1,1,0,1,no,yes,none,search,\n"
	"av,average,b1,,3,2,0:1,,,,,,\n"
	"mx,max,sw,,3,2,0:1,,,,,,\n"
	"b2,conv,se,12,3,2,0:1,1,no,yes,relu,search,\n"
	"j,concat,av mx b2,,,,,,,,,,\n"
	"c,conv,j,32,1,1,0,1,no,yes,none,search,\n"
	"g,activate,c,,,,,,,,sigmoid,,\n"
	"d,conv,g,32,3,1,1,2,no,yes,relu6,search,\n"
	"cc,multiply,c d,,,,,,,,,,\n"
	"mean,average,cc,,,,,,,,,,\n"
	"fc,linear,mean,10,,,,,yes,,,8,\n";

static const char *network = residual;

enum { IMAGES = 256, BATCH = 64, CLASSES = 10, PIXELS = 3 * 32 * 32 };

static struct graph g;
static struct weights w;
static float *images;

static void jitter(float *x, int n, float middle, float spread, uint64_t *drawn)
{
	for (int i = 0; x && i < n; i++)
		x[i] = middle + spread * (float)rng_uniform((struct rng){ 7, 0, RNG_TEST }, (*drawn)++);
}

static void largest(void *context, int layer, const float *x, size_t count)
{
	(void)context;
	for (size_t i = 0; i < count; i++)
		w.layer[layer].activation_clip = fmaxf(w.layer[layer].activation_clip, fabsf(x[i]));
}

/* Ranges that clip a little: three quarters of the largest. */
static void choose_ranges(void)
{
	struct net *net = net_new(&g, &w, NULL, BATCH, 4, NET_INFERENCE);

	net_prepare(net);
	net_observe(net, largest, NULL);
	memcpy(net_input(net), images, BATCH * PIXELS * sizeof(float));
	net_forward(net, BATCH);
	for (int i = 0; i < g.layers; i++) {
		struct layer_weights *p = &w.layer[i];

		p->activation_clip *= 0.75f;
		p->weight_clips = g.layer[i].cout;
		p->weight_clip = xmalloc((size_t)p->weight_clips, sizeof *p->weight_clip);
		for (int64_t k = 0; k < g.layer[i].weights; k++)
			p->weight_clip[0] = fmaxf(p->weight_clip[0], 0.75f * fabsf(p->weight[k]));
		for (int k = 1; k < p->weight_clips; k++)
			p->weight_clip[k] =
				p->weight_clip[0] * (1 - 0.3f * (float)k / (float)p->weight_clips);
	}
	w.has_clips = true;
}

static int make_network(void **state)
{
	char *path = scratch(network);
	uint64_t drawn = 0;

	(void)state;
	graph_read(&g, path);
	unlink(path);
	weights_random(&w, &g, 1, 3);
	for (int i = 0; i < g.layers; i++) {
		struct layer_weights *p = &w.layer[i];

		jitter(p->bias, g.layer[i].cout, -0.1f, 0.3f, &drawn);
		jitter(p->gamma, g.layer[i].cout, 0.6f, 0.8f, &drawn);
		jitter(p->beta, g.layer[i].cout, -0.2f, 0.6f, &drawn);
		jitter(p->mean, g.layer[i].cout, -0.2f, 0.4f, &drawn);
		jitter(p->variance, g.layer[i].cout, 0.5f, 1, &drawn);
	}
	w.layer[1].gamma[5] = 0; /* a channel that is switched off */
	images = xmalloc(IMAGES * PIXELS, sizeof *images);
	jitter(images, IMAGES * PIXELS, -2, 4, &drawn);
	choose_ranges();
	return 0;
}

static float *logits_of(const struct policy *p, enum arithmetic how, int shards)
{
	float *all = xmalloc(IMAGES * CLASSES, sizeof *all);
	struct inference *net = inference_new(&g, &w, p, how, BATCH, shards);

	for (int at = 0; at < IMAGES; at += BATCH) {
		memcpy(inference_input(net), images + at * PIXELS, BATCH * PIXELS * sizeof(float));
		inference_forward(net, BATCH);
		memcpy(all + at * CLASSES, inference_logits(net), BATCH * CLASSES * sizeof(float));
	}
	return all;
}

/* As training computes them (net.h), which tests/unit/net.c compares with plain code. */
static float *logits_of_training(const struct policy *p)
{
	float *all = xmalloc(IMAGES * CLASSES, sizeof *all);
	struct net *net = net_new(&g, &w, p, BATCH, 4, NET_INFERENCE);

	net_prepare(net);
	for (int at = 0; at < IMAGES; at += BATCH) {
		memcpy(net_input(net), images + at * PIXELS, BATCH * PIXELS * sizeof(float));
		net_forward(net, BATCH);
		memcpy(all + at * CLASSES, net_logits(net), BATCH * CLASSES * sizeof(float));
	}
	return all;
}

/*
 * Both round the same numbers, which differ in their last float digit: nearly all outputs agree to
 * that digit.  Where a number lies on the edge between two integers it may fall to either side, and
 * what follows moves by a step.
 */
static void check_arithmetic(const struct policy *p, enum arithmetic how)
{
	float *x = logits_of(p, how, 4), *y = logits_of_training(p);
	float size = 0;
	int apart = 0, wrong = 0;

	for (int i = 0; i < IMAGES * CLASSES; i++)
		size = fmaxf(size, fabsf(y[i]));
	for (int i = 0; i < IMAGES; i++) {
		const float *a = x + i * CLASSES, *b = y + i * CLASSES;
		int first = 0, other = 0;
		float most = 0;

		for (int k = 0; k < CLASSES; k++) {
			most = fmaxf(most, fabsf(a[k] - b[k]));
			first = a[k] > a[first] ? k : first;
			other = b[k] > b[other] ? k : other;
		}
		apart += most > 1e-4f * size;
		wrong += first != other && b[other] - b[first] > 0.02f * size;
	}
	assert_int_equal(wrong, 0);
	assert_in_range(apart, 0, IMAGES / 5);
	free(x);
	free(y);
}

static void check_policy(const struct policy *p)
{
	check_arithmetic(p, INTEGERS);
	check_arithmetic(p, FLOATS);
}

/* Nothing is rounded: all outputs agree. */
static void test_full_precision(void **state)
{
	float *x = logits_of(NULL, FLOATS, 4), *y = logits_of_training(NULL), size = 0;

	(void)state;
	for (int i = 0; i < IMAGES * CLASSES; i++)
		size = fmaxf(size, fabsf(y[i]));
	for (int i = 0; i < IMAGES * CLASSES; i++)
		assert_close(x[i], (double)y[i], 1e-5 * (double)size);
	free(x);
	free(y);
}

static void test_uniform_policies(void **state)
{
	(void)state;
	for (int bits = 2; bits <= 8; bits++) {
		struct policy p = policy_uniform(&g, bits, bits);

		check_policy(&p);
	}
}

static void test_mixed_policies(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 10; i++) {
		struct policy p = policy_uniform(&g, 1, 2);

		for (int k = 0; k < g.layers; k++) {
			p.bits[k].w = (unsigned char)(1 + rng_bits((struct rng){ 8, (uint32_t)i, RNG_TEST },
			                                           2 * (uint64_t)k) %
			                                          8);
			p.bits[k].a = (unsigned char)(2 + rng_bits((struct rng){ 8, (uint32_t)i, RNG_TEST },
			                                           2 * (uint64_t)k + 1) %
			                                          7);
		}
		check_policy(&p);
	}
}

static void test_kernel_wise_policy(void **state)
{
	struct policy p = policy_uniform(&g, 8, 5), same = policy_uniform(&g, 5, 5);
	float *x, *y;

	(void)state;
	p.kernels = xmalloc((size_t)g.layers, sizeof *p.kernels);
	for (int i = 0; i < g.layers; i++) {
		p.kernels[i] = xmalloc((size_t)g.layer[i].cout, 1);
		for (int c = 0; c < g.layer[i].cout; c++)
			p.kernels[i][c] = (unsigned char)(1 + (i + c) % 8);
	}
	check_policy(&p);
	/* channels of a layer may share one range */
	for (int i = 0; i < g.layers; i++)
		w.layer[i].weight_clips = 1;
	check_policy(&p);
	for (int i = 0; i < g.layers; i++)
		w.layer[i].weight_clips = g.layer[i].cout;
	/* channels that agree are a layer-wise policy */
	for (int i = 0; i < g.layers; i++)
		memset(p.kernels[i], g.layer[i].is_searched ? 5 : 8, (size_t)g.layer[i].cout);
	x = logits_of(&p, INTEGERS, 4);
	y = logits_of(&same, INTEGERS, 4);
	assert_memory_equal(x, y, IMAGES * CLASSES * sizeof *x);
}

static void check_shards(const struct policy *p, enum arithmetic how)
{
	float *x = logits_of(p, how, 4), *y = logits_of(p, how, 16);
	/* so many images that the first layers take half of them at a time */
	float *z = logits_of(p, how, 1);

	assert_memory_equal(x, y, IMAGES * CLASSES * sizeof *x);
	assert_memory_equal(x, z, IMAGES * CLASSES * sizeof *x);
}

static void test_shards_do_not_matter(void **state)
{
	struct policy p = policy_uniform(&g, 4, 4);

	(void)state;
	check_shards(&p, INTEGERS);
	check_shards(&p, FLOATS);
	check_shards(NULL, FLOATS);
}

static void no_range(const void *unused)
{
	struct policy p = policy_uniform(&g, 4, 4);

	(void)unused;
	w.layer[2].activation_clip = 0;
	inference_new(&g, &w, &p, INTEGERS, BATCH, 4);
}

static void test_ranges_are_needed(void **state)
{
	char *words = xprintf("layer '%s' has no clipping range: run quantize on the weights first",
	                      g.layer[2].name);

	(void)state;
	assert_contains(last_words(no_range, NULL), words);
}

int main(void)
{
	int failed;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full_precision),       cmocka_unit_test(test_uniform_policies),
		cmocka_unit_test(test_mixed_policies),       cmocka_unit_test(test_kernel_wise_policy),
		cmocka_unit_test(test_shards_do_not_matter), cmocka_unit_test(test_ranges_are_needed),
	};

	omp_set_num_threads(4);
	threads_init();
	failed = cmocka_run_group_tests_name("integer-net", tests, make_network, NULL);
	network = modern;
	return failed | cmocka_run_group_tests_name("integer-net of other nodes", tests, make_network, NULL);
}
