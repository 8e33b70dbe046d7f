#include "weights.h"
#include "rng.h"

#include <math.h>
#include <string.h>

static void alloc_layers(struct weights *w, const struct graph *g)
{
	*w = (struct weights){ .layers = g->layers, .layer = xmalloc((size_t)g->layers, sizeof *w->layer) };
}

static float *constant(int n, float value)
{
	float *x = xmalloc((size_t)n, sizeof *x);

	for (int i = 0; i < n; i++)
		x[i] = value;
	return x;
}

void weights_random(struct weights *w, const struct graph *g, uint64_t seed)
{
	struct rng rng = { seed, 0, RNG_WEIGHT_INIT };
	uint64_t drawn = 0;

	alloc_layers(w, g);
	for (int i = 0; i < g->layers; i++) {
		const struct layer *l = &g->layer[i];
		const struct node *n = &g->node[l->node];
		struct layer_weights *p = &w->layer[i];
		double sigma = sqrt(2.0 * l->cout / (double)l->weights);

		p->weight = xmalloc((size_t)l->weights, sizeof *p->weight);
		for (int64_t k = 0; k < l->weights; k++)
			p->weight[k] = (float)(sigma * rng_normal(rng, drawn++));
		p->bias = n->bias ? constant(l->cout, 0) : NULL;
		if (n->norm) {
			p->gamma = constant(l->cout, 1);
			p->beta = constant(l->cout, 0);
			p->mean = constant(l->cout, 0);
			p->variance = constant(l->cout, 1);
		}
	}
}

/* The arrays of a layer: name, where it is kept, whether it is there, whether one number per channel. */
struct entry { const char *kind; float **at; bool there; };

static void list_entries(struct entry e[6], const struct node *n, struct layer_weights *p)
{
	e[0] = (struct entry){ "weight", &p->weight, true };
	e[1] = (struct entry){ "bias", &p->bias, n->bias };
	e[2] = (struct entry){ "gamma", &p->gamma, n->norm };
	e[3] = (struct entry){ "beta", &p->beta, n->norm };
	e[4] = (struct entry){ "mean", &p->mean, n->norm };
	e[5] = (struct entry){ "variance", &p->variance, n->norm };
}

static int shape_of(const struct layer *l, const char *kind, size_t shape[4])
{
	shape[0] = (size_t)l->cout;
	if (strcmp(kind, "weight"))
		return 1;
	shape[1] = (size_t)(l->cin / l->groups);
	shape[2] = shape[3] = (size_t)l->kernel;
	return l->is_linear ? 2 : 4;
}

static float clip_or_zero(const struct npz *z, const char *layer, const char *kind)
{
	const char *name = xprintf("%s.%s", layer, kind);

	return npz_find(z, name) ? *(float *)npz_data(z, name, F32, 1, SHAPE(1)) : 0;
}

static void refuse_nonsense(const struct npz *z)
{
	for (size_t i = 0; i < z->n; i++)
		for (size_t k = 0; z->arrays[i].dtype == F32 && k < z->arrays[i].count; k++)
			if (!isfinite(((float *)z->arrays[i].data)[k]))
				die("%s: array '%s' holds a number that is not finite (element %zu)", z->path, z->arrays[i].name, k);
}

void weights_read(struct weights *w, const struct graph *g, const char *path)
{
	struct npz z;

	npz_read(&z, path);
	refuse_nonsense(&z);
	alloc_layers(w, g);
	for (int i = 0; i < g->layers; i++) {
		const struct layer *l = &g->layer[i];
		struct layer_weights *p = &w->layer[i];
		struct entry e[6];

		list_entries(e, &g->node[l->node], p);
		for (size_t k = 0; k < LEN(e); k++) {
			size_t shape[4];
			int ndim = shape_of(l, e[k].kind, shape);

			if (e[k].there)
				*e[k].at = npz_data(&z, xprintf("%s.%s", l->name, e[k].kind), F32, ndim, shape);
		}
		for (int k = 0; p->variance && k < l->cout; k++)
			if (p->variance[k] < 0)
				die("%s: array '%s.variance' holds a negative number (element %d)", path, l->name, k);
		p->weight_clip = clip_or_zero(&z, l->name, "weight_clip");
		p->activation_clip = clip_or_zero(&z, l->name, "activation_clip");
		w->has_clips |= p->activation_clip > 0;
	}
}

void weights_write(const struct weights *w, const struct graph *g, const char *path)
{
	FILE *f = out_open(path);
	struct npz_writer *z = npz_begin(f, true);

	for (int i = 0; i < g->layers; i++) {
		const struct layer *l = &g->layer[i];
		struct layer_weights *p = &w->layer[i];
		struct entry e[6];

		list_entries(e, &g->node[l->node], p);
		for (size_t k = 0; k < LEN(e); k++) {
			size_t shape[4];
			int ndim = shape_of(l, e[k].kind, shape);

			if (e[k].there)
				npz_add(z, xprintf("%s.%s", l->name, e[k].kind), F32, ndim, shape, *e[k].at);
		}
		if (w->has_clips) {
			npz_add(z, xprintf("%s.weight_clip", l->name), F32, 1, SHAPE(1), &p->weight_clip);
			npz_add(z, xprintf("%s.activation_clip", l->name), F32, 1, SHAPE(1), &p->activation_clip);
		}
	}
	npz_end(z);
	out_commit(f);
}
