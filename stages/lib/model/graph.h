/*
 * graph.h - a network as data: data/networks/NET.csv, one row per node, inputs before their users.  Read and
 * written here alone.
 *
 *	name,op,inputs,channels,size,stride,pad,groups,bias,norm,activation,bits
 *	image,input,,1,28,,,,,,,
 *	conv1,conv,image,8,3,1,1,1,no,yes,relu,8
 *	b1.dw,conv,conv1,8,3,1,1,8,no,yes,relu6,search
 *	...
 *	pool,average,b13.pw,,,,,,,,,
 *	fc,linear,pool,10,,,,,yes,,,8
 *
 * name        any but `total`, without blanks, commas, slashes and quotes: names stand in other tables
 * op          input, conv, linear, and what computes in float32 between them:
 *             add       two of equal shape
 *             multiply  likewise, or the second is 1 x 1: a factor for each channel
 *             concat    two or more of equal height and width, channels one behind the other
 *             max       the largest of each window
 *             average   the mean of each window, padding not counted; without a size: of the whole image
 *             activate  a function of each number
 * inputs      names of nodes above, separated by spaces; one where nothing else is said
 * channels    output channels of conv and linear, channels of input
 * size        side of the kernel (conv) or window (max, average), or of the image (input)
 * pad         of windows: on all sides, or as in 0:1 above and left, and below and right
 * groups      conv: 1 dense; = channels in: depthwise, one filter or more for each
 * bias, norm  yes or no; norm is batch normalisation
 * activation  conv, linear (after the norm), add: none, relu, relu6;
 *             activate: relu, relu6, hardswish, hardsigmoid, sigmoid, swish
 * bits        conv, linear: `search`, or a number the layer is fixed at (HAQ: first and last at 8)
 * dilation    conv: from one weight of the kernel to the next; the column may be missing, and empty is 1
 *
 * Shapes are derived from these and checked.  Layers are the conv and linear nodes in order, counted
 * from 0; policies, costs and features have one row for each.
 */
#ifndef GRAPH_H
#define GRAPH_H

#include "core/base.h"

enum op { OP_INPUT, OP_CONV, OP_LINEAR, OP_ADD, OP_AVERAGE, OP_MAX, OP_ACTIVATE, OP_MULTIPLY, OP_CONCAT };

/*
 * hardsigmoid(x) = clamp(x / 6 + 1/2, 0, 1), sigmoid(x) = 1 / (1 + exp(-x)); hardswish and swish
 * are x times these.  Up to ACT_RELU6 they are clamps, which layers and additions do in passing.
 */
enum activation { ACT_NONE, ACT_RELU, ACT_RELU6, ACT_HARDSWISH, ACT_HARDSIGMOID, ACT_SIGMOID, ACT_SWISH };

#define BITS_MAX 8
#define STRIDE_MAX 64
#define NODE_NAME_MAX 100 /* bytes */
#define BITS_SEARCHED 0

struct node {
	char *name;
	enum op op;
	int inputs, *input;         /* indices of nodes before this one */
	int channels, size, stride; /* size: 0 where an average is over the whole image */
	int pad, pad_end;           /* above and left, below and right */
	int dilation, groups;
	bool bias, batch_norm;
	enum activation activation;
	int bits;       /* BITS_SEARCHED, or what the layer is fixed at */
	int h, w;       /* height and width of the output; its channels are `channels` */
	int layer;      /* index among the layers, or -1 */
	int users;      /* how many nodes read the output */
	bool is_signed; /* the output may be negative */
};

/* A conv or linear node as hardware and searchers know it; numbers are per image. */
struct layer {
	const char *name;
	int node;
	bool is_linear, is_depthwise, is_searched;
	int fixed_bits; /* where not searched */
	int cin, cout, kernel, stride, groups, hin, win, hout, wout;
	int window;                  /* side of what the kernel reaches over, dilated */
	int64_t weights, macs;       /* macs per image */
	int64_t biases, batch_norms; /* bias of each output channel; gamma and beta of its batch norm */
	int64_t input_numbers;       /* numbers of the input that some window covers, at most, per image */
	bool input_is_signed;        /* its input may be negative */
};

struct graph {
	const char *path;
	int nodes, layers;
	struct node *node;
	struct layer *layer;
};

void graph_read(struct graph *g, const char *path); /* dies */
/*
 * Writes a file that graph_read() takes.  It looks at the fields name to activation and bits of nodes, and
 * leaves the column dilation out where all are 1.  Dies.
 */
void graph_write(const struct graph *g, const char *path);
int window_side(int size, int dilation);                  /* what a kernel reaches over */
int graph_layer(const struct graph *g, const char *name); /* index, or -1 */
const char *layer_kind(const struct layer *l);            /* conv, pointwise, depthwise, linear */
int64_t graph_macs(const struct graph *g);
int graph_classes(const struct graph *g); /* channels of the last node */

#endif
