#include "unit.h"
#include "dataset/epoch.h"

enum { IMAGES = 50, USED = 20 };

/* The images of an epoch, counted. */
static void count(const uint32_t *order, uint32_t n, int *seen)
{
	memset(seen, 0, IMAGES * sizeof *seen);
	for (uint32_t i = 0; i < n; i++) {
		assert_true(order[i] < IMAGES);
		seen[order[i]]++;
	}
}

static void test_same_images_in_all_epochs(void **state)
{
	struct epochs e = epochs_new(7, IMAGES, USED);
	uint32_t first[USED];
	int before[IMAGES], now[IMAGES];

	(void)state;
	assert_int_equal(e.used, USED);
	memcpy(first, epochs_order(&e, 0), sizeof first);
	count(first, USED, before);
	for (int i = 0; i < IMAGES; i++)
		assert_true(before[i] <= 1);
	for (long epoch = 1; epoch < 5; epoch++) {
		count(epochs_order(&e, epoch), USED, now);
		assert_memory_equal(now, before, sizeof now);
		assert_memory_not_equal(epochs_order(&e, epoch), first, sizeof first);
	}
	assert_memory_equal(epochs_order(&e, 0), first, sizeof first); /* whatever came between */
}

static void test_all_images(void **state)
{
	static const long used[] = { 0, IMAGES, IMAGES + 1, 1000000 };
	int seen[IMAGES];

	(void)state;
	for (size_t k = 0; k < LEN(used); k++) {
		struct epochs e = epochs_new(7, IMAGES, used[k]);

		assert_int_equal(e.used, IMAGES);
		count(epochs_order(&e, 3), e.used, seen);
		for (int i = 0; i < IMAGES; i++)
			assert_int_equal(seen[i], 1);
	}
}

static void test_seeds(void **state)
{
	struct epochs a = epochs_new(1, IMAGES, USED), b = epochs_new(2, IMAGES, USED),
		      again = epochs_new(1, IMAGES, USED);

	(void)state;
	assert_memory_equal(epochs_order(&a, 2), epochs_order(&again, 2), USED * sizeof(uint32_t));
	assert_memory_not_equal(epochs_order(&a, 2), epochs_order(&b, 2), USED * sizeof(uint32_t));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_images_in_all_epochs),
		cmocka_unit_test(test_all_images),
		cmocka_unit_test(test_seeds),
	};

	return cmocka_run_group_tests_name("epoch", tests, NULL, NULL);
}
