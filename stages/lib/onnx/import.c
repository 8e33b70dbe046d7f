#include "onnx/import.h"
#include "onnx/import-inner.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REVISION 1 /* raise when the numbers change */

/* --- the input and constants ------------------------------------------------------------------ */

/* The size of an input along axis i; 0 where the file leaves it open, be it by a name or by -1. */
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

static void read_input(struct import *o, const Onnx__ValueInfoProto *info, int side)
{
	int64_t c = dimension(o, info, 1), h = dimension(o, info, 2), w = dimension(o, info, 3);
	char *name = plain_name(xprintf("%.90s", info->name));
	bool is_nhwc = (w == 1 || w == 3) && c != 1 && c != 3;
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
	o->node[o->nodes++] = (struct node){ .name = *name ? name : xstrdup("image"),
		                             .op = OP_INPUT,
		                             .channels = (int)c,
		                             .size = (int)h,
		                             .h = (int)h,
		                             .w = (int)w,
		                             .layer = -1,
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

/* Initializers are the constants of the file; those that no needed node reads may be of any type. */
static void read_initializers(struct import *o)
{
	const Onnx__GraphProto *g = o->model.graph;

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
}

static const Onnx__ValueInfoProto *find_input(const struct import *o)
{
	const Onnx__GraphProto *g = o->model.graph;
	const Onnx__ValueInfoProto *input = NULL;

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
	return input;
}

/* --- nodes ------------------------------------------------------------------------------------ */

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

/* Folds the current node into a constant, where all that it reads is known without images. */
static bool fold_node(struct import *o)
{
	const Onnx__NodeProto *n = o->current;
	const struct tensor **in = xmalloc(n->n_input + 3, sizeof *in);
	struct tensor out;
	struct value *v;
	bool is_known = true;

	for (size_t k = 0; k < n->n_input && is_known; k++) {
		v = *n->input[k] ? input_value(o, k) : NULL;
		is_known = !v || v->is_constant;
		in[k] = v ? &v->tensor : NULL;
	}
	is_known = is_known && onnx_fold(&o->model, n, in, &out);
	free(in);
	if (!is_known)
		return false;
	v = set_output(o, 0);
	v->is_constant = true;
	v->tensor = out;
	if (!strcmp(n->op_type, "Identity"))
		v->grid = input_value(o, 0)->grid;
	if (!strcmp(n->op_type, "Transpose")) {
		v->grid = transposed_grid(o, input_value(o, 0));
		v->origin = origin_of(o, 0);
	}
	return true;
}

static void run_operator(struct import *o)
{
	static const struct operator* const tables[] = { import_conv_operators, import_elementwise_operators,
		                                         import_shape_operators, import_qdq_operators };

	if (o->current->domain && *o->current->domain && strcmp(o->current->domain, "ai.onnx"))
		refuse(o, "of domain '%.60s': this operator is not known", o->current->domain);
	if (fold_node(o))
		return;
	for (size_t i = 0; i < LEN(tables); i++)
		for (const struct operator* p = tables[i]; p->name; p++)
			if (!strcmp(p->name, o->current->op_type)) {
				p->run(o);
				return;
			}
	refuse(o, "this operator is not known");
}

/* The network ends with the file's output, that of a classifier, and all other nodes have readers. */
static void check_output(const struct import *o)
{
	const struct value *last = find_value(o, o->model.graph->output[0]->name);
	const struct node *n = &o->node[o->nodes - 1];

	if (!last || last->is_constant || !last->node || last->pattern != NO_PATTERN ||
	    last->grid.state == QUANTIZED || last->pad[0] || last->pad[1])
		onnx_die(&o->model, NULL, "output '%.80s' is not made of the images",
		         o->model.graph->output[0]->name);
	for (int i = 0; i < o->nodes - 1; i++)
		if (!o->node[i].users)
			onnx_die(&o->model, NULL, "'%s' is computed, and at most its shape is read",
			         o->node[i].name);
	if (producer(o, last) != n || n->h != 1)
		onnx_die(&o->model, NULL, "output '%.80s' of %d x %d; expected that of a classifier",
		         last->name, producer(o, last)->h, producer(o, last)->w);
}

static void build_network(struct import *o, int side)
{
	const Onnx__GraphProto *g = o->model.graph;
	size_t names = g->n_initializer + g->n_input + 1, nodes = g->n_node + 1;

	if (g->n_output < 1 || !g->output[0]->name)
		onnx_die(&o->model, NULL, "no output");
	find_needed(o);
	for (size_t i = 0; i < g->n_node; i++)
		names += g->node[i]->n_output + 1;
	o->value = xmalloc(names, sizeof *o->value);
	o->node = xmalloc(nodes, sizeof *o->node);
	o->reads_quantized = xmalloc(nodes, sizeof *o->reads_quantized);
	o->layer = xmalloc(nodes, sizeof *o->layer);
	read_initializers(o);
	read_input(o, find_input(o), side);
	for (size_t i = 0; i < g->n_node; i++)
		if (o->is_needed[i]) {
			o->current = g->node[i];
			run_operator(o);
		}
	check_output(o);
}

/* --- the result ------------------------------------------------------------------------------- */

/* Layers as far as import.h promises them, and bits of their nodes. */
static void set_layers(struct graph *g, const struct import *o)
{
	g->layer = xmalloc((size_t)o->layers, sizeof *g->layer);
	g->layers = o->layers;
	for (int i = 0; i < g->nodes; i++) {
		struct node *n = &g->node[i];
		const struct import_layer *l;

		if (n->layer < 0)
			continue;
		l = layer_of(o, n);
		n->bias = l->numbers.bias;
		n->bits = n->layer == 0 || n->layer == g->layers - 1 ? BITS_MAX : BITS_SEARCHED;
		g->layer[n->layer] = (struct layer){ .name = n->name,
			                             .node = i,
			                             .is_linear = n->op == OP_LINEAR,
			                             .cin = l->cin,
			                             .cout = n->channels,
			                             .kernel = n->size,
			                             .groups = n->groups,
			                             .weights = (int64_t)l->count };
	}
}

static void set_weights(struct weights *w, const struct import *o, bool has_clips)
{
	*w = (struct weights){ .layers = o->layers,
		               .has_clips = has_clips,
		               .layer = xmalloc((size_t)o->layers, sizeof *w->layer) };
	for (int i = 0; i < o->layers; i++) {
		w->layer[i] = o->layer[i].numbers;
		w->layer[i].weight = (float *)o->layer[i].weight; /* maybe the file's own bytes: read only */
	}
}

static void set_policy(struct policy *p, const struct graph *g, const struct import *o)
{
	unsigned char *bits;
	size_t channels = 0;

	for (int i = 0; i < g->layers; i++)
		channels += (size_t)g->layer[i].cout;
	*p = (struct policy){ .layers = g->layers,
		              .bits = xmalloc((size_t)g->layers, sizeof *p->bits),
		              .kernels = xmalloc((size_t)g->layers, sizeof *p->kernels) };
	bits = xmalloc(channels, 1);
	for (int i = 0; i < g->layers; bits += g->layer[i++].cout) {
		const struct import_layer *l = &o->layer[i];

		p->bits[i] =
			(struct bits){ (unsigned char)l->weight_bits, (unsigned char)l->activation_bits };
		p->kernels[i] = bits;
		for (int k = 0; k < g->layer[i].cout; k++)
			bits[k] = (unsigned char)(l->kernel_bits ? l->kernel_bits[k] - '0' : l->weight_bits);
	}
}

void onnx_import(struct imported *to, const char *path, int side, bool needs_policy)
{
	struct import o = { 0 };
	bool has_clips;

	onnx_read(&o.model, path);
	build_network(&o, side);
	has_clips = settle_bits(&o, needs_policy);
	*to = (struct imported){ .file = o.model,
		                 .graph = { .path = path, .nodes = o.nodes, .node = o.node } };
	set_layers(&to->graph, &o);
	set_weights(&to->weights, &o, has_clips);
	if (needs_policy)
		set_policy(&to->policy, &to->graph, &o);
}

static void check_numbers(const struct imported *m, const struct layer *l, const char *kind, const float *x,
                          size_t count)
{
	for (size_t i = 0; x && i < count; i++)
		if (!isfinite(x[i]))
			onnx_die(&m->file, NULL, "%s of '%s': element %zu is not finite", kind, l->name, i);
}

void imported_check(const struct imported *m)
{
	for (int i = 0; i < m->graph.layers; i++) {
		const struct layer *l = &m->graph.layer[i];
		const struct layer_weights *w = &m->weights.layer[i];
		size_t channels = (size_t)l->cout;

		check_numbers(m, l, "weight", w->weight, (size_t)l->weights);
		check_numbers(m, l, "bias", w->bias, channels);
		check_numbers(m, l, "gamma", w->gamma, channels);
		check_numbers(m, l, "beta", w->beta, channels);
		check_numbers(m, l, "mean", w->mean, channels);
		check_numbers(m, l, "variance", w->variance, channels);
	}
}
