#include "unit.h"
#include "model/score.h"

static void test_as_written(void **state)
{
	struct score s = { 89.525, 99.7375, 0.2994061 }, t;
	char *path = scratch(""), *text;
	size_t size;

	(void)state;
	score_write(&s, 8000, path);
	text = (char *)file_bytes(path, &size);
	assert_string_equal(text, "images,top1,top5,loss\n8000,89.5250,99.7375,0.299406\n");
	t = score_read(path);
	assert_close(t.top1, 89.525, 0);
	assert_close(t.top5, 99.7375, 0);
	assert_close(t.loss, 0.299406, 0);
	unlink(path);
	free(text);
	free(path);
}

static void read_it(const void *path)
{
	score_read(path);
}

static void test_errors(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "top1,top5,loss\n", "0 rows; expected one score" },
		{ "top1,top5,loss\n1,2,3\n1,2,3\n", "2 rows; expected one score" },
		{ "top1,loss\n1,2\n", "no column 'top5'" },
		{ "top1,top5,loss\n101,2,3\n", "top1 must lie in 0..100" },
		{ "top1,top5,loss\n1,2,nan\n", "loss must be a number" },
	};

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		char *path = scratch(cases[i].text);

		assert_contains(last_words(read_it, path), cases[i].error);
		unlink(path);
		free(path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_written),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests_name("score", tests, NULL, NULL);
}
