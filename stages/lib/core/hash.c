#include "core/hash.h"
#include "core/base.h"

#include <stdlib.h>
#include <string.h>

uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t size)
{
	const unsigned char *p = bytes;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ p[i]) * UINT64_C(1099511628211);
	return hash;
}

uint64_t hash_text(uint64_t hash, const char *text)
{
	return hash_bytes(hash, text, strlen(text) + 1);
}

uint64_t hash_file(uint64_t hash, const char *path)
{
	size_t size;
	unsigned char *bytes = file_bytes(path, &size);

	hash = hash_bytes(hash_bytes(hash, bytes, size), &size, sizeof size);
	free(bytes);
	return hash;
}
