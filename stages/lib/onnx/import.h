/*
 * import.h - how import-onnx makes a network of an ONNX file: internal to it and to onnx-*.c.
 *
 * The nodes of the file are looked at once, in order.  Each name of the file becomes a value: a
 * constant, or what a node of ours (struct made) computes, with what is still to be done to it.
 * An operator takes the values it reads, appends at most one node of ours or changes one, and says
 * what its output's name stands for:
 *
 *	static void relu(struct import *o) { struct value *v = image(o, 0); ... result(o, o->n_made - 1); }
 *
 * image() takes nothing but images as they are; who can do more says so: image_but(o, 0, PADDED).
 * What nobody said is refused.
 */
#ifndef ONNX_IMPORT_H
#define ONNX_IMPORT_H

#include "onnx/proto.h"

#define SIDE_MAX 65535
#define WINDOW_DILATION_MAX 1024 /* that of graph.c */

/* A node of ours, in the columns of NET.csv, with its weights. */
struct made {
	char *name;
	const char *op, *activation;
	int input[64], inputs;
	int channels, size, stride, pad[2], groups, dilation;
	int cin, h, w; /* channels it reads; its output */
	bool is_layer, is_signed;
	bool reads_grid; /* what it reads went through a quantizer */
	size_t count;    /* of the weight */
	const float *weight;
	float *bias, *gamma, *beta, *mean, *variance;
	float *step; /* of quantized weights: [steps], one or one for each channel */
	int steps;
	int weight_bits, bits;    /* bits: of what it reads; 0: not quantized */
	float clip, *weight_clip; /* [steps]; of what it reads: 0 where that is not quantized */
	const char *kernels;      /* bits of each channel, as digits, or NULL */
};

/* The quantizer that images went through, or that made a constant of integers. */
struct grid {
	enum { NO_GRID, AS_INTEGERS, AS_FLOATS } state;
	const float *step; /* [steps] */
	int steps, axis;
	int type, low, high; /* of the integers */
};

/* hard-swish and hard-sigmoid in pieces, of x = the output of a node of ours */
enum pattern {
	AS_IT_IS,
	PLUS_3,             /* x + 3 */
	RELU6_PLUS_3,       /* relu6(x + 3); with / 6 the hard-sigmoid */
	TIMES_RELU6_PLUS_3, /* x relu6(x + 3); with / 6 the hard-swish */
};

struct value {
	const char *name, *origin; /* origin: of a constant, what it was computed from; NULL: itself */
	bool is_constant;
	struct tensor tensor; /* of a constant */
	struct grid grid;
	/* of images: which node of ours; the rest is still to be done to its output */
	int made;
	int dims; /* 4: [n][c][h][w]; of one pixel, 3: [n][c][1] and 2: [n][c] */
	/* more than one pixel, in a row: [n][c h w], or with sizes of 1 behind it */
	bool is_flat;
	bool is_nhwc; /* channels come last; of what is flat, it was made of such */
	int pad[2];
	float padding; /* the number that the pad consists of */
	enum pattern pattern;
	int users;
};

struct import {
	struct onnx model;
	const Onnx__NodeProto *node; /* the one looked at */
	bool *is_needed;             /* [nodes of the file] */
	struct value *value;
	struct made *made;
	int values, n_made;
	int left_out; /* quantizers of images that no layer reads */
};

/* onnx_die() at the present node */
#define refuse(o, ...) onnx_die(&(o)->model, (o)->node, __VA_ARGS__)

/* --- attributes and inputs of the present node, constants or images;
 * --- die where there are none (import-values.c) ------------------------------------------------ */

int64_t attribute_int(const struct import *o, const char *name, int64_t otherwise);
float attribute_float(const struct import *o, const char *name, float otherwise);
bool has_input(const struct import *o, size_t k);

struct value *find_value(const struct import *o, const char *name); /* or NULL */
struct value *input_value(const struct import *o, size_t k);
const struct tensor *constant(const struct import *o, size_t k);
const char *origin_of(const struct import *o, size_t k); /* the name of a constant as the file holds it */

/*
 * Integers by an attribute, by an input, or neither: how many of them are in x.
 * input 0: there is none such.
 */
int ints_of(const struct import *o, const char *attribute, size_t input, int64_t *x, size_t len);

/* Axes of an image's dims, a bit for each, by attribute `axes` or input 1. */
unsigned axes_of(const struct import *o, int dims);

enum { PADDED = 1, PATTERN = 2, INTEGERS = 4, CHANNELS_LAST = 8, ANYHOW = 15 };

struct value *image_but(const struct import *o, size_t k, unsigned allowed);
struct value *image(const struct import *o, size_t k); /* as it is */

/*
 * Number k of `to` is what a constant, broadcast to images of these dims, has at channel k;
 * false where its shape does not fit, or gives pixels or images of one channel different numbers.
 */
bool along_channels(const struct import *o, const struct tensor *t, int dims, int channels, float *to);
/* of an input, [channels]; dies */
float *per_channel(const struct import *o, size_t k, int channels);

/* --- nodes of ours --------------------------------------------------------------------------- */

struct made *made_of(const struct import *o, const struct value *v);
struct made *make(struct import *o, const char *op, const char *name); /* name: of its weights, or NULL */
/* of that shape and sign */
struct made *make_like(struct import *o, const char *op, const struct value *v);
void read_from(struct import *o, struct made *m, const struct value *v);

struct value *add_value(struct import *o, const char *name);
/* the node's output is that of one of ours */
struct value *result(struct import *o, int made);
/* of the last one of ours, in the form of v */
struct value *result_like(struct import *o, const struct value *v);
/* the same images by another name */
struct value *pass(struct import *o, const struct value *from);
/* another form of the constant that is input 0 */
struct value *constant_result(struct import *o, struct tensor t);

/* What may still be changed: a node whose output nobody else reads, without an activation; or NULL. */
struct made *open_node(const struct import *o, const struct value *v);

char *plain_name(const char *name);

/* --- operators, by theme; each file ends with a table of them -------------------------------- */

struct operator
{
	const char *name;
	void (*run)(struct import * o);
};

/* convolutions, linear layers, pools; ends with a name of NULL, as all */
extern const struct operator onnx_import_conv[];
extern const struct operator onnx_import_elementwise[]; /* norms, activations, arithmetic */
extern const struct operator onnx_import_shape[];       /* shapes, and what changes nothing */
extern const struct operator onnx_import_qdq[];

/* A function of each number, as a part of what makes it or as a node of its own. */
void activate(struct import *o, const struct value *v, const char *kind, bool is_signed);

/*
 * Of what reads images and weights through quantizers: its bits, ranges and steps;
 * axis: that of output channels.
 */
void take_quantizer(const struct import *o, struct made *m, const struct value *v);
void take_steps(const struct import *o, struct made *m, const struct value *weight, int axis);
void scale_step(struct made *m, int k, float x); /* weights of output channel k are multiplied by x */
/* the range whose step, c / levels as quantizer.h takes it, is this one */
float clip_of_step(float step, int levels);
/* fewer bits than their type has */
void clip_integers(struct import *o, const struct value *v, double low, double high);
/* of a constant that the node transposes */
struct grid transposed_grid(const struct import *o, const struct value *v);

#endif
