#include "unit.h"
#include "engine/conv-int8.h"
#include "engine/onednn.h"
#include "engine/pointwise.h"
#include "core/rng.h"

#include <omp.h>

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
	{ 5, 1280, 1, 1, 10, 1, 1, 0, 0, 1, 1 }, /* linear; sums of more than 24 bits */
	{ 1, 300, 4, 4, 20, 3, 1, 1, 1, 1, 1 },  /* likewise */
	{ 2, 3, 9, 9, 8, 3, 2, 0, 1, 1, 1 },     /* more padding at one end */
	{ 2, 16, 8, 9, 24, 3, 2, 0, 1, 1, 1 },
	{ 2, 16, 8, 8, 16, 5, 2, 1, 2, 1, 16 },
	{ 2, 8, 5, 5, 8, 3, 1, 2, 0, 1, 2 },
	{ 2, 8, 9, 9, 16, 3, 1, 2, 2, 2, 1 }, /* dilated */
	{ 2, 32, 12, 12, 32, 3, 1, 4, 4, 4, 32 },
	{ 1, 6, 11, 10, 9, 3, 2, 3, 1, 3, 3 },
	{ 1, 20, 7, 7, 20, 2, 1, 0, 5, 5, 1 },
	{ 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1 },
};

static bool is_without; /* in the child that main starts */

static const struct rng rng = { 5, 0, RNG_TEST };
static uint64_t drawn;

static int draw(int from, int to)
{
	return from + (int)(rng_bits(rng, drawn++) % (uint64_t)(to - from + 1));
}

struct problem {
	const struct conv_shape *s;
	enum number type;
	int hout, wout;
	size_t src_size, dst_size;
	uint8_t *src; /* the bytes, whatever they mean */
	int8_t *weights;
	int32_t *sum; /* [dst_size], the answer */
	float *scale, *shift;
};

static int64_t sum_at(const struct problem *p, int n, int y, int x, int co)
{
	const struct conv_shape *s = p->s;
	int cin = s->cin / s->groups, first = co / (s->cout / s->groups) * cin;
	int64_t sum = 0;

	for (int i = 0; i < cin * s->kernel * s->kernel; i++) {
		int ci = i / (s->kernel * s->kernel),
		    row = y * s->stride + i / s->kernel % s->kernel * s->dilation - s->pad;
		int column = x * s->stride + i % s->kernel * s->dilation - s->pad;
		size_t at = (size_t)(((n * s->h + row) * s->w + column) * s->cin + first + ci);

		if (row >= 0 && row < s->h && column >= 0 && column < s->w)
			sum += (p->type == NUMBER_U8 ? p->src[at] : (int8_t)p->src[at]) *
			       p->weights[co * cin * s->kernel * s->kernel + i];
	}
	return sum;
}

/* extreme: the largest magnitudes everywhere, where 16 bits would overflow and 24 run out */
static struct problem problem(const struct conv_shape *s, enum number type, bool extreme)
{
	size_t weights = (size_t)(s->cout * (s->cin / s->groups) * s->kernel * s->kernel),
	       cout = (size_t)s->cout, at = 0;
	int around = s->pad + s->pad_end - (s->dilation * (s->kernel - 1) + 1);
	struct problem p = { .s = s,
		             .type = type,
		             .hout = (s->h + around) / s->stride + 1,
		             .wout = (s->w + around) / s->stride + 1 };

	p.src_size = (size_t)(s->n * s->h * s->w * s->cin);
	p.dst_size = (size_t)(s->n * p.hout * p.wout) * cout;
	p.src = xmalloc(p.src_size, 1);
	p.weights = xmalloc(weights, 1);
	p.sum = xmalloc(p.dst_size, sizeof *p.sum);
	p.scale = xmalloc(cout, sizeof *p.scale);
	p.shift = xmalloc(cout, sizeof *p.shift);
	for (size_t i = 0; i < p.src_size; i++)
		p.src[i] = (uint8_t)(type == NUMBER_U8 ? (extreme ? 255 - draw(0, 1) : draw(0, 255))
		                     : extreme         ? 127 - draw(0, 1)
		                                       : draw(-127, 127));
	for (size_t i = 0; i < weights; i++)
		p.weights[i] = (int8_t)(extreme ? 127 - draw(0, 2) : draw(-127, 127));
	for (size_t k = 0; k < cout; k++) {
		p.scale[k] = 1;
		p.shift[k] = 0;
	}
	for (int n = 0; n < s->n; n++)
		for (int y = 0; y < p.hout; y++)
			for (int x = 0; x < p.wout; x++)
				for (int co = 0; co < s->cout; co++)
					p.sum[at++] = (int32_t)sum_at(&p, n, y, x, co);
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

static struct int8_input input_of(enum number type)
{
	return (struct int8_input){ type, type == NUMBER_U8 ? 255 : 127 };
}

static void check_sums(const struct conv_shape *s, enum number type, bool extreme)
{
	struct problem p = problem(s, type, extreme);
	struct conv_int8 *conv = conv_int8_new(s, input_of(type), NUMBER_F32, p.weights,
	                                       (struct rescale){ p.scale, p.shift, -INFINITY, INFINITY });
	float *dst = xmalloc(p.dst_size, sizeof *dst);

	conv_int8_forward(conv, p.src, dst);
	for (size_t i = 0; i < p.dst_size; i++)
		assert_true(dst[i] == (float)p.sum[i]);
	free(dst);
	free_problem(&p);
}

static void test_sums_are_exact(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(shapes); i++)
		for (int k = 0; k < 4; k++)
			check_sums(&shapes[i], k & 1 ? NUMBER_S8 : NUMBER_U8, k & 2);
}

/* With weights that take a detour into oneDNN's layouts, as they need it on some machines. */
static void test_detours(void **state)
{
	bool is_usual = onednn_takes_detours();

	onednn_take_detours(true);
	test_sums_are_exact(state);
	onednn_take_detours(is_usual);
}

/* The whole of y = round(clamp(scale * sum + shift)); at a tie both neighbours are right. */
static void check_outputs(const struct conv_shape *s, enum number type, enum number out)
{
	struct problem p = problem(s, type, false);
	double size = 1e-9;
	float low = out == NUMBER_S8 ? -100 : 0, high = out == NUMBER_U8 ? 240 : 90;
	struct conv_int8 *conv;
	uint8_t *dst = xmalloc(p.dst_size, 4);

	for (size_t i = 0; i < p.dst_size; i++)
		size = fmax(size, fabs((double)p.sum[i]));
	for (int k = 0; k < s->cout; k++) {
		p.scale[k] = (float)((150 + k) / size * (k % 3 ? 1 : -1));
		p.shift[k] = (float)draw(-20, 60) + 0.25f;
	}
	p.scale[0] = 0; /* a channel that is switched off */
	conv = conv_int8_new(s, input_of(type), out, p.weights,
	                     (struct rescale){ p.scale, p.shift, low, high });
	conv_int8_forward(conv, p.src, dst);
	for (size_t i = 0; i < p.dst_size; i++) {
		size_t k = i % (size_t)s->cout;
		double y = (double)p.scale[k] * p.sum[i] + (double)p.shift[k];

		y = y < (double)low ? (double)low : y > (double)high ? (double)high : y;
		if (out == NUMBER_F32)
			assert_close(((float *)(void *)dst)[i], y, 1e-4);
		else
			assert_close(out == NUMBER_U8 ? dst[i] : (int8_t)dst[i], y, 0.5001);
	}
	free(dst);
	free_problem(&p);
}

static void test_outputs(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(shapes); i++)
		for (int k = 0; k < 6; k++)
			check_outputs(&shapes[i], k & 1 ? NUMBER_S8 : NUMBER_U8, (enum number)(k / 2));
}

static void test_threads(void **state)
{
	const struct conv_shape *s = &shapes[4];
	struct problem p = problem(s, NUMBER_U8, false);
	struct conv_int8 *conv = conv_int8_new(s, input_of(NUMBER_U8), NUMBER_F32, p.weights,
	                                       (struct rescale){ p.scale, p.shift, -INFINITY, INFINITY });
	int different = 0;

	(void)state;
#pragma omp parallel for num_threads(4) schedule(static, 1) reduction(+ : different)
	for (int i = 0; i < 40; i++) {
		float *dst = xmalloc(p.dst_size, sizeof *dst);

		conv_int8_forward(conv, p.src, dst);
		for (size_t k = 0; k < p.dst_size; k++)
			different += dst[k] != (float)p.sum[k];
		free(dst);
	}
	assert_int_equal(different, 0);
	free_problem(&p);
}

/* 8 and 8 bits: without byte products oneDNN would need floats, ours does not. */
static void test_which_way(void **state)
{
	const struct conv_shape *s = &shapes[9];
	struct problem p = problem(s, NUMBER_U8, true);
	struct conv_int8 *conv = conv_int8_new(s, input_of(NUMBER_U8), NUMBER_F32, p.weights,
	                                       (struct rescale){ p.scale, p.shift, -INFINITY, INFINITY });

	(void)state;
	if (is_without)
		assert_false(conv_has_int8_products());
	assert_true(conv_int8_is_fast(conv) == (conv_has_int8_products() || pointwise_can(s)));
	free_problem(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_which_way), cmocka_unit_test(test_sums_are_exact),
		cmocka_unit_test(test_detours),   cmocka_unit_test(test_outputs),
		cmocka_unit_test(test_threads),
	};
	int status, failed;
	pid_t child;

	omp_set_num_threads(1); /* oneDNN's own; see lib/threads.h */
	/*
	 * twice: as this CPU does, and as one without byte products, which must be said before
	 * oneDNN is first used
	 */
	if (!(child = fork())) {
		is_without = true;
		setenv("ONEDNN_MAX_CPU_ISA", "AVX2", 1);
		exit(cmocka_run_group_tests_name("dnn-integer without byte products", tests, NULL, NULL));
	}
	assert_true(waitpid(child, &status, 0) == child);
	failed = cmocka_run_group_tests_name("dnn-integer", tests, NULL, NULL);
	return failed || !WIFEXITED(status) || WEXITSTATUS(status);
}
