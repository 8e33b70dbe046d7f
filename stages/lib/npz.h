/*
 * npz.h - arrays in files that numpy.load opens: one in .npy, several by name in .npz.
 *
 * .npy (format 1.0): "\x93NUMPY" 1 0, length of the header, a Python dict {'descr', 'fortran_order',
 * 'shape'} padded to a multiple of 64, then the numbers, C order, little endian.  .npz: a zip archive
 * of them, each member stored or deflated, CRC-32 checked, without time stamps (equal contents give
 * equal bytes).  Zip64 is neither written nor read: a member may have 4 GiB.
 */
#ifndef NPZ_H
#define NPZ_H

#include "base.h"

enum dtype { U8, I32, I64, F32, F64 };
#define DIMS_MAX 6

struct array {
	char *name;             /* member without ".npy" */
	enum dtype dtype;
	int ndim;
	size_t shape[DIMS_MAX];
	size_t count;           /* product of the shape */
	void *data;
};

struct npz {
	const char *path;       /* for messages */
	size_t n;
	struct array *arrays;
};

size_t dtype_size(enum dtype d);

const char *npy_parse(struct array *a, const unsigned char *bytes, size_t size);        /* NULL, or the error */
const char *npz_parse(struct npz *z, const unsigned char *bytes, size_t size);
void npy_read(struct array *a, const char *path);                                       /* dies */
void npz_read(struct npz *z, const char *path);
const char *npz_read_quietly(struct npz *z, const char *path);  /* NULL, or why not: for caches that may be damaged */
void npz_free(struct npz *z);

struct array *npz_find(const struct npz *z, const char *name);                          /* NULL where there is none */
/* The data of an array that must be there with this type and shape; ndim < 0: any shape.  Dies. */
void *npz_data(const struct npz *z, const char *name, enum dtype dtype, int ndim, const size_t *shape);

void npy_write(const char *path, enum dtype dtype, int ndim, const size_t *shape, const void *data);

struct npz_writer;
struct npz_writer *npz_begin(FILE *f, bool deflate);
void npz_add(struct npz_writer *w, const char *name, enum dtype dtype, int ndim, const size_t *shape, const void *data);
void npz_end(struct npz_writer *w);     /* then out_commit(f) */

#define SHAPE(...) (const size_t[]){ __VA_ARGS__ }

#endif
