#include "unit.h"
#include "engine/pool.h"
#include "core/rng.h"

#include <omp.h>

struct sizes {
	size_t src, dst;
	int hout, wout;
};

static struct sizes sizes_of(const struct conv_shape *s)
{
	int around = s->pad + s->pad_end - (s->dilation * (s->kernel - 1) + 1);
	struct sizes z = { .hout = (s->h + around) / s->stride + 1, .wout = (s->w + around) / s->stride + 1 };

	z.src = (size_t)(s->n * s->h * s->w * s->cin);
	z.dst = (size_t)(s->n * z.hout * z.wout * s->cout);
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

/* The largest of a window, and its gradient to where it lies; no two numbers are equal. */
static void reference_pool(const struct conv_shape *s, const struct sizes *z, const float *src,
                           const float *diff_dst, float *dst, double *diff_src)
{
	for (size_t i = 0; i < z->dst; i++) {
		int c = (int)i % s->cin, x = (int)i / s->cin % z->wout,
		    y = (int)i / s->cin / z->wout % z->hout;
		int n = (int)i / s->cin / z->wout / z->hout;
		size_t best = SIZE_MAX;

		for (int k = 0; k < s->kernel * s->kernel; k++) {
			int row = y * s->stride + k / s->kernel - s->pad,
			    column = x * s->stride + k % s->kernel - s->pad;
			size_t at = (size_t)(((n * s->h + row) * s->w + column) * s->cin + c);

			if (row >= 0 && row < s->h && column >= 0 && column < s->w &&
			    (best == SIZE_MAX || src[at] > src[best]))
				best = at;
		}
		dst[i] = src[best];
		diff_src[best] += (double)diff_dst[i];
	}
}

static void check_max(const struct conv_shape *s)
{
	struct sizes z = sizes_of(s);
	struct pool *pool = pool_new(s, POOL_MAX, true), *inference = pool_new(s, POOL_MAX, false);
	float *src = normal(z.src), *diff_dst = normal(z.dst), *dst = normal(z.dst),
	      *expected = normal(z.dst);
	float *diff_src = normal(z.src);
	double *expected_diff = xmalloc(z.src, sizeof *expected_diff);
	void *where = xmalloc(pool_workspace(pool), 1);

	for (size_t i = 0; i < z.src; i++)
		src[i] -= 3; /* padding is not zero: it is less than anything */
	reference_pool(s, &z, src, diff_dst, expected, expected_diff);
	pool_forward(pool, src, dst, where);
	assert_memory_equal(dst, expected, z.dst * sizeof *dst);
	pool_backward(pool, diff_dst, where, diff_src);
	for (size_t i = 0; i < z.src; i++)
		assert_close(diff_src[i], expected_diff[i], 1e-6 * (1 + fabs(expected_diff[i])));
	assert_int_equal(pool_workspace(inference), 0);
	pool_forward(inference, src, dst, NULL);
	assert_memory_equal(dst, expected, z.dst * sizeof *dst);
	free(src);
	free(diff_dst);
	free(dst);
	free(expected);
	free(diff_src);
	free(expected_diff);
	free(where);
}

/* The mean of numbers inside the image, and their shares of the gradient. */
static void reference_average(const struct conv_shape *s, const struct sizes *z, const float *src,
                              const float *diff_dst, double *dst, double *diff_src)
{
	for (size_t i = 0; i < z->dst; i++) {
		int c = (int)i % s->cin, x = (int)i / s->cin % z->wout,
		    y = (int)i / s->cin / z->wout % z->hout;
		int n = (int)i / s->cin / z->wout / z->hout, inside = 0;
		size_t at[64];

		for (int k = 0; k < s->kernel * s->kernel; k++) {
			int row = y * s->stride + k / s->kernel - s->pad,
			    column = x * s->stride + k % s->kernel - s->pad;

			if (row >= 0 && row < s->h && column >= 0 && column < s->w)
				at[inside++] = (size_t)(((n * s->h + row) * s->w + column) * s->cin + c);
		}
		for (int k = 0; k < inside; k++) {
			dst[i] += (double)src[at[k]] / inside;
			diff_src[at[k]] += (double)diff_dst[i] / inside;
		}
	}
}

static void check_average(const struct conv_shape *s)
{
	struct sizes z = sizes_of(s);
	struct pool *pool = pool_new(s, POOL_AVERAGE, true), *inference = pool_new(s, POOL_AVERAGE, false);
	float *src = normal(z.src), *diff_dst = normal(z.dst), *dst = normal(z.dst),
	      *diff_src = normal(z.src), *alone = normal(z.dst);
	double *expected = xmalloc(z.dst, sizeof *expected),
	       *expected_diff = xmalloc(z.src, sizeof *expected_diff);

	reference_average(s, &z, src, diff_dst, expected, expected_diff);
	assert_int_equal(pool_workspace(pool), 0);
	pool_forward(pool, src, dst, NULL);
	pool_forward(inference, src, alone, NULL);
	assert_memory_equal(dst, alone, z.dst * sizeof *dst);
	pool_backward(pool, diff_dst, NULL, diff_src);
	for (size_t i = 0; i < z.dst; i++)
		assert_close(dst[i], expected[i], 2e-6);
	for (size_t i = 0; i < z.src; i++)
		assert_close(diff_src[i], expected_diff[i], 4e-6);
	free(src);
	free(diff_dst);
	free(dst);
	free(diff_src);
	free(alone);
	free(expected);
	free(expected_diff);
}

static void test_pools(void **state)
{
	static const struct conv_shape pools[] = {
		{ 2, 8, 8, 8, 8, 2, 2, 0, 0, 1, 1 },     { 2, 3, 9, 9, 3, 3, 2, 1, 1, 1, 1 },
		{ 1, 130, 5, 5, 130, 3, 1, 1, 1, 1, 1 }, { 3, 1, 7, 7, 1, 2, 2, 0, 0, 1, 1 },
		{ 2, 24, 4, 4, 24, 4, 1, 0, 0, 1, 1 },   { 2, 16, 8, 8, 16, 3, 2, 0, 1, 1, 1 },
		{ 2, 5, 8, 8, 5, 3, 2, 0, 1, 1, 1 },     { 1, 64, 6, 7, 64, 3, 1, 2, 0, 1, 1 },
		{ 2, 16, 5, 5, 16, 3, 3, 2, 2, 1, 1 },   { 1, 3, 1, 1, 3, 2, 1, 0, 1, 1, 1 },
	};

	(void)state;
	for (size_t i = 0; i < LEN(pools); i++) {
		check_max(&pools[i]);
		check_average(&pools[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pools),
	};

	omp_set_num_threads(1); /* oneDNN's own; see core/threads.h */
	return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
