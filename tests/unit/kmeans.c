#include "unit.h"
#include "model/kmeans.h"
#include "core/rng.h"

static double error_of(const float *x, size_t n, const float *centroid, const uint8_t *index)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += ((double)x[i] - (double)centroid[index[i]]) *
		       ((double)x[i] - (double)centroid[index[i]]);
	return sum;
}

static float *numbers(size_t n, uint32_t stream)
{
	float *x = xmalloc(n, sizeof *x);

	for (size_t i = 0; i < n; i++)
		x[i] = (float)rng_normal((struct rng){ 8, stream, RNG_TEST }, i);
	return x;
}

/*
 * Every number has the nearest centroid, every centroid is the mean of its numbers: no step would
 * move anything.
 */
static void check_fixed_point(const float *x, size_t n, int clusters)
{
	float centroid[KMEANS_MOST];
	uint8_t *index = xmalloc(n, 1);
	double sum[KMEANS_MOST] = { 0 }, count[KMEANS_MOST] = { 0 };

	kmeans(x, n, clusters, centroid, index);
	for (size_t i = 0; i < n; i++) {
		float own = fabsf(x[i] - centroid[index[i]]);

		assert_true(index[i] < clusters);
		for (int k = 0; k < clusters; k++)
			assert_true(own <= fabsf(x[i] - centroid[k]) + 1e-6f);
		sum[index[i]] += (double)x[i];
		count[index[i]]++;
	}
	for (int k = 0; k < clusters; k++) {
		assert_true(!k || centroid[k] >= centroid[k - 1]);
		if (count[k] > 0)
			assert_close(centroid[k], sum[k] / count[k], 2e-6);
	}
	free(index);
}

static void test_fixed_point(void **state)
{
	(void)state;
	for (int bits = 1; bits <= 6; bits++) {
		float *x = numbers(3000, (uint32_t)bits);

		check_fixed_point(x, 3000, 1 << bits);
		check_fixed_point(x, 1, 1 << bits);
		check_fixed_point(x, 5, 1 << bits);
		free(x);
	}
}

/* One number far from all others costs one centroid, not most of the codebook. */
static void test_outlier(void **state)
{
	enum { N = 8640 };
	float *x = numbers(N, 9), centroid[KMEANS_MOST], last;
	uint8_t *index = xmalloc(N, 1);
	double plain;

	(void)state;
	kmeans(x, N, 64, centroid, index);
	plain = error_of(x, N, centroid, index);
	last = x[N - 1];
	for (float far = 10; far < 1e6f; far *= 10) {
		x[N - 1] = far * fabsf(last) + far;
		kmeans(x, N, 64, centroid, index);
		assert_true(error_of(x, N, centroid, index) < 1.2 * plain);
	}
	free(index);
	free(x);
}

/* Weights that lie on a grid already keep their values, be most of them one. */
static void test_grid(void **state)
{
	enum { N = 36864, VALUES = 201 };
	float *x = xmalloc(N, sizeof *x), centroid[KMEANS_MOST];
	uint8_t *index = xmalloc(N, 1);

	(void)state;
	for (size_t i = 0; i < N; i++)
		x[i] = i < VALUES ? (float)i * 0.01f - 1 : 0;
	kmeans(x, N, 256, centroid, index);
	for (size_t i = 0; i < N; i++)
		assert_close(centroid[index[i]], x[i], 1e-6);
	free(index);
	free(x);
}

/* The best there is, by dynamic programming over borders. */
static double least_error(const float *sorted, int n, int clusters)
{
	double *s = xmalloc((size_t)n + 1, sizeof *s), *q = xmalloc((size_t)n + 1, sizeof *q),
	       *best = xmalloc((size_t)n + 1, sizeof *best), least;

	for (int i = 0; i < n; i++) {
		s[i + 1] = s[i] + (double)sorted[i];
		q[i + 1] = q[i] + (double)sorted[i] * (double)sorted[i];
		best[i + 1] = INFINITY;
	}
	for (int k = 0; k < clusters; k++)
		for (int to = n; to > 0; to--) {
			double least_to = best[to];

			for (int from = 0; from < to; from++) {
				double m = s[to] - s[from],
				       e = best[from] + q[to] - q[from] - m * m / (to - from);

				least_to = e < least_to ? e : least_to;
			}
			best[to] = least_to;
		}
	least = best[n];
	free(s);
	free(q);
	free(best);
	return least;
}

static int by_value(const void *a, const void *b)
{
	return (*(const float *)a > *(const float *)b) - (*(const float *)a < *(const float *)b);
}

static void check_best(size_t n, int bits, double share)
{
	float *x = numbers(n, 77), centroid[KMEANS_MOST];
	uint8_t *index = xmalloc(n, 1);
	double found, least;

	kmeans(x, n, 1 << bits, centroid, index);
	found = error_of(x, n, centroid, index);
	qsort(x, n, sizeof *x, by_value);
	least = least_error(x, (int)n, 1 << bits);
	assert_true(found >= least * 0.999999 && found <= least * share);
	free(index);
	free(x);
}

static void test_best(void **state)
{
	(void)state;
	for (int bits = 1; bits <= 5; bits++)
		check_best(600, bits, 1.000001);
	check_best(5000, 4, 1.0005); /* in groups */
}

static void test_few_numbers(void **state)
{
	const float x[] = { 3, -1, 3, 0.5f, -1, 3 };
	float centroid[16];
	uint8_t index[6];

	(void)state;
	kmeans(x, 6, 16, centroid, index);
	for (size_t i = 0; i < 6; i++)
		assert_true(centroid[index[i]] == x[i]);
	kmeans(x, 6, 2, centroid, index);
	assert_close(centroid[0], -0.5, 1e-6);
	assert_true(centroid[1] == 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixed_point), cmocka_unit_test(test_outlier),
		cmocka_unit_test(test_grid),        cmocka_unit_test(test_best),
		cmocka_unit_test(test_few_numbers),
	};

	return cmocka_run_group_tests_name("kmeans", tests, NULL, NULL);
}
