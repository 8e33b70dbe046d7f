/*
 * graph.h - a network as data: data/networks/NET.csv, one row per node, inputs before their users.
 *
 *	name,op,inputs,channels,size,stride,pad,groups,bias,norm,activation,bits
 *	image,input,,1,28,,,,,,,
 *	conv1,conv,image,8,3,1,1,1,no,yes,relu,8
 *	b1.dw,conv,conv1,8,3,1,1,8,no,yes,relu6,search
 *	...
 *	pool,average,b13.pw,,,,,,,,,
 *	fc,linear,pool,10,,,,,yes,,,8
 *
 * op          input, conv, linear, add, average (over the whole image), max (pooling)
 * inputs      names of nodes above, separated by spaces; add takes two, the others one
 * channels    output channels of conv and linear, channels of input
 * size        side of the kernel (conv, max) or of the image (input)
 * groups      conv: 1 dense; = channels in = channels out: depthwise
 * bias, norm  yes or no; norm is batch normalisation
 * activation  none, relu, relu6; after the norm, or after an add
 * bits        conv, linear: `search`, or a number the layer is fixed at (HAQ: first and last at 8)
 *
 * Shapes are derived from these and checked.  Layers are the conv and linear nodes in order, counted
 * from 0; policies, costs and features have one row for each.
 */
#ifndef GRAPH_H
#define GRAPH_H

#include "base.h"

enum op { OP_INPUT, OP_CONV, OP_LINEAR, OP_ADD, OP_AVERAGE, OP_MAX };
enum activation { ACT_NONE, ACT_RELU, ACT_RELU6 };

#define BITS_MAX 8
#define BITS_SEARCHED 0

struct node {
	char *name;
	enum op op;
	int inputs, input[2];           /* indices of nodes before this one */
	int channels, size, stride, pad, groups;
	bool bias, norm;
	enum activation activation;
	int bits;                       /* BITS_SEARCHED, or what the layer is fixed at */
	int h, w;                       /* of the output; its channels are `channels` */
	int layer;                      /* index among the layers, or -1 */
	int users;                      /* how many nodes read the output */
	bool is_signed;                 /* the output may be negative */
};

struct layer {                          /* what hardware and agent know of a conv or linear node */
	const char *name;
	int node;
	bool is_linear, is_depthwise, is_searched;
	int fixed_bits;                 /* where not searched */
	int cin, cout, kernel, stride, groups, hin, win, hout, wout;
	int64_t weights, macs;          /* macs per image */
	int64_t biases, norms;          /* bias of each output channel; gamma and beta of its batch norm */
	int64_t reads;                  /* numbers of the input that some window covers, at most, per image */
	bool input_is_signed;           /* its input may be negative */
};

struct graph {
	const char *path;
	int nodes, layers;
	struct node *node;
	struct layer *layer;
};

void graph_read(struct graph *g, const char *path);             /* dies */
int graph_layer(const struct graph *g, const char *name);       /* index, or -1 */
const char *layer_kind(const struct layer *l);                  /* conv, pointwise, depthwise, linear */
int64_t graph_macs(const struct graph *g);
int graph_classes(const struct graph *g);                       /* channels of the last node */

#endif
