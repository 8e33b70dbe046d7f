/*
 * import-onnx - an image classifier in ONNX becomes a network and its weights.
 *
 *	import-onnx -i model.onnx -n data/networks/NET.csv -w data/weights/NET.npz
 *
 * Knows what torchvision, timm, Keras and MXNet export for convolutional classifiers (tables at the
 * end of lib/onnx-*.c); what it does not know it names, and dies.  Batch norms stay where the file
 * has them; those of another epsilon get another gamma.  Relu, Relu6 and pads become part of their
 * layer; hard-swish and swish are found in the nodes that older exporters spell them with.  Flatten
 * and a linear layer over images become a convolution as large as the image.  A Softmax at the end
 * is left out: it changes no ranking.  A batch norm, or a constant, that is not right behind a layer
 * (DenseNet, ResNets whose norms come first, preprocessing in the graph) is refused.
 *
 * --mean and --std stay with the weights: so networks that were trained on other numbers share images.
 *
 * First and last layer get 8 bits, the others are searched (HAQ): edit the last column of NET.csv for others.
 *
 * Quantized files (QuantizeLinear -> Clip, where there is one -> DequantizeLinear; zero point 0)
 * give the clipping ranges of the layers that read such images by such weights, and --policy their
 * bits; those of export-onnx say in properties what integers cannot tell.
 */
#include "core/base.h"
#include "core/cli.h"
#include "model/graph.h"
#include "dataset/images.h"
#include "io/npz.h"
#include "onnx/import.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REVISION 2

static const char *model_path, *net_path, *weights_path, *policy_path, *kernels_path;
static const char *keep, *mean_text, *std_text;
static long side;

static const struct opt options[] = {
	{ 'i', "input", OPT_PATH, &model_path, "model.onnx", "the model" },
	{ 'n', "network", OPT_OUT, &net_path, "NET.csv", "the network" },
	{ 'w', "weights", OPT_OUT, &weights_path, "NET.npz", "its weights" },
	{ 'p', "policy", OPT_OUT, &policy_path, NULL, "of a quantized model: bits of each layer" },
	{ 'k', "kernels", OPT_OUT, &kernels_path, NULL, "and weight bits of each output channel, .npy" },
	{ 0, "mean", OPT_TEXT, &mean_text, NULL,
	  "what it subtracts from pixels / 255, per channel, if not what images say: 0.485,0.456,0.406" },
	{ 0, "std", OPT_TEXT, &std_text, NULL, "what it divides by then" },
	{ 's', "size", OPT_INT, &side, NULL, "side of the images, where the model leaves it open" },
	{ 0, "keep", OPT_TEXT, &keep, NULL, "outputs to keep, for some of its classes: 0,217,482" },
	{ 0 }
};

/* --- the whole file -------------------------------------------------------------------------- */

/* What is known without images becomes a constant. */
static bool fold(struct import *o)
{
	const Onnx__NodeProto *n = o->node;
	const struct tensor **in = xmalloc(n->n_input + 3, sizeof *in);
	struct tensor out;
	bool is_known = true;

	for (size_t k = 0; k < n->n_input && is_known; k++) {
		struct value *v = *n->input[k] ? input_value(o, k) : NULL;

		is_known = !v || v->is_constant;
		in[k] = v ? &v->tensor : NULL;
	}
	is_known = is_known && onnx_fold(&o->model, n, in, &out);
	free(in);
	if (is_known) {
		struct value *v = result(o, 0);

		v->is_constant = true;
		v->tensor = out;
		if (!strcmp(n->op_type, "Identity"))
			v->grid = input_value(o, 0)->grid;
		if (!strcmp(n->op_type, "Transpose")) {
			v->grid = transposed_grid(o, input_value(o, 0));
			v->origin = origin_of(o, 0);
		}
	}
	return is_known;
}

static void run(struct import *o)
{
	static const struct operator* const all[] = { onnx_import_conv, onnx_import_elementwise,
		                                      onnx_import_shape, onnx_import_qdq };

	if (o->node->domain && *o->node->domain && strcmp(o->node->domain, "ai.onnx"))
		refuse(o, "of domain '%.60s': this operator is not known", o->node->domain);
	if (fold(o))
		return;
	for (size_t i = 0; i < LEN(all); i++)
		for (const struct operator* p = all[i]; p->name; p++)
			if (!strcmp(p->name, o->node->op_type)) {
				p->run(o);
				return;
			}
	refuse(o, "this operator is not known");
}

/* Which nodes the first output depends on; the others (auxiliary classifiers, checks) are not looked at. */
static void find_needed(struct import *o)
{
	const Onnx__GraphProto *g = o->model.graph;
	const char **wanted;
	size_t most = 1, count = 0;

	for (size_t i = 0; i < g->n_node; i++) {
		if (!g->node[i]->op_type)
			onnx_die(&o->model, NULL, "node %zu has no operator", i);
		most += g->node[i]->n_input;
	}
	wanted = xmalloc(most, sizeof *wanted);
	wanted[count++] = g->output[0]->name;
	o->is_needed = xmalloc(g->n_node, sizeof *o->is_needed);
	for (size_t i = g->n_node; i-- > 0;) {
		const Onnx__NodeProto *n = g->node[i];

		for (size_t k = 0; k < n->n_output && !o->is_needed[i]; k++)
			for (size_t j = 0; j < count && !o->is_needed[i]; j++)
				o->is_needed[i] = *n->output[k] && !strcmp(wanted[j], n->output[k]);
		for (size_t k = 0; k < n->n_input && o->is_needed[i]; k++)
			wanted[count++] = n->input[k];
	}
	free(wanted);
}

/* 0 where the file leaves it open, be it by a name or by -1. */
static int64_t dimension(const struct import *o, const Onnx__ValueInfoProto *v, size_t i)
{
	bool is_tensor =
		v->type && v->type->value_case == ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE && v->type->tensor_type;
	const Onnx__TensorShapeProto *s = is_tensor ? v->type->tensor_type->shape : NULL;

	if (!s || s->n_dim != 4)
		onnx_die(&o->model, NULL, "input '%.80s': expected images, [n][c][h][w]", v->name);
	if (s->dim[i]->value_case != ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE ||
	    s->dim[i]->dim_value < 0)
		return 0;
	return s->dim[i]->dim_value;
}

static void read_input(struct import *o, const Onnx__ValueInfoProto *info)
{
	int64_t c = dimension(o, info, 1), h = dimension(o, info, 2), w = dimension(o, info, 3);
	char *name = plain_name(xprintf("%.90s", info->name));
	bool is_nhwc = (w == 1 || w == 3) && c != 1 && c != 3;
	struct made *m = &o->made[o->n_made++];
	struct value *v = add_value(o, info->name);

	if (is_nhwc) {
		int64_t last = w;

		w = h, h = c, c = last;
	}
	h = h ? h : side;
	w = w ? w : side;
	if (c < 1 || c > SIDE_MAX || h < 1 || h > SIDE_MAX || h != w)
		onnx_die(&o->model, NULL, "input '%.80s' of %jd x %jd x %jd; expected square images%s",
		         info->name, (intmax_t)c, (intmax_t)h, (intmax_t)w,
		         h && w ? "" : ": --size tells their side");
	*m = (struct made){ .name = *name ? name : xstrdup("image"),
		            .op = "input",
		            .activation = "",
		            .channels = (int)c,
		            .size = (int)h,
		            .h = (int)h,
		            .w = (int)w,
		            .is_signed = true };
	v->is_nhwc = is_nhwc;
}

static bool is_initializer(const Onnx__GraphProto *g, const char *name)
{
	for (size_t i = 0; i < g->n_initializer; i++)
		if (g->initializer[i]->name && !strcmp(g->initializer[i]->name, name))
			return true;
	return false;
}

static void read_constants_and_input(struct import *o)
{
	const Onnx__GraphProto *g = o->model.graph;
	const Onnx__ValueInfoProto *input = NULL;

	for (size_t i = 0; i < g->n_initializer; i++) {
		struct value *v;

		if (!g->initializer[i]->name)
			continue;
		v = add_value(o, g->initializer[i]->name);
		if (!v->users) {
			o->values--;
			continue;
		}
		v->is_constant = true;
		v->tensor = onnx_tensor(&o->model, NULL, g->initializer[i]);
	}
	for (size_t i = 0; i < g->n_input; i++) {
		if (!g->input[i]->name || is_initializer(g, g->input[i]->name))
			continue; /* old files list weights among the inputs */
		if (input)
			onnx_die(&o->model, NULL, "inputs '%.80s' and '%.80s'; expected one", input->name,
			         g->input[i]->name);
		input = g->input[i];
	}
	if (!input)
		onnx_die(&o->model, NULL, "no input");
	read_input(o, input);
}

/* For some of the classes: those rows of the last layer, in the order that was asked for. */
static void keep_outputs(const struct import *o, struct made *m)
{
	size_t each, room = strlen(keep) / 2 + 1;
	float *weight, *bias = m->bias;
	const char *p = keep;
	int n = 0;

	if (!m->is_layer || m->groups > 1 || m->gamma || *m->activation || m->weight_clip)
		onnx_die(&o->model, NULL, "--keep expects a linear layer at the end, in full precision");
	each = m->count / (size_t)m->channels;
	weight = xmalloc(room * each, sizeof *weight);
	m->bias = bias ? xmalloc(room, sizeof *bias) : NULL;
	for (char *end;; p = end + 1) {
		long k = strtol(p, &end, 10);

		if (end == p || k < 0 || k >= m->channels || (*end && *end != ','))
			usage("--keep wants outputs 0 to %d with commas between, not '%s'", m->channels - 1,
			      keep);
		memcpy(weight + (size_t)n * each, m->weight + (size_t)k * each, each * sizeof *weight);
		if (bias)
			m->bias[n] = bias[k];
		n++;
		if (!*end)
			break;
	}
	m->weight = weight;
	m->channels = n;
	m->count = (size_t)n * each;
}

/* A network's nodes are read by others, but for the last. */
static void require_readers(const struct import *o)
{
	bool *is_read = xmalloc((size_t)o->n_made, sizeof *is_read);

	for (int i = 0; i < o->n_made; i++)
		for (int k = 0; k < o->made[i].inputs; k++)
			is_read[o->made[i].input[k]] = true;
	for (int i = 0; i < o->n_made - 1; i++)
		if (!is_read[i])
			onnx_die(&o->model, NULL, "'%s' is computed, and at most its shape is read",
			         o->made[i].name);
	free(is_read);
}

/* All names there may be: one for each output and constant. */
static void read_model(struct import *o)
{
	const Onnx__GraphProto *g = o->model.graph;
	size_t most = g->n_initializer + g->n_input + 1;
	struct value *last;

	if (g->n_output < 1 || !g->output[0]->name)
		onnx_die(&o->model, NULL, "no output");
	find_needed(o);
	for (size_t i = 0; i < g->n_node; i++)
		most += g->node[i]->n_output + 1;
	o->value = xmalloc(most, sizeof *o->value);
	o->made = xmalloc(g->n_node + 1, sizeof *o->made);
	read_constants_and_input(o);
	for (size_t i = 0; i < g->n_node; i++)
		if (o->is_needed[i]) {
			o->node = g->node[i];
			run(o);
		}
	last = find_value(o, g->output[0]->name);
	if (!last || last->is_constant || !last->made || last->pattern != AS_IT_IS ||
	    last->grid.state == AS_INTEGERS || last->pad[0] || last->pad[1])
		onnx_die(&o->model, NULL, "output '%.80s' is not made of the images", g->output[0]->name);
	require_readers(o);
	if (last->made != o->n_made - 1 || o->made[o->n_made - 1].h != 1)
		onnx_die(&o->model, NULL, "output '%.80s' of %d x %d; expected that of a classifier",
		         last->name, o->made[last->made].h, o->made[last->made].w);
}

/* --- bits ------------------------------------------------------------------------------------ */

/* What export-onnx says of a layer, or NULL. */
static const char *property(const struct import *o, const char *kind, const char *name)
{
	const char *key = xprintf("%s.%s", kind, name);

	for (size_t i = 0; i < o->model.model->n_metadata_props; i++) {
		const Onnx__StringStringEntryProto *p = o->model.model->metadata_props[i];

		if (p->key && p->value && !strcmp(p->key, key))
			return p->value;
	}
	return NULL;
}

static bool is_bits(char digit)
{
	return digit >= '1' && digit <= '8';
}

/* Bits of weights, and of what the layer reads where the file has no quantizer of it. */
static void read_bits(const struct import *o, struct made *m)
{
	const char *bits = property(o, "bits", m->name), *clip = property(o, "clip", m->name);
	char *end;

	if (bits && (!is_bits(bits[0]) || bits[1] != '/' || !is_bits(bits[2]) || bits[3]))
		onnx_die(&o->model, NULL,
		         "property bits.%s is '%.60s'; expected bits of weights and activations, as in 4/8",
		         m->name, bits);
	m->weight_bits = bits ? bits[0] - '0' : 8;
	if (!bits || !clip || m->bits)
		return;
	m->clip = strtof(clip, &end);
	if (end == clip || *end || !(m->clip > 0) || !isfinite(m->clip))
		onnx_die(&o->model, NULL, "property clip.%s is '%.60s'; expected a positive number", m->name,
		         clip);
	m->bits = bits[2] - '0';
}

static void read_kernels(const struct import *o, struct made *m)
{
	int widest = '0';

	m->kernels = property(o, "kernels", m->name);
	if (!m->kernels)
		return;
	if (strlen(m->kernels) != (size_t)m->channels ||
	    strspn(m->kernels, "12345678") != (size_t)m->channels || m->steps != m->channels)
		onnx_die(&o->model, NULL,
		         "property kernels.%s: expected a digit, 1 to 8, and a scale for each of %d channels",
		         m->name, m->channels);
	for (int k = 0; k < m->channels; k++)
		widest = m->kernels[k] > widest ? m->kernels[k] : widest;
	m->weight_bits = widest - '0';
}

/*
 * The range of the weights at..at + n, and whether they lie in it: 8 bits of other tools have one
 * more step below 0.
 */
static float weight_range(const struct import *o, const struct made *m, size_t at, size_t n, int bits,
                          float step)
{
	int levels = bits > 1 ? (1 << (bits - 1)) - 1 : 1;
	float largest = 0, most = step * (float)(levels + (bits == 8));

	for (size_t i = at; i < at + n; i++)
		largest = fabsf(m->weight[i]) > largest ? fabsf(m->weight[i]) : largest;
	if (!(largest <= most * 1.00001f))
		onnx_die(&o->model, NULL,
		         "weights of '%s' reach %g, beyond the %g that %d bits have by their scale", m->name,
		         (double)largest, (double)most, bits);
	return bits == 1 && largest == 0 ? 0 : clip_of_step(step, levels); /* one bit has no 0 */
}

static void find_ranges(const struct import *o, struct made *m)
{
	size_t each = m->count / (size_t)m->steps;

	m->weight_clip = xmalloc((size_t)m->steps, sizeof *m->weight_clip);
	for (int k = 0; k < m->steps; k++)
		m->weight_clip[k] =
			weight_range(o, m, (size_t)k * each, each,
		                     m->kernels ? m->kernels[k] - '0' : m->weight_bits, m->step[k]);
}

/* Bits of a layer of another name: a tool changed names, and what is said of them is lost. */
static void find_strays(const struct import *o)
{
	for (size_t i = 0; i < o->model.model->n_metadata_props; i++) {
		const char *key = o->model.model->metadata_props[i]->key;
		bool is_stray = key && !strncmp(key, "bits.", 5);

		for (int k = 0; is_stray && k < o->n_made; k++)
			is_stray = !o->made[k].is_layer || strcmp(o->made[k].name, key + 5);
		if (is_stray && policy_path)
			onnx_die(&o->model, NULL, "property %.100s: there is no such layer", key);
		if (is_stray)
			warn("%s: property %.100s: there is no such layer", o->model.path, key);
	}
}

/* Ranges of all layers, or of none: programs that quantize need them all. */
static void settle_bits(struct import *o)
{
	const struct made *open = NULL;
	bool is_quantized = false;

	for (int i = 0; i < o->n_made; i++) {
		struct made *m = &o->made[i];

		if (!m->is_layer)
			continue;
		read_bits(o, m);
		is_quantized |= m->step || m->bits;
		open = !open && (!m->step || !m->bits) ? m : open;
		if (m->step) {
			read_kernels(o, m);
			find_ranges(o, m);
		}
	}
	if (open && policy_path)
		onnx_die(&o->model, NULL, "no policy: %s of layer '%s' are not quantized",
		         open->step ? "inputs" : "weights", open->name);
	if (open && is_quantized)
		warn("%s: %s of layer '%s' are not quantized: no ranges are written", o->model.path,
		     open->step ? "inputs" : "weights", open->name);
	for (int i = 0; open && i < o->n_made; i++)
		o->made[i].weight_clip = NULL;
	if (o->left_out)
		warn("%s: quantizers that no layer reads are left out: %d", o->model.path, o->left_out);
}

/* --- writing --------------------------------------------------------------------------------- */

static void write_number(FILE *f, int x, bool is_wanted)
{
	fprintf(f, is_wanted ? ",%d" : ",", x);
}

static void write_node(const struct import *o, FILE *f, const struct made *m, const char *bits,
                       bool has_dilations)
{
	bool is_conv = !strcmp(m->op, "conv"),
	     is_window = is_conv || !strcmp(m->op, "max") || (!strcmp(m->op, "average") && m->size);

	fprintf(f, "%s,%s,", m->name, m->op);
	for (int k = 0; k < m->inputs; k++)
		fprintf(f, "%s%s", k ? " " : "", o->made[m->input[k]].name);
	write_number(f, m->channels, m->is_layer || !m->inputs);
	write_number(f, m->size, is_window || !m->inputs);
	write_number(f, m->stride, is_window);
	write_number(f, m->pad[0], is_window);
	if (is_window && m->pad[1] != m->pad[0])
		fprintf(f, ":%d", m->pad[1]);
	write_number(f, m->groups, is_conv);
	fprintf(f, ",%s,%s,", m->is_layer ? m->bias ? "yes" : "no" : "",
	        m->is_layer ? m->gamma ? "yes" : "no" : "");
	if (*m->activation)
		fputs(m->activation, f);
	else if (m->is_layer || !strcmp(m->op, "add"))
		fputs("none", f);
	fprintf(f, ",%s", m->is_layer ? bits : "");
	if (has_dilations)
		write_number(f, m->dilation, is_conv);
	fputc('\n', f);
}

static void write_network(const struct import *o)
{
	FILE *f = out_open(net_path);
	bool has_dilations = false;
	int first = o->n_made, last = 0;

	for (int i = o->n_made - 1; i >= 0; i--) {
		has_dilations |= o->made[i].dilation > 1;
		first = o->made[i].is_layer ? i : first;
		last = o->made[i].is_layer && !last ? i : last;
	}
	fprintf(f, "name,op,inputs,channels,size,stride,pad,groups,bias,norm,activation,bits%s\n",
	        has_dilations ? ",dilation" : "");
	for (int i = 0; i < o->n_made; i++)
		write_node(o, f, &o->made[i], i == first || i == last ? "8" : "search", has_dilations);
	out_commit(f);
}

static void check_numbers(const struct import *o, const struct made *m, const char *kind, const float *x,
                          size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!isfinite(x[i]))
			onnx_die(&o->model, NULL, "%s of '%s': element %zu is not finite", kind, m->name, i);
}

static void add_array(const struct import *o, struct npz_writer *z, const struct made *m, const char *kind,
                      const float *x)
{
	if (!x)
		return;
	check_numbers(o, m, kind, x, (size_t)m->channels);
	npz_add(z, xprintf("%s.%s", m->name, kind), F32, 1, SHAPE((size_t)m->channels), x);
}

/* What the network reads, by the command line or by the file, where one says it. */
static void add_input(const struct import *o, struct npz_writer *z, const char *kind, const char *text,
                      double min)
{
	const struct made *m = &o->made[0];
	const char *said = property(o, kind, m->name);
	float *x = xmalloc((size_t)m->channels, sizeof *x);

	if (text && !images_channels(x, text, m->channels, min))
		usage("--%s wants %d numbers with commas, between 0 and 1, not '%s'", kind, m->channels,
		      text);
	if (!text && said && !images_channels(x, said, m->channels, min))
		onnx_die(&o->model, NULL, "property %s.%s is '%.60s'; expected %d numbers with commas", kind,
		         m->name, said, m->channels);
	if (text || said)
		npz_add(z, xprintf("%s.%s", m->name, kind), F32, 1, SHAPE((size_t)m->channels), x);
}

static void write_weights(const struct import *o)
{
	FILE *f = out_open(weights_path);
	struct npz_writer *z = npz_begin(f, false);

	add_input(o, z, "mean", mean_text, 0);
	add_input(o, z, "std", std_text, 1e-6);
	for (int i = 0; i < o->n_made; i++) {
		const struct made *m = &o->made[i];
		size_t k = (size_t)m->size, cin;

		if (!m->is_layer)
			continue;
		cin = (size_t)(m->cin / m->groups);
		check_numbers(o, m, "weight", m->weight, m->count);
		npz_add(z, xprintf("%s.weight", m->name), F32, !strcmp(m->op, "linear") ? 2 : 4,
		        SHAPE((size_t)m->channels, cin, k, k), m->weight);
		add_array(o, z, m, "bias", m->bias);
		add_array(o, z, m, "gamma", m->gamma);
		add_array(o, z, m, "beta", m->beta);
		add_array(o, z, m, "mean", m->mean);
		add_array(o, z, m, "variance", m->variance);
		if (!m->weight_clip)
			continue;
		npz_add(z, xprintf("%s.weight_clip", m->name), F32, 1, SHAPE((size_t)m->steps),
		        m->weight_clip);
		npz_add(z, xprintf("%s.activation_clip", m->name), F32, 1, SHAPE(1), &m->clip);
	}
	npz_end(z);
	out_commit(f);
}

static void write_policy(const struct import *o)
{
	FILE *f = out_open(policy_path);

	fputs("layer,weight_bits,activation_bits\n", f);
	for (int i = 0; i < o->n_made; i++)
		if (o->made[i].is_layer)
			fprintf(f, "%s,%d,%d\n", o->made[i].name, o->made[i].weight_bits, o->made[i].bits);
	out_commit(f);
}

static void write_kernels(const struct import *o)
{
	unsigned char *bits;
	size_t n = 0;

	for (int i = 0; i < o->n_made; i++)
		n += o->made[i].is_layer ? (size_t)o->made[i].channels : 0;
	bits = xmalloc(n, 1);
	n = 0;
	for (int i = 0; i < o->n_made; i++)
		for (int k = 0; o->made[i].is_layer && k < o->made[i].channels; k++)
			bits[n++] = (unsigned char)(o->made[i].kernels ? o->made[i].kernels[k] - '0'
			                                               : o->made[i].weight_bits);
	npy_write(kernels_path, U8, 1, SHAPE(n), bits);
}

int main(int argc, char **argv)
{
	struct import import = { 0 }, *o = &import;

	cli_begin(argc, argv, "an image classifier in ONNX becomes a network and its weights", REVISION,
	          options);
	if (side < 0 || side > 65535)
		usage("--size is 1 to 65535, not %ld", side);
	if (kernels_path && !policy_path)
		usage("--kernels goes with --policy");
	if (!mean_text != !std_text)
		usage("--mean and --std go together");
	onnx_read(&o->model, model_path);
	read_model(o);
	settle_bits(o);
	find_strays(o);
	if (keep)
		keep_outputs(o, &o->made[o->n_made - 1]);
	write_weights(o);
	if (policy_path)
		write_policy(o);
	if (kernels_path)
		write_kernels(o);
	write_network(o);
	note("%d nodes of %zu", o->n_made, o->model.graph->n_node);
	return cli_end();
}
