/*
 * tensor.h - the tensors of an ONNX file: weights, and the constants of its graph.
 *
 * Numbers lie in the file's raw_data or in typed fields.  float, double and float16 become float;
 * int64, int32, int8, uint8 and bool become int64_t.  Tensors of other types, of more than 2^31
 * numbers, and those that lie in another file are refused.
 */
#ifndef ONNX_TENSOR_H
#define ONNX_TENSOR_H

#include "onnx/proto.h"

#define TENSOR_DIMS 8

struct tensor {
	/* type: as in the file (Onnx__TensorProto__DataType), 0 where arithmetic made it */
	int ndim, type;
	int64_t shape[TENSOR_DIMS];
	size_t count;            /* product of the shape */
	const float *floats;     /* [count] of floating-point tensors, not NULL even if count is 0 */
	const int64_t *integers; /* [count] of the others */
};

/* The tensor t; n: the node it belongs to, for messages, or NULL.  Dies. */
struct tensor onnx_tensor(const struct onnx *o, const Onnx__NodeProto *n, const Onnx__TensorProto *t);

static inline double tensor_number(const struct tensor *t, size_t i)
{
	return t->floats ? (double)t->floats[i] : (double)t->integers[i];
}

/* Element i as an integer; dies where it is none. */
int64_t onnx_integer(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *t, size_t i);

bool onnx_is_float(int type); /* float, double or float16 */

/*
 * A tensor being filled: new_tensor() has the type of `like` and room for the shape; exactly one of
 * floats and integers is not NULL.  new_tensor_copy() fills element `at` with element i of a tensor of
 * the same kind.
 */
struct new_tensor {
	struct tensor t;
	float *floats;
	int64_t *integers;
};

struct new_tensor new_tensor(const struct tensor *like, int ndim, const int64_t *shape);
void new_tensor_copy(struct new_tensor *to, size_t at, const struct tensor *from, size_t i);

#endif
