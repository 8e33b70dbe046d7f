/*
 * fold.h - constant folding: nodes whose inputs are known without running the network.
 *
 * Exporters spell out shapes in nodes (Shape, Gather, Concat, Reshape ...), and transpose, reshape
 * or cast weights.  An operator that is folded has a row in the table of fold.c.
 */
#ifndef ONNX_FOLD_H
#define ONNX_FOLD_H

#include "onnx/tensor.h"

/*
 * The output of a node whose inputs are all known; in: [n->n_input], NULL where an optional input is
 * not given.  False where such nodes are not folded.  Dies where inputs or attributes make no sense.
 */
bool onnx_fold(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *const *in,
               struct tensor *out);

/*
 * Which of the ndim sizes of its input a Shape gives, by its attributes start and end (opset 15):
 * how many, from *start on.
 */
int onnx_shape_part(const struct onnx *o, const Onnx__NodeProto *n, int ndim, int *start);

#endif
