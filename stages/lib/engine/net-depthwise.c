#include "engine/net-tile.h"

#include <string.h>

#define SIDE DEPTHWISE_SIDE

/* The input row that row k of the weights meets at output row o, or -1. */
static int row_under(const struct depthwise *d, int o, int k)
{
	int r = o * d->stride + k - d->pad;

	return r >= 0 && r < d->h_in ? r : -1;
}

/* The output row where row k of the weights meets input row r, or -1. */
static int row_above(const struct depthwise *d, int r, int k)
{
	int o = r + d->pad - k;

	return o >= 0 && o % d->stride == 0 && o / d->stride < d->h_out ? o / d->stride : -1;
}

/* --- a large image, row by row ---------------------------------------------------------------- */

/* Rows of an image that are in the cache: row r at r % SIDE, or where it lies anyway. */
struct rows {
	const float *row[SIDE];
	int made; /* rows made so far */
};

static const float *row_of(const struct rows *x, int r)
{
	return r >= 0 ? x->row[r % SIDE] : NULL;
}

/* Makes input rows up to the last under output row o; `under` are those under it, in order. */
static void read_rows(const struct net *net, int i, size_t image, int o, struct rows *x,
                      const float *under[SIDE])
{
	const struct depthwise *d = &net->node[i].depthwise;
	size_t row = (size_t)d->w_in * (size_t)d->c;
	int top = o * d->stride - d->pad;
	float *memory = tile_workspace(net)->x;

	for (; x->made < d->h_in && x->made < top + SIDE; x->made++)
		x->row[x->made % SIDE] = tile_input(net, i, image + (size_t)x->made * row, row,
		                                    memory + (size_t)(x->made % SIDE) * row);
	for (int k = 0; k < SIDE; k++)
		under[k] = row_of(x, row_under(d, o, k));
}

static void forward_rows(struct net *net, int i, int image)
{
	struct net_node *node = &net->node[i];
	const struct depthwise *d = &node->depthwise;
	size_t from = (size_t)image * node->tile_in, to = (size_t)image * node->tile_out,
	       row = (size_t)d->w_out * (size_t)d->c;
	struct rows x = { { NULL }, 0 };
	int shard = image / node->tiles;

	for (int o = 0; o < d->h_out; o++, to += row) {
		const float *under[SIDE];
		float *z = tile_place(node->z, to, tile_workspace(net)->z);

		read_rows(net, i, from, o, &x, under);
		depthwise_forward(d, under, node->taps, z);
		tile_result(net, i, shard, to, row, z);
	}
}

/* The gradient of input row r, from the output rows that it reaches. */
static void backward_row(struct net *net, int i, int shard, size_t image, int r, const struct rows *dz)
{
	const struct net_node *node = &net->node[i];
	const struct depthwise *d = &node->depthwise;
	size_t row = (size_t)d->w_in * (size_t)d->c, at = image + (size_t)r * row;
	const float *above[SIDE];
	float *dx = tile_input_gradient(net, i, at);

	for (int k = 0; k < SIDE; k++)
		above[k] = row_of(dz, row_above(d, r, k));
	depthwise_backward_data(d, above, node->taps, dx);
	tile_deliver(net, i, shard, at, row, dx);
}

/* The gradients of the weights of a shard. */
static float *diff_of(const struct net_node *node, int tile)
{
	return (float *)(void *)(node->diff + (size_t)(tile / node->tiles) * node->diff_size);
}

/* Each input row gets its gradient once the last output row that it reaches is there. */
static void backward_rows(struct net *net, int i, int image)
{
	struct net_node *node = &net->node[i];
	const struct depthwise *d = &node->depthwise;
	size_t from = (size_t)image * node->tile_in, to = (size_t)image * node->tile_out,
	       row = (size_t)d->w_out * (size_t)d->c;
	float *diff = diff_of(node, image);
	struct rows x = { { NULL }, 0 }, dz = { { NULL }, 0 };
	int delivered = wants_input_gradient(net, i) ? 0 : d->h_in;

	for (int o = 0; o < d->h_out; o++) {
		float *memory = tile_workspace(net)->dz + (size_t)(o % SIDE) * row;
		const float *under[SIDE];

		read_rows(net, i, from, o, &x, under);
		tile_result_gradient(net, i, to + (size_t)o * row, row, memory);
		dz.row[o % SIDE] = memory;
		depthwise_backward_weights(d, under, memory, diff);
		while (delivered < d->h_in && (o + 1 == d->h_out || delivered + d->pad < (o + 1) * d->stride))
			backward_row(net, i, image / node->tiles, from, delivered++, &dz);
	}
}

/* --- small images, several at a time ---------------------------------------------------------- */

/* Rows of an image that the weights' three rows meet at output row o. */
static void rows_under(const struct depthwise *d, const float *x, int o, const float *under[SIDE])
{
	for (int k = 0; k < SIDE; k++) {
		int r = row_under(d, o, k);

		under[k] = r >= 0 ? x + r * d->w_in * d->c : NULL;
	}
}

/* Rows of the output's gradient that input row r meets by the weights' three rows. */
static void rows_above(const struct depthwise *d, const float *dz, int r, const float *above[SIDE])
{
	for (int k = 0; k < SIDE; k++) {
		int o = row_above(d, r, k);

		above[k] = o >= 0 ? dz + o * d->w_out * d->c : NULL;
	}
}

static void forward_images(struct net *net, int i, int tile)
{
	struct net_node *node = &net->node[i];
	const struct depthwise *d = &node->depthwise;
	size_t from = (size_t)tile * node->tile_in, to = (size_t)tile * node->tile_out;
	size_t in = input_of(net, i, 0)->size;
	const float *x = tile_input(net, i, from, node->tile_in, tile_workspace(net)->x), *under[SIDE];
	float *z = tile_place(node->z, to, tile_workspace(net)->z);

	for (size_t k = 0; k * node->size < node->tile_out; k++)
		for (int o = 0; o < d->h_out; o++) {
			rows_under(d, x + k * in, o, under);
			depthwise_forward(d, under, node->taps, z + k * node->size + o * d->w_out * d->c);
		}
	tile_result(net, i, tile / node->tiles, to, node->tile_out, z);
}

static void backward_images(struct net *net, int i, int tile)
{
	struct net_node *node = &net->node[i];
	const struct depthwise *d = &node->depthwise;
	size_t from = (size_t)tile * node->tile_in, in = input_of(net, i, 0)->size;
	const float *x = tile_input(net, i, from, node->tile_in, tile_workspace(net)->x), *near[SIDE];
	float *dz = tile_workspace(net)->dz, *diff = diff_of(node, tile), *dx;

	tile_result_gradient(net, i, (size_t)tile * node->tile_out, node->tile_out, dz);
	for (size_t k = 0; k * node->size < node->tile_out; k++)
		for (int o = 0; o < d->h_out; o++) {
			rows_under(d, x + k * in, o, near);
			depthwise_backward_weights(d, near, dz + k * node->size + o * d->w_out * d->c, diff);
		}
	if (!wants_input_gradient(net, i))
		return;
	dx = tile_input_gradient(net, i, from);
	for (size_t k = 0; k * node->size < node->tile_out; k++)
		for (int r = 0; r < d->h_in; r++) {
			rows_above(d, dz + k * node->size, r, near);
			depthwise_backward_data(d, near, node->taps, dx + k * in + r * d->w_in * d->c);
		}
	tile_deliver(net, i, tile / node->tiles, from, node->tile_in, dx);
}

void net_depthwise_forward(struct net *net, int i, int tile)
{
	if (net->node[i].by_rows)
		forward_rows(net, i, tile);
	else
		forward_images(net, i, tile);
}

void net_depthwise_backward(struct net *net, int i, int tile)
{
	struct net_node *node = &net->node[i];

	if (tile % node->tiles == 0) /* the first of a shard */
		memset(diff_of(node, tile), 0, node->diff_size);
	if (node->by_rows)
		backward_rows(net, i, tile);
	else
		backward_images(net, i, tile);
}
