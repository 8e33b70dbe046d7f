#include "engine/net-tile.h"
#include "core/threads.h"

#include <omp.h>

void net_for_tiles(struct net *net, int i, tile_work *work)
{
	int tiles = net->node[i].tiles;

	/* whoever is free takes the next: other work on a core holds the rest up less */
#pragma omp parallel for schedule(dynamic) num_threads(threads())
	for (int s = 0; s < net->active; s++)
		for (int t = s * tiles; t < (s + 1) * tiles; t++)
			work(net, i, t);
}

struct workspace *tile_workspace(const struct net *net)
{
	return &net->workspace[omp_get_thread_num()];
}

/* --- forward ---------------------------------------------------------------------------------- */

static struct affine affine_of(const struct net_node *node)
{
	return (struct affine){ node->scale, node->shift };
}

/* Results that a layer keeps. */
static struct tensor results_of(const struct net *net, int i, size_t at, size_t n)
{
	return tensor_of(storage_at(net->node[i].z, at), n, net->g->node[i].channels);
}

static void value_of_results(const struct net *net, int i, size_t at, size_t n, struct storage y)
{
	const struct net_node *node = &net->node[i];

	ops_forward(results_of(net, i, at, n), affine_of(node), node->output, y);
}

float *tile_value(const struct net *net, int i, size_t at, size_t n, float *memory)
{
	if (!net->node[i].is_lazy)
		return net->node[i].out + at;
	value_of_results(net, i, at, n, storage_f32(memory));
	return memory;
}

const void *tile_input(const struct net *net, int i, size_t at, size_t n, void *memory)
{
	const struct net_node *node = &net->node[i], *in = input_of(net, i, 0);
	struct quantizer none = { 0 };
	struct storage x = { memory, node->operands };

	if (in->is_lazy)
		value_of_results(net, net->g->node[i].input[0], at, n, x);
	else if (node->quantizes_input)
		ops_quantize(in->out + at, n, activation_quantizer_of(ACT_NONE, node->input_quantizer), x);
	else if (node->operands != FLOAT32)
		ops_quantize(in->out + at, n, activation_quantizer_of(ACT_NONE, none), x);
	else
		return in->out + at;
	return memory;
}

const void *tile_input_bytes(const struct net *net, int i, size_t at, size_t n, void *memory)
{
	const struct net_node *node = &net->node[i], *in = input_of(net, i, 0);

	if (node->quantizes_input)
		ops_to_bytes(in->out + at, n, node->input_quantizer, memory);
	else
		ops_forward_bytes(results_of(net, net->g->node[i].input[0], at, n), affine_of(in), in->output,
		                  memory);
	return memory;
}

void tile_result(struct net *net, int i, int shard, size_t at, size_t n, const float *z)
{
	const struct net_node *node = &net->node[i];
	int c = net->g->node[i].channels;
	struct tensor results = tensor_of(storage_f32(z), n, c);

	if (net->has_statistics && net->g->node[i].batch_norm) {
		double *sums = node->sums + (size_t)shard * (2 * (size_t)c + 1);

		ops_moments(results, sums, sums + c, storage_at(node->z, at));
	} else if (!node->is_lazy) {
		ops_forward(results, affine_of(node), node->output, storage_f32(node->out + at));
	}
}

void tile_keep_value(const struct net *net, int i, size_t at, size_t n)
{
	value_of_results(net, i, at, n, storage_f32(net->node[i].out + at));
}

/* --- backward --------------------------------------------------------------------------------- */

void tile_sum_gradient(const struct net *net, int i, int shard, size_t at, size_t n, const float *dy)
{
	const struct net_node *node = &net->node[i];
	int c = net->g->node[i].channels;
	double *sums = node->sums + (size_t)shard * (2 * (size_t)c + 1);

	ops_backward_sums(results_of(net, i, at, n), dy, affine_of(node), node->output,
	                  (struct backward_sums){ sums, sums + c, sums + 2 * c }, storage_at(node->grad, at));
}

void tile_result_gradient(const struct net *net, int i, size_t at, size_t n, void *dz)
{
	const struct net_node *node = &net->node[i];

	ops_backward_apply(results_of(net, i, at, n), storage_at(node->grad, at), affine_of(node),
	                   node->output, (struct backward_affine){ node->a, node->b, node->d },
	                   (struct storage){ dz, node->operands });
}

/* Whether nothing is added to the gradient of the input, or done to what reaches it. */
static bool is_direct(const struct net_node *node)
{
	return !node->quantizes_input && node->is_first[0];
}

float *tile_input_gradient(const struct net *net, int i, size_t at)
{
	float *memory = tile_workspace(net)->dx;

	return is_direct(&net->node[i]) ? tile_place(input_of(net, i, 0)->grad, at, memory) : memory;
}

void tile_deliver(const struct net *net, int i, int shard, size_t at, size_t n, float *dx)
{
	const struct net_node *node = &net->node[i], *in = input_of(net, i, 0);

	if (node->quantizes_input) {
		bool is_image = !net->g->node[i].input[0]; /* has no gradient: it goes where it came from */
		struct activation_quantizer q = activation_quantizer_of(ACT_NONE, node->input_quantizer);

		q.learns_step = net->clips.lsq;
		ops_quantize_backward(in->out + at, dx, n, q, !is_image && !node->is_first[0],
		                      is_image ? dx : tile_gradient(in, at), &node->clips[shard]);
	} else if (!node->is_first[0])
		ops_accumulate(tile_gradient(in, at), dx, n);
	if (in->is_lazy) /* it was all there is; its sums are taken while it is in the cache */
		tile_sum_gradient(net, net->g->node[i].input[0], shard, at, n, dx);
}
