/*
 * proto.h - an ONNX file: its graph, the attributes of its nodes, and how it is refused.
 *
 * The format is protobuf; Debian's onnx.proto describes it, and stages.mk generates onnx.pb-c.h of
 * that.  Operators and attributes mean what ONNX's Operators.md says.  Tensors: tensor.h.
 *
 * Every function dies on what it cannot take, with one line that names the file, and the node if
 * there is one.
 */
#ifndef ONNX_PROTO_H
#define ONNX_PROTO_H

#include "core/base.h"
#include "onnx.pb-c.h"

struct onnx {
	const char *path;
	Onnx__ModelProto *model;
	Onnx__GraphProto *graph; /* model->graph, with at least one node */
};

void onnx_read(struct onnx *o, const char *path);

/* The version of the operators that the file is written in. */
int64_t onnx_opset(const struct onnx *o);

/* The value of a property (metadata_props) of the model, or NULL. */
const char *onnx_get_property(const struct onnx *o, const char *key);

/* die(), naming the file and, unless n is NULL, the node; names from the file are put on one line. */
_Noreturn void onnx_die(const struct onnx *o, const Onnx__NodeProto *n, const char *fmt, ...) PRINTF(3, 4);

/*
 * Attributes of a node, or `otherwise` where it has none of that name; die on one of another type.
 * onnx_ints() stores at most len integers in x and returns how many; 0 where there is no attribute.
 */
int64_t onnx_int(const struct onnx *o, const Onnx__NodeProto *n, const char *name, int64_t otherwise);
float onnx_float(const struct onnx *o, const Onnx__NodeProto *n, const char *name, float otherwise);
const char *onnx_text(const struct onnx *o, const Onnx__NodeProto *n, const char *name,
                      const char *otherwise);
int onnx_ints(const struct onnx *o, const Onnx__NodeProto *n, const char *name, int64_t *x, int len);

#endif
