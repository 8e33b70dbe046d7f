/* Bits of the layers, by quantizers in the file and by the properties that export-onnx writes. */
#include "onnx/import-inner.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The property of a layer that export-onnx writes, or NULL. */
static const char *property(const struct import *o, const char *kind, const char *name)
{
	return onnx_get_property(&o->model, xprintf("%s.%s", kind, name));
}

static bool is_bits(char digit)
{
	return digit >= '1' && digit <= '0' + BITS_MAX;
}

/* Bits of the weights, and of the input where the file has no quantizer of it. */
static void read_bits(const struct import *o, const char *name, struct import_layer *l)
{
	const char *bits = property(o, "bits", name), *clip = property(o, "clip", name);
	float *range = &l->numbers.activation_clip;
	char *end;

	if (bits && (!is_bits(bits[0]) || bits[1] != '/' || !is_bits(bits[2]) || bits[3]))
		onnx_die(&o->model, NULL,
		         "property bits.%s is '%.60s'; expected bits of weights and activations, as in 4/8",
		         name, bits);
	l->weight_bits = bits ? bits[0] - '0' : BITS_MAX;
	if (!bits || !clip || l->activation_bits)
		return;
	*range = strtof(clip, &end);
	if (end == clip || *end || !(*range > 0) || !isfinite(*range))
		onnx_die(&o->model, NULL, "property clip.%s is '%.60s'; expected a positive number", name,
		         clip);
	l->activation_bits = bits[2] - '0';
}

/* Bits of each output channel; the layer's are those of the widest. */
static void read_kernel_bits(const struct import *o, const struct node *n, struct import_layer *l)
{
	int widest = '0';

	l->kernel_bits = property(o, "kernels", n->name);
	if (!l->kernel_bits)
		return;
	if (strlen(l->kernel_bits) != (size_t)n->channels ||
	    strspn(l->kernel_bits, "12345678") != (size_t)n->channels || l->steps != n->channels)
		onnx_die(&o->model, NULL,
		         "property kernels.%s: expected a digit, 1 to 8, and a scale for each of %d channels",
		         n->name, n->channels);
	for (int k = 0; k < n->channels; k++)
		widest = l->kernel_bits[k] > widest ? l->kernel_bits[k] : widest;
	l->weight_bits = widest - '0';
}

/*
 * The clipping range of n weights whose integers have this step.  Dies where they do not lie in it;
 * 8 bits of other tools have one more step below 0.
 */
static float weight_range(const struct import *o, const char *name, const float *weight, size_t n, int bits,
                          float step)
{
	int levels = bits > 1 ? (1 << (bits - 1)) - 1 : 1;
	float largest = 0, most = step * (float)(levels + (bits == BITS_MAX));

	for (size_t i = 0; i < n; i++)
		largest = fabsf(weight[i]) > largest ? fabsf(weight[i]) : largest;
	if (!(largest <= most * 1.00001f))
		onnx_die(&o->model, NULL,
		         "weights of '%s' reach %g, beyond the %g that %d bits have by their scale", name,
		         (double)largest, (double)most, bits);
	return bits == 1 && largest == 0 ? 0 : clip_of_step(step, levels); /* one bit has no 0 */
}

static void find_weight_ranges(const struct import *o, const char *name, struct import_layer *l)
{
	size_t each = l->count / (size_t)l->steps;

	l->numbers.weight_clips = l->steps;
	l->numbers.weight_clip = xmalloc((size_t)l->steps, sizeof *l->numbers.weight_clip);
	for (int k = 0; k < l->steps; k++)
		l->numbers.weight_clip[k] =
			weight_range(o, name, l->weight + (size_t)k * each, each,
		                     l->kernel_bits ? l->kernel_bits[k] - '0' : l->weight_bits, l->step[k]);
}

/* Bits of a layer that is not there: some tool changed names, and what the file says of them is lost. */
static void find_strays(const struct import *o, bool needs_policy)
{
	for (size_t i = 0; i < o->model.model->n_metadata_props; i++) {
		const char *key = o->model.model->metadata_props[i]->key;
		bool is_stray = key && !strncmp(key, "bits.", 5);

		for (int k = 0; is_stray && k < o->nodes; k++)
			is_stray = o->node[k].layer < 0 || strcmp(o->node[k].name, key + 5);
		if (is_stray && needs_policy)
			onnx_die(&o->model, NULL, "property %.100s: there is no such layer", key);
		if (is_stray)
			warn("%s: property %.100s: there is no such layer", o->model.path, key);
	}
}

bool settle_bits(struct import *o, bool needs_policy)
{
	const struct import_layer *open = NULL;
	const char *open_name = NULL, *what;
	bool is_quantized = false;

	for (int i = 0; i < o->nodes; i++) {
		const struct node *n = &o->node[i];
		struct import_layer *l = n->layer >= 0 ? layer_of(o, n) : NULL;

		if (!l)
			continue;
		read_bits(o, n->name, l);
		is_quantized |= l->step || l->activation_bits;
		if (!open && (!l->step || !l->activation_bits)) {
			open = l;
			open_name = n->name;
		}
		if (l->step) {
			read_kernel_bits(o, n, l);
			find_weight_ranges(o, n->name, l);
		}
	}
	what = open && open->step ? "inputs" : "weights";
	if (open && needs_policy)
		onnx_die(&o->model, NULL, "no policy: %s of layer '%s' are not quantized", what, open_name);
	if (open && is_quantized)
		warn("%s: %s of layer '%s' are not quantized: no ranges are written", o->model.path, what,
		     open_name);
	if (o->ignored_quantizers)
		warn("%s: quantizers that no layer reads are left out: %d", o->model.path,
		     o->ignored_quantizers);
	find_strays(o, needs_policy);
	return o->layers && !open;
}
