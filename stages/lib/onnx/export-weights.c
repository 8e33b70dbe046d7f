/* Weights of layers as constants of the model: floats, or integers that a DequantizeLinear scales. */
#include "onnx/export-inner.h"

#include <float.h>
#include <math.h>
#include <string.h>

void fold_batch_norm(const struct export *e, const struct node *n, float *factor, float *shift)
{
	const struct layer *l = &e->graph->layer[n->layer];
	const struct layer_weights *w = &e->weights->layer[n->layer];

	weights_fold(w, l->cout, w->mean, w->variance, factor, shift);
	for (int k = 0; k < l->cout; k++)
		if (!isfinite(factor[k]) || !isfinite(shift[k]))
			die("%s: layer '%s': the batch norm of channel %d cannot be folded: "
			    "its variance is too small",
			    e->weights->path, l->name, k);
}

static const char *put_weight(struct export *e, const struct layer *l, enum onnx_type type,
                              const void *numbers)
{
	const char *name = xprintf("%s.weight", l->name);
	const int64_t shape[] = { l->cout, l->cin / l->groups, l->kernel, l->kernel };

	onnx_constant(e->model, name, type, l->is_linear ? 2 : 4, shape, numbers);
	return name;
}

static const char *put_float_weights(struct export *e, const struct node *n, const float *factor)
{
	const struct layer *l = &e->graph->layer[n->layer];
	const float *weight = e->weights->layer[n->layer].weight;
	size_t each = (size_t)(l->weights / l->cout);
	float *x;

	if (!factor)
		return put_weight(e, l, ONNX_FLOAT, weight);
	x = xmalloc((size_t)l->weights, sizeof *x);
	for (size_t i = 0; i < (size_t)l->weights; i++)
		x[i] = weight[i] * factor[i / each];
	return put_weight(e, l, ONNX_FLOAT, x);
}

/*
 * Scales become positive, as tools expect: a negative one changes the sign of the integers, whose
 * grid is symmetric.  Where a range is of nothing, the integers are 0, whatever the scale.
 */
static void make_positive(int8_t *integers, size_t n, float *scale)
{
	for (size_t i = 0; *scale < 0 && i < n; i++)
		integers[i] = (int8_t)-integers[i];
	*scale = fabsf(*scale);
	if (*scale >= FLT_MIN)
		return;
	memset(integers, 0, n);
	*scale = 1;
}

static const char *put_integer_weights(struct export *e, const struct node *n, const float *factor)
{
	const struct layer *l = &e->graph->layer[n->layer];
	const struct layer_weights *w = &e->weights->layer[n->layer];
	size_t each = (size_t)(l->weights / l->cout), channels = (size_t)l->cout;
	int8_t *integers = xmalloc((size_t)l->weights, 1), *zero = xmalloc(channels, 1);
	float *scale = xmalloc(channels, sizeof *scale);
	bool is_per_channel = factor || w->weight_clips > 1 || e->policy->kernels;
	const int64_t *shape = (const int64_t[]){ l->cout };
	const char *inputs, *output;

	weights_to_integers(w, l, e->policy, n->layer, integers, scale);
	for (size_t k = 0; k < channels; k++) {
		scale[k] *= factor ? factor[k] : 1;
		make_positive(integers + k * each, each, &scale[k]);
	}
	onnx_constant(e->model, xprintf("%s.weight_zero", l->name), ONNX_INT8, is_per_channel, shape, zero);
	inputs = put_weight(e, l, ONNX_INT8, integers);
	inputs = xprintf("%s %s %s.weight_zero", inputs,
	                 put_floats(e, l, "weight_scale", is_per_channel, shape, scale), l->name);
	output =
		put(e, "DequantizeLinear", name_part(n, "dequantize-weight"), name_part(n, "weight"), inputs);
	if (is_per_channel)
		onnx_set_int(e->last, "axis", 0);
	return output;
}

const char *put_weights(struct export *e, const struct node *n, const float *factor)
{
	return e->policy ? put_integer_weights(e, n, factor) : put_float_weights(e, n, factor);
}
