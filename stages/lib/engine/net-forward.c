#include "engine/net-tile.h"
#include "core/threads.h"

#include <math.h>
#include <string.h>

#define STEP_LEAST 1e-30f        /* a quotient by steps stays finite */
#define BATCH_NORM_MOMENTUM 0.1f /* share of a batch in the running statistics; PyTorch's */

/* --- weights ---------------------------------------------------------------------------------- */

/*
 * Scale and shift of a layer from its statistics, running ones or those of the batch: the mean of z with its
 * bias, the variance of z.  Statistics are of what z stands for, scale is for z in its steps.
 */
static void fold_batch_norm(struct net_node *node, const struct layer_weights *p, int c, const float *mean,
                            const float *variance)
{
	weights_fold(p, c, mean, variance, node->scale, node->shift);
	for (int k = 0; k < c; k++)
		node->scale[k] *= node->step[k];
	for (int k = 0; node->inverse && k < c; k++) {
		node->inverse[k] = p->gamma ? 1 / sqrtf(variance[k] + BATCH_NORM_EPSILON) : 1;
		node->mean[k] = p->gamma ? mean[k] - (p->bias ? p->bias[k] : 0) : 0;
	}
	for (size_t k = (size_t)c; k < ops_period(c); k++) {
		node->scale[k] = node->scale[k - (size_t)c];
		node->shift[k] = node->shift[k - (size_t)c];
	}
}

static void prepare_integers(struct net *net, int layer, struct net_node *node)
{
	const struct layer *l = &net->g->layer[layer];
	size_t each = (size_t)(l->weights / l->cout);

	weights_to_integers(&net->w->layer[layer], l, net->policy, layer, node->integers, node->step);
	for (size_t k = 0; k < (size_t)l->cout; k++) {
		int8_t *integers = node->integers + k * each;
		float *weights = node->quantized + k * each, step = node->step[k];

		if (!(step * node->input_quantizer.step > STEP_LEAST)) {
			/* a range of nothing: all weights are 0, whatever the step */
			memset(integers, 0, each);
			step = 1;
		}
		for (size_t i = 0; i < each; i++)
			weights[i] = integers[i] * step;
		node->step[k] = step * node->input_quantizer.step;
	}
	conv_int8_set_weights(node->integer, node->integers);
}

static void prepare_weights(struct net *net, int layer, struct net_node *node)
{
	const struct layer_weights *p = &net->w->layer[layer];
	const struct layer *l = &net->g->layer[layer];

	if (node->integer)
		prepare_integers(net, layer, node);
	else if (net->policy)
		weights_quantize(p, l, net->policy, layer, node->quantized);
	if (node->conv)
		conv_set_weights(node->conv, node->quantized);
	else
		depthwise_from_oihw(node->quantized, l->cout, node->taps);
}

void net_prepare(struct net *net)
{
	const struct graph *g = net->g;

	net_refresh_quantizers(net);
#pragma omp parallel for schedule(dynamic) num_threads(threads())
	for (int i = 0; i < g->layers; i++) {
		struct net_node *node = &net->node[g->layer[i].node];
		struct layer_weights *p = &net->w->layer[i];

		prepare_weights(net, i, node);
		if (!net->has_statistics || !p->gamma)
			fold_batch_norm(node, p, g->layer[i].cout, p->mean, p->variance);
	}
}

/* --- layers ----------------------------------------------------------------------------------- */

/*
 * Mean of z and bias, and variance of z over the n rows of the batch, from the sums of the shards.  Where
 * these are not the running ones, those follow, whose variance is estimated over n - 1.
 */
static void batch_statistics(const struct net *net, const struct net_node *node, struct layer_weights *p,
                             int c, float *mean, float *variance)
{
	size_t rows = batch_size(net, node) / (size_t)c;

	for (int k = 0; k < c; k++) {
		double sum = 0, square = 0, step = (double)node->step[k], m, v;

		for (int s = 0; s < net->shards; s++) {
			sum += node->sums[s * (2 * c + 1) + k];
			square += node->sums[s * (2 * c + 1) + c + k];
		}
		m = sum / (double)rows;
		v = square / (double)rows - m * m;
		m *= step;
		v = v > 0 ? v * step * step : 0;
		mean[k] = (float)m + (p->bias ? p->bias[k] : 0);
		variance[k] = (float)v;
		if (mean == p->mean)
			continue;
		v = v * (double)rows / (double)(rows > 1 ? rows - 1 : 1);
		p->mean[k] += BATCH_NORM_MOMENTUM * (mean[k] - p->mean[k]);
		p->variance[k] += BATCH_NORM_MOMENTUM * ((float)v - p->variance[k]);
	}
}

/* Batch norm by the statistics that the net goes by: of the batch, or running ones. */
static void normalise(struct net *net, struct net_node *node, struct layer_weights *p, int c)
{
	bool is_apart = net->training && !net->is_frozen;
	/* memory that is free until the way back */
	float *mean = is_apart ? node->beta_grad : p->mean,
	      *variance = is_apart ? node->gamma_grad : p->variance;

	if (!net->is_frozen)
		batch_statistics(net, node, p, c, mean, variance);
	if (net->on_statistics)
		net->on_statistics(net->context, (int)(p - net->w->layer), mean, variance);
	fold_batch_norm(node, p, c, mean, variance);
}

/* Shows the input of layer i, one tile after the other: observers need not know of threads. */
static void observe(const struct net *net, int i)
{
	const struct net_node *node = &net->node[i];

	for (int t = 0; t < net->active * node->tiles; t++) {
		const float *x = tile_value(net, net->g->node[i].input[0], (size_t)t * node->tile_in,
		                            node->tile_in, net->observed);

		net->observer(net->context, net->g->node[i].layer, x, node->tile_in);
	}
}

static void convolve_tile(struct net *net, int i, int tile)
{
	struct net_node *node = &net->node[i];
	struct workspace *ws = tile_workspace(net);
	size_t from = (size_t)tile * node->tile_in, to = (size_t)tile * node->tile_out;
	float *z = tile_place(node->z, to, ws->z);

	if (node->integer)
		conv_int8_forward(node->integer, tile_input_bytes(net, i, from, node->tile_in, ws->x), z);
	else
		conv_forward(node->conv, tile_input(net, i, from, node->tile_in, ws->x), z);
	tile_result(net, i, tile / node->tiles, to, node->tile_out, z);
}

static void keep_value(struct net *net, int i, int tile)
{
	size_t n = net->node[i].tile_out;

	tile_keep_value(net, i, (size_t)tile * n, n);
}

static void forward_layer(struct net *net, int i)
{
	const struct node *n = &net->g->node[i];
	struct net_node *node = &net->node[i];
	bool has_statistics = net->has_statistics && n->batch_norm;

	if (has_statistics)
		memset(node->sums, 0,
		       (size_t)net->shards * (2 * (size_t)n->channels + 1) * sizeof *node->sums);
	if (net->observer)
		observe(net, i);
	net_for_tiles(net, i, node->conv ? convolve_tile : net_depthwise_forward);
	if (!has_statistics)
		return;
	normalise(net, node, &net->w->layer[n->layer], n->channels);
	if (!node->is_lazy)
		net_for_tiles(net, i, keep_value);
}

/* --- other nodes ------------------------------------------------------------------------------ */

/* The k-th input of a tile of node i. */
static const float *read_input(const struct net *net, int i, int k, int tile, float *memory)
{
	const struct net_node *node = &net->node[i];
	size_t n = node->tile_out / node->size * input_of(net, i, k)->size;

	return tile_value(net, net->g->node[i].input[k], (size_t)tile * n, n, memory);
}

static void concatenate(const struct net *net, int i, int tile, float *y)
{
	const struct node *n = &net->g->node[i];
	size_t rows = net->node[i].tile_out / (size_t)n->channels;

	for (int k = 0; k < n->inputs; k++) {
		const float *x = read_input(net, i, k, tile, tile_workspace(net)->x);
		int channels = net->g->node[n->input[k]].channels;

		ops_join(x, rows, channels, y, n->channels);
		y += channels;
	}
}

static void forward_other(struct net *net, int i, int tile)
{
	const struct node *n = &net->g->node[i];
	struct net_node *node = &net->node[i];
	struct workspace *ws = tile_workspace(net);
	size_t count = node->tile_out, rows = count / (size_t)n->channels;
	float *y = node->out + (size_t)tile * count;
	const float *x, *other;

	if (n->op == OP_CONCAT) {
		concatenate(net, i, tile, y);
		return;
	}
	x = read_input(net, i, 0, tile, ws->x);
	other = n->inputs > 1 ? read_input(net, i, 1, tile, ws->dz) : NULL;
	if (n->op == OP_ADD)
		ops_add(x, other, count, node->output, y);
	else if (n->op == OP_MULTIPLY)
		ops_multiply(x, other, rows, node->size / input_of(net, i, 1)->size, n->channels, false, y);
	else if (n->op == OP_ACTIVATE)
		ops_activate(x, count, (int)n->activation, y);
	else if (node->pool)
		pool_forward(node->pool, x, y, node->pool_where + (size_t)tile * pool_workspace(node->pool));
	else
		ops_average(x, (int)(count / node->size), input_of(net, i, 0)->size / node->size, n->channels,
		            y);
}

void net_forward(struct net *net, int images)
{
	if (images > net->batch || (net->has_statistics && images != net->batch))
		BUG("%d images in a batch of %d", images, net->batch);
	net->active = (images + net->each - 1) / net->each;
	for (int i = 1; i < net->g->nodes; i++) {
		if (net->g->node[i].layer >= 0)
			forward_layer(net, i);
		else
			net_for_tiles(net, i, forward_other);
	}
}
