#include "hw/kind.h"

#include <string.h>

static const struct {
	const char *name;
	const struct simulator *simulator;
} kinds[] = {
	{ "bismo", &bismo_simulator },
	{ "bitfusion", &bitfusion_simulator },
	{ "size", &size_simulator },
	{ "table", &table_simulator },
};

const struct simulator *simulator_of_model(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	size_t length = strcspn(name, "-.");

	for (size_t i = 0; i < LEN(kinds); i++)
		if (strlen(kinds[i].name) == length && !strncmp(kinds[i].name, name, length))
			return kinds[i].simulator;
	die("%s: no kind of accelerator is called '%.*s'; expected a file KIND-NAME, of bismo, bitfusion, "
	    "size or "
	    "table",
	    path, (int)length, name);
}
