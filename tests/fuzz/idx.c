#include "fuzz.h"
#include "dataset/idx.h"

#include <stdlib.h>

static void parse(const uint8_t *bytes, size_t size)
{
	struct idx x;

	if (!idx_parse(&x, bytes, size) &&
	    (x.data < bytes || x.count > size || x.data + x.count != bytes + size))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	unsigned char *unpacked;
	size_t n;

	parse(bytes, size);
	if (!gunzip(&unpacked, &n, bytes, size, 1 << 20)) {
		parse(unpacked, n);
		free(unpacked);
	}
	return 0;
}
