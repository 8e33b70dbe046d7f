/*
 * images.h - labelled images: the .npz that pack-images writes, and what a network reads of them.
 *
 *	images   u8  [n][h][w][c]
 *	labels   i32 [n], 0..classes-1
 *	classes  i32 [1]
 *	mean     f32 [c]        of the training images, in units of pixel / 255
 *	std      f32 [c]
 *
 * A network reads (pixel / 255 - mean) / std, as float32 NHWC, of a view: a part of the image as large as
 * its input, at its centre, or for training somewhere else (augment.h).
 *
 *	struct images im;
 *
 *	images_read(&im, "train.npz");
 *	images_check(&im, &graph);
 *	images_normalise(&im, weights.image_mean, weights.image_std);
 *	images_batch(&im, order, NULL, 64, net_input(net));
 *
 * Files that are not so, and images that do not fit a network, die in one line.
 */
#ifndef IMAGES_H
#define IMAGES_H

#include "model/graph.h"

#define CLASSES_MAX 1000000 /* a label beyond is a slip */

struct images {
	const char *path; /* for messages */
	int n, h, w, c, classes;
	const uint8_t *pixels; /* [n][h][w][c]; of an array that is not deflated, in the file (npz_map) */
	int32_t *labels;       /* [n] */
	float *mean, *std;     /* [c] */

	/* images_read and later: */
	float (*value)[256]; /* [c] the number that a network reads for a pixel value */
	int view_h, view_w;  /* size of a view: the whole image, or less after images_check */
	uint32_t sum;        /* checksum of the file, not of what is read of it */
};

/* --- reading ---------------------------------------------------------------------------------- */

void images_read(struct images *im, const char *path);
/* Views become as large as the input of the network, which images may exceed. */
void images_check(struct images *im, const struct graph *g);

/* Mean and std that a network was trained with; NULL: the images' own. */
void images_normalise(struct images *im, const float *mean, const float *std);
/* Text like 0.485,0.456,0.406: one number between min and 1 for each of c channels; false: it is not. */
bool images_channels(float *out, const char *text, int c, double min);

/*
 * The part of an image that is seen.  A hole, a square of the mean colour, hides some of it: its first row
 * and column are in pixels of the view, which it may exceed.
 */
struct view {
	int down, right; /* pixels off the centre */
	bool is_flipped; /* left and right change places */
	bool reflects;   /* outside the image is its reflection, without its outermost pixels; else black */
	int hole_down, hole_right, hole; /* hole: its side, or 0 */
};

/*
 * The images order[0..n-1], as a network reads them, into out [n][view_h][view_w][c].  views: [n], or NULL:
 * the centre, rounded up and left.  Computes on all threads.
 */
void images_batch(const struct images *im, const uint32_t *order, const struct view *views, int n,
                  float *out);

/* --- writing (images-write.c) ----------------------------------------------------------------- */

/* The mean and standard deviation of each channel, into [c] each.  Dies where all pixels are alike. */
void images_statistics(const struct images *im, float *mean, float *std);

/* The n images order[0..n-1] of im, as a file of their own.  Photographs hardly shrink when deflated. */
void images_write(const struct images *im, const uint32_t *order, size_t n, bool deflate, const char *path);

/* One image after the other, at most so many, all of the first one's size: */
struct images_writer *images_begin(const char *path, int classes, size_t most);
void images_add(struct images_writer *w, const uint8_t *pixels, int h, int width, int32_t label); /* RGB */
size_t images_end(struct images_writer *w, float *mean, float *std); /* how many there are */

#endif
