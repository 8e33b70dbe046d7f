#include "unit.h"
#include "core/conf.h"

static long batch;
static double rate;
static const char *schedule;

static const struct conf_key keys[] = { { "batch", CONF_INT, &batch, .min = 1, .max = 4096 },
	                                { "rate", CONF_REAL, &rate, .min = 0, .max = 1 },
	                                { "schedule", CONF_WORD, &schedule, .words = "constant cosine" },
	                                { 0 } };

static const char *parse(const char *text)
{
	return conf_parse(text, strlen(text), keys);
}

static void test_values(void **state)
{
	(void)state;
	assert_null(parse("# all of it\n\nbatch = 64  # enough\n  rate=1e-3\r\nschedule\t=\tcosine"));
	assert_int_equal(batch, 64);
	assert_close(rate, 1e-3, 0);
	assert_string_equal(schedule, "cosine");
}

static void test_errors(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "", "key 'batch' is missing" },
		{ "batch = 1\nrate = 1\n", "key 'schedule' is missing" },
		{ "batch = 1\nbatch = 1\n", "line 2: key 'batch' given twice" },
		{ "batsh = 1\n", "line 1: unknown key 'batsh'" },
		{ "= 1\n", "line 1: unknown key ''" },
		{ "batch\n", "line 1: expected 'key = value'" },
		{ "batch = \n", "line 1: batch must be a number" },
		{ "batch = 1x\n", "line 1: batch must be a number, not '1x'" },
		{ "batch = 1.5\n", "line 1: batch must be a whole number" },
		{ "batch = 0\n", "line 1: batch must lie in 1..4096" },
		{ "\nbatch = 4097\n", "line 2: batch must lie in 1..4096" },
		{ "batch = nan\n", "line 1: batch must be a number" },
		{ "rate = inf\n", "line 1: rate must be a number" },
		{ "rate = 1e999\n", "line 1: rate must be a number" },
		{ "rate = -0.1\n", "line 1: rate must lie in 0..1" },
		{ "schedule = cos\n", "line 1: schedule must be one of: constant cosine" },
		{ "schedule = constant cosine\n", "line 1: schedule must be one of" },
		{ "schedule =\n", "line 1: schedule must be one of" },
	};

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		const char *error = parse(cases[i].text);

		assert_non_null(error);
		assert_contains(error, cases[i].error);
	}
}

static void test_damaged_text(void **state)
{
	char line[1000];

	(void)state;
	assert_contains(conf_parse("batch = 1\0\n", 11, keys), "line 1: not a line of text");
	memset(line, '#', sizeof line);
	assert_contains(conf_parse(line, sizeof line, keys), "line 1: not a line of text");
}

static void read_conf(const void *path)
{
	conf_read(path, keys);
}

static void test_read_names_the_file(void **state)
{
	char *path = scratch("batch = 1\nrat = 1\n");
	const char *words = last_words(read_conf, path);

	(void)state;
	assert_contains(words, path);
	assert_contains(words, "line 2: unknown key 'rat'");
	unlink(path);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_damaged_text),
		cmocka_unit_test(test_read_names_the_file),
	};

	return cmocka_run_group_tests_name("conf", tests, NULL, NULL);
}
