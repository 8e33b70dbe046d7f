/* Times as people say them, at the borders of their units. */
#include "unit.h"
#include "core/duration.h"

static void test_duration(void **state)
{
	static const struct {
		double seconds;
		const char *text;
	} cases[] = {
		{ 0, "0 s" },
		{ 0.4, "0 s" },
		{ 0.5, "1 s" },
		{ 40, "40 s" },
		{ 59.4, "59 s" },
		{ 59.5, "1 min" },
		{ 89, "1 min" },
		{ 90, "2 min" },
		{ 720, "12 min" },
		{ 3569, "59 min" },
		{ 3570, "1 h" },
		{ 3629, "1 h" },
		{ 3630, "1 h 1 min" },
		{ 7800, "2 h 10 min" },
		{ 477 * 60, "7 h 57 min" },
		{ 90000, "25 h" },
		{ -5, "0 s" },
		{ NAN, "0 s" },
		{ INFINITY, "1000000000 h" },
	};
	char text[DURATION_ROOM];

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++)
		assert_string_equal(duration(text, cases[i].seconds), cases[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_duration) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
