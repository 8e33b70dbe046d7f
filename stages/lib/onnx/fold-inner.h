/*
 * fold-inner.h - what fold.c calls in fold-move.c and fold-compute.c; for nobody else.
 *
 * Each function computes the output of node n from its inputs, of which the table in fold.c says how
 * many there are at least, and dies where they do not fit.
 */
#ifndef ONNX_FOLD_INNER_H
#define ONNX_FOLD_INNER_H

#include "onnx/fold.h"

#define FOLD_MAX 4096 /* elements; larger constants are weights, and no exporter computes with those */

typedef struct tensor fold_function(const struct onnx *o, const Onnx__NodeProto *n,
                                    const struct tensor *const *in);

/* fold-move.c */
fold_function fold_reshape, fold_squeeze, fold_unsqueeze, fold_transpose, fold_concat, fold_slice,
	fold_gather;
/* fold-compute.c */
fold_function fold_constant, fold_constant_of_shape, fold_cast, fold_arithmetic, fold_shape;

#endif
