/*
 * policy-json.h - a policy with the ranges and scales of its layers, as JSON for other tools.
 *
 *	{ "layers": [ {
 *		"name": "b1.pw", "kind": "pointwise",
 *		"weight_bits": 4, "kernel_bits": [ 4, 3, ... ],    (of a kernel-wise policy)
 *		"weight_clip": 0.41, "weight_scale": 0.059     (lists, where channels have their own)
 *		"activation_bits": 4, "activation_signed": false,
 *		"activation_clip": 5.1, "activation_scale": 0.34   (null: the input is not quantized)
 *	}, ... ] }
 *
 * Clips c and scales (steps) as in quantizer.h, with nine digits: float32 comes back to the bit.
 */
#ifndef ONNX_POLICY_JSON_H
#define ONNX_POLICY_JSON_H

#include "model/graph.h"
#include "model/policy.h"
#include "model/weights.h"

/* Weights have ranges for the policy (fusion_check_ranges).  Dies where the file cannot be written. */
void policy_json_write(const struct graph *g, const struct weights *w, const struct policy *p,
                       const char *path);

#endif
