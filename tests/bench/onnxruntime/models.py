#!/usr/bin/python3
"""models.py - models for onnxruntime, made of a float32 one of `export-onnx --fold`, and what came out.

    models.py images IMAGES.npz COUNT OUT.f32           the first images of pack-images (0: all), normalised, [n][c][h][w]
    models.py noise FLOAT.onnx COUNT OUT.f32            normal numbers in place of images
    models.py watch FLOAT.onnx OUT.onnx                 a model whose output is least and largest of each value that
                                                        `int8` quantizes, for a batch
    models.py int8 FLOAT.onnx EXTREMES.f32 BITS OUT.onnx
                                                        all in integers, values of 8 bits, weights of BITS, in the form
                                                        known as QDQ; EXTREMES is what the watching model said
    models.py count FLOAT.onnx OPTIMIZED.onnx           how many of its operators run in integers
    models.py compare IMAGES.npz OURS.npy PEER.f32      top-1 of both, in percent, images of the same class, images

Debian's python3-onnx and python3-numpy.
"""
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

ACTIVATIONS = ("Clip", "Relu")
QUANTIZED = ("Conv", "Gemm", "Add", "GlobalAveragePool")
# what an operator is called when it computes in integers, and what we call it
INTEGER = {"Conv": ("QLinearConv", "convolutions"), "Gemm": ("QGemm", "linear layers"), "Add": ("QLinearAdd", "additions"),
           "GlobalAveragePool": ("QLinearGlobalAveragePool", "averages")}


def images(path, count, out):
    data = np.load(path)
    x = data["images"][:int(count) or None].astype(np.float32) / np.float32(255)
    x = (x - data["mean"]) / data["std"]
    np.ascontiguousarray(x.transpose(0, 3, 1, 2), np.float32).tofile(out)


def noise(path, count, out):
    shape = [d.dim_value for d in onnx.load(path).graph.input[0].type.tensor_type.shape.dim[1:]]
    np.random.default_rng(1).standard_normal([int(count)] + shape, np.float32).tofile(out)


def plan(graph):
    """(node, name of its result behind its activation) for all nodes but activations, and dies of what it does not know"""
    readers = {}
    for n in graph.node:
        for i in n.input:
            readers.setdefault(i, []).append(n)
    nodes = []
    for n in graph.node:
        reader = readers.get(n.output[0], [])
        if n.op_type in QUANTIZED + ("Flatten",):
            clipped = len(reader) == 1 and reader[0].op_type in ACTIVATIONS
            nodes.append((n, reader[0].output[0] if clipped else n.output[0]))
        elif n.op_type not in ACTIVATIONS or not any(n.output[0] == name for _, name in nodes):
            sys.exit(f"node {n.name}: {n.op_type} is not one that is quantized here: {' '.join(QUANTIZED)}")
    return nodes


def quantized_values(graph):
    """names of what gets a range: the image and all results but the last, which stays float32"""
    last = graph.output[0].name
    return [graph.input[0].name] + [name for n, name in plan(graph) if n.op_type != "Flatten" and name != last]


def watch(path, out):
    model = onnx.load(path)
    graph, ends = model.graph, []
    graph.initializer.append(numpy_helper.from_array(np.array([1], np.int64), "watch.one"))
    for name in quantized_values(graph):
        for end in ("Min", "Max"):
            graph.node.append(helper.make_node("Reduce" + end, [name], [f"{name}.{end}"], keepdims=0))
            graph.node.append(helper.make_node("Reshape", [f"{name}.{end}", "watch.one"], [f"{name}.{end}.1"]))
            ends.append(f"{name}.{end}.1")
    graph.node.append(helper.make_node("Concat", ends, ["extremes"], axis=0))
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info("extremes", TensorProto.FLOAT, [len(ends)]))
    onnx.save(model, out)


class Integers:
    """a graph that grows node by node, all values quantized"""

    def __init__(self, graph, extremes, bits):
        self.largest_weight = 2 ** (bits - 1) - 1
        self.node, self.initializer = [], []
        self.old = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
        self.step = {}          # of each value, (scale, zero point)
        for name, (low, high) in zip(quantized_values(graph), extremes):
            low, high = min(low, 0.0), max(high, 0.0)
            step = np.float32((high - low) / 255 or 1)
            self.step[name] = step, np.uint8(np.clip(np.rint(-low / step), 0, 255))

    def constant(self, array, name):
        self.initializer.append(numpy_helper.from_array(np.array(array), name))
        return name

    def quantize(self, value, name, as_name=None):
        """QuantizeLinear and DequantizeLinear behind a value, by the range of a name"""
        to = as_name or name
        step = [self.constant(s, f"{to}.{kind}") for s, kind in zip(self.step[name], ("step", "zero"))]
        self.step[to] = self.step[name]
        self.node.append(helper.make_node("QuantizeLinear", [value] + step, [to + ".q"]))
        self.node.append(helper.make_node("DequantizeLinear", [to + ".q"] + step, [to + ".dq"]))

    def weights(self, node):
        """a grid for each output channel; the bias on that of the sums"""
        weight, bias = (self.old[name].astype(np.float64) for name in node.input[1:3])
        step = (np.abs(weight).reshape(len(weight), -1).max(1) / self.largest_weight).astype(np.float32)
        step[step == 0] = 1
        sums = (self.step[node.input[0]][0] * step).astype(np.float32)
        weight = np.rint(weight / step.reshape([-1] + [1] * (weight.ndim - 1))).astype(np.int8)
        bias = np.rint(np.clip(bias / sums, -2**30, 2**30)).astype(np.int32)
        for name, array, scale in zip(node.input[1:3], (weight, bias), (step, sums)):
            inputs = [self.constant(array, name + ".q"), self.constant(scale, name + ".step"),
                      self.constant(np.zeros(len(scale), array.dtype), name + ".zero")]
            self.node.append(helper.make_node("DequantizeLinear", inputs, [name + ".dq"], axis=0))
        return [name + ".dq" for name in node.input[1:3]]


def int8(path, extremes, bits, out):
    model = onnx.load(path)
    graph = model.graph
    x = np.fromfile(extremes, np.float32).reshape(-1, len(quantized_values(graph)), 2)
    new = Integers(graph, np.stack([x[:, :, 0].min(0), x[:, :, 1].max(0)], 1), int(bits))
    new.quantize(graph.input[0].name, graph.input[0].name)
    for node, name in plan(graph):
        inputs = [i + ".dq" for i in node.input]
        if node.op_type in ("Conv", "Gemm"):
            inputs[1:] = new.weights(node)
        last = name == graph.output[0].name
        result = name if last else name + ".float"
        node = onnx.NodeProto.FromString(node.SerializeToString())
        source = node.input[0]
        del node.input[:], node.output[:]
        node.input.extend(inputs)
        node.output.append(result)
        new.node.append(node)
        if not last:
            new.quantize(result, source if node.op_type == "Flatten" else name, name)
    del graph.node[:], graph.initializer[:]
    graph.node.extend(new.node)
    graph.initializer.extend(new.initializer)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, out)


def count(path, optimized):
    kinds = [n.op_type for n in onnx.load(path).graph.node]
    runs = [n.op_type for n in onnx.load(optimized).graph.node]
    print("in integers: " + ", ".join(f"{runs.count(INTEGER[k][0])} of {kinds.count(k)} {INTEGER[k][1]}"
                                      for k in QUANTIZED if k in kinds))


def compare(path, ours, peer):
    labels, ours = np.load(path)["labels"], np.load(ours)
    peer = np.fromfile(peer, np.float32).reshape(ours.shape)
    a, b = ours.argmax(1), peer.argmax(1)
    print(f"{100 * (a == labels).mean():.2f} {100 * (b == labels).mean():.2f} {(a == b).sum()} {len(a)}")


{f.__name__: f for f in (images, noise, watch, int8, count, compare)}[sys.argv[1]](*sys.argv[2:])
