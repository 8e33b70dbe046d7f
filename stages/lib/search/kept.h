/*
 * kept.h - what an agent remembers from one episode to the next: arrays of floats in an .npz, by their names.
 *
 * Several agents share a file where the names of each begin with a prefix of its own, as "low." does.
 */
#ifndef KEPT_H
#define KEPT_H

#include "io/npz.h"

struct kept {
	const char *name;
	float *value; /* [size] */
	size_t size;
};

/* The array PREFIX NAME of this type and so many numbers, or NULL where there is none such. */
const void *kept_find(const struct npz *z, const char *prefix, const char *name, enum dtype dtype,
                      size_t count);

void kept_save(struct npz_writer *w, const char *prefix, const struct kept *k, size_t n);
/* Into their values; false where one is not there as it should be, and those before it are overwritten. */
bool kept_load(const struct npz *z, const char *prefix, const struct kept *k, size_t n);

#endif
