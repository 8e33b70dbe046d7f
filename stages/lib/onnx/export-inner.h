/*
 * export-inner.h - what export.c and export-weights.c share; for nobody else.
 */
#ifndef ONNX_EXPORT_INNER_H
#define ONNX_EXPORT_INNER_H

#include "onnx/export.h"

/* The output of a node: its name in the file, and whether it is [n][channels] or [n][channels][h][w]. */
struct output {
	const char *name;
	bool is_flat;
};

struct export
{
	const struct graph *graph;
	const struct weights *weights;
	const struct policy *policy; /* NULL: full precision */
	bool folds;
	struct onnx_writer *model;
	Onnx__NodeProto *last;      /* node written last */
	struct output *output;      /* [nodes] */
	bool has_shape, has_bounds; /* constants that several nodes share were written */
};

/* A name in the file, NODE/what: names of nodes have no slash, so that it is nobody else's. */
const char *name_part(const struct node *n, const char *what);

/* Appends a node of the file, with inputs' names separated by spaces; returns its output. */
const char *put(struct export *e, const char *op, const char *name, const char *output, const char *inputs);

/* Constants LAYER.kind; they return their names.  x: stays until the model is written. */
const char *put_floats(struct export *e, const struct layer *l, const char *kind, int ndim,
                       const int64_t *shape, const float *x);
const char *put_per_channel(struct export *e, const struct layer *l, const char *kind, const float *x);

/*
 * The weights of a layer, as integers by the policy or as floats; factor: what each output channel is
 * multiplied by, or NULL.  Returns the name of the floats.
 */
const char *put_weights(struct export *e, const struct node *n, const float *factor);

/* The batch norm of a layer as factor and shift of each output channel.  Dies where they are not finite. */
void fold_batch_norm(const struct export *e, const struct node *n, float *factor, float *shift);

#endif
