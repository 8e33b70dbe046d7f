/*
 * images.h - labelled images: the .npz that pack-images writes, and the IDX files it reads.
 *
 *	images   u8  [n][h][w][c]
 *	labels   i32 [n], 0..classes-1
 *	classes  i32 [1]
 *	mean     f32 [c]        of the training images, in units of pixel / 255
 *	std      f32 [c]
 *
 * IDX is the format of MNIST: two zero bytes, type (8: unsigned bytes, the only one read), number of
 * dimensions, their sizes as big-endian 32-bit numbers, then the bytes.
 */
#ifndef IMAGES_H
#define IMAGES_H

#include "graph.h"

struct images {
	const char *path;               /* for messages */
	int n, h, w, c, classes;
	const uint8_t *pixels;          /* [n][h][w][c]; of a stored array, in the file itself (npz_map) */
	int32_t *labels;                /* [n] */
	float *mean, *std;              /* [c] */
	float (*value)[256];            /* [c] what a network reads for each pixel value: (pixel / 255 - mean) / std */
};

void images_read(struct images *im, const char *path);                  /* dies */
void images_check(const struct images *im, const struct graph *g);      /* dies where they do not fit the network */

/* The images order[0..n-1] as a network reads them: (pixel / 255 - mean) / std into out [n][h][w][c]. */
void images_batch(const struct images *im, const uint32_t *order, int n, float *out);

struct idx {
	int ndim;
	size_t shape[4];
	size_t count;                   /* product of the shape */
	const unsigned char *data;      /* inside of the bytes that were parsed */
};

const char *idx_parse(struct idx *x, const unsigned char *bytes, size_t size);  /* NULL, or the error */

/* Unpack gzip into *out, of malloc; a cap keeps a small file from filling the memory.  NULL, or the error. */
const char *gunzip(unsigned char **out, size_t *out_size, const unsigned char *bytes, size_t size, size_t cap);

#endif
