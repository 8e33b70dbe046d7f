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

/* What is written is read as it was, whatever a cell holds. */
static void test_writing(void **state)
{
	static const char *const texts[] = { "plain",      "a,b", "say \"x\"", " blank",
		                             "two\nlines", "",    "\xc2\xb1" };
	char *path = scratch("");
	struct csv_writer w = csv_create(path, "text,whole,real,fixed,none");
	struct table t;

	(void)state;
	for (size_t i = 0; i < LEN(texts); i++) {
		csv_text(&w, texts[i]);
		csv_int(&w, -(int64_t)i);
		csv_real(&w, 1.0 / 3, 4);
		csv_fixed(&w, i ? 2.0 / 3 : NAN, 2);
		csv_empty(&w, 1);
		csv_end_row(&w);
	}
	csv_commit(&w);
	table_read(&t, path);
	assert_int_equal(t.rows, LEN(texts));
	assert_string_equal(t.header[4], "none");
	assert_string_equal(table_text(&t, 0, 3), "");
	for (size_t i = 0; i < LEN(texts); i++) {
		assert_string_equal(table_text(&t, i, 0), texts[i]);
		assert_int_equal(table_int(&t, i, 1, -10, 0), -(int64_t)i);
		assert_string_equal(table_text(&t, i, 2), "0.3333");
	}
	assert_string_equal(table_text(&t, 1, 3), "0.67");
	table_free(&t);
	unlink(path);
	free(path);
}

/* Plain cells have no quotes: results stay the bytes that they were. */
static void test_quotes(void **state)
{
	char *path = scratch("");
	struct csv_writer w = csv_create(path, NULL);
	size_t size;
	char *text;

	(void)state;
	csv_text(&w, "top 1");
	csv_quoted(&w, "claim");
	csv_end_row(&w);
	csv_text(&w, "a;b");
	csv_text(&w, "a,b");
	csv_end_row(&w);
	csv_commit(&w);
	text = (char *)file_bytes(path, &size);
	assert_string_equal(text, "top 1,\"claim\"\na;b,\"a,b\"\n");
	free(text);
	unlink(path);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cells),   cmocka_unit_test(test_last_line_without_newline),
		cmocka_unit_test(test_errors),  cmocka_unit_test(test_bad_numbers),
		cmocka_unit_test(test_writing), cmocka_unit_test(test_quotes),
	};

	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
