/*
 * proto.h - ONNX files: nodes, their attributes, and tensors whose numbers are known without running
 * the network.
 *
 * The file format is protobuf, by Debian's onnx.proto (stages.mk makes onnx.pb-c.h of it).  Numbers
 * may lie in raw_data or in typed fields; floats, doubles and integers are read, half precision and
 * bytes too; tensors in other files are refused.
 *
 * Exporters spell out shapes in nodes (Shape, Gather, Concat, Reshape ...): onnx_fold() computes
 * those whose inputs are known.
 */
#ifndef ONNX_PROTO_H
#define ONNX_PROTO_H

#include "core/base.h"
#include "onnx.pb-c.h"

#define TENSOR_DIMS 8

struct tensor {
	/* type: as in the file (Onnx__TensorProto__DataType), 0 where arithmetic made it */
	int ndim, type;
	int64_t shape[TENSOR_DIMS];
	size_t count;
	const float *floats;     /* of floating point tensors, be they empty */
	const int64_t *integers; /* of the others */
};

struct onnx {
	const char *path;
	Onnx__ModelProto *model;
	Onnx__GraphProto *graph;
};

void onnx_read(struct onnx *o, const char *path); /* dies */

/* die(), naming file and node */
_Noreturn void onnx_die(const struct onnx *o, const Onnx__NodeProto *n, const char *fmt, ...) PRINTF(3, 4);

/* Attributes; ints gives how many there are, at most LEN of them in x.  Die on one of another type. */
int64_t onnx_int(const struct onnx *o, const Onnx__NodeProto *n, const char *name, int64_t otherwise);
float onnx_float(const struct onnx *o, const Onnx__NodeProto *n, const char *name, float otherwise);
const char *onnx_text(const struct onnx *o, const Onnx__NodeProto *n, const char *name,
                      const char *otherwise);
int onnx_ints(const struct onnx *o, const Onnx__NodeProto *n, const char *name, int64_t *x, int len);

/* Dies on types and sizes that do not fit.  n: the node it belongs to, or NULL. */
struct tensor onnx_tensor(const struct onnx *o, const Onnx__NodeProto *n, const Onnx__TensorProto *t);

static inline double tensor_number(const struct tensor *t, size_t i)
{
	return t->floats ? (double)t->floats[i] : (double)t->integers[i];
}

/* dies where it is none */
int64_t onnx_integer(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *t, size_t i);
bool onnx_is_float(int type);             /* floats, doubles, half precision */
int64_t onnx_opset(const struct onnx *o); /* the version of the operators */

/* Which of ndim sizes a Shape gives: how many, from *start on. */
int onnx_shape_part(const struct onnx *o, const Onnx__NodeProto *n, int ndim, int *start);

/*
 * The output of a node whose inputs are all known (in[i] is NULL where optional and not given);
 * false where such nodes are not computed.
 */
bool onnx_fold(const struct onnx *o, const Onnx__NodeProto *n, const struct tensor *const *in,
               struct tensor *out);

#endif
