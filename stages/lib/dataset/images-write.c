#include "dataset/images.h"
#include "io/npz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Sums are of whole numbers, so exact. */
void images_statistics(const struct images *im, float *mean, float *std)
{
	size_t pixels = (size_t)im->n * im->h * im->w;

	for (int k = 0; k < im->c; k++) {
		uint64_t sum = 0, squares = 0;
		double m;

		for (size_t i = 0; i < pixels; i++) {
			uint64_t v = im->pixels[i * im->c + k];

			sum += v;
			squares += v * v;
		}
		m = (double)sum / (double)pixels;
		mean[k] = (float)(m / 255);
		std[k] = (float)(sqrt((double)squares / (double)pixels - m * m) / 255);
		if (!(std[k] > 0))
			die("%s: all pixels of the training images are alike", im->path);
	}
}

static void write_rest(struct npz_writer *z, const struct images *im)
{
	size_t c = (size_t)im->c;

	npz_add(z, "labels", I32, 1, SHAPE((size_t)im->n), im->labels);
	npz_add(z, "classes", I32, 1, SHAPE(1), &im->classes);
	npz_add(z, "mean", F32, 1, SHAPE(c), im->mean);
	npz_add(z, "std", F32, 1, SHAPE(c), im->std);
	npz_end(z);
}

void images_write(const struct images *im, const uint32_t *order, size_t n, bool deflate, const char *path)
{
	size_t h = (size_t)im->h, w = (size_t)im->w, c = (size_t)im->c, size = h * w * c;
	uint8_t *pixels = xmalloc(n, size);
	struct images chosen = *im;
	FILE *f = out_open(path);
	struct npz_writer *z = npz_begin(f, deflate);

	chosen.n = (int)n;
	chosen.labels = xmalloc(n, sizeof *chosen.labels);
	for (size_t i = 0; i < n; i++) {
		memcpy(pixels + i * size, im->pixels + order[i] * size, size);
		chosen.labels[i] = im->labels[order[i]];
	}
	npz_add(z, "images", U8, 4, SHAPE(n, h, w, c), pixels);
	write_rest(z, &chosen);
	out_commit(f);
	free(pixels);
	free(chosen.labels);
}

struct images_writer {
	FILE *f;
	struct npz_writer *z;
	struct images im; /* n and labels: so far */
	size_t most;
};

struct images_writer *images_begin(const char *path, int classes, size_t most)
{
	struct images_writer *w = xmalloc(1, sizeof *w);

	w->f = out_open(path);
	w->z = npz_begin(w->f, false);
	w->im = (struct images){ .path = path, .c = 3, .classes = classes };
	w->im.labels = xmalloc(most, sizeof *w->im.labels);
	w->most = most;
	return w;
}

void images_add(struct images_writer *w, const uint8_t *pixels, int h, int width, int32_t label)
{
	struct images *im = &w->im;

	if (!im->n) {
		im->h = h;
		im->w = width;
		npz_stream(w->z, "images", U8, 4, SHAPE(w->most, (size_t)h, (size_t)width, (size_t)im->c));
	}
	npz_stream_add(w->z, (size_t)h * width * im->c, pixels);
	if (ferror(w->f)) /* a full disk is no reason to decode the rest */
		die("cannot write %s:", im->path);
	im->labels[im->n++] = label;
}

size_t images_end(struct images_writer *w, float *mean, float *std)
{
	size_t n = (size_t)w->im.n;

	npz_stream_end(w->z, n);
	w->im.mean = mean;
	w->im.std = std;
	write_rest(w->z, &w->im);
	out_commit(w->f);
	free(w->im.labels);
	free(w);
	return n;
}
