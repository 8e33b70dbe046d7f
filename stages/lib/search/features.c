#include "search/features.h"
#include "io/npz.h"

#define REVISION 1 /* raise when the numbers change */

static void describe(const struct layer *l, int k, double row[FEATURES])
{
	row[0] = k;
	row[1] = l->cin;
	row[2] = l->cout;
	row[3] = l->kernel;
	row[4] = l->is_linear ? 0 : l->stride;
	row[5] = l->is_linear ? l->cin : (double)l->hin * l->win;
	row[6] = (double)l->weights;
	row[7] = l->is_depthwise;
	row[FEATURE_IS_ACTIVATION] = row[FEATURE_LAST_ACTION] = 0;
}

static void normalise(double (*row)[FEATURES], int rows, int column, float (*out)[FEATURES])
{
	double min = row[0][column], max = min;

	for (int k = 1; k < rows; k++) {
		min = row[k][column] < min ? row[k][column] : min;
		max = row[k][column] > max ? row[k][column] : max;
	}
	for (int k = 0; k < rows; k++)
		out[k][column] = (float)(max > min ? (row[k][column] - min) / (max - min) : max != 0);
}

void features_of(struct features *f, const struct graph *g)
{
	double(*row)[FEATURES] = xmalloc((size_t)g->layers, sizeof *row);

	*f = (struct features){ g->layers, xmalloc((size_t)g->layers, sizeof *f->row) };
	for (int k = 0; k < g->layers; k++)
		describe(&g->layer[k], k, row[k]);
	for (int column = 0; column < FEATURES; column++)
		normalise(row, g->layers, column, f->row);
}

void features_write(const struct features *f, const char *path)
{
	npy_write(path, F32, 2, SHAPE((size_t)f->layers, FEATURES), f->row);
}

void features_read(struct features *f, const struct graph *g, const char *path)
{
	struct array a;

	npy_read(&a, path);
	if (a.dtype != F32 || a.ndim != 2 || a.shape[0] != (size_t)g->layers || a.shape[1] != FEATURES)
		die("%s: expected float32 [%d][%d], a row for each layer of %s", path, g->layers, FEATURES,
		    g->path);
	for (size_t i = 0; i < a.count; i++)
		if (!(((float *)a.data)[i] >= 0 && ((float *)a.data)[i] <= 1))
			die("%s: element %zu is not in 0..1", path, i);
	*f = (struct features){ g->layers, a.data };
}
