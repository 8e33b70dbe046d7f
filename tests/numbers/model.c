#include "numbers.h"
#include "model/fusion.h"
#include "model/histograms.h"
#include "model/kmeans.h"
#include "model/quantizer.h"

#include <stdlib.h>

static void clips(void)
{
	static const char *const rules[] = { "kl", "mse", "max" };
	struct histogram *h = xmalloc(1, sizeof *h);
	float *x = some_numbers(5000, 2), clip[8];

	histogram_of(h, x, 5000);
	numbers_double("histograms", "bins", h->bin, HISTOGRAM_BINS, 1e-12);
	number("histograms", "range", h->max, ROUNDING);
	for (int rule = CLIP_KL; rule <= CLIP_MAX; rule++) {
		for (int bits = 2; bits <= 8; bits++)
			clip[bits - 2] = quantizer_clip(h, bits, true, (enum clip_rule)rule);
		numbers("quantizer", xprintf("clip by %s: signed", rules[rule]), clip, 7, ROUNDING);
		for (int bits = 1; bits <= 8; bits++)
			clip[bits - 1] = quantizer_clip(h, bits, false, (enum clip_rule)rule);
		numbers("quantizer", xprintf("clip by %s: unsigned", rules[rule]), clip, 8, ROUNDING);
	}
	free(h);
	free(x);
}

static void quantized(void)
{
	float *x = some_numbers(1000, 3), q[1000];
	int8_t integers[1000];

	for (int bits = 1; bits <= 8; bits++) {
		quantize_weights(x, LEN(q), bits, 1.7f, q);
		numbers("quantizer", xprintf("weights at %d bits", bits), q, LEN(q), ROUNDING);
	}
	number("quantizer", "step of integers", (double)quantize_to_integers(x, LEN(q), 5, 1.7f, integers),
	       ROUNDING);
	numbers_bytes("quantizer", "integers", integers, LEN(q));
	for (int bits = 2; bits <= 8; bits += 3) {
		struct quantizer a = quantizer_for_activations(bits, 1.7f, bits > 2);
		float levels[] = { a.low, a.high, a.step };

		numbers("quantizer", xprintf("activations at %d bits", bits), levels, 3, ROUNDING);
	}
	free(x);
}

static void codebooks(void)
{
	float *x = some_numbers(3000, 4), centroid[KMEANS_MOST];
	uint8_t *index = xmalloc(3000, 1);

	for (int bits = 1; bits <= 6; bits++) {
		kmeans(x, 3000, 1 << bits, centroid, index);
		numbers("kmeans", xprintf("centroids of %d bits", bits), centroid, (size_t)1 << bits,
		        ROUNDING);
	}
	free(x);
	free(index);
}

static void graph(const struct graph *g)
{
	double shapes[64][6];

	for (int i = 0; i < g->layers; i++) {
		const struct layer *l = &g->layer[i];
		double row[] = { (double)l->weights,     (double)l->macs,          (double)l->biases,
			         (double)l->batch_norms, (double)l->input_numbers, l->hout * l->wout };

		for (size_t k = 0; k < LEN(row); k++)
			shapes[i][k] = row[k];
	}
	numbers_double("graph", g->path, shapes[0], 6 * (size_t)g->layers, 1e-12);
}

static void graphs(void)
{
	static const char *const paths[] = { "data/networks/mobilenet-v1.csv",
		                             "data/networks/mobilenet-v2.csv", "data/networks/resnet-18.csv",
		                             "data/networks/resnet-50.csv" };

	for (size_t i = 0; i < LEN(paths); i++) {
		struct graph g;

		graph_read(&g, paths[i]);
		graph(&g);
	}
}

static void weights(void)
{
	struct graph g;
	struct weights w, drawn;
	struct policy p;
	float q[1024], scale[32], shift[32];
	const struct layer *l;

	some_network(&g, &w);
	p = some_policy(&g);
	l = &g.layer[1];
	weights_random(&drawn, &g, 1, 5);
	numbers("weights", "drawn", drawn.layer[1].weight, (size_t)l->weights, ROUNDING);
	weights_quantize(&w.layer[1], l, &p, 1, q);
	numbers("weights", "quantized", q, (size_t)l->weights, ROUNDING);
	weights_fold(&w.layer[1], l->cout, w.layer[1].mean, w.layer[1].variance, scale, shift);
	numbers("weights", "scale with batch norm", scale, (size_t)l->cout, ROUNDING);
	numbers("weights", "shift with batch norm", shift, (size_t)l->cout, ROUNDING);
	for (int i = 0; i < g.layers; i++) {
		struct quantizer a = fusion_input_quantizer(&g, &w, &p, i);
		float levels[] = { a.on, a.low, a.high, a.step };

		numbers("fusion", xprintf("input of layer %d", i), levels, 4, ROUNDING);
		number("fusion", xprintf("reader of layer %d", i), fusion_reader(&g, &w, &p, g.layer[i].node),
		       EXACT);
	}
}

void numbers_of_model(void)
{
	clips();
	quantized();
	codebooks();
	graphs();
	weights();
}
