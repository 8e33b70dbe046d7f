/* inputs.c - fixed inputs, by a generator of their own. */
#include "numbers.h"

#include <math.h>

#define NETWORK "data/networks/tiny-fashion.csv"

/* splitmix64 */
uint64_t some_bits(uint64_t stream, uint64_t i)
{
	uint64_t z = (stream << 32) + (i + 1) * UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/*
 * The sum of 12 uniform numbers of 5 bits each, and one of 16 bits between two of these sums, so that none
 * lies just between two levels of a quantizer.  No mathematical library takes part.
 */
float *some_numbers(size_t n, uint64_t stream)
{
	float *x = xmalloc(n, sizeof *x);

	for (size_t i = 0; i < n; i++) {
		uint64_t bits = some_bits(stream, i);
		int sum = 0;

		for (int k = 0; k < 12; k++, bits >>= 5)
			sum += (int)(bits & 31);
		x[i] = ((float)sum - 186.5f + (float)(some_bits(~stream, i) >> 48) * 0x1p-16f) / 32;
	}
	return x;
}

static void scale(float *x, int64_t n, float base, float factor, uint64_t stream)
{
	float *drawn = some_numbers((size_t)n, stream);

	for (int64_t i = 0; x && i < n; i++)
		x[i] = base + factor * drawn[i];
}

void some_network(struct graph *g, struct weights *w)
{
	graph_read(g, NETWORK);
	weights_random(w, g, 1, 1);
	for (int i = 0; i < g->layers; i++) {
		const struct layer *l = &g->layer[i];
		struct layer_weights *p = &w->layer[i];
		uint64_t stream = 100 + 10 * (uint64_t)i;

		scale(p->weight, l->weights, 0, sqrtf(2 * (float)l->cout / (float)l->weights), stream);
		scale(p->bias, l->cout, 0, 0.3f, stream + 1);
		scale(p->gamma, l->cout, 1, 0.1f, stream + 2);
		scale(p->beta, l->cout, 0.2f, 0.3f, stream + 3);
		scale(p->mean, l->cout, 0, 0.2f, stream + 4);
		scale(p->variance, l->cout, 1, 0.1f, stream + 5);
		p->activation_clip = 2;
		p->weight_clips = 1;
		p->weight_clip = xmalloc(1, sizeof *p->weight_clip);
		*p->weight_clip = 2 * sqrtf(2 * (float)l->cout / (float)l->weights);
	}
	w->has_clips = true;
}

struct policy some_policy(const struct graph *g)
{
	struct policy p = policy_uniform(g, 4, 4);

	for (int i = 0; i < g->layers; i++)
		if (g->layer[i].is_searched)
			p.bits[i] = (struct bits){ (unsigned char)(3 + i % 4), (unsigned char)(4 + i % 3) };
	return p;
}
