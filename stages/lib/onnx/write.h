/*
 * write.h - an ONNX file, node after node.
 *
 *	struct onnx_writer *o = onnx_begin("net");
 *	onnx_input(o, "image", 4, (const int64_t[]){ 0, 3, 224, 224 });
 *	onnx_constant(o, "fc.weight", ONNX_FLOAT, 2, (const int64_t[]){ 10, 8 }, weights);
 *	n = onnx_node(o, "Gemm", "fc", "logits", "image fc.weight");
 *	onnx_set_int(n, "transB", 1);
 *	onnx_output(o, "logits", 2, (const int64_t[]){ 0, 10 });
 *	onnx_property(o, "bits.fc", "8/8");
 *	onnx_write(o, path);
 *
 * Texts are copied, numbers of constants are not: they must stay until onnx_write().
 * Equal calls give equal bytes.
 */
#ifndef ONNX_WRITE_H
#define ONNX_WRITE_H

#include "core/base.h"
#include "onnx.pb-c.h"

/* Versions of operators and format: DequantizeLinear per channel came with ONNX 1.8 (2020). */
#define ONNX_OPSET 13
#define ONNX_IR 7

/* Types of numbers, as the format counts them (TensorProto.DataType). */
enum onnx_type { ONNX_FLOAT = 1, ONNX_UINT8 = 2, ONNX_INT8 = 3, ONNX_INT64 = 7 };

struct onnx_writer;

struct onnx_writer *onnx_begin(const char *graph_name);

/* The input and the output of the network, of floats; a size of 0 is left open, by the name "n". */
void onnx_input(struct onnx_writer *o, const char *name, int ndim, const int64_t *shape);
void onnx_output(struct onnx_writer *o, const char *name, int ndim, const int64_t *shape);

/* A constant of this shape; ndim 0: a single number. */
void onnx_constant(struct onnx_writer *o, const char *name, enum onnx_type type, int ndim,
                   const int64_t *shape, const void *numbers);

/*
 * A node of one output; inputs: names with spaces between.  The node takes attributes by onnx_set_*(), and
 * another name of its output, until the file is written.
 */
Onnx__NodeProto *onnx_node(struct onnx_writer *o, const char *op, const char *name, const char *output,
                           const char *inputs);
void onnx_rename_output(Onnx__NodeProto *n, const char *output);
void onnx_set_int(Onnx__NodeProto *n, const char *name, int64_t value);
void onnx_set_float(Onnx__NodeProto *n, const char *name, float value);
void onnx_set_ints(Onnx__NodeProto *n, const char *name, int count, const int64_t *values);

/* A text of the model itself (metadata_props). */
void onnx_property(struct onnx_writer *o, const char *key, const char *value);

/* Dies over 2 GiB, the most that the format has. */
void onnx_write(struct onnx_writer *o, const char *path);

#endif
