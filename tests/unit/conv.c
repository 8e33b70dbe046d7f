#include "unit.h"
#include "engine/conv.h"
#include "engine/onednn.h"
#include "core/rng.h"

#include <omp.h>

/*
 * Sums of at most 600 products here: relative to the sum of their magnitudes, float needs no
 * more than this.
 */
#define TOLERANCE 2e-6

static const struct conv_shape shapes[] = {
	/* n, cin, h, w, cout, kernel, stride, pad and its end, dilation, groups */
	{ 2, 3, 7, 7, 8, 3, 1, 1, 1, 1, 1 }, /* plain */
	{ 3, 1, 9, 9, 5, 3, 2, 1, 1, 1, 1 }, /* strided, odd channels */
	{ 2, 4, 8, 8, 6, 3, 2, 0, 0, 1, 1 }, /* a last row and column that no window reaches */
	{ 2, 6, 5, 7, 8, 3, 1, 1, 1, 1, 2 }, /* grouped, not square */
	{ 2, 32, 6, 6, 64, 3, 1, 1, 1, 1, 4 },
	{ 2, 3, 8, 8, 3, 3, 1, 1, 1, 1, 3 }, /* depthwise */
	{ 2, 24, 9, 9, 24, 3, 2, 1, 1, 1, 24 },
	{ 1, 96, 7, 7, 96, 5, 1, 2, 2, 1, 96 },
	{ 2, 4, 6, 6, 8, 3, 1, 1, 1, 1, 4 },   /* two outputs a channel */
	{ 2, 24, 5, 5, 40, 1, 1, 0, 0, 1, 1 }, /* 1 x 1 */
	{ 2, 16, 7, 7, 16, 1, 2, 0, 0, 1, 1 },
	{ 2, 3, 12, 12, 16, 7, 2, 3, 3, 1, 1 }, /* first layer of a residual network */
	{ 5, 130, 1, 1, 10, 1, 1, 0, 0, 1, 1 }, /* linear */
	{ 2, 3, 9, 9, 8, 3, 2, 0, 1, 1, 1 },    /* more padding at one end */
	{ 2, 16, 8, 9, 24, 3, 2, 0, 1, 1, 1 },
	{ 2, 16, 8, 8, 16, 5, 2, 1, 2, 1, 16 },
	{ 2, 8, 5, 5, 8, 3, 1, 2, 0, 1, 2 },
	{ 2, 8, 9, 9, 16, 3, 1, 2, 2, 2, 1 }, /* dilated */
	{ 2, 32, 12, 12, 32, 3, 1, 4, 4, 4, 32 },
	{ 1, 6, 11, 10, 9, 3, 2, 3, 1, 3, 3 },
	{ 1, 20, 7, 7, 20, 2, 1, 0, 5, 5, 1 },
	{ 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1 },
};

struct sizes {
	size_t src, dst, weights;
	int hout, wout;
};

static struct sizes sizes_of(const struct conv_shape *s)
{
	int around = s->pad + s->pad_end - (s->dilation * (s->kernel - 1) + 1);
	struct sizes z = { .hout = (s->h + around) / s->stride + 1, .wout = (s->w + around) / s->stride + 1 };

	z.src = (size_t)(s->n * s->h * s->w * s->cin);
	z.dst = (size_t)(s->n * z.hout * z.wout * s->cout);
	z.weights = (size_t)(s->cout * s->cin / s->groups * s->kernel * s->kernel);
	return z;
}

static float *normal(size_t n)
{
	static uint64_t drawn;
	float *x = xmalloc(n, sizeof *x);

	for (size_t i = 0; i < n; i++)
		x[i] = (float)rng_normal((struct rng){ 3, 0, RNG_TEST }, drawn++);
	return x;
}

/* A multiplication of the convolution: which element of input, weights and output take part. */
typedef void product(void *context, size_t src, size_t weight, size_t dst);

static void each_tap(const struct conv_shape *s, const struct sizes *z, int n, int y, int x, int co,
                     product *f, void *context)
{
	int cin = s->cin / s->groups, first = co / (s->cout / s->groups) * cin;
	size_t dst = (size_t)(((n * z->hout + y) * z->wout + x) * s->cout + co);

	for (int ci = 0; ci < cin; ci++)
		for (int ky = 0; ky < s->kernel; ky++)
			for (int kx = 0; kx < s->kernel; kx++) {
				int row = y * s->stride + ky * s->dilation - s->pad,
				    column = x * s->stride + kx * s->dilation - s->pad;

				if (row >= 0 && row < s->h && column >= 0 && column < s->w)
					f(context,
					  (size_t)(((n * s->h + row) * s->w + column) * s->cin + first + ci),
					  (size_t)(((co * cin + ci) * s->kernel + ky) * s->kernel + kx), dst);
			}
}

static void each_product(const struct conv_shape *s, const struct sizes *z, product *f, void *context)
{
	for (int n = 0; n < s->n; n++)
		for (int y = 0; y < z->hout; y++)
			for (int x = 0; x < z->wout; x++)
				for (int co = 0; co < s->cout; co++)
					each_tap(s, z, n, y, x, co, f, context);
}

/* The three passes, and the sums of the magnitudes of their terms. */
struct reference {
	const float *src, *weights, *diff_dst;
	double *dst, *diff_src, *diff_weights, *dst_size, *src_size, *weights_size;
};

static void accumulate(void *context, size_t src, size_t weight, size_t dst)
{
	struct reference *r = context;
	double x = (double)r->src[src], w = (double)r->weights[weight], d = (double)r->diff_dst[dst];

	r->dst[dst] += x * w;
	r->dst_size[dst] += fabs(x * w);
	r->diff_src[src] += d * w;
	r->src_size[src] += fabs(d * w);
	r->diff_weights[weight] += d * x;
	r->weights_size[weight] += fabs(d * x);
}

static void check(const float *x, const double *expected, const double *size, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_close(x[i], expected[i], TOLERANCE * size[i]);
}

static double dot(const float *x, const float *y, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double)x[i] * (double)y[i];
	return sum;
}

static double length(const float *x, size_t n)
{
	return sqrt(dot(x, x, n));
}

/* x as operands; what is rounded is so in x, too. */
static void *operands(float *x, size_t n, enum format format)
{
	void *y = xmalloc(n, storage_size(format));

	for (size_t i = 0; i < n; i++) {
		storage_put(y, format, i, x[i]);
		x[i] = storage_get(y, format, i);
	}
	return y;
}

struct passes {
	float *dst, *diff_src, *diff_weights;
};

static struct passes run_passes(const struct conv *conv, const struct sizes *z, const void *src,
                                const void *diff_dst)
{
	struct passes p = {
		xmalloc(z->dst, sizeof(float)),
		xmalloc(z->src, sizeof(float)),
		xmalloc(z->weights, sizeof(float)),
	};
	void *diff = xmalloc(conv_diff_size(conv), 1);

	conv_forward(conv, src, p.dst);
	conv_backward_data(conv, diff_dst, p.diff_src);
	conv_backward_weights(conv, src, diff_dst, false, diff, NULL);
	conv_diff_to_oihw(conv, diff, p.diff_weights);
	free(diff);
	return p;
}

static void free_passes(struct passes *p)
{
	free(p->dst);
	free(p->diff_src);
	free(p->diff_weights);
}

static void check_shape(const struct conv_shape *s, enum format format)
{
	struct sizes z = sizes_of(s);
	struct conv *conv = conv_new(s, CONV_BOTH, format), *inference = conv_new(s, CONV_FORWARD, format);
	float *src = normal(z.src), *weights = normal(z.weights), *diff_dst = normal(z.dst);
	void *x = operands(src, z.src, format), *dz = operands(diff_dst, z.dst, format);
	float *dst = xmalloc(z.dst, sizeof *dst);
	double *d = xmalloc(2 * (z.dst + z.src + z.weights), sizeof *d);
	struct reference r = {
		.src = src, .weights = weights, .diff_dst = diff_dst, .dst = d, .diff_src = d + z.dst
	};
	struct passes p;
	double scale;

	r.diff_weights = r.diff_src + z.src;
	r.dst_size = r.diff_weights + z.weights;
	r.src_size = r.dst_size + z.dst;
	r.weights_size = r.src_size + z.src;
	free(operands(weights, z.weights, format));
	each_product(s, &z, accumulate, &r);
	conv_set_weights(conv, weights);
	p = run_passes(conv, &z, x, dz);
	check(p.dst, r.dst, r.dst_size, z.dst);
	check(p.diff_src, r.diff_src, r.src_size, z.src);
	check(p.diff_weights, r.diff_weights, r.weights_size, z.weights);

	conv_set_weights(inference, weights);
	conv_forward(inference, x, dst);
	check(dst, r.dst, r.dst_size, z.dst);

	/*
	 * <conv(x), y> = <x, conv'(y)> = <w, gradient>, roundings being far below the lengths
	 * of the vectors
	 */
	scale = length(p.dst, z.dst) * length(diff_dst, z.dst);
	assert_close(dot(p.dst, diff_dst, z.dst), dot(src, p.diff_src, z.src), 1e-6 * scale);
	assert_close(dot(p.dst, diff_dst, z.dst), dot(weights, p.diff_weights, z.weights), 1e-6 * scale);
	free_passes(&p);
	free(x);
	free(dz);
	free(src);
	free(weights);
	free(diff_dst);
	free(dst);
	free(d);
}

static void test_convolutions(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(shapes); i++)
		check_shape(&shapes[i], FLOAT32);
}

/* With weights that take a detour into oneDNN's layouts, as they need it on some machines. */
static void test_detours(void **state)
{
	bool is_usual = onednn_takes_detours();

	onednn_take_detours(true);
	test_convolutions(state);
	onednn_take_detours(is_usual);
}

/* Products of bfloat16 are exact in float32, so sums are as good as those of floats. */
static void test_half_products(void **state)
{
	static const struct conv_shape products[] = {
		{ 1, 96, 300, 1, 24, 1, 1, 0, 0, 1, 1 },
		{ 1, 7, 65, 1, 130, 1, 1, 0, 0, 1, 1 },
		{ 3, 33, 5, 4, 17, 1, 1, 0, 0, 1, 1 },
		{ 1, 3, 1, 1, 2, 1, 1, 0, 0, 1, 1 },
	};

	(void)state;
	if (!conv_has_bf16_products()) {
		print_message("this CPU does not multiply bfloat16: nothing here uses such convolutions\n");
		return;
	}
	for (size_t i = 0; i < LEN(shapes); i++)
		check_shape(&shapes[i], BFLOAT16);
	for (size_t i = 0; i < LEN(products); i++)
		check_shape(&products[i], BFLOAT16);
}

/* Gradients may be summed in the layout they have, by who calls or by the call. */
static void check_sum_of_gradients(const struct conv_shape *s)
{
	struct sizes z = sizes_of(s);
	struct conv *conv = conv_new(s, CONV_BOTH, FLOAT32);
	float *src = normal(z.src), *weights = normal(z.weights), *diff_dst = normal(z.dst);
	float *sum = xmalloc(z.weights, sizeof *sum);
	size_t size = conv_diff_size(conv);
	float *diff = xmalloc(size, 1), *scratch = xmalloc(size, 1);
	struct passes p;

	conv_set_weights(conv, weights);
	p = run_passes(conv, &z, src, diff_dst);
	conv_backward_weights(conv, src, diff_dst, false, diff, NULL);
	for (size_t i = 0; i < size / sizeof(float); i++)
		diff[i] += diff[i];
	conv_diff_to_oihw(conv, diff, sum);
	for (size_t i = 0; i < z.weights; i++)
		assert_true(sum[i] == 2 * p.diff_weights[i]);
	conv_backward_weights(conv, src, diff_dst, true, diff, scratch);
	conv_diff_to_oihw(conv, diff, sum);
	for (size_t i = 0; i < z.weights; i++)
		assert_close(sum[i], 3 * (double)p.diff_weights[i], 1e-5 * (1 + fabs((double)sum[i])));
	free_passes(&p);
	free(src);
	free(weights);
	free(diff_dst);
	free(sum);
	free(diff);
	free(scratch);
}

static void test_sum_of_gradients(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(shapes); i++)
		check_sum_of_gradients(&shapes[i]);
}

/* Threads that compute with one struct conv: oneDNN 2.6 would let them share its scratch memory. */
static void check_threads(const struct conv_shape *s)
{
	enum { INPUTS = 4, ROUNDS = 10 };
	struct sizes z = sizes_of(s);
	struct conv *conv = conv_new(s, CONV_BOTH, FLOAT32);
	float *weights = normal(z.weights), *src[INPUTS], *diff_dst[INPUTS];
	struct passes alone[INPUTS];
	int different = 0;

	conv_set_weights(conv, weights);
	for (int k = 0; k < INPUTS; k++) {
		src[k] = normal(z.src);
		diff_dst[k] = normal(z.dst);
		alone[k] = run_passes(conv, &z, src[k], diff_dst[k]);
	}
#pragma omp parallel for num_threads(INPUTS) schedule(static, 1) reduction(+ : different)
	for (int i = 0; i < INPUTS * ROUNDS; i++) {
		int k = i % INPUTS;
		struct passes p = run_passes(conv, &z, src[k], diff_dst[k]);

		different += memcmp(p.dst, alone[k].dst, z.dst * sizeof(float)) ||
		             memcmp(p.diff_src, alone[k].diff_src, z.src * sizeof(float)) ||
		             memcmp(p.diff_weights, alone[k].diff_weights, z.weights * sizeof(float));
		free_passes(&p);
	}
	assert_int_equal(different, 0);
	for (int k = 0; k < INPUTS; k++) {
		free_passes(&alone[k]);
		free(src[k]);
		free(diff_dst[k]);
	}
	free(weights);
}

static void test_threads(void **state)
{
	/* such as take scratch memory: few channels, 1 x 1 with stride, large depthwise */
	static const struct conv_shape large[] = {
		{ 8, 3, 24, 24, 16, 3, 2, 1, 1, 1, 1 },   { 8, 32, 14, 14, 64, 1, 2, 0, 0, 1, 1 },
		{ 8, 32, 14, 14, 32, 3, 1, 1, 1, 1, 32 }, { 8, 64, 7, 7, 24, 1, 1, 0, 0, 1, 1 },
		{ 32, 130, 1, 1, 10, 1, 1, 0, 0, 1, 1 },
	};

	(void)state;
	for (size_t i = 0; i < LEN(large); i++)
		check_threads(&large[i]);
	for (size_t i = 0; i < LEN(shapes); i++)
		check_threads(&shapes[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_convolutions),  cmocka_unit_test(test_detours),
		cmocka_unit_test(test_half_products), cmocka_unit_test(test_sum_of_gradients),
		cmocka_unit_test(test_threads),
	};

	omp_set_num_threads(1); /* oneDNN's own; see core/threads.h */
	return cmocka_run_group_tests_name("conv", tests, NULL, NULL);
}
