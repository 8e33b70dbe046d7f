#include "engine/buffers.h"
#include "engine/net-inner.h"
#include "core/threads.h"

#include <stdlib.h>

void *net_alloc(struct net *net, size_t bytes)
{
	net->bytes += bytes;
	return xmalloc(bytes, 1);
}

float *net_alloc_floats(struct net *net, size_t n)
{
	return net_alloc(net, n * sizeof(float));
}

/* Inference: an output lives until its last reader has run. */
static void plan_inference(struct net *net)
{
	int nodes = net->g->nodes;
	struct node_memory *memory = xmalloc((size_t)nodes, sizeof *memory);

	for (int i = 0; i < nodes; i++)
		memory[i].out_bytes = batch_size(net, &net->node[i]) * sizeof(float);
	net->bytes += buffers_inference(net->g, 1, memory);
	for (int i = 0; i < nodes; i++)
		net->node[i].z.data = net->node[i].out = memory[i].out.data;
	free(memory);
}

/*
 * Whether the k-th input of node i needs no gradient of its own: that of an addition without activation is
 * that of its inputs, so one that nobody else reads shares it.
 */
static bool shares_grad(const struct net *net, int i, int k)
{
	const struct node *n = &net->g->node[i], *in = &net->g->node[n->input[k]];

	return n->op == OP_ADD && n->activation == ACT_NONE && in->layer >= 0 && in->users == 1 &&
	       n->input[0] != n->input[1] && !(k == 1 && shares_grad(net, i, 0));
}

/* Whether a gradient is bfloat16: its only reader is a layer, so that nothing is ever added to it. */
static bool has_half_grad(const struct net *net, int i)
{
	for (int k = i + 1; net->is_half && net->node[i].is_lazy && k < net->g->nodes; k++)
		if (net->g->node[k].layer >= 0 && net->g->node[k].input[0] == i)
			return true;
	return false;
}

/* Gives the inputs of node i, whose gradient is buffer grad[i], theirs; [nodes], -1: none yet. */
static void plan_input_gradients(struct net *net, int i, struct buffers *b, int *grad)
{
	const struct node *n = &net->g->node[i];
	struct net_node *node = &net->node[i];
	bool is_shared = false;

	node->is_first = xmalloc((size_t)n->inputs, sizeof *node->is_first);
	for (int k = 0; k < n->inputs; k++) {
		struct net_node *in = &net->node[n->input[k]];
		int *input_grad = &grad[n->input[k]];

		node->is_first[k] = *input_grad < 0;
		in->shares_grad = shares_grad(net, i, k);
		is_shared |= in->shares_grad;
		if (in->shares_grad)
			*input_grad = grad[i];
		else if (n->input[k] && node->is_first[k])
			*input_grad = buffers_take(b, batch_size(net, in) * storage_size(in->grad.format));
	}
	if (!is_shared)
		buffers_release(b, grad[i]);
}

/* Training: results stay until the way back; gradients live from their first writer to their node. */
static void plan_training(struct net *net)
{
	const struct graph *g = net->g;
	struct buffers b = buffers_plan(2 * g->nodes);
	int *grad = xmalloc((size_t)g->nodes, sizeof *grad), last = g->nodes - 1;

	for (int i = 0; i < g->nodes; i++) {
		grad[i] = -1;
		net->node[i].grad.format = has_half_grad(net, i) ? BFLOAT16 : FLOAT32;
		net->node[i].z.format = net->is_half && g->node[i].batch_norm ? BFLOAT16 : FLOAT32;
	}
	grad[last] = buffers_take(&b, batch_size(net, &net->node[last]) * sizeof(float));
	for (int i = last; i > 0; i--)
		plan_input_gradients(net, i, &b, grad);
	net->bytes += buffers_allocate(&b, 1);
	for (int i = 0; i < g->nodes; i++) {
		struct net_node *node = &net->node[i];
		size_t size = batch_size(net, node);

		if (grad[i] >= 0)
			node->grad.data = b.all[grad[i]].data;
		if (g->node[i].layer >= 0)
			node->z.data = net_alloc(net, size * storage_size(node->z.format));
		if (!node->is_lazy)
			node->out = net_alloc_floats(net, size);
	}
	buffers_forget(&b);
	free(grad);
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* Memory of each thread, for the largest tile there is. */
static void plan_workspace(struct net *net)
{
	size_t x = 0, z = 0, dx = 0, diff = 0;

	for (int i = 1; i < net->g->nodes; i++) {
		const struct net_node *node = &net->node[i];
		const struct depthwise *d = &node->depthwise;
		size_t in = (size_t)d->w_in * (size_t)d->c, out = (size_t)d->w_out * (size_t)d->c;

		x = larger(x, node->by_rows ? DEPTHWISE_SIDE * in : node->tile_in);
		for (int k = 1; k < net->g->node[i].inputs; k++)
			x = larger(x, node->tile_out / node->size * input_of(net, i, k)->size);
		z = larger(z, node->by_rows ? DEPTHWISE_SIDE * out : node->tile_out);
		dx = larger(dx, node->by_rows ? in : node->tile_in);
		diff = larger(diff, node->taps ? 0 : node->diff_size);
	}
	net->workspace = xmalloc((size_t)threads(), sizeof *net->workspace);
	for (int t = 0; t < threads(); t++) {
		struct workspace *ws = &net->workspace[t];

		ws->x = net_alloc_floats(net, x);
		ws->dz = net_alloc_floats(net, larger(z, x));
		if (!net->training)
			continue;
		ws->z = net->is_half ? net_alloc_floats(net, z) : NULL;
		ws->dx = net_alloc_floats(net, dx);
		ws->diff = net_alloc(net, diff + 64);
	}
}

void net_plan(struct net *net)
{
	if (net->training)
		plan_training(net);
	else
		plan_inference(net);
	plan_workspace(net);
}
