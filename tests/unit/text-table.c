#include "unit.h"
#include "report/text-table.h"

static char *printed(const struct text_table *t)
{
	char *path = scratch(""), *text;
	FILE *f = fopen(path, "w");
	size_t size;

	assert_non_null(f);
	text_table_print(t, f);
	fclose(f);
	text = (char *)file_bytes(path, &size);
	unlink(path);
	free(path);
	return text;
}

/* Columns grow with their cells, are counted in characters, and leave no blanks at the end of a line. */
static void test_alignment(void **state)
{
	static const struct text_column columns[] = { { "name", LEFT, 6, 0 },
		                                      { "ms", RIGHT, 4, 2 },
		                                      { "remark", LEFT, 0, 1 } };
	struct text_table *t = text_table_new(columns, LEN(columns));

	(void)state;
	assert_int_equal(text_table_width(t, 0, 3), 6 + 2 + 4 + 1 + 6);
	text_cell(t, "%s", "fc");
	text_cell(t, "%d ± %d", 12, 3);
	text_cell(t, "%s", "x");
	text_end_row(t);
	text_blank_row(t);
	text_cell(t, "%s", "b1.depthwise");
	text_number(t, 0.5, 2);
	text_end_row(t);
	text_cell(t, "%s", "");
	text_number(t, NAN, 2);
	text_cell(t, "%s", "");
	text_end_row(t);
	assert_string_equal(printed(t), "name              ms remark\n"
	                                "fc            12 ± 3 x\n"
	                                "\n"
	                                "b1.depthwise    0.50\n"
	                                "                   -\n");
	assert_int_equal(text_table_width(t, 0, 2), 12 + 2 + 6);
	text_table_free(t);
}

static void test_without_titles(void **state)
{
	static const struct text_column columns[] = { { "", LEFT, 3, 0 }, { "", RIGHT, 3, 1 } };
	struct text_table *t = text_table_new(columns, LEN(columns));

	(void)state;
	assert_string_equal(printed(t), "");
	for (int i = 1; i <= 1000; i *= 10) {
		text_cell(t, "%d", i);
		text_cell(t, "%d", i);
		text_end_row(t);
	}
	assert_string_equal(printed(t), "1       1\n10     10\n100   100\n1000 1000\n");
	text_table_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alignment),
		cmocka_unit_test(test_without_titles),
	};

	return cmocka_run_group_tests_name("text-table", tests, NULL, NULL);
}
