/*
 * export.h - a network, quantized to a policy or in full precision, as an ONNX model.
 *
 * Standard operators of opset 13, in the form known as QDQ, clipped where a policy has fewer than 8 bits:
 *
 *	input of a layer        QuantizeLinear (uint8; int8 where it may be negative; zero point 0)
 *	                        -> Clip to the integers of the policy, 0..2^b - 1 or +-(2^(b-1) - 1),
 *	                        where the type has more -> DequantizeLinear
 *	weights                 int8 -> DequantizeLinear, a scale for all or for each output channel
 *
 * An image of 8 bits is read as it is (fusion.h).  Input `image` [n][c][h][w], pixels normalised as for
 * evaluate; output `logits` [n][classes].  A new kind of node has its case in put_node() of export.c.
 *
 * Properties of the model, which import-bits.c reads: bits.LAYER is `weight bits/activation bits`;
 * kernels.LAYER, of kernel-wise policies, a digit for each output channel; clip.LAYER the range of an
 * input without a quantizer; mean.image and std.image, where the weights say them, what pixels / 255
 * are normalised by.
 */
#ifndef ONNX_EXPORT_H
#define ONNX_EXPORT_H

#include "model/graph.h"
#include "model/policy.h"
#include "model/weights.h"
#include "onnx/write.h"

/*
 * The model, for onnx_write().  policy: NULL in full precision; else ranges were checked
 * (fusion_check_ranges).  folds: batch norms become part of scales and biases; the integers stay, but
 * that a channel of negative gamma changes their sign.  Refers to the weights, which must stay.  Dies
 * where the network is no classifier, or a batch norm cannot be folded.
 */
struct onnx_writer *onnx_export(const struct graph *g, const struct weights *w, const struct policy *p,
                                bool folds);

#endif
