/*
 * inference-inner.h - a network at work (inference.h), as the inference*.c files share it; for nobody else.
 *
 *	inference.c          gives it memory, cuts it into runs and runs them
 *	inference-layers.c   builds its layers
 */
#ifndef INFERENCE_INNER_H
#define INFERENCE_INNER_H

#include "engine/buffers.h"
#include "engine/conv-int8.h"
#include "engine/conv.h"
#include "engine/inference.h"
#include "engine/ops.h"
#include "engine/pool.h"

/* A node at work. */
struct inference_node {
	size_t size;      /* numbers of the output, per image */
	int each, kept;   /* images it takes at a time, and those its output has room for */
	enum number type; /* what the output is */
	struct place out; /* a copy for each thread */
	/* a copy for each thread: the input as bytes of its own, or float32 sums before they become bytes */
	struct place own;
	/* activation and, where the output is bytes, the quantizer of the reader */
	struct activation_quantizer output;
	struct pool *pool;

	/* layers */
	bool quantizes_input;             /* rounds a float32 input itself, to bytes or in place of it */
	struct quantizer input_quantizer; /* off: the layer computes in float32 */
	struct conv_int8 *integer;
	/* in float32; before an output of bytes an image at a time */
	struct conv *conv;
	float *scale, *shift; /* [period] what follows it; NULL: it is all there is */
};

struct inference {
	const struct graph *g;
	enum arithmetic how;
	int batch, each; /* images; of a shard */
	struct inference_node *node;
	/* Nodes that take equally many images at a time, one after the other. */
	struct run {
		int first, last, each;
	} * run;
	int runs;
	float *input, *logits; /* all images of the batch */
	size_t bytes;          /* memory of buffers */
};

/* Builds node i, once it is known how many images it takes at a time. */
void inference_build_layer(struct inference *net, int i, const struct weights *weights,
                           const struct policy *p);
void inference_build_other(struct inference *net, int i);

#endif
