/*
 * import.h - an image classifier in ONNX becomes a network, its weights and, where it is quantized, a policy.
 *
 * How an operator is added:
 *	1. write `static void name(struct import *o)` in the file of its theme: import-conv.c (windows),
 *	   import-elementwise.c (each number), import-shape.c (forms) or import-qdq.c (quantizers);
 *	2. take the inputs and say what the output is, with the functions of import-inner.h;
 *	3. enter it in the table at the end of that file; one on constants has its row in fold.c instead;
 *	4. add a model of it to tests/golden/make-onnx.py, and to tests/stages/import-onnx.sh.
 */
#ifndef ONNX_IMPORT_H
#define ONNX_IMPORT_H

#include "model/graph.h"
#include "model/policy.h"
#include "model/weights.h"
#include "onnx/proto.h"

struct imported {
	struct onnx file; /* for messages and properties */
	/*
	 * The nodes as graph_write() takes them: first and last layer of 8 bits, the others searched (HAQ).
	 * Of its layers what weights, their files and policies ask for is set: names, kinds, channels,
	 * kernels, counts of weights.
	 */
	struct graph graph;
	/* has_clips where the file says the ranges of all layers */
	struct weights weights;
	/* bits of all layers, and of each output channel (kernels); only if a policy was asked for */
	struct policy policy;
};

/*
 * Reads the model.  side: of the images, where the model leaves it open, or 0; needs_policy: a model
 * of which the bits of some layer are not known is refused.  Dies, naming the file and the node, on
 * what it does not know; warns of quantizers that it leaves out.
 */
void onnx_import(struct imported *to, const char *path, int side, bool needs_policy);

/* Dies where a number of the weights is not finite. */
void imported_check(const struct imported *m);

#endif
