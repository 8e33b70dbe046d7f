#include "fuzz.h"
#include "io/npz.h"

#include <stdlib.h>

/*
 * An archive, and an array on its own: inside an archive the CRC keeps most damage from the
 * parser of arrays.
 */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct npz z;
	struct array a = { 0 };

	if (!npz_parse(&z, bytes, size))
		npz_free(&z);
	if (!npy_parse(&a, bytes, size))
		free(a.data);
	return 0;
}
