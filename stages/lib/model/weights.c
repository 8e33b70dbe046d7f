#include "model/weights.h"
#include "model/kmeans.h"
#include "model/quantizer.h"
#include "core/rng.h"
#include "core/threads.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REVISION 1 /* raise when the numbers change */

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

void weights_random(struct weights *w, const struct graph *g, double gain, uint64_t seed)
{
	struct rng rng = { seed, 0, RNG_WEIGHT_INIT };
	uint64_t drawn = 0;

	alloc_layers(w, g);
	for (int i = 0; i < g->layers; i++) {
		const struct layer *l = &g->layer[i];
		const struct node *n = &g->node[l->node];
		struct layer_weights *p = &w->layer[i];
		double sigma = gain * sqrt(2.0 * l->cout / (double)l->weights);

		p->weight = xmalloc((size_t)l->weights, sizeof *p->weight);
		for (int64_t k = 0; k < l->weights; k++)
			p->weight[k] = (float)(sigma * rng_normal(rng, drawn++));
		p->bias = n->bias ? constant(l->cout, 0) : NULL;
		if (n->batch_norm) {
			p->gamma = constant(l->cout, 1);
			p->beta = constant(l->cout, 0);
			p->mean = constant(l->cout, 0);
			p->variance = constant(l->cout, 1);
		}
	}
}

/* An array of a layer: its name in the file, where it is kept, its shape. */
struct entry {
	char *name;
	float **at;
	int ndim;
	size_t shape[4];
};

/* The arrays that a layer has; returns how many. */
static int list_entries(struct entry e[6], const struct graph *g, int layer, struct layer_weights *p)
{
	const struct layer *l = &g->layer[layer];
	const struct node *n = &g->node[l->node];
	const struct {
		const char *kind;
		float **at;
		bool there;
	} all[6] = {
		{ "weight", &p->weight, true },        { "bias", &p->bias, n->bias },
		{ "gamma", &p->gamma, n->batch_norm }, { "beta", &p->beta, n->batch_norm },
		{ "mean", &p->mean, n->batch_norm },   { "variance", &p->variance, n->batch_norm },
	};
	size_t cin = (size_t)(l->cin / l->groups), k = (size_t)l->kernel;
	int count = 0;

	for (size_t i = 0; i < LEN(all); i++)
		if (all[i].there)
			e[count++] = (struct entry){ xprintf("%s.%s", l->name, all[i].kind),
				                     all[i].at,
				                     i              ? 1
				                     : l->is_linear ? 2
				                                    : 4,
				                     { (size_t)l->cout, cin, k, k } };
	return count;
}

/* One number, or one for each channel; NULL where the file has none. */
static float *read_clips(const struct npz *z, const struct layer *l, const char *kind, int most, int *count)
{
	const char *name = xprintf("%s.%s", l->name, kind);
	const struct array *a = npz_find(z, name);

	*count = 0;
	if (!a)
		return NULL;
	*count = a->ndim == 1 && a->shape[0] == (size_t)most ? most : 1;
	return npz_data(z, name, F32, 1, SHAPE((size_t)*count));
}

static float read_activation_clip(const struct npz *z, const struct layer *l)
{
	int count;
	const float *clip = read_clips(z, l, "activation_clip", 1, &count);

	return clip ? *clip : 0;
}

static uint8_t *read_clusters(const struct npz *z, const struct layer *l, const struct entry *weight)
{
	const char *name = xprintf("%s.cluster", l->name);

	return npz_find(z, name) ? npz_data(z, name, U8, weight->ndim, weight->shape) : NULL;
}

static void refuse_nonsense(const struct npz *z)
{
	for (size_t i = 0; i < z->n; i++)
		for (size_t k = 0; z->arrays[i].dtype == F32 && k < z->arrays[i].count; k++)
			if (!isfinite(((float *)z->arrays[i].data)[k]))
				die("%s: array '%s' holds a number that is not finite (element %zu)", z->path,
				    z->arrays[i].name, k);
}

/* Mean or deviation of the input node's channels; NULL where the file has none. */
static float *read_image(const struct npz *z, const struct node *input, const char *kind)
{
	char *name = xprintf("%s.%s", input->name, kind);
	float *x = npz_find(z, name) ? npz_data(z, name, F32, 1, SHAPE((size_t)input->channels)) : NULL;

	free(name);
	return x;
}

void weights_read(struct weights *w, const struct graph *g, const char *path)
{
	struct npz z;

	npz_read(&z, path);
	refuse_nonsense(&z);
	alloc_layers(w, g);
	w->path = path;
	w->image_mean = read_image(&z, &g->node[0], "mean");
	w->image_std = read_image(&z, &g->node[0], "std");
	if (!w->image_mean != !w->image_std)
		die("%s: '%s' has a mean or a std alone", path, g->node[0].name);
	for (int i = 0; i < g->layers; i++) {
		const struct layer *l = &g->layer[i];
		struct layer_weights *p = &w->layer[i];
		struct entry e[6];

		for (int k = 0, n = list_entries(e, g, i, p); k < n; k++)
			*e[k].at = npz_data(&z, e[k].name, F32, e[k].ndim, e[k].shape);
		p->cluster = read_clusters(&z, l, &e[0]);
		for (int k = 0; p->variance && k < l->cout; k++)
			if (p->variance[k] < 0)
				die("%s: array '%s.variance' holds a negative number (element %d)", path,
				    l->name, k);
		p->weight_clip = read_clips(&z, l, "weight_clip", l->cout, &p->weight_clips);
		for (int k = 0; k < p->weight_clips; k++)
			if (p->weight_clip[k] < 0)
				die("%s: array '%s.weight_clip' holds a negative number (element %d)", path,
				    l->name, k);
		p->activation_clip = read_activation_clip(&z, l);
		if ((p->activation_clip > 0) != (p->weight_clips > 0))
			die("%s: layer '%s' has a range for %s alone", path, l->name,
			    p->weight_clips ? "weights" : "activations");
		w->has_clips |= p->activation_clip > 0;
	}
}

/* Takes the name: checkpoints are written for days. */
static void add(struct npz_writer *z, char *name, enum dtype dtype, int ndim, const size_t *shape,
                const void *x)
{
	npz_add(z, name, dtype, ndim, shape, x);
	free(name);
}

void weights_add(const struct weights *w, const struct graph *g, struct npz_writer *z)
{
	const struct node *input = &g->node[0];

	if (w->image_mean) {
		add(z, xprintf("%s.mean", input->name), F32, 1, SHAPE((size_t)input->channels),
		    w->image_mean);
		add(z, xprintf("%s.std", input->name), F32, 1, SHAPE((size_t)input->channels), w->image_std);
	}
	for (int i = 0; i < g->layers; i++) {
		struct layer_weights *p = &w->layer[i];
		const char *name = g->layer[i].name;
		struct entry e[6];

		for (int k = 0, n = list_entries(e, g, i, p); k < n; k++)
			add(z, e[k].name, F32, e[k].ndim, e[k].shape, *e[k].at);
		if (p->cluster)
			add(z, xprintf("%s.cluster", name), U8, e[0].ndim, e[0].shape, p->cluster);
		if (w->has_clips && p->weight_clips) {
			add(z, xprintf("%s.weight_clip", name), F32, 1, SHAPE((size_t)p->weight_clips),
			    p->weight_clip);
			add(z, xprintf("%s.activation_clip", name), F32, 1, SHAPE(1), &p->activation_clip);
		}
	}
}

void weights_write(const struct weights *w, const struct graph *g, const char *path)
{
	FILE *f = out_open(path);
	struct npz_writer *z = npz_begin(f, true);

	weights_add(w, g, z);
	npz_end(z);
	out_commit(f);
}

/* --- at the bits of a policy ----------------------------------------------------------------- */

static float clip_of(const struct layer_weights *w, int channel)
{
	return w->weight_clip[w->weight_clips > 1 ? channel : 0];
}

void weights_quantize(const struct layer_weights *w, const struct layer *l, const struct policy *p, int layer,
                      float *out)
{
	size_t each = (size_t)(l->weights / l->cout);

	for (size_t k = 0; k < (size_t)l->cout; k++)
		quantize_weights(w->weight + k * each, each, policy_kernel_bits(p, layer, (int)k),
		                 clip_of(w, (int)k), out + k * each);
}

void weights_to_integers(const struct layer_weights *w, const struct layer *l, const struct policy *p,
                         int layer, int8_t *out, float *step)
{
	size_t each = (size_t)(l->weights / l->cout);

	for (size_t k = 0; k < (size_t)l->cout; k++)
		step[k] =
			quantize_to_integers(w->weight + k * each, each, policy_kernel_bits(p, layer, (int)k),
		                             clip_of(w, (int)k), out + k * each);
}

bool weights_have_codebook(const struct weights *w)
{
	for (int i = 0; i < w->layers; i++)
		if (w->layer[i].cluster)
			return true;
	return false;
}

static void set_to_means(float *weight, const uint8_t *cluster, size_t n)
{
	double sum[KMEANS_MOST] = { 0 };
	size_t count[KMEANS_MOST] = { 0 };

	for (size_t i = 0; i < n; i++) {
		sum[cluster[i]] += (double)weight[i];
		count[cluster[i]]++;
	}
	for (int k = 0; k < KMEANS_MOST; k++)
		sum[k] /= count[k] ? (double)count[k] : 1;
	for (size_t i = 0; i < n; i++)
		weight[i] = (float)sum[cluster[i]];
}

void weights_apply_codebook(struct weights *w, const struct graph *g)
{
#pragma omp parallel for schedule(dynamic) num_threads(threads())
	for (int i = 0; i < w->layers; i++)
		if (w->layer[i].cluster)
			set_to_means(w->layer[i].weight, w->layer[i].cluster, (size_t)g->layer[i].weights);
}

void weights_fold(const struct layer_weights *w, int channels, const float *mean, const float *variance,
                  float *scale, float *shift)
{
	for (int k = 0; k < channels; k++) {
		float bias = w->bias ? w->bias[k] : 0;

		scale[k] = w->gamma ? w->gamma[k] * (1 / sqrtf(variance[k] + BATCH_NORM_EPSILON)) : 1;
		shift[k] = w->gamma ? w->beta[k] - (mean[k] - bias) * scale[k] : bias;
	}
}
