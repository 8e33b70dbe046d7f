#!/usr/bin/python3
"""run-onnx.py - what an ONNX file of export-onnx computes, operator after operator, by another program than ours.

    run-onnx.py model.onnx images.npz [logits.npy ...]

Checks the file with onnx.checker and shape inference, runs it on the images (those of pack-images) as the ONNX operators are
described, in float32 with sums of convolutions in float64, and compares with each of the logits, as `evaluate --logits` writes them.
Debian's python3-onnx, python3-torch, python3-numpy; run by hand, the tests do without.
"""
import sys

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper

RANGE = {np.dtype(np.uint8): (0, 255), np.dtype(np.int8): (-128, 127)}


def along(x, of, axis):
    """A number for all, or one for each index of an axis, in a shape that numpy broadcasts."""
    return x if x.ndim == 0 else x.reshape([-1 if k == axis % of.ndim else 1 for k in range(of.ndim)])


def quantize(x, scale, zero, axis=1):
    low, high = RANGE[zero.dtype]
    q = np.rint(x / along(scale, x, axis)) + along(zero, x, axis).astype(np.float32)
    return np.clip(q, low, high).astype(zero.dtype)


def dequantize(q, scale, zero=None, axis=1):
    zero = along(zero, q, axis).astype(np.int32) if zero is not None else 0
    return (q.astype(np.int32) - zero).astype(np.float32) * along(scale, q, axis)


def padded(x, pads, value):
    return F.pad(torch.from_numpy(x).double(), (pads[1], pads[3], pads[0], pads[2]), value=value)


def conv(x, w, b=None, kernel_shape=None, strides=(1, 1), pads=(0, 0, 0, 0), dilations=(1, 1), group=1):
    y = F.conv2d(padded(x, pads, 0), torch.from_numpy(w.copy()).double(), None if b is None else torch.from_numpy(b.copy()).double(),
                 tuple(strides), 0, tuple(dilations), group)
    return y.float().numpy()


def gemm(x, w, b=None, transB=0):
    y = x.astype(np.float64) @ (w.T if transB else w).astype(np.float64) + (0 if b is None else b.astype(np.float64))
    return y.astype(np.float32)


def batch_norm(x, gamma, beta, mean, variance, epsilon=1e-5):
    gamma, beta, mean, variance = (along(v, x, 1) for v in (gamma, beta, mean, variance))
    return (x - mean) * (gamma / np.sqrt(variance + np.float32(epsilon))) + beta


def max_pool(x, kernel_shape, strides=(1, 1), pads=(0, 0, 0, 0)):
    return F.max_pool2d(padded(x, pads, -np.inf), tuple(kernel_shape), tuple(strides)).float().numpy()


def average_pool(x, kernel_shape, strides=(1, 1), pads=(0, 0, 0, 0)):
    area = F.avg_pool2d(padded(np.ones_like(x), pads, 0), tuple(kernel_shape), tuple(strides))
    return (F.avg_pool2d(padded(x, pads, 0), tuple(kernel_shape), tuple(strides)) / area).float().numpy()


def reshape(x, shape):
    return x.reshape([x.shape[i] if n == 0 else n for i, n in enumerate(shape)])


OPERATORS = {
    "QuantizeLinear": quantize, "DequantizeLinear": dequantize, "Clip": lambda x, low, high: np.clip(x, low, high).astype(x.dtype),
    "Conv": conv, "Gemm": gemm, "BatchNormalization": batch_norm, "MaxPool": max_pool, "AveragePool": average_pool,
    "GlobalAveragePool": lambda x: x.mean((2, 3), keepdims=True, dtype=np.float64).astype(np.float32),
    "Relu": lambda x: np.maximum(x, 0), "Sigmoid": lambda x: torch.sigmoid(torch.from_numpy(x)).numpy(),
    "HardSigmoid": lambda x, alpha=0.2, beta=0.5: np.clip(np.float32(alpha) * x + np.float32(beta), 0, 1).astype(np.float32),
    "Add": np.add, "Mul": np.multiply, "Concat": lambda *x, axis: np.concatenate(x, axis), "Reshape": reshape,
    "Flatten": lambda x, axis=1: x.reshape(x.shape[0], -1),
}


def run(model, images):
    values = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    values[model.graph.input[0].name] = images
    for n in model.graph.node:
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in n.attribute}
        values[n.output[0]] = OPERATORS[n.op_type](*[values[k] for k in n.input], **attributes)
    return values[model.graph.output[0].name]


def main(path, images, *logits):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    data = np.load(images)
    x = ((data["images"].astype(np.float32) / np.float32(255) - data["mean"]) / data["std"]).transpose(0, 3, 1, 2).astype(np.float32)
    ours = np.concatenate([run(model, np.ascontiguousarray(x[i:i + 16])) for i in range(0, len(x), 16)])
    print(f"{path}: {len(model.graph.node)} nodes, checked; {len(x)} images, largest logit {np.abs(ours).max():.4g}")
    for name in logits:
        theirs = np.load(name)
        difference = np.abs(ours - theirs) / np.abs(theirs).max()
        print(f"  {name}: difference over largest logit: most {difference.max():.2g}, median {np.median(difference):.2g}, "
              f"images within 1e-5: {(difference.max(1) <= 1e-5).mean():.1%}; same top-1: {(ours.argmax(1) == theirs.argmax(1)).mean():.2%}")


main(*sys.argv[1:])
