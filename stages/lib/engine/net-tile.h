/*
 * net-tile.h - what a network does to a tile before and after the arithmetic of its node.
 *
 * Forward:   tile_input, convolution, tile_result.
 * Backward:  tile_result_gradient, convolution, tile_deliver.
 *
 * All of it is for the calling thread, inside of net_for_tiles(); `at` and n say which numbers of the
 * batch are meant, i which node, in `memory` there is room for n float32.
 */
#ifndef NET_TILE_H
#define NET_TILE_H

#include "engine/net-inner.h"

/* Works at all tiles of a node: shards in parallel, the tiles of a shard in their order. */
typedef void tile_work(struct net *net, int i, int tile);
void net_for_tiles(struct net *net, int i, tile_work *work);

struct workspace *tile_workspace(const struct net *net);

/* The value of a node: where it is kept, or, where it is lazy, computed into memory. */
float *tile_value(const struct net *net, int i, size_t at, size_t n, float *memory);

/* The input of layer i, quantized, in the format of its operands; or as bytes, input / step. */
const void *tile_input(const struct net *net, int i, size_t at, size_t n, void *memory);
const void *tile_input_bytes(const struct net *net, int i, size_t at, size_t n, void *memory);

/* The place to compute numbers that are kept in s: there, or, if that is not float32, in memory. */
static inline float *tile_place(struct storage s, size_t at, float *memory)
{
	return s.format == FLOAT32 ? (float *)s.data + at : memory;
}

/* Takes results of layer i, which were computed at tile_place(): their sums, or their value. */
void tile_result(struct net *net, int i, int shard, size_t at, size_t n, const float *z);

/* Computes the value of a layer that keeps it, once batch norm knows its statistics. */
void tile_keep_value(const struct net *net, int i, size_t at, size_t n);

/* The gradient of a node's value. */
static inline float *tile_gradient(const struct net_node *node, size_t at)
{
	return tile_place(node->grad, at, NULL);
}

/*
 * Sums, over a shard, of the gradient of a layer's value, for the gradient of batch norm; where gradients
 * are kept as bfloat16, this is how they get there.
 */
void tile_sum_gradient(const struct net *net, int i, int shard, size_t at, size_t n, const float *dy);

/* dz, the gradient of results of layer i, from that of its value, in the format of its operands. */
void tile_result_gradient(const struct net *net, int i, size_t at, size_t n, void *dz);

/* Whether the gradient of layer i's input is of use: that of the image only to the range it is clipped to. */
static inline bool wants_input_gradient(const struct net *net, int i)
{
	return net->g->node[i].input[0] || net->node[i].quantizes_input;
}

/* The place where layer i computes the gradient of its input, which then goes to the node that made it. */
float *tile_input_gradient(const struct net *net, int i, size_t at);
void tile_deliver(const struct net *net, int i, int shard, size_t at, size_t n, float *dx);

#endif
