#include "search/kept.h"

#include <stdlib.h>
#include <string.h>

const void *kept_find(const struct npz *z, const char *prefix, const char *name, enum dtype dtype,
                      size_t count)
{
	char *path = xprintf("%s%s", prefix, name);
	const struct array *a = npz_find(z, path);

	free(path);
	return a && a->dtype == dtype && a->count == count ? a->data : NULL;
}

void kept_save(struct npz_writer *w, const char *prefix, const struct kept *k, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *path = xprintf("%s%s", prefix, k[i].name);

		npz_add(w, path, F32, 1, SHAPE(k[i].size), k[i].value);
		free(path);
	}
}

bool kept_load(const struct npz *z, const char *prefix, const struct kept *k, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const void *value = kept_find(z, prefix, k[i].name, F32, k[i].size);

		if (!value)
			return false;
		memcpy(k[i].value, value, k[i].size * sizeof(float));
	}
	return true;
}
