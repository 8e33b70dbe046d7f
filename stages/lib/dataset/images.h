/*
 * images.h - labelled images, as the .npz that pack-images writes.
 *
 *	images   u8  [n][h][w][c]
 *	labels   i32 [n], 0..classes-1
 *	classes  i32 [1]
 *	mean     f32 [c]        of the training images, in units of pixel / 255
 *	std      f32 [c]
 */
#ifndef IMAGES_H
#define IMAGES_H

#include "model/graph.h"

#define CLASSES_MAX 1000000 /* labels beyond that are a slip */

struct images {
	const char *path; /* for messages */
	int n, h, w, c, classes;
	const uint8_t *pixels; /* [n][h][w][c]; of a stored array, in the file itself (npz_map) */
	int32_t *labels;       /* [n] */
	float *mean, *std;     /* [c] */
	/* [c] what a network reads for each pixel value: (pixel / 255 - mean) / std */
	float (*value)[256];
	/* what a network reads of an image: all of it, or less (images_check) */
	int view_h, view_w;
	uint32_t sum; /* tells a file of other images, not what is read of them */
};

/*
 * Where a view lies, beside the image's centre; whether left and right change places; whether what
 * lies outside of the image reflects it (its outermost pixels are not repeated), or is black; and
 * a square of the mean colour that hides some of it: its first row and column in the view, which it may
 * exceed, and its side.
 */
struct view {
	int down, right;
	bool is_flipped, reflects;
	int hole_down, hole_right, hole;
};

void images_read(struct images *im, const char *path); /* dies */
/* Views become as large as what the network reads, which images may exceed; dies where they do not fit it. */
void images_check(struct images *im, const struct graph *g);

/* What a network reads where it wants another mean and std than the images' own; NULL: theirs.  Dies. */
void images_normalise(struct images *im, const float *mean, const float *std);
/* As text, 0.485,0.456,0.406: one number between min and 1 for each of c channels; false: it is not. */
bool images_channels(float *out, const char *text, int c, double min);

/*
 * The images order[0..n-1] as a network reads them: (pixel / 255 - mean) / std into out
 * [n][view_h][view_w][c]. views: [n], NULL: the centre, rounded up and left.
 */
void images_batch(const struct images *im, const uint32_t *order, const struct view *views, int n,
                  float *out);

#endif
