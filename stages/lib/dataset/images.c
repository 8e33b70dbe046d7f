#include "dataset/images.h"
#include "io/npz.h"
#include "core/threads.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define REVISION 1 /* raise when the numbers change */

#define SIDE_MAX 65536

static void check_shape(const struct array *pixels, const char *path)
{
	const size_t *s = pixels->shape;

	if (pixels->ndim != 4 || pixels->dtype != U8)
		die("%s: array 'images' must hold bytes [n][h][w][c]", path);
	if (!pixels->count || s[0] > INT_MAX || s[1] > SIDE_MAX || s[2] > SIDE_MAX || s[3] > SIDE_MAX ||
	    pixels->count / s[0] > INT_MAX)
		die("%s: array 'images' of %zu x %zu x %zu x %zu is empty or too large", path, s[0], s[1],
		    s[2], s[3]);
}

static void check_values(const struct images *im)
{
	if (im->classes < 1 || im->classes > CLASSES_MAX)
		die("%s: %d classes; expected 1 to %d", im->path, im->classes, CLASSES_MAX);
	for (int i = 0; i < im->n; i++)
		if (im->labels[i] < 0 || im->labels[i] >= im->classes)
			die("%s: label %d of image %d is not in 0..%d", im->path, im->labels[i], i,
			    im->classes - 1);
}

void images_normalise(struct images *im, const float *mean, const float *std)
{
	const char *whose = mean ? ", which the network's weights say," : "";

	if (mean)
		note("%s: mean and std are those that the network was trained with", im->path);
	mean = mean ? mean : im->mean;
	std = std ? std : im->std;
	for (int k = 0; k < im->c; k++) {
		if (!(mean[k] >= 0 && mean[k] <= 1 && std[k] > 0 && std[k] <= 1))
			die("%s: mean %g and std %g of channel %d%s are not those of images", im->path,
			    (double)mean[k], (double)std[k], k, whose);
		for (int x = 0; x < 256; x++)
			im->value[k][x] = ((float)x / 255 - mean[k]) / std[k];
	}
}

void images_read(struct images *im, const char *path)
{
	const struct array *pixels;
	struct npz z;

	npz_map(&z, path);
	if (!(pixels = npz_find(&z, "images")))
		die("%s: no array 'images'", path);
	check_shape(pixels, path);
	*im = (struct images){
		.path = path,
		.n = (int)pixels->shape[0],
		.h = (int)pixels->shape[1],
		.w = (int)pixels->shape[2],
		.c = (int)pixels->shape[3],
		.pixels = pixels->data,
		.labels = npz_data(&z, "labels", I32, 1, SHAPE(pixels->shape[0])),
		.classes = *(int32_t *)npz_data(&z, "classes", I32, 1, SHAPE(1)),
		.mean = npz_data(&z, "mean", F32, 1, SHAPE(pixels->shape[3])),
		.std = npz_data(&z, "std", F32, 1, SHAPE(pixels->shape[3])),
	};
	for (size_t i = 0; i < z.n; i++)
		im->sum =
			(uint32_t)crc32_z(im->sum, (unsigned char *)&z.arrays[i].crc, sizeof z.arrays[i].crc);
	check_values(im);
	im->view_h = im->h;
	im->view_w = im->w;
	im->value = xmalloc((size_t)im->c, sizeof *im->value);
	images_normalise(im, NULL, NULL);
}

void images_check(struct images *im, const struct graph *g)
{
	const struct node *in = &g->node[0], *end = &g->node[g->nodes - 1];

	if (end->h != 1 || end->w != 1)
		die("%s: the last node, '%s', gives %d x %d numbers a class; expected one", g->path,
		    end->name, end->h, end->w);
	if (im->h < in->h || im->w < in->w || im->c != in->channels)
		die("%s: images of %d x %d x %d, where %s reads %d x %d x %d", im->path, im->h, im->w, im->c,
		    g->path, in->h, in->w, in->channels);
	if (im->classes > graph_classes(g))
		die("%s: %d classes, where %s tells %d apart", im->path, im->classes, g->path,
		    graph_classes(g));
	im->view_h = in->h;
	im->view_w = in->w;
	if (im->h != in->h || im->w != in->w)
		note("%s: of %d x %d pixels, %s reads %d x %d", im->path, im->h, im->w, g->path, in->h,
		     in->w);
}

bool images_channels(float *out, const char *text, int c, double min)
{
	char *end;

	for (int n = 0; n < c; n++, text = end + 1) {
		double x = strtod(text, &end);

		if (end == text || !(x >= min && x <= 1) || *end != (n + 1 < c ? ',' : '\0'))
			return false;
		out[n] = (float)x;
	}
	return true;
}

/* The pixel, of n, that is seen at x where the first and the last are mirrors. */
static int reflected(int x, int n)
{
	int period = n > 1 ? 2 * (n - 1) : 1;

	x = abs(x) % period;
	return x < n ? x : period - x;
}

static void read_view(const struct images *im, const uint8_t *pixels, struct view v, float *out)
{
	int top = (im->h - im->view_h) / 2 + v.down, left = (im->w - im->view_w) / 2 + v.right, c = im->c;

	for (int row = 0; row < im->view_h; row++)
		for (int i = 0; i < im->view_w; i++) {
			int x = left + (v.is_flipped ? im->view_w - 1 - i : i), y = top + row;
			bool is_inside;

			if (v.reflects) {
				x = reflected(x, im->w);
				y = reflected(y, im->h);
			}
			is_inside = y >= 0 && y < im->h && x >= 0 && x < im->w;
			for (int k = 0; k < c; k++)
				*out++ =
					im->value[k][is_inside ? pixels[((size_t)y * im->w + x) * c + k] : 0];
		}
}

static bool is_in_hole(int at, int first, int side)
{
	return at >= first && at < first + side;
}

/* A hole is 0: so networks read the mean colour. */
static void cut_out(const struct images *im, struct view v, float *out)
{
	for (int y = 0; v.hole && y < im->view_h; y++)
		for (int x = 0; x < im->view_w; x++, out += im->c)
			if (is_in_hole(y, v.hole_down, v.hole) && is_in_hole(x, v.hole_right, v.hole))
				memset(out, 0, (size_t)im->c * sizeof *out);
}

void images_batch(const struct images *im, const uint32_t *order, const struct view *views, int n, float *out)
{
	size_t size = (size_t)im->h * im->w * im->c, view = (size_t)im->view_h * im->view_w * im->c;

#pragma omp parallel for num_threads(threads())
	for (int i = 0; i < n; i++) {
		if (order[i] >= (uint32_t)im->n)
			BUG("image %u of %d", order[i], im->n);
		read_view(im, im->pixels + order[i] * size, views ? views[i] : (struct view){ 0 },
		          out + (size_t)i * view);
		if (views)
			cut_out(im, views[i], out + (size_t)i * view);
	}
}
