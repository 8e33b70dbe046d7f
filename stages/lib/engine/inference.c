#include "engine/inference-inner.h"
#include "model/fusion.h"
#include "core/threads.h"

#include <omp.h>
#include <stdlib.h>

#define REVISION 2 /* raise when the numbers change */

/* Memory that node i needs of a thread; input and logits are kept by the net, for the whole batch. */
static struct node_memory memory_of(const struct inference *net, int i)
{
	const struct inference_node *node = &net->node[i];
	bool is_whole = i == 0 || i == net->g->nodes - 1;
	struct node_memory m = { .is_early = node->kept > node->each };

	if (!is_whole)
		m.out_bytes = (size_t)node->kept * node->size * number_size(node->type);
	if (node->quantizes_input)
		m.input_bytes = (size_t)node->each * net->node[net->g->node[i].input[0]].size *
		                number_size(net->how == INTEGERS ? NUMBER_U8 : NUMBER_F32);
	else if (node->conv && node->type != NUMBER_F32)
		m.input_bytes = node->size * sizeof(float);
	return m;
}

/* Each thread takes a shard through the whole network, in memory of its own. */
static void plan(struct inference *net)
{
	int nodes = net->g->nodes;
	struct node_memory *memory = xmalloc((size_t)nodes, sizeof *memory);
	size_t input = (size_t)net->batch * net->node[0].size,
	       logits = (size_t)net->batch * net->node[nodes - 1].size;

	for (int i = 0; i < nodes; i++)
		memory[i] = memory_of(net, i);
	net->bytes = buffers_inference(net->g, threads(), memory) + (input + logits) * sizeof(float);
	for (int i = 0; i < nodes; i++) {
		net->node[i].out = memory[i].out;
		net->node[i].own = memory[i].input;
	}
	net->input = xmalloc(input, sizeof *net->input);
	net->logits = xmalloc(logits, sizeof *net->logits);
	free(memory);
}

#define SHARD_MOST 16

int inference_shards(int batch)
{
	int each = SHARD_MOST;

	while (each > 1 && batch / each < 2 * threads())
		each /= 2;
	return batch / each;
}

#define RUN_BYTES (1 << 20) /* input and output of a node; measured best around here */

/* Decides how many images a node takes at a time: as many as fit, and never fewer than a node before it. */
static void cut_into_runs(struct inference *net)
{
	const struct graph *g = net->g;
	int most = net->each;

	net->run = xmalloc((size_t)g->nodes, sizeof *net->run);
	for (int i = g->nodes - 1; i > 0; i--) {
		size_t bytes = (net->node[i].size + net->node[g->node[i].input[0]].size) *
		               number_size(net->how == INTEGERS ? NUMBER_U8 : NUMBER_F32);

		while (most % 2 == 0 && (size_t)most * bytes > RUN_BYTES)
			most /= 2;
		net->node[i].each = net->node[i].kept = most;
	}
	for (int i = 1; i < g->nodes; i++) {
		if (i == 1 || net->node[i].each != net->node[i - 1].each)
			net->run[net->runs++] = (struct run){ i, i, net->node[i].each };
		net->run[net->runs - 1].last = i;
		for (int k = 0; k < g->node[i].inputs; k++) {
			struct inference_node *in = &net->node[g->node[i].input[k]];

			in->kept = in->kept > net->node[i].each ? in->kept : net->node[i].each;
		}
	}
}

struct inference *inference_new(const struct graph *g, const struct weights *w, const struct policy *p,
                                enum arithmetic how, int batch, int shards)
{
	struct inference *net = xmalloc(1, sizeof *net);

	if (batch % shards)
		BUG("a batch of %d in %d shards", batch, shards);
	fusion_check_ranges(g, w, p);
	*net = (struct inference){ .g = g,
		                   .how = p ? how : FLOATS,
		                   .batch = batch,
		                   .each = batch / shards,
		                   .node = xmalloc((size_t)g->nodes, sizeof *net->node) };
	for (int i = 0; i < g->nodes; i++)
		net->node[i].size = (size_t)g->node[i].h * (size_t)g->node[i].w * (size_t)g->node[i].channels;
	cut_into_runs(net);
	for (int i = 0; i < g->nodes; i++) {
		if (g->node[i].layer >= 0)
			inference_build_layer(net, i, w, p);
		else
			inference_build_other(net, i);
	}
	plan(net);
	return net;
}

float *inference_input(struct inference *net)
{
	return net->input;
}

const float *inference_logits(const struct inference *net)
{
	return net->logits;
}

size_t inference_bytes(const struct inference *net)
{
	return net->bytes;
}

/* --- running --------------------------------------------------------------------------------- */

/* The output of a node, from this image of the batch on. */
static void *out_of(const struct inference *net, int i, int image)
{
	const struct inference_node *node = &net->node[i];

	if (i == 0)
		return net->input + (size_t)image * node->size;
	if (i == net->g->nodes - 1)
		return net->logits + (size_t)image * node->size;
	return (char *)node->out.data + (size_t)omp_get_thread_num() * node->out.stride +
	       (size_t)(image % node->kept) * node->size * number_size(node->type);
}

/* Float32 sums that become bytes: an image at a time, as they take four times the memory. */
static void forward_to_bytes(const struct inference_node *node, size_t in, int c, const float *x, float *sums,
                             uint8_t *y)
{
	struct affine f = { node->scale, node->shift };

	for (size_t k = 0; k < (size_t)node->each; k++) {
		conv_forward(node->conv, x + k * in, sums);
		ops_forward_bytes(tensor_of(storage_f32(sums), node->size, c), f, node->output,
		                  y + k * node->size);
	}
}

static void forward_floats(const struct inference_node *node, int c, const float *x, float *y)
{
	struct affine f = { node->scale, node->shift };

	conv_forward(node->conv, x, y);
	if (node->scale)
		ops_forward(tensor_of(storage_f32(y), (size_t)node->each * node->size, c), f, node->output,
		            storage_f32(y));
}

static void quantize_input(const struct inference *net, const struct inference_node *node, size_t count,
                           const float *x, void *own)
{
	if (net->how == INTEGERS)
		ops_to_bytes(x, count, node->input_quantizer, own);
	else
		ops_quantize(x, count, activation_quantizer_of(ACT_NONE, node->input_quantizer),
		             storage_f32(own));
}

static void forward_layer(const struct inference *net, int i, int image)
{
	int from = net->g->node[i].input[0], c = net->g->node[i].channels;
	const struct inference_node *node = &net->node[i], *in = &net->node[from];
	void *x = out_of(net, from, image), *y = out_of(net, i, image);
	void *own = (char *)node->own.data + (size_t)omp_get_thread_num() * node->own.stride;

	if (node->quantizes_input) {
		quantize_input(net, node, (size_t)node->each * in->size, x, own);
		x = own;
	}
	if (node->integer)
		conv_int8_forward(node->integer, x, y);
	else if (node->type == NUMBER_F32)
		forward_floats(node, c, x, y);
	else
		forward_to_bytes(node, in->size, c, x, own, y);
}

static void concatenate(const struct inference *net, int i, int image, float *y)
{
	const struct node *n = &net->g->node[i];
	size_t rows = (size_t)net->node[i].each * (size_t)n->h * (size_t)n->w;

	for (int k = 0; k < n->inputs; k++) {
		int channels = net->g->node[n->input[k]].channels;

		ops_join(out_of(net, n->input[k], image), rows, channels, y, n->channels);
		y += channels;
	}
}

static void forward_other(const struct inference *net, int i, int image)
{
	const struct node *n = &net->g->node[i];
	const struct inference_node *node = &net->node[i];
	const float *x = out_of(net, n->input[0], image),
		    *other = n->inputs > 1 ? out_of(net, n->input[1], image) : NULL;
	size_t count = (size_t)node->each * node->size, c = (size_t)n->channels;
	float *y = out_of(net, i, image);

	if (n->op == OP_ADD)
		ops_add(x, other, count, node->output, y);
	else if (n->op == OP_MULTIPLY)
		ops_multiply(x, other, count / c, node->size / net->node[n->input[1]].size, n->channels,
		             false, y);
	else if (n->op == OP_CONCAT)
		concatenate(net, i, image, y);
	else if (n->op == OP_ACTIVATE)
		ops_activate(x, count, (int)n->activation, y);
	else if (node->pool)
		pool_forward(node->pool, x, y, NULL);
	else
		ops_average(x, node->each, net->node[n->input[0]].size / node->size, n->channels, y);
}

/*
 * Computes run r of nodes for as many images as it takes, from this one on; the runs before it fill its
 * input, round by round.
 */
static void forward_run(const struct inference *net, int r, int image)
{
	const struct run *run = &net->run[r];

	for (int k = 0; r > 0 && k < run->each; k += run[-1].each)
		forward_run(net, r - 1, image + k);
	for (int i = run->first; i <= run->last; i++) {
		if (net->g->node[i].layer >= 0)
			forward_layer(net, i, image);
		else
			forward_other(net, i, image);
	}
}

/* Shards go to whoever is free: other work on a core then holds the rest up less. */
void inference_forward(struct inference *net, int images)
{
	int active = (images + net->each - 1) / net->each;

	if (images > net->batch)
		BUG("%d images in a batch of %d", images, net->batch);
#pragma omp parallel for schedule(dynamic) num_threads(threads())
	for (int s = 0; s < active; s++)
		for (int k = 0; k < net->each; k += net->run[net->runs - 1].each)
			forward_run(net, net->runs - 1, s * net->each + k);
}
