/*
 * export-onnx - a network, quantized to a policy or in full precision, as ONNX that other tools read.
 *
 *	export-onnx -n NET.csv -w NET.npz -p policy.csv -o quantized.onnx
 *
 * Standard operators of opset 13, in a form known as QDQ, clipped where a policy has fewer than 8 bits:
 *
 *	what a layer reads      QuantizeLinear (uint8; int8 where it may be negative; zero point 0)
 *	                        -> Clip to the integers of the policy, 0..2^b - 1 or +-(2^(b-1) - 1),
 *	                        where the type has more -> DequantizeLinear
 *	weights                 int8 -> DequantizeLinear, a scale for all or for each output channel
 *
 * An image of 8 bits is read as it is (fusion.h).  Batch norms are kept; --fold makes them
 * part of scales and biases: the integers stay, but that a channel of negative gamma changes
 * their sign.  Input `image` [n][c][h][w], pixels normalised as for evaluate; output `logits`
 * [n][classes].
 *
 * Properties of the model, for import-onnx: bits.LAYER is `weight bits/activation bits`;
 * kernels.LAYER, of kernel-wise policies, a digit for each output channel; clip.LAYER the range of
 * what is read without a quantizer; mean.image and std.image, where the weights say them, what
 * pixels / 255 are normalised by.
 */
#include "core/cli.h"
#include "model/graph.h"
#include "onnx/write.h"
#include "model/policy.h"
#include "model/quantizer.h"
#include "model/fusion.h"
#include "model/weights.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define REVISION 1

static const char *graph_path, *weights_path, *policy_path, *kernels_path, *out_path, *json_path;
static bool folds;

static const struct opt options[] = {
	{ 'n', "network", OPT_PATH, &graph_path, "NET.csv", "the network" },
	{ 'w', "weights", OPT_PATH, &weights_path, "weights.npz",
	  "its weights, with -p those of quantize or finetune" },
	{ 'p', "policy", OPT_PATH, &policy_path, NULL, "bits of each layer; none: full precision" },
	{ 'k', "kernels", OPT_PATH, &kernels_path, NULL,
	  "with -p: weight bits of each output channel, .npy" },
	{ 'o', "output", OPT_OUT, &out_path, "quantized.onnx", "the model" },
	{ 'f', "fold", OPT_FLAG, &folds, NULL, "batch norms become part of scales and biases" },
	{ 'j', "json", OPT_OUT, &json_path, NULL, "the policy too, with ranges and scales, as JSON" },
	{ 0 }
};

static struct graph graph;
static struct weights weights;
static struct policy *policy; /* NULL: full precision */
static struct onnx_writer *model;
static Onnx__NodeProto *last; /* written so far */

/* The output of a node of ours: its name in the file, [n][channels] or [n][channels][h][w]. */
static struct made {
	const char *name;
	bool is_flat;
} * made;

/* --- names and constants --------------------------------------------------------------------- */

/* No node has a slash in its name: names of the file that have one are ours alone. */
static const char *part(const struct node *n, const char *what)
{
	return xprintf("%s/%s", n->name, what);
}

static const char *put(const char *op, const char *name, const char *output, const char *inputs)
{
	last = onnx_node(model, op, name, output, inputs);
	return output;
}

static const char *put_floats(const struct layer *l, const char *kind, int ndim, const int64_t *shape,
                              const float *x)
{
	const char *name = xprintf("%s.%s", l->name, kind);

	onnx_constant(model, name, ONNX_FLOAT, ndim, shape, x);
	return name;
}

static const char *put_per_channel(const struct layer *l, const char *kind, const float *x)
{
	return put_floats(l, kind, 1, (const int64_t[]){ l->cout }, x);
}

/* An integer of eight bits, as what a layer reads has them. */
static const char *put_byte(const struct layer *l, const char *kind, int value)
{
	const char *name = xprintf("%s.%s", l->name, kind);
	uint8_t *x = xmalloc(1, 1);

	*x = (uint8_t)value;
	onnx_constant(model, name, l->input_is_signed ? ONNX_INT8 : ONNX_UINT8, 0, NULL, x);
	return name;
}

/* --- what nodes read --------------------------------------------------------------------------- */

/* [n][c][1][1] of what lies as [n][c]. */
static const char *as_images(const struct node *n, int k)
{
	static const int64_t shape[] = { 0, -1, 1, 1 };
	static bool is_there;
	const struct made *in = &made[n->input[k]];

	if (!in->is_flat)
		return in->name;
	if (!is_there)
		onnx_constant(model, "/shape", ONNX_INT64, 1, (const int64_t[]){ LEN(shape) }, shape);
	is_there = true;
	return put("Reshape", part(n, xprintf("reshape%d", k)), part(n, xprintf("images%d", k)),
	           xprintf("%s /shape", in->name));
}

static const char *as_row(const struct node *n)
{
	const struct made *in = &made[n->input[0]];

	return in->is_flat ? in->name : put("Flatten", part(n, "flatten"), part(n, "row"), in->name);
}

/* What a layer reads, on the grid of its quantizer. */
static const char *quantized(const struct node *n, const char *x)
{
	const struct layer *l = &graph.layer[n->layer];
	struct quantizer q = fusion_input_quantizer(&graph, &weights, policy, n->layer);
	const char *scale, *zero, *low, *top;
	float *step;
	int high;

	if (!q.on)
		return x;
	high = (1 << (policy->bits[n->layer].a - l->input_is_signed)) - 1;
	step = xmalloc(1, sizeof *step);
	*step = q.step;
	scale = put_floats(l, "activation_scale", 0, NULL, step);
	zero = put_byte(l, "activation_zero", 0);
	x = put("QuantizeLinear", part(n, "quantize"), part(n, "integers"),
	        xprintf("%s %s %s", x, scale, zero));
	if (l->input_is_signed || high < UINT8_MAX) {
		low = put_byte(l, "activation_low", l->input_is_signed ? -high : 0);
		top = put_byte(l, "activation_high", high);
		x = put("Clip", part(n, "clip"), part(n, "clipped"), xprintf("%s %s %s", x, low, top));
	}
	return put("DequantizeLinear", part(n, "dequantize"), part(n, "read"),
	           xprintf("%s %s %s", x, scale, zero));
}

/* --- weights ----------------------------------------------------------------------------------- */

/* What an output channel is multiplied by where its batch norm is folded, and what is added. */
static void fold(const struct layer *l, const struct layer_weights *w, float *scale, float *shift)
{
	weights_fold(w, l->cout, w->mean, w->variance, scale, shift);
	for (int k = 0; k < l->cout; k++)
		if (!isfinite(scale[k]) || !isfinite(shift[k]))
			die("%s: layer '%s': the batch norm of channel %d cannot be folded: "
			    "its variance is too small",
			    weights_path, l->name, k);
}

static const char *put_weight(const struct layer *l, const char *kind, enum onnx_type type,
                              const void *numbers)
{
	const char *name = xprintf("%s.%s", l->name, kind);
	const int64_t shape[] = { l->cout, l->cin / l->groups, l->kernel, l->kernel };

	onnx_constant(model, name, type, l->is_linear ? 2 : 4, shape, numbers);
	return name;
}

/* factor: of each output channel, or NULL */
static const char *float_weights(const struct layer *l, const struct layer_weights *w, const float *factor)
{
	size_t each = (size_t)(l->weights / l->cout);
	float *x;

	if (!factor)
		return put_weight(l, "weight", ONNX_FLOAT, w->weight);
	x = xmalloc((size_t)l->weights, sizeof *x);
	for (size_t i = 0; i < (size_t)l->weights; i++)
		x[i] = w->weight[i] * factor[i / each];
	return put_weight(l, "weight", ONNX_FLOAT, x);
}

/*
 * Scales are positive, as tools expect: a negative factor changes the sign of the integers,
 * whose grid is symmetric.  Where a range is of nothing, the integers are 0, whatever the scale.
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

static const char *integer_weights(const struct node *n, const struct layer *l, const struct layer_weights *w,
                                   const float *factor)
{
	size_t each = (size_t)(l->weights / l->cout), channels = (size_t)l->cout;
	int8_t *integers = xmalloc((size_t)l->weights, 1), *zero = xmalloc(channels, 1);
	float *scale = xmalloc(channels, sizeof *scale);
	bool is_per_channel = factor || w->weight_clips > 1 || policy->kernels;
	const int64_t *shape = (const int64_t[]){ l->cout };
	const char *inputs;

	weights_to_integers(w, l, policy, n->layer, integers, scale);
	for (size_t k = 0; k < channels; k++) {
		scale[k] *= factor ? factor[k] : 1;
		make_positive(integers + k * each, each, &scale[k]);
	}
	onnx_constant(model, xprintf("%s.weight_zero", l->name), ONNX_INT8, is_per_channel, shape, zero);
	inputs = put_weight(l, "weight", ONNX_INT8, integers);
	inputs = xprintf("%s %s %s.weight_zero", inputs,
	                 put_floats(l, "weight_scale", is_per_channel, shape, scale), l->name);
	inputs = put("DequantizeLinear", part(n, "dequantize-weight"), part(n, "weight"), inputs);
	if (is_per_channel)
		onnx_set_int(last, "axis", 0);
	return inputs;
}

/* --- nodes ------------------------------------------------------------------------------------- */

static const char *put_function(const char *name, const char *output, enum activation how, const char *x)
{
	static const float six = 6, zero = 0;
	static bool is_there;
	bool is_product = how == ACT_HARDSWISH || how == ACT_SWISH,
	     is_hard = how == ACT_HARDSWISH || how == ACT_HARDSIGMOID;
	const char *gate = is_product ? xprintf("%s/gate", name) : output;

	if (how == ACT_NONE)
		return x;
	if (how == ACT_RELU)
		return put("Relu", name, output, x);
	if (how == ACT_RELU6) {
		if (!is_there) {
			onnx_constant(model, "/0", ONNX_FLOAT, 0, NULL, &zero);
			onnx_constant(model, "/6", ONNX_FLOAT, 0, NULL, &six);
		}
		is_there = true;
		return put("Clip", name, output, xprintf("%s /0 /6", x));
	}
	put(is_hard ? "HardSigmoid" : "Sigmoid", name, gate, x);
	if (is_hard) {
		onnx_set_float(last, "alpha", 1 / 6.0f);
		onnx_set_float(last, "beta", 0.5f);
	}
	return is_product ? put("Mul", xprintf("%s/product", name), output, xprintf("%s %s", x, gate))
	                  : output;
}

static const char *put_norm(const struct node *n, const struct layer *l, const struct layer_weights *w,
                            const char *x)
{
	x = put("BatchNormalization", part(n, "norm"), part(n, "normalised"),
	        xprintf("%s %s %s %s %s", x, put_per_channel(l, "gamma", w->gamma),
	                put_per_channel(l, "beta", w->beta), put_per_channel(l, "mean", w->mean),
	                put_per_channel(l, "variance", w->variance)));
	onnx_set_float(last, "epsilon", BATCH_NORM_EPSILON);
	return x;
}

/* pads: above, left, below, right */
static void set_window(const struct node *n)
{
	onnx_set_ints(last, "kernel_shape", 2, (const int64_t[]){ n->size, n->size });
	onnx_set_ints(last, "strides", 2, (const int64_t[]){ n->stride, n->stride });
	onnx_set_ints(last, "pads", 4, (const int64_t[]){ n->pad, n->pad, n->pad_end, n->pad_end });
	if (n->op != OP_CONV)
		return;
	onnx_set_ints(last, "dilations", 2, (const int64_t[]){ n->dilation, n->dilation });
	onnx_set_int(last, "group", n->groups);
}

static const char *put_layer(const struct node *n)
{
	const struct layer *l = &graph.layer[n->layer];
	const struct layer_weights *w = &weights.layer[n->layer];
	bool is_folded = folds && w->gamma, is_conv = n->op == OP_CONV;
	float *factor = is_folded ? xmalloc((size_t)l->cout, sizeof *factor) : NULL;
	float *shift = is_folded ? xmalloc((size_t)l->cout, sizeof *shift) : w->bias;
	const char *x, *weight, *bias = "";

	if (is_folded)
		fold(l, w, factor, shift);
	x = quantized(n, is_conv ? as_images(n, 0) : as_row(n));
	weight = policy ? integer_weights(n, l, w, factor) : float_weights(l, w, factor);
	if (shift)
		bias = put_per_channel(l, "bias", shift);
	x = put(is_conv ? "Conv" : "Gemm", n->name, part(n, "sum"), xprintf("%s %s %s", x, weight, bias));
	if (is_conv)
		set_window(n);
	else
		onnx_set_int(last, "transB", 1);
	if (w->gamma && !is_folded)
		x = put_norm(n, l, w, x);
	return put_function(part(n, "activation"), part(n, "activated"), n->activation, x);
}

/* Rows stay rows where all inputs are; else all become images. */
static const char *put_joint(const struct node *n, const char *op, bool is_flat)
{
	const char *x = "", *name = part(n, "result");

	for (int k = 0; k < n->inputs; k++)
		x = xprintf("%s%s%s", x, k ? " " : "", is_flat ? made[n->input[k]].name : as_images(n, k));
	put(op, n->name, name, x);
	if (n->op == OP_CONCAT)
		onnx_set_int(last, "axis", 1);
	return put_function(part(n, "activation"), part(n, "activated"), n->activation, name);
}

static const char *put_pool(const struct node *n)
{
	const char *op = n->op == OP_MAX ? "MaxPool" : n->size ? "AveragePool" : "GlobalAveragePool";
	const char *x = put(op, n->name, part(n, "result"), as_images(n, 0));

	if (n->size)
		set_window(n);
	return x;
}

static void put_node(int i)
{
	const struct node *n = &graph.node[i];
	bool is_flat = n->inputs > 0;

	for (int k = 0; k < n->inputs; k++)
		is_flat = is_flat && made[n->input[k]].is_flat;
	made[i].is_flat = is_flat && n->op != OP_CONV && n->op != OP_MAX && n->op != OP_AVERAGE;
	switch (n->op) {
	case OP_INPUT: made[i].name = "image"; break;
	case OP_LINEAR: made[i].is_flat = true; /* fall through */
	case OP_CONV: made[i].name = put_layer(n); break;
	case OP_ADD: made[i].name = put_joint(n, "Add", is_flat); break;
	case OP_MULTIPLY: made[i].name = put_joint(n, "Mul", is_flat); break;
	case OP_CONCAT: made[i].name = put_joint(n, "Concat", is_flat); break;
	case OP_ACTIVATE:
		made[i].name =
			put_function(n->name, part(n, "result"), n->activation, made[n->input[0]].name);
		break;
	case OP_MAX:
	case OP_AVERAGE: made[i].name = put_pool(n); break;
	}
}

static void put_network(void)
{
	const struct node *image = &graph.node[0], *end = &graph.node[graph.nodes - 1];

	if (end->h != 1 || end->w != 1)
		die("%s: the last node, '%s', gives %d x %d; expected 1 x 1, as a classifier", graph_path,
		    end->name, end->h, end->w);
	onnx_input(model, "image", 4, (const int64_t[]){ 0, image->channels, image->h, image->w });
	made = xmalloc((size_t)graph.nodes, sizeof *made);
	for (int i = 0; i < graph.nodes; i++)
		put_node(i);
	if (!made[graph.nodes - 1].is_flat)
		put("Flatten", part(end, "flatten-out"), "", made[graph.nodes - 1].name);
	onnx_rename_output(last, "logits");
	onnx_output(model, "logits", 2, (const int64_t[]){ 0, end->channels });
}

static void put_pixels(const char *kind, const float *x)
{
	char *text = xstrdup("");

	for (int k = 0; k < graph.node[0].channels; k++)
		text = xprintf(k ? "%s,%.9g" : "%s%.9g", text, (double)x[k]);
	onnx_property(model, xprintf("%s.image", kind), text);
}

static void put_properties(void)
{
	for (int i = 0; i < policy->layers; i++) {
		const struct layer *l = &graph.layer[i];
		char *digits;

		onnx_property(model, xprintf("bits.%s", l->name),
		              xprintf("%d/%d", policy->bits[i].w, policy->bits[i].a));
		if (!fusion_input_quantizer(&graph, &weights, policy, i).on)
			onnx_property(model, xprintf("clip.%s", l->name),
			              xprintf("%.9g", (double)weights.layer[i].activation_clip));
		if (!policy->kernels)
			continue;
		digits = xmalloc((size_t)l->cout + 1, 1);
		for (int k = 0; k < l->cout; k++)
			digits[k] = (char)('0' + policy->kernels[i][k]);
		onnx_property(model, xprintf("kernels.%s", l->name), digits);
	}
}

/* --- JSON -------------------------------------------------------------------------------------- */

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

static void write_layer(FILE *f, int i)
{
	const struct layer *l = &graph.layer[i];
	const struct layer_weights *w = &weights.layer[i];
	struct quantizer q = fusion_input_quantizer(&graph, &weights, policy, i);
	float *step = xmalloc((size_t)l->cout, sizeof *step);
	int8_t *integers = xmalloc((size_t)l->weights, 1);

	weights_to_integers(w, l, policy, i, integers, step);
	fputs("    {\n      \"name\": ", f);
	write_text(f, l->name);
	fprintf(f, ",\n      \"kind\": \"%s\",\n      \"weight_bits\": %d", layer_kind(l), policy->bits[i].w);
	if (policy->kernels) {
		fputs(",\n      \"kernel_bits\": [", f);
		for (int k = 0; k < l->cout; k++)
			fprintf(f, "%s%d", k ? ", " : "", policy->kernels[i][k]);
		fputc(']', f);
	}
	write_numbers(f, "weight_clip", w->weight_clip, w->weight_clips);
	write_numbers(f, "weight_scale", step, w->weight_clips > 1 || policy->kernels ? l->cout : 1);
	fprintf(f, ",\n      \"activation_bits\": %d,\n      \"activation_signed\": %s", policy->bits[i].a,
	        l->input_is_signed ? "true" : "false");
	write_numbers(f, "activation_clip", &w->activation_clip, 1);
	if (q.on)
		write_numbers(f, "activation_scale", &q.step, 1);
	else
		fputs(",\n      \"activation_scale\": null", f);
	fputs("\n    }", f);
}

static void write_json(void)
{
	FILE *f = out_open(json_path);

	fputs("{\n  \"layers\": [\n", f);
	for (int i = 0; i < graph.layers; i++) {
		write_layer(f, i);
		fputs(i + 1 < graph.layers ? ",\n" : "\n", f);
	}
	fputs("  ]\n}\n", f);
	out_commit(f);
}

int main(int argc, char **argv)
{
	static struct policy p;

	cli_begin(argc, argv, "a network, quantized to a policy or in full precision, as ONNX", REVISION,
	          options);
	if (!policy_path && (kernels_path || json_path))
		usage("--%s goes with --policy", kernels_path ? "kernels" : "json");
	graph_read(&graph, graph_path);
	if (policy_path) {
		p = policy_read(&graph, policy_path);
		policy = &p;
	}
	if (kernels_path)
		policy_read_kernels(policy, &graph, kernels_path);
	weights_read(&weights, &graph, weights_path);
	if (policy && weights_have_codebook(&weights))
		die("%s holds shared values (a codebook), which are no even grid: export it without --policy",
		    weights_path);
	fusion_check_ranges(&graph, &weights, policy);
	model = onnx_begin("haq");
	put_network();
	if (policy)
		put_properties();
	if (weights.image_mean) {
		put_pixels("mean", weights.image_mean);
		put_pixels("std", weights.image_std);
	}
	if (json_path)
		write_json();
	onnx_write(model, out_path);
	return cli_end();
}
