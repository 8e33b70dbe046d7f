#include "fuzz.h"
#include "dataset/cifar.h"

#include <stdlib.h>

static void check(const struct cifar *c, int classes)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->labels[i] < 0 || c->labels[i] >= classes)
			abort();
}

static void free_images(struct cifar *c)
{
	free(c->pixels);
	free(c->labels);
}

/* Records of both kinds, and the labels of three images.  PNG files are picture.c's. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct cifar ten = { 0 }, hundred = { 0 };
	int32_t labels[3] = { 0 };
	struct cifar three = { .n = 3, .labels = labels };

	cifar_add_records(&ten, bytes, size, 10);
	cifar_add_records(&hundred, bytes, size, 100);
	cifar_parse_labels(&three, bytes, size);
	check(&ten, 10);
	check(&hundred, 100);
	check(&three, 10);
	free_images(&ten);
	free_images(&hundred);
	return 0;
}
