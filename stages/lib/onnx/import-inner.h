/*
 * import-inner.h - what import.c and the operators (import-conv.c, import-elementwise.c,
 * import-shape.c, import-qdq.c) share; for nobody else.
 *
 * The nodes of the file are visited once, in order.  Each name in the file becomes a value: a
 * constant, or images that a node of the network computes, together with what is still to be done
 * to them (padding, a permutation, a pattern).  An operator takes its inputs as values, appends at
 * most one node to the network or changes one, and says what its output's name stands for:
 *
 *	static void relu(struct import *o) { struct value *v = image(o, 0); ... set_output(o, o->nodes - 1); }
 *
 * image() takes images to which nothing is still to be done; an operator that can do more says so:
 * image_allowing(o, 0, ALLOW_PADDED).  What no operator takes is refused: every function here dies,
 * naming the file's node, on what it does not know.
 */
#ifndef ONNX_IMPORT_INNER_H
#define ONNX_IMPORT_INNER_H

#include "model/graph.h"
#include "model/weights.h"
#include "onnx/fold.h"

#define SIDE_MAX 65535
#define WINDOW_DILATION_MAX 1024 /* that of graph.c */
#define INPUTS_MAX 64            /* inputs of one node */

/* A layer (struct node.layer), beyond its node. */
struct import_layer {
	const float *weight;          /* [count] */
	size_t count;                 /* weights */
	int cin;                      /* input channels, all groups together */
	struct layer_weights numbers; /* all arrays but the weight itself */
	float *step;                  /* [steps], if weights are quantized, or NULL: one, or one a channel */
	int steps;
	int weight_bits, activation_bits; /* activation_bits: 0 where the input is not quantized */
	const char *kernel_bits;          /* bits of each output channel, as digits, or NULL */
};

/* The quantizer that images went through, or that made a constant of integers. */
struct grid {
	enum { NOT_QUANTIZED, QUANTIZED, DEQUANTIZED } state;
	const float *step; /* [steps] */
	int steps, axis;
	int type, low, high; /* type of the integers, and their bounds */
};

/* Pieces of hard-swish and hard-sigmoid; x: the output of the value's node. */
enum pattern {
	NO_PATTERN,
	PLUS_3,             /* x + 3 */
	RELU6_PLUS_3,       /* relu6(x + 3); with / 6 the hard-sigmoid */
	TIMES_RELU6_PLUS_3, /* x relu6(x + 3); with / 6 the hard-swish */
};

/* A name in the file: what it stands for. */
struct value {
	const char *name, *origin; /* origin: of a constant, what it was computed from; NULL: itself */
	bool is_constant;
	struct tensor tensor; /* the constant */
	struct grid grid;
	/* images are what a node of the network computes; the rest is still to be done to its output */
	int node;
	int dims;     /* 4: [n][c][h][w]; of one pixel, 3: [n][c][1] and 2: [n][c] */
	bool is_flat; /* more than one pixel, in a row: [n][c h w], or with sizes of 1 behind it */
	bool is_nhwc; /* channels come last; of flat ones, came last before they were flattened */
	int pad[2];
	float padding; /* the number that the pad consists of */
	enum pattern pattern;
	int users; /* how many nodes of the file read it */
};

struct import {
	struct onnx model;
	const Onnx__NodeProto *current; /* node of the file */
	bool *is_needed;                /* [nodes of the file]: the output depends on it */
	struct value *value;
	int values;
	/* the network so far; reads_quantized: [nodes] an input went through a quantizer */
	struct node *node;
	bool *reads_quantized;
	struct import_layer *layer;
	int nodes, layers;
	int ignored_quantizers; /* quantizers whose images no layer reads */
};

/* onnx_die() at the current node of the file */
#define refuse(o, ...) onnx_die(&(o)->model, (o)->current, __VA_ARGS__)

/* --- attributes and inputs of the current node (import-values.c) ------------------------------ */

int64_t attribute_int(const struct import *o, const char *name, int64_t otherwise);
float attribute_float(const struct import *o, const char *name, float otherwise);
bool has_input(const struct import *o, size_t k);

struct value *find_value(const struct import *o, const char *name); /* or NULL */
struct value *add_value(struct import *o, const char *name);
struct value *input_value(const struct import *o, size_t k);
const struct tensor *constant(const struct import *o, size_t k); /* input k, a constant */
const char *origin_of(const struct import *o, size_t k); /* the name of a constant as the file holds it */

/* Integers by an attribute, by an input (0: there is none such), or by neither: how many of them are in x. */
int ints_of(const struct import *o, const char *attribute, size_t input, int64_t *x, size_t len);

/* The set of axes, of so many dims, that attribute `axes` or input 1 lists: a bit for each. */
unsigned axes_of(const struct import *o, int dims);

/* Input k, images to which nothing is still to be done, but for what is allowed. */
enum { ALLOW_PADDED = 1, ALLOW_PATTERN = 2, ALLOW_INTEGERS = 4, ALLOW_CHANNELS_LAST = 8, ALLOW_ALL = 15 };
struct value *image_allowing(const struct import *o, size_t k, unsigned allowed);
struct value *image(const struct import *o, size_t k);

/*
 * What a constant, broadcast to images of so many dims, has at each channel, into to[channels];
 * false where its shape does not fit, or gives pixels or images of one channel different numbers.
 */
bool along_channels(const struct import *o, const struct tensor *t, int dims, int channels, float *to);
float *per_channel(const struct import *o, size_t k, int channels); /* input k, [channels] floats */

/* --- nodes of the network (import-nodes.c) ---------------------------------------------------- */

/* The node of the network that computes images. */
struct node *producer(const struct import *o, const struct value *v);

/*
 * A new node, the last one; name: that of its weights, or NULL.  add_node_like() gives it the shape
 * and the sign of images; add_layer() makes it a layer.
 */
struct node *add_node(struct import *o, enum op op, const char *weight);
struct node *add_node_like(struct import *o, enum op op, const struct value *v);
struct import_layer *add_layer(struct import *o, struct node *n);
struct import_layer *layer_of(const struct import *o, const struct node *n);

void connect(struct import *o, struct node *n, const struct value *v); /* n reads v */

/* The output of the current node: that of a node of the network; _like: of the last one, in the form of v. */
struct value *set_output(struct import *o, int node);
struct value *set_output_like(struct import *o, const struct value *v);
struct value *set_output_constant(struct import *o, struct tensor t);   /* another form of input 0 */
struct value *pass_through(struct import *o, const struct value *from); /* the same images by another name */

/*
 * The node that computes v, if the current node may become part of it: nobody else reads v, nothing is
 * still to be done to it, and the node, a layer or an addition, has no activation; else NULL.
 */
struct node *fusible_node(const struct import *o, const struct value *v);

char *plain_name(const char *name); /* a name for NET.csv */

/* --- operators by theme ------------------------------------------------------------------------ */

struct operator
{
	const char *name;
	void (*run)(struct import * o);
};

/* Tables that end with a name of NULL; import.c lists them. */
extern const struct operator import_conv_operators[];
extern const struct operator import_elementwise_operators[];
extern const struct operator import_shape_operators[];
extern const struct operator import_qdq_operators[];

/* An activation of v, as a part of the node that computes it or as a node of its own. */
void activate(struct import *o, const struct value *v, enum activation how, bool is_signed);

/* --- quantizers (import-qdq.c) ----------------------------------------------------------------- */

/* A layer that reads v through a quantizer, or weights that went through one, gets bits, range and steps. */
void set_input_quantizer(const struct import *o, const struct node *n, const struct value *v);
/* axis: that of output channels */
void set_weight_steps(const struct import *o, const struct node *n, const struct value *weight, int axis);
/* channel k of the weights was multiplied by x */
void scale_weight_step(struct import_layer *l, int channels, int k, float x);

/* The range c whose step, c / levels in float32 as quantizer.h has it, is this one. */
float clip_of_step(float step, int levels);
/* Integers v between bounds: they have fewer bits than their type. */
void clip_integers(struct import *o, const struct value *v, double low, double high);
/* The grid of constant v, once the current node has transposed it. */
struct grid transposed_grid(const struct import *o, const struct value *v);

/* --- bits (import-bits.c) ---------------------------------------------------------------------- */

/*
 * Bits and ranges of all layers, by quantizers and by the properties that export-onnx writes.  True
 * where all layers have them: programs that quantize need ranges of all.  Where some are missing,
 * dies if needs_policy, else warns and drops the others' ranges.
 */
bool settle_bits(struct import *o, bool needs_policy);

#endif
