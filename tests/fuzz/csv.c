#include "fuzz.h"
#include "io/csv.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct table t;

	if (table_parse(&t, bytes, size))
		return 0;
	for (size_t row = 0; row < t.rows; row++)
		for (size_t column = 0; column < t.columns; column++)
			if (strlen(table_text(&t, row, (int)column)) > size)
				abort();
	table_free(&t);
	return 0;
}
