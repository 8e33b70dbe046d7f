#include "engine/net-tile.h"

#include <math.h>
#include <string.h>

/*
 * Batch norm's gradient, with S = sum g and P = sum g * xhat over the batch of N rows,
 * xhat = (z - mean) * inverse:
 *	dz = scale * (g - S / N - xhat * P / N) = a * g + b * z + d,   dgamma = P,   dbeta = S
 * By running statistics, which do not depend on z, b and d are 0, and a bias before batch norm has an effect.
 * z is kept in steps; gradients are with respect to what it stands for, z * step.
 */
static void batch_norm_gradient(struct net *net, struct net_node *node, const struct layer_weights *p, int c)
{
	size_t rows = batch_size(net, node) / (size_t)c;
	bool depends = p->gamma && !net->is_frozen;

	for (int k = 0; k < c; k++) {
		double sum = 0, product = 0, step = (double)node->step[k];
		double scale = (double)node->scale[k] / step;
		double inverse = (double)node->inverse[k], mean = (double)node->mean[k];

		for (int s = 0; s < net->shards; s++) {
			sum += node->sums[s * (2 * c + 1) + k];
			product += node->sums[s * (2 * c + 1) + c + k];
		}
		product = (product * step - mean * sum) * inverse;
		node->bias_grad[k] = p->gamma ? (float)(depends ? 0 : sum * scale) : (float)sum;
		node->beta_grad[k] = (float)sum;
		node->gamma_grad[k] = (float)product;
		node->a[k] = (float)scale;
		node->b[k] = depends ? (float)(-scale * inverse * product / (double)rows * step) : 0;
		node->d[k] = depends ? (float)(scale * (mean * inverse * product - sum) / (double)rows) : 0;
	}
	for (size_t k = (size_t)c; k < ops_period(c); k++) {
		node->a[k] = node->a[k - (size_t)c];
		node->b[k] = node->b[k - (size_t)c];
		node->d[k] = node->d[k - (size_t)c];
	}
}

/* A tile on its way back through batch norm, activation and convolution. */
static void backward_convolution(struct net *net, int i, int tile)
{
	struct net_node *node = &net->node[i];
	struct workspace *ws = tile_workspace(net);
	int shard = tile / node->tiles;
	size_t at = (size_t)tile * node->tile_in;
	char *diff = node->diff + (size_t)shard * node->diff_size;
	const void *x = tile_input(net, i, at, node->tile_in, ws->x);
	float *dx;

	tile_result_gradient(net, i, (size_t)tile * node->tile_out, node->tile_out, ws->dz);
	conv_backward_weights(node->conv, x, ws->dz, tile % node->tiles != 0, diff, ws->diff);
	if (!wants_input_gradient(net, i))
		return;
	dx = tile_input_gradient(net, i, at);
	conv_backward_data(node->conv, ws->dz, dx);
	tile_deliver(net, i, shard, at, node->tile_in, dx);
}

/* LSQ's factor for the gradient of a range of so many levels, which so many numbers share. */
static double lsq_scale(double levels, double numbers)
{
	return levels * sqrt(levels / numbers);
}

/* The factor for the gradient of the range of what a layer reads, by what the net goes by. */
static double clip_scale(const struct net *net, const struct net_node *node, double numbers)
{
	return net->clips.lsq ? lsq_scale(node->input_quantizer.levels, numbers) : 1;
}

/* The clipping range of a reader's quantizer learns from what it cut off. */
static void gather_clips(struct net *net, int i)
{
	struct net_node *node = &net->node[i];
	size_t stride = 2 * (size_t)net->g->node[i].channels + 1;
	double fused = 0, own = 0;

	for (int s = 0; s < net->shards; s++) {
		fused += node->sums[(size_t)s * stride + stride - 1];
		own += node->clips[s];
	}
	if (node->fused_reader >= 0) {
		struct net_node *reader = &net->node[net->g->layer[node->fused_reader].node];

		reader->clip_grad = (float)(fused * clip_scale(net, reader, (double)node->size));
	}
	if (node->quantizes_input)
		node->clip_grad = (float)(own * clip_scale(net, node, (double)input_of(net, i, 0)->size));
}

/* The gradient of the range of n weights, with respect to which each is quantized. */
static double weight_clip_gradient(const float *w, const float *quantized, const float *grad, size_t n,
                                   int bits, float clip)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double)grad[i] *
		       (double)(bits == 1 || fabsf(w[i]) >= clip ? quantized[i] : quantized[i] - w[i]);
	return clip > 0 ? sum / (double)clip : 0;
}

/* Levels of kernels that share a range, in the mean: with a factor each their sum would be no gradient. */
static double mean_levels(const struct policy *p, int layer, int first, int end)
{
	double sum = 0;

	for (int k = first; k < end; k++) {
		int bits = policy_kernel_bits(p, layer, k);

		sum += bits > 1 ? (1 << (bits - 1)) - 1 : 1;
	}
	return sum / (end - first);
}

static void gather_weight_clips(struct net *net, int layer, struct net_node *node)
{
	const struct layer_weights *p = &net->w->layer[layer];
	const struct layer *l = &net->g->layer[layer];
	size_t each = (size_t)(l->weights / l->cout);
	int sharing = l->cout / p->weight_clips;

	for (int at = 0; at < p->weight_clips; at++) {
		int first = at * sharing, end = first + sharing;
		double scale = lsq_scale(mean_levels(net->policy, layer, first, end), (double)each * sharing),
		       sum = 0;

		for (int k = first; k < end; k++) {
			size_t from = (size_t)k * each;

			sum += weight_clip_gradient(
				       p->weight + from, node->quantized + from, node->weight_grad + from,
				       each, policy_kernel_bits(net->policy, layer, k), p->weight_clip[at]) *
			       scale;
		}
		node->weight_clip_grad[at] = (float)sum;
	}
}

static void gather_weights(struct net *net, struct net_node *node, int channels)
{
	for (int s = 1; s < net->shards; s++)
		ops_accumulate((float *)(void *)node->diff,
		               (float *)(void *)(node->diff + (size_t)s * node->diff_size),
		               node->diff_size / sizeof(float));
	if (node->conv)
		conv_diff_to_oihw(node->conv, node->diff, node->weight_grad);
	else
		depthwise_to_oihw((float *)(void *)node->diff, channels, node->weight_grad);
}

static void sum_gradient(struct net *net, int i, int tile)
{
	const struct net_node *node = &net->node[i];
	size_t at = (size_t)tile * node->tile_out;

	tile_sum_gradient(net, i, tile / node->tiles, at, node->tile_out, tile_gradient(node, at));
}

static void backward_layer(struct net *net, int i)
{
	const struct node *n = &net->g->node[i];
	struct net_node *node = &net->node[i];

	if (!node->is_lazy)
		net_for_tiles(net, i, sum_gradient);
	batch_norm_gradient(net, node, &net->w->layer[n->layer], n->channels);
	net_for_tiles(net, i, node->conv ? backward_convolution : net_depthwise_backward);
	gather_weights(net, node, n->channels);
	gather_clips(net, i);
	if (node->weight_clip_grad)
		gather_weight_clips(net, n->layer, node);
}

/* --- other nodes ------------------------------------------------------------------------------ */

/* A gradient on its way from a tile of node i to its k-th input: dy, and where it goes, := or +=. */
struct way {
	int i, k, tile;
	const float *dy;
	float *dx;
	bool add;
};

/* The gradient of a factor is that of the product times the other factor. */
static void backward_factor(const struct net *net, struct way w)
{
	const struct node *n = &net->g->node[w.i];
	const struct net_node *node = &net->node[w.i], *other = input_of(net, w.i, 1 - w.k);
	size_t rows = node->tile_out / (size_t)n->channels, area = node->size / input_of(net, w.i, 1)->size;
	size_t count = node->tile_out / node->size * other->size;
	const float *x =
		tile_value(net, n->input[1 - w.k], (size_t)w.tile * count, count, tile_workspace(net)->x);

	if (w.k == 0)
		ops_multiply(w.dy, x, rows, area, n->channels, w.add, w.dx);
	else
		ops_multiply_backward(w.dy, x, rows, area, n->channels, w.add, w.dx);
}

static void backward_pool(const struct net *net, struct way w)
{
	const struct net_node *node = &net->node[w.i];
	float *memory = tile_workspace(net)->dx;

	pool_backward(node->pool, w.dy, node->pool_where + (size_t)w.tile * pool_workspace(node->pool),
	              w.add ? memory : w.dx);
	if (w.add)
		ops_accumulate(w.dx, memory, node->tile_in);
}

/* A concatenation's gradient belongs to the k-th input from the channels on that those before it have. */
static void backward_concat(const struct net *net, struct way w)
{
	const struct node *n = &net->g->node[w.i], *from = &net->g->node[n->input[w.k]];
	size_t rows = net->node[w.i].tile_out / (size_t)n->channels;

	for (int k = 0; k < w.k; k++)
		w.dy += net->g->node[n->input[k]].channels;
	ops_split(w.dy, n->channels, rows, from->channels, w.add, w.dx);
}

static void backward_activate(const struct net *net, struct way w)
{
	const struct node *n = &net->g->node[w.i];
	size_t count = net->node[w.i].tile_in;
	const float *x = tile_value(net, n->input[0], (size_t)w.tile * count, count, tile_workspace(net)->x);

	ops_activate_backward(x, w.dy, count, (int)n->activation, w.add, w.dx);
}

static void backward_input(const struct net *net, struct way w)
{
	const struct node *n = &net->g->node[w.i];
	const struct net_node *node = &net->node[w.i], *in = input_of(net, w.i, w.k);
	size_t count = node->tile_out;
	double unused = 0;

	if (n->op == OP_ADD && !in->shares_grad)
		ops_quantize_backward(node->out + (size_t)w.tile * count, w.dy, count, node->output, w.add,
		                      w.dx, &unused);
	else if (n->op == OP_MULTIPLY)
		backward_factor(net, w);
	else if (n->op == OP_CONCAT)
		backward_concat(net, w);
	else if (n->op == OP_ACTIVATE)
		backward_activate(net, w);
	else if (node->pool)
		backward_pool(net, w);
	else if (n->op == OP_AVERAGE)
		ops_average_backward(w.dy, (int)(count / node->size), in->size / node->size, n->channels,
		                     w.add, w.dx);
}

/* A tile of a node that is no layer, on its way to all of its inputs but the image, which learns nothing. */
static void backward_other(struct net *net, int i, int tile)
{
	const struct node *n = &net->g->node[i];
	const struct net_node *node = &net->node[i];

	for (int k = 0; k < n->inputs; k++) {
		const struct net_node *in = input_of(net, i, k);
		size_t count = node->tile_out / node->size * in->size, at = (size_t)tile * count;
		struct way w = { i,    k,
			         tile, tile_gradient(node, (size_t)tile * node->tile_out),
			         NULL, !node->is_first[k] };

		if (!n->input[k])
			continue;
		w.dx = tile_gradient(in, at);
		backward_input(net, w);
		if (in->is_lazy)
			tile_sum_gradient(net, n->input[k], tile / node->tiles, at, count, w.dx);
	}
}

static void clear_sums(struct net *net)
{
	for (int i = 0; i < net->g->layers; i++) {
		struct net_node *node = &net->node[net->g->layer[i].node];

		memset(node->sums, 0,
		       (size_t)net->shards * (2 * (size_t)net->g->layer[i].cout + 1) * sizeof *node->sums);
		memset(node->clips, 0, (size_t)net->shards * sizeof *node->clips);
	}
}

double net_backward(struct net *net, const struct targets *targets)
{
	const struct graph *g = net->g;
	struct net_node *last = &net->node[g->nodes - 1];
	double loss = ops_cross_entropy(last->out, targets, net->batch, graph_classes(g),
	                                1 / (float)net->batch, tile_gradient(last, 0));

	clear_sums(net);
	for (int i = g->nodes - 1; i > 0; i--) {
		if (g->node[i].layer >= 0)
			backward_layer(net, i);
		else
			net_for_tiles(net, i, backward_other);
	}
	return loss / net->batch;
}
