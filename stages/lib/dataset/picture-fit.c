#include "dataset/picture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WEIGHT_BITS 22

/* Inputs of n outputs along one axis: count[i] of them from first[i] on, and their weights. */
struct taps {
	int n, width;
	int *first, *count; /* [n] */
	int32_t *weight;    /* [n][width], each row sums to about 1 << WEIGHT_BITS */
};

static struct taps taps_of(int in, int out, int from, int n)
{
	double scale = (double)in / out, support = scale > 1 ? scale : 1;
	struct taps t = { .n = n, .width = (int)ceil(support) * 2 + 1 };
	double *w = xmalloc((size_t)t.width, sizeof *w);

	t.first = xmalloc((size_t)n, sizeof *t.first);
	t.count = xmalloc((size_t)n, sizeof *t.count);
	t.weight = xmalloc((size_t)n * t.width, sizeof *t.weight);
	for (int i = 0; i < n; i++) {
		double centre = (from + i + 0.5) * scale, sum = 0;
		int low = (int)fmax(centre - support + 0.5, 0), high = (int)fmin(centre + support + 0.5, in);

		t.first[i] = low;
		t.count[i] = high - low;
		for (int x = low; x < high; x++) {
			w[x - low] = fmax(1 - fabs((x - centre + 0.5) * (1 / support)), 0);
			sum += w[x - low];
		}
		for (int x = 0; x < high - low; x++)
			t.weight[(size_t)i * t.width + x] = (int32_t)(0.5 + w[x] / sum * (1 << WEIGHT_BITS));
	}
	free(w);
	return t;
}

static void taps_free(struct taps *t)
{
	free(t->first);
	free(t->count);
	free(t->weight);
}

static uint8_t rounded(int32_t sum)
{
	int32_t x = (sum + (1 << (WEIGHT_BITS - 1))) >> WEIGHT_BITS;

	return (uint8_t)(x > 255 ? 255 : x);
}

/* Resamples a row of pixels: in [..][3] to out [t->n][3]. */
static void along_row(uint8_t *out, const uint8_t *in, const struct taps *t)
{
	for (int i = 0; i < t->n; i++) {
		const int32_t *w = t->weight + (size_t)i * t->width;
		const uint8_t *p = in + (size_t)t->first[i] * 3;
		int32_t r = 0, g = 0, b = 0;

		for (int x = 0; x < t->count[i]; x++, p += 3) {
			r += w[x] * p[0];
			g += w[x] * p[1];
			b += w[x] * p[2];
		}
		*out++ = rounded(r);
		*out++ = rounded(g);
		*out++ = rounded(b);
	}
}

/* Resamples columns: in [rows from `top` on][n] to out [t->n][n], where n counts bytes of a row. */
static void along_columns(uint8_t *out, const uint8_t *in, int top, size_t n, const struct taps *t)
{
	int32_t *sum = xmalloc(n, sizeof *sum);

	for (int i = 0; i < t->n; i++) {
		memset(sum, 0, n * sizeof *sum);
		for (int y = 0; y < t->count[i]; y++) {
			const uint8_t *row = in + (size_t)(t->first[i] + y - top) * n;
			int32_t w = t->weight[(size_t)i * t->width + y];

			for (size_t x = 0; x < n; x++)
				sum[x] += w * row[x];
		}
		for (size_t x = 0; x < n; x++)
			*out++ = rounded(sum[x]);
	}
	free(sum);
}

/* The pixels of `in`, scaled to h x w, that are inside of the window. */
static void resample(struct picture *window, int top, int left, const struct picture *in, int h, int w)
{
	struct taps columns = taps_of(in->w, w, left, window->w), rows = taps_of(in->h, h, top, window->h);
	int first = rows.first[0], last = rows.first[rows.n - 1] + rows.count[rows.n - 1];
	size_t n = (size_t)window->w * 3;
	uint8_t *between = xmalloc((size_t)(last - first), n);

	for (int y = first; y < last; y++)
		along_row(between + (size_t)(y - first) * n, in->rgb + (size_t)y * in->w * 3, &columns);
	along_columns(window->rgb, between, first, n, &rows);
	free(between);
	taps_free(&columns);
	taps_free(&rows);
}

const char *picture_fit(struct picture *out, const struct picture *in, int resize, int crop)
{
	int shorter = in->h < in->w ? in->h : in->w, longer = in->h < in->w ? in->w : in->h;
	int64_t long_side = resize ? (int64_t)resize * longer / shorter : longer,
		short_side = resize ? resize : shorter;
	int h, w;

	*out = (struct picture){ 0 };
	if (long_side > INT32_MAX)
		return error_text("%jd x %jd pixels after resizing, more than %d along a side",
		                  (intmax_t)(in->h < in->w ? short_side : long_side),
		                  (intmax_t)(in->h < in->w ? long_side : short_side), INT32_MAX);
	h = (int)(in->h < in->w ? short_side : long_side);
	w = (int)(in->h < in->w ? long_side : short_side);
	if (crop > short_side)
		return error_text("%d x %d pixels%s, less than the crop of %d", w, h,
		                  resize ? " after resizing" : "", crop);
	if (!crop && (size_t)(short_side * long_side) > PICTURE_PIXELS_MAX)
		return error_text("%d x %d pixels after resizing, more than %zu", w, h, PICTURE_PIXELS_MAX);
	out->h = crop ? crop : h;
	out->w = crop ? crop : w;
	out->rgb = xmalloc((size_t)out->h * out->w, 3);
	resample(out, (h - out->h) / 2, (w - out->w) / 2, in, h, w);
	return NULL;
}
