#include "unit.h"
#include "io/csv.h"

static const char *parse(struct table *t, const char *text)
{
	const char *error = table_parse(t, text, strlen(text));

	t->path = "t.csv";
	return error;
}

static void test_cells(void **state)
{
	struct table t;

	(void)state;
	assert_null(parse(&t, "name,size,share\r\na,1,0.5\n\"b \"\"quoted\"\", c\",-2,1e3\n"));
	assert_int_equal(t.rows, 2);
	assert_int_equal(t.columns, 3);
	assert_int_equal(table_column(&t, "share"), 2);
	assert_int_equal(table_find(&t, "shares"), -1);
	assert_string_equal(table_text(&t, 1, 0), "b \"quoted\", c");
	assert_int_equal(table_int(&t, 1, 1, -5, 5), -2);
	assert_close(table_real(&t, 0, 2, 0, 1), 0.5, 0);
	assert_int_equal(t.lines[1], 3);
	table_free(&t);
}

static void test_last_line_without_newline(void **state)
{
	struct table t;

	(void)state;
	assert_null(parse(&t, "a\n1\n2"));
	assert_int_equal(t.rows, 2);
	table_free(&t);
	assert_null(parse(&t, "a,b\n"));
	assert_int_equal(t.rows, 0);
	table_free(&t);
}

static void test_errors(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "", "is empty" },
		{ "\n\n", "is empty" },
		{ "a,b\n1\n", "line 2: 1 cells, where the header has 2" },
		{ "a,b\n1,2\n1,2,3\n", "line 3: 3 cells, where the header has 2" },
		{ "a,a\n", "line 1: two columns are named 'a'" },
		{ "a\n\"open\n", "line " },
		{ "a\n\"b\"c\n", "line 2: " },
	};
	struct table t;

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		const char *error = parse(&t, cases[i].text);

		assert_non_null(error);
		assert_contains(error, cases[i].error);
	}
	assert_contains(table_parse(&t, "a\n1\0\n", 5), "line 2: a NUL byte");
}

static struct table numbers;

static void read_int(const void *row)
{
	table_int(&numbers, *(const size_t *)row, 0, 1, 8);
}
static void read_real(const void *row)
{
	table_real(&numbers, *(const size_t *)row, 0, 1, 8);
}
static void read_column(const void *name)
{
	table_column(&numbers, name);
}

static void test_bad_numbers(void **state)
{
	(void)state;
	assert_null(parse(&numbers, "bits\n9\n3x\nnan\n\"\"\n99999999999999999999e999\n"));
	for (size_t row = 0; row < numbers.rows; row++) {
		assert_contains(last_words(read_int, &row), row ? "whole number" : "lie in 1..8");
		assert_contains(last_words(read_real, &row), row ? "a number" : "lie in 1..8");
		assert_contains(last_words(read_int, &row), "t.csv: line ");
	}
	assert_contains(last_words(read_column, "bytes"), "t.csv: no column 'bytes'");
	table_free(&numbers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cells),
		cmocka_unit_test(test_last_line_without_newline),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_bad_numbers),
	};

	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
