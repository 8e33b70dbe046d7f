#include "hw/kind.h"
#include "hw/kind-bismo.h"
#include "hw/kind-bitfusion.h"
#include "hw/kind-size.h"
#include "hw/kind-table.h"

#include <string.h>

static const struct simulator *const kinds[] = {
	&bismo_simulator,
	&bitfusion_simulator,
	&size_simulator,
	&table_simulator,
};

static _Noreturn void die_of_kind(const char *path, const char *word, int length)
{
	char *names = xstrdup(kinds[0]->kind);

	for (size_t i = 1; i < LEN(kinds); i++)
		names = xprintf("%s%s%s", names, i + 1 < LEN(kinds) ? ", " : " or ", kinds[i]->kind);
	die("%s: no kind of accelerator is called '%.*s'; expected KIND-NAME.conf or .csv, KIND %s", path,
	    length, word, names);
}

const struct simulator *simulator_of_model(const char *model_path)
{
	const char *slash = strrchr(model_path, '/'), *word = slash ? slash + 1 : model_path;
	size_t length = strcspn(word, "-.");

	for (size_t i = 0; i < LEN(kinds); i++)
		if (strlen(kinds[i]->kind) == length && !memcmp(kinds[i]->kind, word, length))
			return kinds[i];
	die_of_kind(model_path, word, (int)length);
}
