/* Views: how far, how often flipped, where their holes are. */
#include "unit.h"
#include "dataset/augment.h"

#define N 4000

static const struct images small = { .view_h = 10, .view_w = 20 };

/* How often each of -4..35 was drawn. */
struct counts {
	int down[40], right[40], hole_down[40], hole_right[40], flipped;
};

static struct counts count(const struct augment *a)
{
	struct counts c = { .flipped = 0 };

	for (uint64_t i = 0; i < N; i++) {
		struct view v = augment_view(a, &small, 2, i);

		assert_true(v.reflects == a->reflects && v.hole == a->cutout);
		c.down[v.down + 4]++;
		c.right[v.right + 4]++;
		c.hole_down[v.hole_down + 4]++;
		c.hole_right[v.hole_right + 4]++;
		c.flipped += v.is_flipped;
	}
	return c;
}

/* All of first..last equally often, give or take five standard deviations; nothing else. */
static void assert_even(const int *drawn, int first, int last)
{
	double mean = (double)N / (last - first + 1);

	for (int i = -4; i < 36; i++)
		if (i < first || i > last)
			assert_int_equal(drawn[i + 4], 0);
		else
			assert_close(drawn[i + 4], mean, 5 * sqrt(mean));
}

static void test_draws_are_even(void **state)
{
	static const struct augment all = { 1, 2, 6, true, true };
	struct counts c = count(&all);

	(void)state;
	assert_even(c.down, -2, 2);
	assert_even(c.right, -2, 2);
	assert_even(c.hole_down, -3, 6); /* the centre in the view, whose sides are 10 and 20 */
	assert_even(c.hole_right, -3, 16);
	assert_close(c.flipped, N / 2, 5 * sqrt(N / 4));
}

static void test_nothing_unasked(void **state)
{
	static const struct augment none = { .seed = 1 };
	struct counts c = count(&none);

	(void)state;
	assert_true(c.down[4] == N && c.right[4] == N && c.hole_down[4] == N && c.hole_right[4] == N);
	assert_int_equal(c.flipped, 0);
}

static bool is_same(struct view a, struct view b)
{
	return a.down == b.down && a.right == b.right && a.hole_down == b.hole_down &&
	       a.hole_right == b.hole_right && a.is_flipped == b.is_flipped;
}

static void test_keys(void **state)
{
	static const struct augment a = { 1, 4, 6, true, false }, other = { 2, 4, 6, true, false };
	int epochs = 0, seeds = 0;

	(void)state;
	for (uint64_t i = 0; i < 100; i++) {
		struct view v = augment_view(&a, &small, 2, i);

		assert_true(is_same(v, augment_view(&a, &small, 2, i)));
		epochs += is_same(v, augment_view(&a, &small, 3, i));
		seeds += is_same(v, augment_view(&other, &small, 2, i));
	}
	assert_true(epochs < 5 && seeds < 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_draws_are_even),
		cmocka_unit_test(test_nothing_unasked),
		cmocka_unit_test(test_keys),
	};

	return cmocka_run_group_tests_name("augment", tests, NULL, NULL);
}
