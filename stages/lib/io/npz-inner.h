/*
 * npz-inner.h - what npy.c, npz.c and npz-write.c share; for nobody else.
 */
#ifndef NPZ_INNER_H
#define NPZ_INNER_H

#include "io/npz.h"

/* headers of a zip archive, without names */
#define LOCAL_SIZE 30
#define CENTRAL_SIZE 46
#define END_SIZE 22
#define END64_SIZE 56
#define LOCATOR_SIZE 20
#define EXTRA_SIZE 20 /* the extra field in a streamed member's local header */
#define MEMBERS_MAX 65535

const char *dtype_descr(enum dtype d); /* "<f4" */

/* Shape and type of an array that follows its header, at *begin: NULL, or the error. */
const char *npy_parse_header(struct array *a, const unsigned char *bytes, size_t size, size_t *begin);
/*
 * The header of an array, padded so that the data begin at a multiple of 64, at `least` or beyond;
 * its length.
 */
size_t npy_header(char out[512], enum dtype dtype, int ndim, const size_t *shape, size_t least);
size_t npy_count(int ndim, const size_t *shape); /* product of the shape */
/* An array with a number that is not finite is not written.  Dies. */
void npy_refuse_nan(const char *name, enum dtype dtype, size_t count, const void *data);

#endif
