#include "fuzz.h"
#include "core/conf.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	long rows = 1;
	double clock = 1;
	const char *schedule = NULL;
	const struct conf_key keys[] = { { "pe_rows", CONF_INT, &rows, .min = 1, .max = 4096 },
		                         { "clock_mhz", CONF_REAL, &clock, .min = 1, .max = 10000 },
		                         { "schedule", CONF_WORD, &schedule, .words = "constant cosine" },
		                         { 0 } };

	if (!conf_parse((const char *)bytes, size, keys) && !schedule)
		abort();
	if (rows < 1 || rows > 4096 || !(clock >= 1 && clock <= 10000))
		abort();
	free((char *)schedule);
	return 0;
}
