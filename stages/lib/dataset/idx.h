/*
 * idx.h - grey images as MNIST is distributed, Fashion-MNIST among them.
 *
 * {train,t10k}-images-idx3-ubyte and -labels-idx1-ubyte, with or without .gz.  IDX: two zero bytes,
 * type (8: unsigned bytes, the only one read), number of dimensions, their sizes as big-endian
 * 32-bit numbers, then the bytes.
 */
#ifndef IDX_H
#define IDX_H

#include "core/base.h"

struct idx_images {
	int n, h, w, classes;  /* classes: the largest label and one */
	const uint8_t *pixels; /* [n][h][w] */
	int32_t *labels;       /* [n] */
};

/* The training or the test images of a directory.  Dies. */
struct idx_images idx_read(const char *dir, bool train);

/* The array of a file. */
struct idx {
	int ndim;
	size_t shape[4];
	size_t count;              /* product of the shape */
	const unsigned char *data; /* in the bytes that were parsed */
};

/* Both return NULL, or the error. */
const char *idx_parse(struct idx *x, const unsigned char *bytes, size_t size);
/* Unpacks gzip into *out, of malloc; the cap keeps a small file from filling the memory. */
const char *gunzip(unsigned char **out, size_t *out_size, const unsigned char *bytes, size_t size,
                   size_t cap);

#endif
