#!/usr/bin/python3
"""make-onnx.py - small ONNX files, what PyTorch computes by them, and damaged ones: writes onnx/ beside itself.

    make-onnx.py            onnx/*.onnx, *.logits.npy, images.npz; onnx/damaged/*.onnx with what is wrong in damaged.csv
    make-onnx.py FOLDER     networks at full size with random weights, exported, imported and run (build/release/bin): how far the
                            logits of `evaluate` are from PyTorch's, relative to the largest; hundreds of MB, for a look by hand

Debian's python3-torch, python3-torchvision and python3-onnx; the tests do without.
"""
import os
import subprocess
import sys

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
torch.manual_seed(1)


def randomise(net):
    for m in net.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.running_mean.normal_(0, 0.1)
            m.running_var.uniform_(0.5, 1.5)
            m.weight.data.uniform_(0.5, 1.5)
            m.bias.data.normal_(0, 0.2)
    return net.eval()


def images(n, side):
    """uint8 pixels and what the networks read: x / 127.5 - 1"""
    u8 = torch.randint(0, 256, (n, side, side, 3), dtype=torch.uint8)
    return u8.numpy(), u8.permute(0, 3, 1, 2).float() / 127.5 - 1


def pack(path, pixels, classes):
    n = len(pixels)
    np.savez(path, images=pixels, labels=np.arange(n, dtype=np.int32) % classes, classes=np.array([classes], np.int32),
             mean=np.full(3, 0.5, np.float32), std=np.full(3, 0.5, np.float32))


def export(net, x, path, folds, opset=13):
    torch.onnx.export(net, x[:1], path, opset_version=opset, input_names=["image"], output_names=["logits"],
                      dynamic_axes={"image": {0: "n"}}, do_constant_folding=folds,
                      training=torch.onnx.TrainingMode.EVAL if folds else torch.onnx.TrainingMode.PRESERVE)


# --- small ones, for the tests -----------------------------------------------------------------------

def block(cin, cout, k=3, stride=1, pad=1, groups=1, act=nn.ReLU, dilation=1):
    return nn.Sequential(nn.Conv2d(cin, cout, k, stride, pad, dilation, groups, bias=False), nn.BatchNorm2d(cout, eps=1e-3), act())


class Gate(nn.Module):
    def __init__(self, c, gate):
        super().__init__()
        self.fc1, self.fc2, self.gate = nn.Conv2d(c, 4, 1), nn.Conv2d(4, c, 1), gate

    def forward(self, x):
        return self.gate(self.fc2(F.relu(self.fc1(F.adaptive_avg_pool2d(x, 1))))) * x


class Mobile(nn.Module):
    """As MobileNet-V3: asymmetric padding, squeeze and excitation, hard-swish, residuals, flatten."""
    def __init__(self):
        super().__init__()
        self.stem = block(3, 8, 3, 2, 0, act=nn.Hardswish)
        self.expand, self.dw = block(8, 16, 1, 1, 0), block(16, 16, 5, 1, 2, 16, act=nn.Hardswish)
        self.se, self.project = Gate(16, nn.Hardsigmoid()), nn.Sequential(nn.Conv2d(16, 8, 1, bias=False), nn.BatchNorm2d(8))
        self.last, self.fc = block(8, 16, 1, 1, 0, act=nn.ReLU6), nn.Linear(16, 7)

    def forward(self, x):
        x = self.stem(F.pad(x, (0, 1, 0, 1)))
        x = x + self.project(self.se(self.dw(self.expand(x))))
        return self.fc(torch.flatten(F.adaptive_avg_pool2d(self.last(x), 1), 1))


class Fire(nn.Module):
    """As SqueezeNet and VGG: concatenation, pooling with ceil_mode, groups, dilation, a linear layer over images, log-softmax."""
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, 1, 1)
        self.a, self.b = block(8, 8, 1, 1, 0, act=nn.SiLU), nn.Conv2d(8, 12, 3, 1, 2, 2, 2)
        self.fc1, self.fc2 = nn.Linear(20 * 9, 16), nn.Linear(16, 7)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.stem(x)), 2, 2, ceil_mode=True)
        x = torch.cat([self.a(x), F.relu(self.b(x))], 1)
        x = F.avg_pool2d(F.max_pool2d(x, 2, 2), 2, 1)
        x = F.dropout(x, 0.5, self.training)
        return F.log_softmax(self.fc2(F.relu(self.fc1(x.reshape(x.size(0), -1)))), 1)


def tensor(name, x):
    return numpy_helper.from_array(np.asarray(x), name)


def keras(path):
    """As tf2onnx writes Keras: channels last at the input, auto_pad, norms as Mul and Add, hard-swish in pieces, MatMul and Add."""
    r = np.random.RandomState(2)
    f = lambda *s: r.randn(*s).astype(np.float32) * 0.4
    w1, s1, b1, w2, m, b = f(8, 3, 3, 3), f(8, 1, 1) + 1, f(8, 1, 1), f(8, 8, 3, 3), f(8, 7), f(7)
    constants = dict(w1=w1, s1=s1, b1=b1, w2=w2, m=m, b=b, three=np.float32(3), six=np.float32(6), zero=np.float32(0),
                     sixth=np.float32(1 / 6), axes=np.array([2, 3]), shape=np.array([-1, 8]))
    nodes = [
        helper.make_node("Transpose", ["input"], ["t"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["t", "w1"], ["c1"], name="model/conv1/Conv2D", auto_pad="SAME_UPPER", strides=[2, 2]),
        helper.make_node("Mul", ["c1", "s1"], ["n1"]),
        helper.make_node("Add", ["n1", "b1"], ["n2"]),
        helper.make_node("Add", ["n2", "three"], ["h1"]),
        helper.make_node("Clip", ["h1", "zero", "six"], ["h2"]),
        helper.make_node("Mul", ["n2", "h2"], ["h3"]),
        helper.make_node("Mul", ["h3", "sixth"], ["h4"]),
        helper.make_node("Conv", ["h4", "w2"], ["c2"], name="model/conv2/Conv2D", auto_pad="SAME_LOWER", strides=[2, 2]),
        helper.make_node("Clip", ["c2", "zero", "six"], ["r2"]),
        helper.make_node("ReduceMean", ["r2"], ["p"], axes=[2, 3], keepdims=1),
        helper.make_node("Reshape", ["p", "shape"], ["q"]),
        helper.make_node("MatMul", ["q", "m"], ["l"]),
        helper.make_node("Add", ["l", "b"], ["k"]),
        helper.make_node("Softmax", ["k"], ["probabilities"]),
    ]
    graph = helper.make_graph(nodes, "keras", [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["n", 17, 17, 3])],
                              [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", 7])],
                              [tensor(k, v) for k, v in constants.items()])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 12)]), path)

    def forward(x):                 # 17 -> 9 by one row on each side, 9 -> 5 likewise
        x = F.conv2d(x, torch.tensor(w1), stride=2, padding=1) * torch.tensor(s1) + torch.tensor(b1)
        x = F.relu6(F.conv2d(F.hardswish(x), torch.tensor(w2), stride=2, padding=1))
        return x.mean((2, 3)) @ torch.tensor(m) + torch.tensor(b)
    return forward


def idioms(path):
    """What exporters may write, and seldom do: constants made by nodes, one relu6(x + 3) of two readers, `same` behind a Pad, gates made of rows,
    rows joined."""
    r = np.random.RandomState(4)
    f = lambda *s: (r.randn(*s) * 0.4).astype(np.float32)
    w1, w2, w3, m, vector, row = f(8, 3, 3, 3), f(8, 8, 3, 3), f(8, 8), f(7, 16), f(3) + 2, f(8)
    gamma, beta, mean, variance = f(8) + 1, f(8), f(8), abs(f(8)) + 0.5
    constants = dict(w1=w1, w2=w2, w3=w3, m=m, vector=vector, gamma=gamma, beta=beta, mean=mean, variance=variance, second=np.array(1),
                     one=np.array([1]), two=np.array([2]), last=np.array([-1]),
                     three=np.float32(3), six=np.float32(6), zero=np.float32(0), columns=np.array([1, 2]), pixel=np.array([2, 3]),
                     pads=np.array([0, 0, 0, 0, 0, 0, 1, 1]), rest=np.array([-1]), bias=np.array([0.5], np.float32))
    without_0 = helper.make_node("Gemm", ["rows", "mt", "bias"], ["logits"])
    without_0.attribute.append(onnx.AttributeProto(name="transA", type=onnx.AttributeProto.INT))       # as proto3 writes 0
    nodes = [
        helper.make_node("Conv", ["input", "w1"], ["c1"], strides=[2, 2], pads=[1] * 4),
        helper.make_node("Cast", ["c1"], ["c2"], to=TensorProto.FLOAT),
        helper.make_node("Gather", ["vector", "second"], ["factor"]),
        helper.make_node("Mul", ["factor", "c2"], ["c3"]),
        helper.make_node("ConstantOfShape", ["one"], ["half"], value=helper.make_tensor("half", TensorProto.FLOAT, [1], [0.5])),
        helper.make_node("Div", ["c3", "half"], ["c4"]),
        helper.make_node("Constant", [], ["row"], value_floats=row.tolist()),
        helper.make_node("Unsqueeze", ["row", "columns"], ["column"]),
        helper.make_node("Constant", [], ["quarter"], value_float=0.25),
        helper.make_node("Add", ["column", "quarter"], ["shift"]),
        helper.make_node("Sub", ["c4", "shift"], ["c5"]),
        helper.make_node("BatchNormalization", ["c5", "gamma", "beta", "mean", "variance"], ["n"], epsilon=1e-3, training_mode=0),
        helper.make_node("Add", ["n", "three"], ["p"]),
        helper.make_node("Clip", ["p", "zero", "six"], ["r"]),
        helper.make_node("Mul", ["r", "n"], ["s"]),
        helper.make_node("Div", ["s", "six"], ["swish"]),
        helper.make_node("Div", ["r", "six"], ["gate"]),
        helper.make_node("Add", ["swish", "gate"], ["a"]),
        helper.make_node("Pad", ["a", "pads"], ["b"]),
        helper.make_node("Conv", ["b", "w2"], ["d"], auto_pad="SAME_UPPER", strides=[2, 2]),
        helper.make_node("GlobalAveragePool", ["d"], ["e1"]),
        helper.make_node("Squeeze", ["e1", "last"], ["e2"]),
        helper.make_node("Squeeze", ["e2", "two"], ["e3"]),
        helper.make_node("MatMul", ["e3", "w3"], ["e4"]),
        helper.make_node("Sigmoid", ["e4"], ["e5"]),
        helper.make_node("Unsqueeze", ["e5", "pixel"], ["e6"]),
        helper.make_node("Mul", ["d", "e6"], ["e"]),
        helper.make_node("GlobalAveragePool", ["e"], ["mean1"]),
        helper.make_node("Squeeze", ["mean1", "pixel"], ["mean2"]),
        helper.make_node("GlobalMaxPool", ["e"], ["most1"]),
        helper.make_node("Shape", ["most1"], ["n_images"], end=1),
        helper.make_node("Concat", ["n_images", "rest"], ["shape"], axis=0),
        helper.make_node("Reshape", ["most1", "shape"], ["most2"]),
        helper.make_node("Concat", ["mean2", "most2"], ["rows"], axis=-1),
        helper.make_node("Transpose", ["m"], ["mt"], perm=[1, 0]),
        without_0,
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=-1),
    ]
    save_model(path, nodes, constants, 15, [-1, 3, -1, -1])

    def forward(x):
        t = lambda y: torch.tensor(y)
        x = F.conv2d(x, t(w1), stride=2, padding=1) * t(vector)[1] / 0.5 - (t(row)[:, None, None] + 0.25)
        x = F.batch_norm(x, t(mean), t(variance), t(gamma), t(beta), eps=1e-3)
        x = F.conv2d(F.pad(F.hardswish(x) + F.hardsigmoid(x), (0, 2, 0, 2)), t(w2), stride=2)     # 9 and 1 to 5: one more at the end
        x = x * torch.sigmoid(x.mean((2, 3)) @ t(w3))[:, :, None, None]
        return torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1) @ t(m).T + 0.5
    return forward


def old(path):
    """Before opset 7: the axis of a constant is an attribute; images become rows by way of [n][c h w][1][1]."""
    r = np.random.RandomState(5)
    f = lambda *s: (r.randn(*s) * 0.4).astype(np.float32)
    w, scale, shift, m, b = f(4, 3, 5, 5), f(4) + 1, f(4), f(16, 7), f(7)
    constants = dict(w=w, scale=scale, shift=shift, m=m, b=b, shape=np.array([0, -1, 1, 1]))
    nodes = [
        helper.make_node("Conv", ["input", "w"], ["c"], strides=[4, 4], pads=[2] * 4),
        helper.make_node("Mul", ["c", "scale"], ["d"], broadcast=1, axis=1),
        helper.make_node("Add", ["d", "shift"], ["e"], broadcast=1, axis=1),
        helper.make_node("Relu", ["e"], ["f"]),
        helper.make_node("MaxPool", ["f"], ["g"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Reshape", ["g", "shape"], ["h"]),
        helper.make_node("Flatten", ["h"], ["i"]),
        helper.make_node("MatMul", ["i", "m"], ["j"]),
        helper.make_node("Add", ["j", "b"], ["probabilities"], broadcast=1),
    ]
    save_model(path, nodes, constants, 6, ["n", 3, 17, 17])

    def forward(x):
        x = F.conv2d(x, torch.tensor(w), stride=4, padding=2) * torch.tensor(scale)[:, None, None] + torch.tensor(shift)[:, None, None]
        return torch.flatten(F.max_pool2d(F.relu(x), 2), 1) @ torch.tensor(m) + torch.tensor(b)
    return forward


def keras_rows(path):
    """As tf2onnx writes a Keras network whose Dense reads a Flatten: rows in the order h, w, c; ZeroPadding2D before the Transpose; and what
    PyTorch's AvgPool2d(2, ceil_mode=True) says of padding that it has not."""
    r = np.random.RandomState(7)
    f = lambda *s: (r.randn(*s) * 0.4).astype(np.float32)
    w, m, b = f(8, 3, 3, 3), f(5 * 5 * 8, 7), f(7)
    constants = dict(w=w, m=m, b=b, pads=np.array([0, 0, 0, 0, 0, 2, 2, 0]), rows=np.array([-1, 200]))
    nodes = [
        helper.make_node("Pad", ["input", "pads"], ["p"]),
        helper.make_node("Transpose", ["p"], ["t"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["t", "w"], ["c"], strides=[2, 2]),
        helper.make_node("Relu", ["c"], ["d"]),
        helper.make_node("AveragePool", ["d"], ["e"], kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1, count_include_pad=1),
        helper.make_node("Transpose", ["e"], ["g"], perm=[0, 2, 3, 1]),
        helper.make_node("Reshape", ["g", "rows"], ["h"]),
        helper.make_node("MatMul", ["h", "m"], ["i"]),
        helper.make_node("Add", ["i", "b"], ["probabilities"]),
    ]
    save_model(path, nodes, constants, 13, ["n", 17, 17, 3])

    def forward(x):
        x = F.avg_pool2d(F.relu(F.conv2d(F.pad(x, (0, 2, 0, 2)), torch.tensor(w), stride=2)), 2, 2, ceil_mode=True)
        return x.permute(0, 2, 3, 1).flatten(1) @ torch.tensor(m) + torch.tensor(b)
    return forward


def grey(path, is_last):
    """Of images of one channel tf2onnx writes a Reshape, where a Transpose would move no number."""
    r = np.random.RandomState(8)
    f = lambda *s: r.randn(*s).astype(np.float32)
    constants = dict(w=f(4, 1, 3, 3), m=f(4, 7), shape=np.array([-1, 1, 9, 9]))
    nodes = [helper.make_node("Reshape", ["input", "shape"], ["t"])] if is_last else []
    nodes += [
        helper.make_node("Conv", ["t" if is_last else "input", "w"], ["c"]),
        helper.make_node("GlobalAveragePool", ["c"], ["g"]),
        helper.make_node("Flatten", ["g"], ["h"]),
        helper.make_node("MatMul", ["h", "m"], ["probabilities"]),
    ]
    if not is_last:
        del constants["shape"]
    save_model(path, nodes, constants, 13, ["n", 9, 9, 1] if is_last else ["n", 1, 9, 9])


def model_of(nodes, constants, opset, shape):
    graph = helper.make_graph(nodes, "by-hand", [helper.make_tensor_value_info("input", TensorProto.FLOAT, shape)],
                              [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", 7])],
                              [tensor(k, v) for k, v in constants.items()])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])


def save_model(path, *model):
    onnx.save(model_of(*model), path)


def small():
    folder = os.path.join(HERE, "onnx")
    pixels, x = images(6, 17)
    pack(os.path.join(folder, "images.npz"), pixels, 7)
    for name, net in (("mobile", Mobile()), ("fire", Fire())):
        net = randomise(net)
        for kind, folds, opset in (("folded", True, 14), ("norms", False, 13)):
            export(net, x, os.path.join(folder, f"{name}-{kind}.onnx"), folds, opset)
        with torch.no_grad():
            save(net(x), f"{name}.logits.npy")
    for name, make in (("keras", keras), ("idioms", idioms), ("old", old), ("keras-rows", keras_rows)):
        save(make(os.path.join(folder, name + ".onnx"))(x), name + ".logits.npy")
    grey(os.path.join(folder, "grey-last.onnx"), True)
    grey(os.path.join(folder, "grey-first.onnx"), False)


class Quantized(nn.Module):
    """As PyTorch exports quantization-aware training: 8 bits, weights per channel, a relu that is only the quantizer's, int8 without need."""
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2, self.conv3, self.fc = nn.Conv2d(3, 8, 3, 2, 1), nn.Conv2d(8, 8, 3, 1, 1, groups=8), nn.Conv2d(8, 12, 1), nn.Linear(12, 7)

        for m in self.children():
            m.register_buffer("scale", m.weight.detach().abs().amax(tuple(range(1, m.weight.ndim))) / 127)
            m.register_buffer("zero", torch.zeros(m.weight.shape[0], dtype=torch.int32))

    @staticmethod
    def weight(m):
        return torch.fake_quantize_per_channel_affine(m.weight, m.scale, m.zero, 0, -128, 127)

    def conv(self, m, x):
        return F.conv2d(x, self.weight(m), m.bias, m.stride, m.padding, m.dilation, m.groups)

    def forward(self, x):
        x = F.relu(self.conv(self.conv1, torch.fake_quantize_per_tensor_affine(x, 1 / 127, 0, -128, 127)))
        x = self.conv(self.conv2, torch.fake_quantize_per_tensor_affine(x, 0.01, 0, 0, 127))
        x = F.relu(self.conv(self.conv3, torch.fake_quantize_per_tensor_affine(x, 0.005, 0, 0, 255)))
        x = torch.fake_quantize_per_tensor_affine(x, 0.006, 0, -128, 127)
        x = torch.flatten(F.adaptive_avg_pool2d(x, 1), 1)
        return F.linear(torch.fake_quantize_per_tensor_affine(x, 0.003, 0, -128, 127), self.weight(self.fc), self.fc.bias)


def quantized(folder):
    """What import-onnx leaves out: the image's quantizer (8 bits are left as they are), and that of what is averaged."""
    torch.manual_seed(3)
    net = Quantized().eval()
    x = torch.from_numpy(np.load(os.path.join(folder, "images.npz"))["images"]).permute(0, 3, 1, 2).float() / 127.5 - 1
    export(net, x, os.path.join(folder, "qdq.onnx"), True)
    with torch.no_grad():
        np.save(os.path.join(folder, "qdq.logits.npy"), net(x).numpy())
    model = onnx.load(os.path.join(folder, "qdq.onnx"))        # the same by a linear layer whose weights are transposed in the graph
    at = [n.op_type for n in model.graph.node].index("Gemm")
    gemm = model.graph.node[at]
    gemm.attribute.remove([a for a in gemm.attribute if a.name == "transB"][0])
    model.graph.node.insert(at, helper.make_node("Transpose", [gemm.input[1]], ["transposed"], perm=[1, 0]))
    model.graph.node[at + 1].input[1] = "transposed"
    onnx.save(model, os.path.join(folder, "qdq-transposed.onnx"))
    model = onnx.load(os.path.join(folder, "qdq.onnx"))        # the same, quantized to 7 bits and then to 8 of that scale, and joined with nothing
    nodes = model.graph.node
    conv, flatten = [n for n in nodes if n.op_type == "Conv"][1], [n for n in nodes if n.op_type == "Flatten"][0]
    quantizer = [n for n in nodes if n.output[0] == conv.input[0]][0]
    twice = [helper.make_node("QuantizeLinear", [conv.input[0], *quantizer.input[1:]], ["integers"]),
             helper.make_node("DequantizeLinear", ["integers", *quantizer.input[1:]], ["again"])]
    for n in twice:
        nodes.insert(list(nodes).index(conv), n)
    conv.input[0] = "again"
    nodes.insert(list(nodes).index(flatten), helper.make_node("Concat", [flatten.input[0]], ["joined"], axis=1))
    flatten.input[0] = "joined"
    onnx.save(model, os.path.join(folder, "qdq-twice.onnx"))


def save(logits, name):
    if name.startswith("fire"):     # the file ends in a log-softmax, which an import leaves out: compare without the constant
        logits = logits - logits.mean(1, keepdim=True)
    np.save(os.path.join(HERE, "onnx", name), logits.detach().numpy())


# --- damaged ones --------------------------------------------------------------------------------

def damaged():
    folder = os.path.join(HERE, "onnx", "damaged")
    os.makedirs(folder, exist_ok=True)
    good, quantized, old_file = (open(os.path.join(HERE, "onnx", name), "rb").read() for name in ("keras.onnx", "qdq.onnx", "old.onnx"))
    rows = []

    def add(name, bytes_, message):
        open(os.path.join(folder, name + ".onnx"), "wb").write(bytes_)
        rows.append(f"{name},{message}\n")

    def change(name, message, edit, of=good):
        model = onnx.load_model_from_string(of)
        edit(model.graph)
        add(name, model.SerializeToString(), message)

    def with_property(name, message, key, value):
        model = onnx.load_model_from_string(quantized)
        model.metadata_props.add(key=key, value=value)
        add(name, model.SerializeToString(), message)

    def node(g, op, number=0):
        return [n for n in g.node if n.op_type == op][number]

    def constant(g, name):
        return [t for t in g.initializer if t.name == name][0]

    def put(name, x):
        def edit(g):
            constant(g, name).CopyFrom(tensor(name, x))
        return edit

    def attribute(op, **values):
        def edit(g):
            n = node(g, op)
            for k in values:
                for a in [a for a in n.attribute if a.name == k]:
                    n.attribute.remove(a)
                n.attribute.append(helper.make_attribute(k, values[k]))
        return edit

    def set_field(of, **values):
        def edit(g):
            for k, v in values.items():
                setattr(of(g), k, v)
        return edit

    add("empty", b"", "without nodes")
    add("text", b"name,op,inputs\n", "not an ONNX file")
    add("cut", good[:len(good) // 2], "not an ONNX file")
    change("no-nodes", "without nodes", lambda g: g.ClearField("node"))
    change("no-output", "no output", lambda g: g.ClearField("output"))
    change("no-input", "no input", lambda g: g.ClearField("input"))
    change("two-inputs", "expected one", lambda g: g.input.append(helper.make_tensor_value_info("other", TensorProto.FLOAT, [1, 3, 8, 8])))
    change("flat-input", "expected images", lambda g: g.input[0].CopyFrom(helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 99])))
    change("oblong", "expected square images", lambda g: g.input[0].CopyFrom(helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 17, 9, 3])))
    change("unknown-operator", "node 5. Gelu .*: this operator is not known", set_field(lambda g: node(g, "Clip"), op_type="Gelu"))
    change("missing-constant", "which no node above it makes", lambda g: g.initializer.remove(constant(g, "w1")))
    change("short-weights", "has not the 216 numbers of its shape", set_field(lambda g: constant(g, "w1"), raw_data=b"\0" * 40))
    change("long-weights", "has not the 216 numbers of its shape", set_field(lambda g: constant(g, "w1"), raw_data=b"\0" * 4 * 217))
    change("half-a-number", "has not the 216 numbers of its shape", set_field(lambda g: constant(g, "w1"), raw_data=b"\0" * (4 * 216 + 2)))
    change("other-domain", "node 5. Clip .*of domain .com.example.", set_field(lambda g: node(g, "Clip"), domain="com.example"))
    add("nested", nested(2000), "more than 64 messages in each other")
    change("huge-shape", "impossible shape", lambda g: constant(g, "w1").dims.__setitem__(0, 1 << 40))
    change("negative-shape", "impossible shape", lambda g: constant(g, "w1").dims.__setitem__(0, -8))
    change("integer-weights", "node 1. Conv .*weights .w1.: expected .cout", put("w1", np.zeros((8, 3, 3, 3), np.int64)))
    change("oblong-kernel", "expected .cout", put("w1", np.zeros((8, 3, 3, 2), np.float32)))
    change("other-channels", "input channels", put("w2", np.zeros((8, 5, 3, 3), np.float32)))
    change("not-finite", "not finite", put("w2", np.full((8, 8, 3, 3), np.nan, np.float32)))
    change("oblong-stride", "only square windows", attribute("Conv", strides=[1, 2]))
    change("zero-stride", "only square windows", attribute("Conv", strides=[0, 0]))
    change("groups", "input channels in 5 groups for 3", attribute("Conv", group=5))
    change("far-axis", "Add", attribute("Add", axis=2 ** 63 - 1), old_file)
    change("other-bounds", "bounds 0 and 5; expected 0 and 6", put("six", np.float32(5)))
    change("half-a-hardswish", "no hard-swish", lambda g: node(g, "Conv", 1).input.__setitem__(0, "h3"))
    change("wrong-matrix", "weights for", put("m", np.zeros((9, 7), np.float32)))
    change("wrong-bias", "numbers for", put("b", np.zeros(5, np.float32)))
    change("backwards", "which no node above it makes", lambda g: g.node.sort(key=lambda n: n.op_type == "Conv"))
    change("images-out", "expected that of a classifier", lambda g: g.output[0].CopyFrom(helper.make_tensor_value_info("r2", TensorProto.FLOAT, None)))
    change("channels-last", "channels come last", lambda g: node(g, "Conv").input.__setitem__(0, "input"))
    change("external", "lies in another file", set_field(lambda g: constant(g, "w1"), data_location=TensorProto.EXTERNAL))

    def scalar(op, number, k, x):
        """Input k of a node becomes another constant."""
        def edit(g):
            g.initializer.append(tensor("other", x))
            node(g, op, number).input[k] = "other"
        return edit

    def skip(op, number):
        """Who reads the node's output reads its input."""
        def edit(g):
            n = node(g, op, number)
            for m in g.node:
                for k in [k for k, name in enumerate(m.input) if name == n.output[0]]:
                    m.input[k] = n.input[0]
            g.node.remove(n)
        return edit

    # the first node of each kind is that of the image
    change("zero-point", "zero point 3; expected 0", scalar("QuantizeLinear", 0, 2, np.int8(3)), quantized)
    change("no-scale", "expected a positive number", scalar("QuantizeLinear", 0, 1, np.float32(0)), quantized)
    change("scales", "2 scales for images", scalar("QuantizeLinear", 0, 1, np.ones(2, np.float32)), quantized)
    change("integer-scale", "expected a float", scalar("QuantizeLinear", 0, 1, np.int64(1)), quantized)
    change("wide-integers", "expected int8 or uint8", scalar("QuantizeLinear", 0, 2, np.int32(0)), quantized)
    change("other-scale", "not that of the QuantizeLinear", scalar("DequantizeLinear", 0, 1, np.float32(1)), quantized)
    change("never-quantized", "expected a QuantizeLinear", skip("QuantizeLinear", 0), quantized)
    change("still-integers", "expected a DequantizeLinear", skip("DequantizeLinear", 0), quantized)
    change("range", "integers from 0 to 9", scalar("Clip", 0, 2, np.uint8(9)), quantized)
    change("empty-range", "leave no integers", scalar("Clip", 0, 1, np.uint8(200)), quantized)
    with_property("bits", "expected bits of weights and activations", "bits.conv1", "9/8")
    with_property("few-bits", "beyond the .* that 4 bits have", "bits.conv1", "4/8")
    with_property("kernels", "a digit", "kernels.conv1", "123")
    misread(add)
    with open(os.path.join(folder, "damaged.csv"), "w") as f:
        f.write("file,message\n")
        f.writelines(rows)


def nested(depth):
    """A file of nodes in graphs of attributes of nodes."""
    def field(number, inner):
        size, n = b"", len(inner)
        while n > 127:
            size, n = size + bytes([n & 127 | 128]), n >> 7
        return bytes([number << 3 | 2]) + size + bytes([n]) + inner
    inner = b""
    for _ in range(depth):
        inner = field(1, field(5, field(6, inner)))     # GraphProto.node, NodeProto.attribute, AttributeProto.g
    return field(7, inner)                              # ModelProto.graph


def misread(add):
    """Sound files, and hostile ones, that are no networks of ours: each was once imported as another network, or worse."""
    node, f32 = helper.make_node, lambda *x: np.array(x, np.float32)
    r = np.random.RandomState(6)
    conv = node("Conv", ["input", "w"], ["c"])
    weights = dict(w=r.randn(4, 3, 1, 1).astype(np.float32), m=r.randn(7, 4).astype(np.float32))

    def refuse(name, message, nodes, end="y", opset=15, softmax=None, **constants):
        """The convolution, these nodes, and a linear layer over what is called y."""
        tail = [node("GlobalAveragePool", [end], ["g"]), node("Flatten", ["g"], ["rows"]), node("Gemm", ["rows", "m"], ["l"], transB=1),
                node("Identity", ["l"], ["probabilities"]) if softmax is None else node("Softmax", ["l"], ["probabilities"], axis=softmax)]
        model = model_of([conv] + nodes + tail, {**weights, **constants}, opset, ["n", 3, 4, 4])
        for i in reversed(range(len(model.graph.initializer))):         # nodes that read nothing else keep files small
            if not any(model.graph.initializer[i].name in n.input for n in model.graph.node):
                del model.graph.initializer[i]
        add(name, model.SerializeToString(), message)

    def shaped(name, message, nodes, **constants):
        """These nodes make a shape s that the images are brought to."""
        refuse(name, message, nodes + [node("Reshape", ["c", "s"], ["y"])], **constants)

    three, six, zero, ints = np.float32(3), np.float32(6), np.float32(0), np.array([0, 1])
    plus = node("Add", ["c", "three"], ["p"])
    relu6 = [plus, node("Clip", ["p", "zero", "six"], ["r"])]
    constants = dict(three=three, six=six, zero=zero)

    refuse("two-pads", "pads: 8 by attribute and 8 by input", [node("Pad", ["c", "p"], ["q"], pads=[0] * 8), node("MaxPool", ["q"], ["y"],
           kernel_shape=[3, 3])], p=np.full(8, 0x4141414141414141))
    refuse("long-pads", "0 by attribute and 9 by input", [node("Pad", ["c", "p"], ["y"])], p=np.zeros(9, np.int64))
    refuse("two-axes", "axes: 2 by attribute and 2 by input", [node("ReduceMean", ["c", "p"], ["y"], axes=[2, 3])], p=np.array([2, 3]))
    refuse("far-axes", "axis 9 of 4", [node("ReduceMean", ["c"], ["y"], axes=[2, 9])])
    shaped("concat-gap", "input 3 is missing", [node("Concat", ["i", "i", "i", ""], ["s"], axis=0)], i=ints)
    shaped("concat-types", "all of floats or all of integers", [node("Concat", ["i", "f"], ["s"], axis=0)], i=ints, f=f32(1))
    shaped("least-step", "expected a slice", [node("Slice", ["i", "one", "i0", "i0", "step"], ["s"])], i=ints, one=np.array([1]), i0=np.array([0]),
           step=np.array([-2 ** 63]))
    shaped("no-integer", "reads nan; expected an integer", [node("ConstantOfShape", ["f"], ["s"])], f=f32(np.nan))
    shaped("half-an-axis", "reads 0.5; expected an integer", [node("Gather", ["i", "f"], ["s"])], i=ints, f=f32(0.5, 1))
    shaped("inexact-cast", "no integer is inf", [node("Cast", ["f"], ["s"], to=TensorProto.INT64)], f=f32(0, np.inf))
    shaped("wrong-perm", "perm: expected each of 2 axes once", [node("Transpose", ["f"], ["s"], perm=[1, 1])], f=np.zeros((2, 2), np.float32))
    shaped("three-pixels", "whose shapes do not fit", [node("Add", ["i", "f"], ["s"])], i=ints, f=f32(1, 2, 3))
    refuse("empty-sum", "a constant of 0 numbers", [node("Add", ["e", "one"], ["q"]), node("Mul", ["c", "q"], ["y"])], e=f32(), one=f32(1))
    refuse("far-windows", "dilations 65535", [node("MaxPool", ["c"], ["y"], kernel_shape=[65535] * 2, dilations=[65535] * 2)])
    refuse("far-bounds", "leave no integers", [node("QuantizeLinear", ["c", "s", "z"], ["i"]), node("Clip", ["i", "low", "high"], ["k"]),
           node("DequantizeLinear", ["k", "s", "z"], ["y"])], s=np.float32(0.1), z=np.int8(0), low=np.float32(1e30), high=np.float32(2e30))
    refuse("along-columns", "4 numbers for 4 channels", [node("Add", ["c", "v"], ["y"])], v=f32(1, 2, 3, 4))
    refuse("along-rows", "4 numbers for 4 channels", [node("Mul", ["c", "v"], ["y"])], v=np.ones((4, 1), np.float32))
    refuse("each-pixel", "16 numbers for 4 channels", [node("Mul", ["c", "v"], ["y"])], v=np.ones((4, 4), np.float32))
    refuse("shared-relu6", "no hard-swish", relu6 + [node("Div", ["r", "six"], ["h"]), node("Add", ["r", "h"], ["y"])], **constants)
    refuse("swish-of-sum", "no hard-swish", [plus, node("Sigmoid", ["c"], ["s"]), node("Mul", ["p", "s"], ["y"])], three=three)
    refuse("gate-and-sum", "no hard-swish", [node("Sigmoid", ["c"], ["s"]), node("Add", ["s", "three"], ["p"]), node("Mul", ["c", "p"], ["y"])], three=three)
    refuse("hardswish-of-sum", "no hard-swish", relu6 + [node("Mul", ["p", "r"], ["s"]), node("Div", ["s", "six"], ["y"])], **constants)
    refuse("padded-sum", "padded images", [node("Pad", ["c", "p"], ["q"]), node("Add", ["q", "q"], ["y"])], p=np.array([0, 0, 1, 1, 0, 0, 1, 1]))
    refuse("cast-to-integers", "to type 6", [node("Cast", ["c"], ["i"], to=TensorProto.INT32), node("Cast", ["i"], ["y"], to=TensorProto.FLOAT)])
    refuse("training", "training_mode", [node("BatchNormalization", ["c"] + ["v"] * 4, ["y"], training_mode=1)], v=f32(1, 1, 1, 1))
    refuse("dropping", "training_mode", [node("Dropout", ["c", "half", "yes"], ["y"])], half=np.float32(0.5), yes=np.array(True))
    refuse("softmax-of-images", "axis 0; expected 1", [node("Relu", ["c"], ["y"])], softmax=0)
    refuse("flat-pixels", "what was flattened", [node("Reshape", ["c", "s"], ["y"])], s=np.array([0, -1, 1, 1]))
    refuse("rows-and-images", "in 4 and 2 dimensions", [node("GlobalMaxPool", ["c"], ["a"]), node("Flatten", ["a"], ["b"]),
           node("Concat", ["a", "b"], ["y"], axis=1)])
    refuse("squeezed-map", "of images of one pixel", [node("Squeeze", ["c"], ["y"])])
    refuse("int8-of-signed", "expected int8", [node("QuantizeLinear", ["c", "s"], ["i"], output_dtype=TensorProto.INT16), node("DequantizeLinear", ["i", "s"],
           ["y"])], s=np.float32(0.1))
    refuse("blocks", "block_size", [node("QuantizeLinear", ["c", "s"], ["i"], block_size=2), node("DequantizeLinear", ["i", "s"], ["y"])], s=np.float32(0.1))
    refuse("far-sides", "makes images of side 6....; expected at most 65535", [node("MaxPool", ["c"], ["y"], kernel_shape=[65535] * 2, pads=[65534] * 4)])
    refuse("far-stride", "strides 65: .* of 1 to 64", [node("MaxPool", ["c"], ["y"], kernel_shape=[1, 1], strides=[65, 65])])
    refuse("only-its-shape", "at most its shape is read", [node("Sigmoid", ["c"], ["a"]), node("Shape", ["a"], ["n"], end=1), node("Concat", ["n", "rest"],
           ["s"], axis=0), node("GlobalMaxPool", ["c"], ["b"]), node("Reshape", ["b", "s"], ["y"])], rest=np.array([-1, 1, 1]))
    refuse("counts-padding", "counts its padding", [node("AveragePool", ["c"], ["y"], kernel_shape=[2, 2], pads=[1] * 4, count_include_pad=1)])
    refuse("no-list", "kernel_shape is no list", [node("MaxPool", ["c"], ["y"], kernel_shape=3)])


# --- at full size --------------------------------------------------------------------------------

def full(folder):
    from torchvision import models
    makers = {
        "mobilenet-v2": models.mobilenet_v2, "mobilenet-v3-small": models.mobilenet_v3_small, "mobilenet-v3-large": models.mobilenet_v3_large,
        "resnet-18": models.resnet18, "resnet-50": models.resnet50, "squeezenet-1.0": models.squeezenet1_0, "squeezenet-1.1": models.squeezenet1_1,
        "vgg-11-bn": models.vgg11_bn, "vgg-16": models.vgg16, "mnasnet": models.mnasnet1_0, "efficientnet-b0": models.efficientnet_b0,
        "regnet-y": models.regnet_y_400mf, "mobilenet-v1": mobilenet_v1, "efficientnet-lite": efficientnet_lite,
    }
    os.makedirs(folder, exist_ok=True)
    pixels, x = images(3, 224)
    pack(os.path.join(folder, "images.npz"), pixels, 100)
    for name, maker in makers.items():
        net = randomise(maker(num_classes=100))
        with torch.no_grad():
            logits = net(x).numpy()
        for kind, folds, opset in (("folded", True, 14), ("norms", False, 13)):
            path = os.path.join(folder, "net")
            export(net, x, path + ".onnx", folds, opset)
            run("import-onnx", "-i", path + ".onnx", "-n", path + ".csv", "-w", path + ".npz")
            run("evaluate", "-n", path + ".csv", "-w", path + ".npz", "-d", os.path.join(folder, "images.npz"), "--logits", path + ".npy", "-o", path + ".score.csv")
            print(f"{name:20} {kind:7} {abs(np.load(path + '.npy') - logits).max() / abs(logits).max():.1e}", flush=True)


def run(program, *arguments):
    subprocess.run([os.path.join(HERE, "../../build/release/bin", program), *arguments], check=True, stderr=subprocess.DEVNULL)


def mobilenet_v1(num_classes):
    layers, cin = [block(3, 32, 3, 2)], 32
    for cout, stride in ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)) + ((512, 1),) * 5 + ((1024, 2), (1024, 1)):
        layers += [block(cin, cin, 3, stride, 1, cin), block(cin, cout, 1, 1, 0)]
        cin = cout
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(cin, num_classes))


class Residual(nn.Module):
    def __init__(self, body):
        super().__init__()
        self.body = body

    def forward(self, x):
        return x + self.body(x)


def efficientnet_lite(num_classes):
    """EfficientNet-lite0: no squeeze and excitation, ReLU6, kernels of 5."""
    layers, cin = [block(3, 32, 3, 2, act=nn.ReLU6)], 32
    for expand, cout, n, stride, k in ((1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3), (6, 112, 3, 1, 5), (6, 192, 4, 2, 5), (6, 320, 1, 1, 3)):
        for i in range(n):
            mid, s = cin * expand, stride if i == 0 else 1
            body = ([block(cin, mid, 1, 1, 0, act=nn.ReLU6)] if expand > 1 else []) + [
                block(mid, mid, k, s, k // 2, mid, act=nn.ReLU6), nn.Sequential(nn.Conv2d(mid, cout, 1, bias=False), nn.BatchNorm2d(cout))]
            layers.append(Residual(nn.Sequential(*body)) if s == 1 and cin == cout else nn.Sequential(*body))
            cin = cout
    return nn.Sequential(*layers, block(cin, 1280, 1, 1, 0, act=nn.ReLU6), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1280, num_classes))


if len(sys.argv) > 1:
    full(sys.argv[1])
else:
    os.makedirs(os.path.join(HERE, "onnx"), exist_ok=True)
    small()
    quantized(os.path.join(HERE, "onnx"))
    damaged()
