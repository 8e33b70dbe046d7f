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
    save(keras(os.path.join(folder, "keras.onnx"))(x), "keras.logits.npy")


class Quantised(nn.Module):
    """As PyTorch exports quantisation-aware training: 8 bits, weights per channel, a relu that is only the quantiser's, int8 without need."""
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


def quantised(folder):
    """What import-onnx leaves out: the image's quantiser (8 bits are left as they are), and that of what is averaged."""
    torch.manual_seed(3)
    net = Quantised().eval()
    x = torch.from_numpy(np.load(os.path.join(folder, "images.npz"))["images"]).permute(0, 3, 1, 2).float() / 127.5 - 1
    export(net, x, os.path.join(folder, "qdq.onnx"), True)
    with torch.no_grad():
        np.save(os.path.join(folder, "qdq.logits.npy"), net(x).numpy())


def save(logits, name):
    if name.startswith("fire"):     # the file ends in a log-softmax, which an import leaves out: compare without the constant
        logits = logits - logits.mean(1, keepdim=True)
    np.save(os.path.join(HERE, "onnx", name), logits.detach().numpy())


# --- damaged ones --------------------------------------------------------------------------------

def damaged():
    folder = os.path.join(HERE, "onnx", "damaged")
    os.makedirs(folder, exist_ok=True)
    good, quantised = (open(os.path.join(HERE, "onnx", name), "rb").read() for name in ("keras.onnx", "qdq.onnx"))
    rows = []

    def add(name, bytes_, message):
        open(os.path.join(folder, name + ".onnx"), "wb").write(bytes_)
        rows.append(f"{name},{message}\n")

    def change(name, message, edit, of=good):
        model = onnx.load_model_from_string(of)
        edit(model.graph)
        add(name, model.SerializeToString(), message)

    def with_property(name, message, key, value):
        model = onnx.load_model_from_string(quantised)
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
    change("unknown-operator", "not known", set_field(lambda g: node(g, "Clip"), op_type="Gelu"))
    change("missing-constant", "which no node above it makes", lambda g: g.initializer.remove(constant(g, "w1")))
    change("short-weights", "numbers of 216", set_field(lambda g: constant(g, "w1"), raw_data=b"\0" * 40))
    change("huge-shape", "impossible shape", lambda g: constant(g, "w1").dims.__setitem__(0, 1 << 40))
    change("negative-shape", "impossible shape", lambda g: constant(g, "w1").dims.__setitem__(0, -8))
    change("integer-weights", "expected", put("w1", np.zeros((8, 3, 3, 3), np.int64)))
    change("oblong-kernel", "expected .cout", put("w1", np.zeros((8, 3, 3, 2), np.float32)))
    change("other-channels", "input channels", put("w2", np.zeros((8, 5, 3, 3), np.float32)))
    change("not-finite", "not finite", put("w2", np.full((8, 8, 3, 3), np.nan, np.float32)))
    change("oblong-stride", "only square windows", attribute("Conv", strides=[1, 2]))
    change("zero-stride", "only square windows", attribute("Conv", strides=[0, 0]))
    change("groups", "groups", attribute("Conv", group=5))
    change("other-bounds", "bounds", put("six", np.float32(5)))
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
    change("zero-point", "zero point 3; expected 0", scalar("QuantizeLinear", 0, 2, np.int8(3)), quantised)
    change("no-scale", "expected a positive number", scalar("QuantizeLinear", 0, 1, np.float32(0)), quantised)
    change("scales", "2 scales for images", scalar("QuantizeLinear", 0, 1, np.ones(2, np.float32)), quantised)
    change("integer-scale", "expected a float", scalar("QuantizeLinear", 0, 1, np.int64(1)), quantised)
    change("wide-integers", "expected int8 or uint8", scalar("QuantizeLinear", 0, 2, np.int32(0)), quantised)
    change("other-scale", "not that of the QuantizeLinear", scalar("DequantizeLinear", 0, 1, np.float32(1)), quantised)
    change("never-quantised", "expected a QuantizeLinear", skip("QuantizeLinear", 0), quantised)
    change("still-integers", "expected a DequantizeLinear", skip("DequantizeLinear", 0), quantised)
    change("range", "integers from 0 to 9", scalar("Clip", 0, 2, np.uint8(9)), quantised)
    change("empty-range", "leave no integers", scalar("Clip", 0, 1, np.uint8(200)), quantised)
    with_property("bits", "expected bits of weights and activations", "bits.conv1", "9/8")
    with_property("few-bits", "beyond the .* that 4 bits have", "bits.conv1", "4/8")
    with_property("kernels", "a digit", "kernels.conv1", "123")
    with open(os.path.join(folder, "damaged.csv"), "w") as f:
        f.write("file,message\n")
        f.writelines(rows)


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
    quantised(os.path.join(HERE, "onnx"))
    damaged()
