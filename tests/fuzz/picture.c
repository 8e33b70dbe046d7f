#include "fuzz.h"
#include "dataset/picture.h"

#include <stdlib.h>

/* Decode, and touch every pixel through the resizing. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct picture p, out;

	if (picture_decode(&p, bytes, size, 1 << 16))
		return 0;
	if (!picture_fit(&out, &p, 9, 7))
		picture_free(&out);
	picture_free(&p);
	return 0;
}
