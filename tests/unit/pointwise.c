#include "unit.h"
#include "engine/pointwise.h"
#include "core/rng.h"

static const struct rng rng = { 7, 0, RNG_TEST };
static uint64_t drawn;

static int draw(int from, int to)
{
	return from + (int)(rng_bits(rng, drawn++) % (uint64_t)(to - from + 1));
}

struct problem {
	struct conv_shape s;
	enum number type;
	int largest;
	uint8_t *src; /* the bytes, whatever they mean */
	int8_t *weights;
	float *sum; /* the answer, [pixels][cout] */
	float *scale, *shift;
};

static struct problem problem(int pixels, int cin, int cout, enum number type, int largest)
{
	size_t out = (size_t)(pixels * cout);
	struct problem p = { .s = { 1, cin, pixels, 1, cout, 1, 1, 0, 0, 1, 1 },
		             .type = type,
		             .largest = largest };

	p.src = xmalloc((size_t)(pixels * cin), 1);
	p.weights = xmalloc((size_t)(cin * cout), 1);
	p.sum = xmalloc(out, sizeof *p.sum);
	p.scale = xmalloc((size_t)cout, sizeof *p.scale);
	p.shift = xmalloc((size_t)cout, sizeof *p.shift);
	for (int k = 0; k < cout; k++)
		p.scale[k] = 1;
	return p;
}

static void free_problem(struct problem *p)
{
	free(p->src);
	free(p->weights);
	free(p->sum);
	free(p->scale);
	free(p->shift);
}

static void solve(struct problem *p)
{
	int cin = p->s.cin, cout = p->s.cout;

	for (int i = 0; i < p->s.h * cout; i++) {
		const int8_t *w = p->weights + i % cout * cin;
		const uint8_t *x = p->src + i / cout * cin;
		int64_t sum = 0;

		for (int k = 0; k < cin; k++)
			sum += (p->type == NUMBER_U8 ? x[k] : (int8_t)x[k]) * w[k];
		p->sum[i] = (float)sum;
	}
}

static struct sum_rescale rescale_of(const struct problem *p, float low, float high)
{
	return (struct sum_rescale){ p->scale, p->shift, (size_t)p->s.cout, low, high };
}

static void forward(const struct pointwise *c, const void *src, void *dst)
{
	size_t size = pointwise_memory(c);
	uint8_t *memory = xmalloc(size + 1, 1);

	memset(memory, 0xff, size + 1); /* what it held before changes nothing, and what is behind it stays */
	pointwise_forward(c, src, memory, dst);
	assert_true(memory[size] == 0xff);
	free(memory);
}

/* Fails unless the sums of p are exact.  Returns the length of runs. */
static double check_sums(struct problem *p)
{
	size_t out = (size_t)(p->s.h * p->s.cout);
	struct pointwise *c =
		pointwise_new(&p->s, p->type, p->largest, NUMBER_F32, rescale_of(p, -INFINITY, INFINITY));
	float *dst = xmalloc(out + 1, sizeof *dst);

	solve(p);
	dst[out] = 12345; /* nothing is written behind the end */
	pointwise_set_weights(c, p->weights);
	forward(c, p->src, dst);
	for (size_t i = 0; i < out; i++)
		assert_true(dst[i] == p->sum[i]);
	assert_true(dst[out] == 12345);
	free(dst);
	return pointwise_run(c);
}

/* Runs the test at each level that has such convolutions. */
static void at_levels(void (*test)(void))
{
	static const struct conv_shape any = { 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1 };

	for (int l = CPU_BASE; l <= (int)cpu_level_here(); l++) {
		cpu_limit((enum cpu_level)l);
		assert_true(pointwise_can(&any) == (l > CPU_BASE));
		if (pointwise_can(&any))
			test();
	}
}

/* All remainders of pixels and channels, with numbers as large as they may be. */
static void remainders(void)
{
	static const int pixels[] = { 1, 2, 3, 5, 6, 11, 12, 13, 25 }, cin[] = { 1, 2, 3, 4, 5, 7, 8, 33 },
			 cout[] = { 1, 7, 8, 15, 16, 17, 24, 31, 32, 33, 48, 65 };
	static const int largest[] = { 1, 15, 127, 255 };

	for (size_t i = 0; i < LEN(pixels) * LEN(cin) * LEN(cout); i++)
		for (int k = 0; k < 8; k++) {
			enum number type = k & 1 ? NUMBER_S8 : NUMBER_U8;
			int most = largest[k / 2] > 127 && type == NUMBER_S8 ? 127 : largest[k / 2];
			struct problem p = problem(pixels[i % LEN(pixels)], cin[i / LEN(pixels) % LEN(cin)],
			                           cout[i / LEN(pixels) / LEN(cin)], type, most);

			for (int j = 0; j < p.s.h * p.s.cin; j++)
				p.src[j] = (uint8_t)draw(type == NUMBER_S8 ? -most : 0, most);
			for (int j = 0; j < p.s.cin * p.s.cout; j++)
				p.weights[j] = (int8_t)(draw(0, 3)   ? draw(-127, 127)
				                        : draw(0, 1) ? 127
				                                     : -127);
			check_sums(&p);
			free_problem(&p);
		}
}

static void test_remainders(void **state)
{
	(void)state;
	at_levels(remainders);
}

/*
 * One pixel of the largest inputs, one channel among zeros: its weights are (a, b) as often as `pairs` says,
 * each in a step of its own, then (c, d).
 */
static double run_of(enum number type, int largest, int pairs, int a, int b, int c, int d)
{
	struct problem p = problem(1, 4 * (pairs + 1), 40, type, largest);
	int8_t *w = p.weights + (size_t)(37 * p.s.cin);
	double run;

	memset(p.src, largest, (size_t)p.s.cin);
	for (int i = 0; i <= pairs; i++) {
		w[4 * i] = (int8_t)(i < pairs ? a : c);
		w[4 * i + 1] = (int8_t)(i < pairs ? b : d);
	}
	run = check_sums(&p);
	for (int i = 0; i < 4 * (pairs + 1); i++) /* and with the other sign */
		w[i] = (int8_t)-w[i];
	check_sums(&p);
	if (type == NUMBER_S8) { /* and the smallest inputs */
		memset(p.src, -largest, (size_t)p.s.cin);
		check_sums(&p);
	}
	free_problem(&p);
	return run;
}

/* Sums of 16 bits just below where they end, at their end, and just behind. */
static void boundary(void)
{
	/* 255 * 128 fits, 255 * 129 does not, in a step and over a run */
	assert_true(run_of(NUMBER_U8, 255, 3, 0, 0, 127, 1) == 4);
	assert_true(run_of(NUMBER_U8, 255, 3, 0, 0, 127, 2) == 0);
	assert_true(run_of(NUMBER_U8, 255, 127, 1, 0, 1, 0) > 100);
	assert_true(run_of(NUMBER_U8, 255, 128, 1, 0, 1, 0) < 100);
	/* 254 * 129, as 127 becomes where it is made unsigned */
	assert_true(run_of(NUMBER_S8, 127, 3, 0, 0, 127, 2) == 4);
	assert_true(run_of(NUMBER_S8, 127, 3, 0, 0, 127, 3) == 0);
	assert_true(run_of(NUMBER_S8, 127, 128, 1, 0, 1, 0) > 100);
	assert_true(run_of(NUMBER_S8, 127, 129, 1, 0, 1, 0) < 100);
	/* 31 * 1056, 31 * 1057, which is 2^15 - 1, and 31 * 1058 */
	for (int i = 0; i < 3; i++)
		run_of(NUMBER_U8, 31, 4, 127, 126, 44 + i, 0);
	/* 2 * 16383, 2 * 16384, 2 * 16385 around 2^15 */
	for (int i = 0; i < 3; i++)
		run_of(NUMBER_S8, 1, 64, 127, 127, 127, i);
	/* no run longer than the steps there are */
	assert_true(run_of(NUMBER_U8, 1, 9, 7, 7, 7, 7) == 10);
}

static void test_boundary(void **state)
{
	(void)state;
	at_levels(boundary);
}

/* Runs of many lengths, long sums, several blocks of pixels: weights of each magnitude and largest input. */
static void magnitudes(void)
{
	for (int most = 1; most <= 127; most = 2 * most + 1)
		for (int largest = 1; largest <= 255; largest = 2 * largest + 1)
			for (int k = 0; k < 4; k++) {
				enum number type = k & 1 && largest < 255 ? NUMBER_S8 : NUMBER_U8;
				struct problem p = problem(40, 510, 20, type, largest);

				for (int j = 0; j < p.s.h * p.s.cin; j++)
					p.src[j] = (uint8_t)(k & 2 ? largest : draw(0, largest));
				for (int j = 0; j < p.s.cin * p.s.cout; j++)
					p.weights[j] =
						(int8_t)(j / p.s.cin % 3 ? draw(-most, most)
					                                 : most - 2 * most * (j / 90 % 2));
				check_sums(&p);
				free_problem(&p);
			}
}

static void test_magnitudes(void **state)
{
	(void)state;
	at_levels(magnitudes);
}

/* What becomes of sums is to the bit what bytes_of_sums() makes of them. */
static void outputs(void)
{
	for (int k = 0; k < 12; k++) {
		enum number type = k & 1 ? NUMBER_S8 : NUMBER_U8, dst = (enum number)(k / 2 % 3);
		struct problem p = problem(29, 20, k < 6 ? 64 : 43, type, 15);
		size_t out = (size_t)(p.s.h * p.s.cout), bytes = out * number_size(dst);
		float low = k == 4 ? 3.5f : -INFINITY, high = k == 5 ? 77.5f : INFINITY;
		uint8_t *y = xmalloc(bytes, 1), *wanted = xmalloc(bytes, 1);
		struct pointwise *c;

		for (int j = 0; j < p.s.h * p.s.cin; j++)
			p.src[j] = (uint8_t)draw(type == NUMBER_S8 ? -15 : 0, 15);
		for (int j = 0; j < p.s.cin * p.s.cout; j++)
			p.weights[j] = (int8_t)draw(-31, 31);
		for (int j = 0; j < p.s.cout; j++) {
			p.scale[j] = j ? (float)draw(-999, 999) * 1e-3f : 0;
			p.shift[j] = j == 5 ? NAN : (float)draw(-500, 500) * 0.25f;
		}
		solve(&p);
		c = pointwise_new(&p.s, type, 15, dst, rescale_of(&p, low, high));
		pointwise_set_weights(c, p.weights);
		forward(c, p.src, y);
		bytes_of_sums(p.sum, out, rescale_of(&p, low, high), dst, wanted);
		assert_memory_equal(y, wanted, bytes);
		free(y);
		free(wanted);
		free_problem(&p);
	}
}

static void test_outputs(void **state)
{
	(void)state;
	at_levels(outputs);
}

/* Weights that are widened and others, in turn, of one struct; and in many threads. */
static void weights_change(void)
{
	struct problem p = problem(30, 48, 24, NUMBER_U8, 255);
	struct pointwise *c =
		pointwise_new(&p.s, p.type, p.largest, NUMBER_F32, rescale_of(&p, -INFINITY, INFINITY));
	int different = 0;

	for (int j = 0; j < p.s.h * p.s.cin; j++)
		p.src[j] = (uint8_t)draw(0, 255);
	for (int k = 0; k < 4; k++) {
		int most = k % 2 ? 3 : 127;

		for (int j = 0; j < p.s.cin * p.s.cout; j++)
			p.weights[j] = (int8_t)draw(-most, most);
		solve(&p);
		pointwise_set_weights(c, p.weights);
		assert_true((pointwise_run(c) > 0) == k % 2);
#pragma omp parallel for num_threads(4) schedule(static, 1) reduction(+ : different)
		for (int t = 0; t < 8; t++) {
			float *dst = xmalloc((size_t)(p.s.h * p.s.cout), sizeof *dst);

			forward(c, p.src, dst);
			for (int j = 0; j < p.s.h * p.s.cout; j++)
				different += dst[j] != p.sum[j];
			free(dst);
		}
	}
	assert_int_equal(different, 0);
	free_problem(&p);
}

static void test_weights_change(void **state)
{
	(void)state;
	at_levels(weights_change);
}

static void others(void)
{
	const struct conv_shape no[] = {
		{ 1, 4, 5, 5, 4, 3, 1, 1, 1, 1, 1 }, { 1, 4, 5, 5, 4, 1, 2, 0, 0, 1, 1 },
		{ 1, 4, 5, 5, 4, 1, 1, 1, 0, 1, 1 }, { 1, 4, 5, 5, 4, 1, 1, 0, 1, 1, 1 },
		{ 1, 4, 5, 5, 4, 1, 1, 0, 0, 1, 2 },
	};

	for (size_t i = 0; i < LEN(no); i++)
		assert_false(pointwise_can(&no[i]));
}

static void test_others(void **state)
{
	(void)state;
	at_levels(others);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_others),   cmocka_unit_test(test_remainders),
		cmocka_unit_test(test_boundary), cmocka_unit_test(test_magnitudes),
		cmocka_unit_test(test_outputs),  cmocka_unit_test(test_weights_change),
	};

	return cmocka_run_group_tests_name("pointwise", tests, NULL, NULL);
}
