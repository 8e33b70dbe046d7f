#include "unit.h"
#include "engine/conv.h"
#include "engine/depthwise.h"
#include "core/rng.h"

/*
 * Rows of depthwise.c against oneDNN on whole images: every combination of size, stride and padding
 * that has a border of its own.
 */
#define TOLERANCE 2e-6

static float *normal(size_t n)
{
	static uint64_t drawn;
	float *x = xmalloc(n, sizeof *x);

	for (size_t i = 0; i < n; i++)
		x[i] = (float)rng_normal((struct rng){ 4, 0, RNG_TEST }, drawn++);
	return x;
}

static const float *row(const float *image, int r, int h, int w, int c)
{
	return r >= 0 && r < h ? image + (size_t)(r * w * c) : NULL;
}

static void check(const float *x, const float *expected, int n)
{
	float most = 0;

	for (int i = 0; i < n; i++)
		most = fmaxf(most, fabsf(expected[i]));
	for (int i = 0; i < n; i++)
		assert_close(x[i], expected[i], TOLERANCE * most * 10);
}

static void run_rows(const struct depthwise *d, const float *x, const float *dz, const float *taps, float *z,
                     float *dx, float *diff)
{
	const float *three[3];

	for (int o = 0; o < d->h_out; o++) {
		for (int k = 0; k < 3; k++)
			three[k] = row(x, o * d->stride + k - d->pad, d->h_in, d->w_in, d->c);
		depthwise_forward(d, three, taps, z + o * d->w_out * d->c);
		depthwise_backward_weights(d, three, dz + o * d->w_out * d->c, diff);
	}
	for (int i = 0; i < d->h_in; i++) {
		for (int k = 0; k < 3; k++) {
			int o = i + d->pad - k;

			three[k] = o < 0 || o % d->stride ? NULL
			                                  : row(dz, o / d->stride, d->h_out, d->w_out, d->c);
		}
		depthwise_backward_data(d, three, taps, dx + i * d->w_in * d->c);
	}
}

static void check_shape(struct conv_shape s)
{
	struct depthwise d = depthwise_of(&s);
	struct conv *conv = conv_new(&s, CONV_BOTH, FLOAT32);
	int in = d.h_in * d.w_in * d.c, out = d.h_out * d.w_out * d.c, weights = DEPTHWISE_TAPS * d.c;
	float *x = normal((size_t)in), *dz = normal((size_t)out), *w = normal((size_t)weights),
	      *taps = xmalloc((size_t)weights, sizeof *taps);
	float *mine[3], *theirs[3];
	void *diff = xmalloc(conv_diff_size(conv), 1);

	for (int i = 0; i < 3; i++) {
		size_t n = (size_t)(i == 0 ? out : i == 1 ? in : weights);

		mine[i] = xmalloc(n, sizeof(float));
		theirs[i] = xmalloc(n, sizeof(float));
	}
	conv_set_weights(conv, w);
	conv_forward(conv, x, theirs[0]);
	conv_backward_data(conv, dz, theirs[1]);
	conv_backward_weights(conv, x, dz, false, diff, NULL);
	conv_diff_to_oihw(conv, diff, theirs[2]);
	depthwise_from_oihw(w, d.c, taps);
	run_rows(&d, x, dz, taps, mine[0], mine[1], mine[2]);
	depthwise_to_oihw(mine[2], d.c, taps);
	check(mine[0], theirs[0], out);
	check(mine[1], theirs[1], in);
	check(taps, theirs[2], weights);
	for (int i = 0; i < 3; i++) {
		free(mine[i]);
		free(theirs[i]);
	}
	free(x);
	free(dz);
	free(w);
	free(taps);
	free(diff);
}

static void test_against_whole_images(void **state)
{
	(void)state;
	for (int side = 1; side < 9; side++)
		for (int stride = 1; stride <= 2; stride++)
			for (int pad = 0; pad <= 2; pad++)
				for (int end = 0; end <= 2; end++)
					for (int c = 16; c <= 48; c += 32)
						if (side + pad + end >= 3)
							check_shape((struct conv_shape){
								1, c, side + side % 3, side, c, 3, stride,
								pad, end, 1, c });
}

static void test_which(void **state)
{
	struct conv_shape s = { 1, 32, 8, 8, 32, 3, 1, 1, 1, 1, 32 }, grouped = s, odd = s, large = s,
			  dilated = s, far = s;

	(void)state;
	grouped.groups = 16;
	odd.cin = odd.cout = odd.groups = 24;
	large.kernel = 5;
	dilated.dilation = 2;
	far.pad_end = 3;
	assert_true(depthwise_can(&s));
	assert_false(depthwise_can(&grouped) || depthwise_can(&odd) || depthwise_can(&large));
	assert_false(depthwise_can(&dilated) || depthwise_can(&far));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_whole_images),
		cmocka_unit_test(test_which),
	};

	return cmocka_run_group_tests_name("depthwise", tests, NULL, NULL);
}
