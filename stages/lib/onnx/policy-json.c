#include "onnx/policy-json.h"
#include "model/fusion.h"

#include <stdlib.h>

static void write_text(FILE *f, const char *text)
{
	fputc('"', f);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\' || (unsigned char)*text < ' ')
			fprintf(f, "\\u%04x", (unsigned)(unsigned char)*text);
		else
			fputc(*text, f);
	}
	fputc('"', f);
}

/* A number where there is one for all channels, else a list. */
static void write_numbers(FILE *f, const char *key, const float *x, int n)
{
	fprintf(f, ",\n      \"%s\": %s", key, n > 1 ? "[" : "");
	for (int k = 0; k < n; k++)
		fprintf(f, "%s%.9g", k ? ", " : "", (double)x[k]);
	fputs(n > 1 ? "]" : "", f);
}

static void write_kernel_bits(FILE *f, const struct policy *p, int layer, int channels)
{
	fputs(",\n      \"kernel_bits\": [", f);
	for (int k = 0; k < channels; k++)
		fprintf(f, "%s%d", k ? ", " : "", policy_kernel_bits(p, layer, k));
	fputc(']', f);
}

static void write_layer(FILE *f, const struct graph *g, const struct weights *weights, const struct policy *p,
                        int layer)
{
	const struct layer *l = &g->layer[layer];
	const struct layer_weights *w = &weights->layer[layer];
	struct quantizer q = fusion_input_quantizer(g, weights, p, layer);
	float *step = xmalloc((size_t)l->cout, sizeof *step);
	int8_t *integers = xmalloc((size_t)l->weights, 1);

	weights_to_integers(w, l, p, layer, integers, step);
	fputs("    {\n      \"name\": ", f);
	write_text(f, l->name);
	fprintf(f, ",\n      \"kind\": \"%s\",\n      \"weight_bits\": %d", layer_kind(l), p->bits[layer].w);
	if (p->kernels)
		write_kernel_bits(f, p, layer, l->cout);
	write_numbers(f, "weight_clip", w->weight_clip, w->weight_clips);
	write_numbers(f, "weight_scale", step, w->weight_clips > 1 || p->kernels ? l->cout : 1);
	fprintf(f, ",\n      \"activation_bits\": %d,\n      \"activation_signed\": %s", p->bits[layer].a,
	        l->input_is_signed ? "true" : "false");
	write_numbers(f, "activation_clip", &w->activation_clip, 1);
	if (q.on)
		write_numbers(f, "activation_scale", &q.step, 1);
	else
		fputs(",\n      \"activation_scale\": null", f);
	fputs("\n    }", f);
	free(step);
	free(integers);
}

void policy_json_write(const struct graph *g, const struct weights *w, const struct policy *p,
                       const char *path)
{
	FILE *f = out_open(path);

	fputs("{\n  \"layers\": [\n", f);
	for (int i = 0; i < g->layers; i++) {
		write_layer(f, g, w, p, i);
		fputs(i + 1 < g->layers ? ",\n" : "\n", f);
	}
	fputs("  ]\n}\n", f);
	out_commit(f);
}
