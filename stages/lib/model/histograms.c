#include "model/histograms.h"
#include "io/npz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REVISION 1 /* raise when the numbers change */

void histogram_add(struct histogram *h, const float *x, size_t n)
{
	float scale = h->max > 0 ? HISTOGRAM_BINS / (float)h->max : 0;

	for (size_t i = 0; i < n; i++) {
		float at = fabsf(x[i]) * scale; /* NaN where max is so small that scale is infinite */

		h->bin[at < HISTOGRAM_BINS ? (int)at : HISTOGRAM_BINS - 1]++;
	}
}

void histogram_of(struct histogram *h, const float *x, size_t n)
{
	float max = 0;

	memset(h, 0, sizeof *h);
	for (size_t i = 0; i < n; i++)
		max = fabsf(x[i]) > max ? fabsf(x[i]) : max;
	h->max = max;
	histogram_add(h, x, n);
}

void histograms_write(const struct histogram *h, const struct graph *g, const char *path)
{
	size_t layers = (size_t)g->layers;
	double *bins = xmalloc(layers * HISTOGRAM_BINS, sizeof *bins), *max = xmalloc(layers, sizeof *max);
	FILE *f = out_open(path);
	struct npz_writer *z = npz_begin(f, true);

	for (size_t i = 0; i < layers; i++) {
		max[i] = h[i].max;
		memcpy(bins + i * HISTOGRAM_BINS, h[i].bin, sizeof h[i].bin);
	}
	npz_add(z, "maxima", F64, 1, SHAPE(layers), max);
	npz_add(z, "histograms", F64, 2, SHAPE(layers, HISTOGRAM_BINS), bins);
	npz_end(z);
	out_commit(f);
	free(bins);
	free(max);
}

struct histogram *histograms_read(const struct graph *g, const char *path)
{
	const size_t layers = (size_t)g->layers;
	struct histogram *h = xmalloc(layers, sizeof *h);
	struct npz z;
	double *max, *bins;

	npz_read(&z, path);
	max = npz_data(&z, "maxima", F64, 1, SHAPE(layers));
	bins = npz_data(&z, "histograms", F64, 2, SHAPE(layers, HISTOGRAM_BINS));
	for (size_t i = 0; i < layers; i++) {
		h[i].max = max[i];
		memcpy(h[i].bin, bins + i * HISTOGRAM_BINS, sizeof h[i].bin);
		for (int k = 0; k < HISTOGRAM_BINS; k++)
			if (!(h[i].bin[k] >= 0 && h[i].bin[k] < 1e15))
				die("%s: the histogram of layer '%s' holds a count that is none", path,
				    g->layer[i].name);
		if (!(max[i] > 0 && max[i] < 1e30))
			die("%s: layer '%s' read nothing but zeros, or numbers that are not finite", path,
			    g->layer[i].name);
	}
	npz_free(&z);
	return h;
}
