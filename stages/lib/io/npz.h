/*
 * npz.h - arrays in files that numpy.load opens: one in .npy, several by name in .npz.
 *
 * .npy (format 1.0): "\x93NUMPY" 1 0, length of the header, a Python dict {'descr',
 * 'fortran_order', 'shape'} padded to a multiple of 64, then the numbers, C order, little endian.
 * .npz: a zip archive of them, each member stored or deflated, CRC-32 checked, without time stamps
 * (equal contents give equal bytes).  A member may have 4 GiB, a streamed one more than that: it
 * is stored, with the sizes and places of zip64, however small it is, so that small files test what
 * large ones need.
 */
#ifndef NPZ_H
#define NPZ_H

#include "core/base.h"

enum dtype { U8, I32, I64, F32, F64 };
#define DIMS_MAX 6

struct array {
	char *name; /* member without ".npy" */
	enum dtype dtype;
	int ndim;
	size_t shape[DIMS_MAX];
	size_t count; /* product of the shape */
	void *data;
	bool mapped;  /* the data are those of a file, read-only */
	uint32_t crc; /* CRC-32 of the whole .npy, as the archive has it */
};

struct npz {
	const char *path; /* for messages */
	size_t n;
	struct array *arrays;
};

size_t dtype_size(enum dtype d);

/* NULL, or the error. */
const char *npy_parse(struct array *a, const unsigned char *bytes, size_t size);
const char *npz_parse(struct npz *z, const unsigned char *bytes, size_t size);
void npy_read(struct array *a, const char *path); /* dies */
void npz_read(struct npz *z, const char *path);   /* dies */
/* For caches that may be damaged: NULL, or the error. */
const char *npz_read_quietly(struct npz *z, const char *path);
void npz_free(struct npz *z);
/*
 * npz_read for files larger than memory: stored arrays of bytes stay in the file, and are read when
 * they are touched.  The CRC-32 of those over 1 GiB is not looked at, for that would read all of
 * them.  Dies.
 */
void npz_map(struct npz *z, const char *path);

struct array *npz_find(const struct npz *z, const char *name); /* NULL where there is none */
/* The data of an array that must be there with this type and shape; ndim < 0: any shape.  Dies. */
void *npz_data(const struct npz *z, const char *name, enum dtype dtype, int ndim, const size_t *shape);

void npy_write(const char *path, enum dtype dtype, int ndim, const size_t *shape, const void *data);

struct npz_writer;
struct npz_writer *npz_begin(FILE *f, bool deflate);
void npz_add(struct npz_writer *w, const char *name, enum dtype dtype, int ndim, const size_t *shape,
             const void *data);
/*
 * An array as its numbers come, to a file that seeks.  Its first dimension may in the end be less
 * than was said.
 */
void npz_stream(struct npz_writer *w, const char *name, enum dtype dtype, int ndim, const size_t *shape);
void npz_stream_add(struct npz_writer *w, size_t count, const void *data);
void npz_stream_end(struct npz_writer *w, size_t n);
void npz_end(struct npz_writer *w); /* then out_commit(f) */

#define SHAPE(...) \
	(const size_t[]) \
	{ \
		__VA_ARGS__ \
	}

#endif
