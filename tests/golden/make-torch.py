#!/usr/bin/python3
"""make-torch.py - small networks as PyTorch computes them: writes torch.npz and torch-ops.npz beside itself.

Reads torch-net.csv and torch-policy.csv, torch-ops.csv and torch-ops-policy.csv.  Of each, once in full precision
and once fake-quantized: logits and loss in training mode, gradients of all parameters, running statistics after that
step, and all parameters after three steps of SGD on the same batch.  In full precision also loss and gradients of the
weights under label smoothing, and all parameters after three steps of Nesterov's momentum without decay of biases,
gamma and beta.  Computed in double precision, written as float32; activations are NHWC there.

A seed is taken with which no number of the three steps lies so near a turn of a quantizer, or of an activation, that
float32 might take it to the other side (MARGIN).
"""
import csv
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
BATCH, STEPS, RATE, MOMENTUM, DECAY = 8, 3, 0.05, 0.9, 1e-3
SMOOTHING = 0.1
MARGIN = 2e-5
KINDS = ["weight", "bias", "gamma", "beta"]

torch.set_default_dtype(torch.float64)
margin = 1.0


def watch(distance):
    global margin
    margin = min(margin, float(distance.min()) if distance.numel() else 0)     # nothing: a layer is dead


class Quantize(torch.autograd.Function):
    """eq. 4 and 5; straight through inside the range, PACT's gradient of the range outside."""

    @staticmethod
    def forward(ctx, x, clip, bits, signed):
        low = -clip if signed else torch.zeros_like(clip)
        step = clip / (2 ** (bits - signed) - 1)
        level = torch.clamp(x, min=float(low), max=float(clip)) / step
        watch((level - torch.floor(level) - 0.5).abs())
        watch((x - clip).abs())
        watch((x - low)[x != 0].abs())
        ctx.save_for_backward(x, clip, low)
        ctx.signed = signed
        return torch.round(level) * step

    @staticmethod
    def backward(ctx, g):
        x, clip, low = ctx.saved_tensors
        of_clip = g[x >= clip].sum() - (g[x <= low].sum() if ctx.signed else 0)
        return g * ((x > low) & (x < clip)), of_clip.reshape(clip.shape), None, None


def quantize_weights(w, clip, bits):
    """Straight through everywhere: clipping ranges of weights do not learn."""
    if bits == 1:
        q = torch.where(w < 0, -clip, clip)
    else:
        step = clip / (2 ** (bits - 1) - 1)
        level = torch.clamp(w.detach(), -clip, clip) / step
        watch((level - torch.floor(level) - 0.5).abs())
        q = torch.round(level) * step
    return w + (q - w).detach()


def read_csv(name):
    with open(os.path.join(HERE, name)) as f:
        return list(csv.DictReader(f))


def read_network(net, policy):
    global NODES, POLICY, LAYERS
    NODES = read_csv(net)
    POLICY = {r["layer"]: (int(r["weight_bits"]), int(r["activation_bits"])) for r in read_csv(policy)}
    LAYERS = [n for n in NODES if n["op"] in ("conv", "linear")]


def random_weights(rng):
    channels, w = {}, {}
    for n in NODES:
        cin = channels.get(n["inputs"].split(" ")[0])
        if n["op"] == "concat":
            cin = sum(channels[i] for i in n["inputs"].split(" "))
        cout = channels[n["name"]] = int(n["channels"] or cin)
        if n["op"] not in ("conv", "linear"):
            continue
        shape = (cout, cin) if n["op"] == "linear" else (cout, cin // int(n["groups"]), int(n["size"]), int(n["size"]))
        w[n["name"] + ".weight"] = rng.normal(0, np.sqrt(2 / np.prod(shape[1:])), shape)
        if n["bias"] == "yes":
            w[n["name"] + ".bias"] = rng.normal(0, 0.3, cout)
        if n["norm"] == "yes":
            w[n["name"] + ".gamma"] = rng.normal(1, 0.2, cout)
            w[n["name"] + ".beta"] = rng.normal(0.3, 0.4, cout)
            w[n["name"] + ".mean"] = rng.normal(0, 0.3, cout)
            w[n["name"] + ".variance"] = rng.uniform(0.5, 2, cout)
    return {k: torch.tensor(v.astype(np.float32).astype(np.float64)) for k, v in w.items()}


def activate(x, how):
    functions = {"hardswish": F.hardswish, "hardsigmoid": F.hardsigmoid, "sigmoid": torch.sigmoid, "swish": F.silu}
    if how in ("hardswish", "hardsigmoid"):
        watch((x.abs() - 3).abs())
    if how in functions:
        return functions[how](x)
    if how in ("relu", "relu6"):
        watch(x.abs())
    if how == "relu6":
        watch((x - 6).abs())
        return F.relu6(x)
    return F.relu(x) if how == "relu" else x


def padded(n, x, value=0.0):
    before, _, after = (n["pad"] or "0").partition(":")
    before, after = int(before), int(after or before)
    return F.pad(x, (before, after, before, after), value=value)


def largest(n, x):
    size, stride = int(n["size"]), int(n["stride"])
    x = padded(n, x, -1e30)
    windows = x.unfold(2, size, stride).unfold(3, size, stride).flatten(4)
    first, second = windows.topk(2, -1).values.unbind(-1)
    watch(first - second)
    return F.max_pool2d(x, size, stride)


def average(n, x):
    """Padding does not count."""
    if not n["size"]:
        return x.mean((2, 3), keepdim=True)
    size, stride = int(n["size"]), int(n["stride"])
    share = F.avg_pool2d(padded(n, torch.ones_like(x)), size, stride)
    return F.avg_pool2d(padded(n, x), size, stride) / share


def layer(n, x, w, signed, quantized, reads):
    name = n["name"]
    weight = w[name + ".weight"]
    reads[name] = float(x.detach().abs().max())
    if quantized:
        wbits, abits = POLICY[name]
        weight = quantize_weights(weight, w[name + ".weight_clip"], wbits)
        if n["inputs"] != "image":              # pixels have 8 bits already
            x = Quantize.apply(x, w[name + ".activation_clip"], abits, signed)
    if n["op"] == "linear":
        return F.linear(x.flatten(1), weight, w[name + ".bias"])
    z = F.conv2d(padded(n, x), weight, w.get(name + ".bias"), int(n["stride"]), 0, int(n.get("dilation") or 1), int(n["groups"]))
    if n["norm"] != "yes":
        return z
    return F.batch_norm(z, w[name + ".mean"], w[name + ".variance"], w[name + ".gamma"], w[name + ".beta"], True, 0.1, 1e-5)


def forward(images, w, quantized, reads):
    out, signed = {"image": images}, {"image": True}
    for n in NODES[1:]:
        name, inputs = n["name"], n["inputs"].split(" ")
        x = out[inputs[0]]
        if n["op"] == "add":
            y = x + out[inputs[1]]
        elif n["op"] == "multiply":
            y = x * out[inputs[1]]
        elif n["op"] == "concat":
            y = torch.cat([out[i] for i in inputs], 1)
        elif n["op"] == "average":
            y = average(n, x)
        elif n["op"] == "max":
            y = largest(n, x)
        elif n["op"] == "activate":
            y = x
        else:
            y = layer(n, x, w, signed[inputs[0]], quantized, reads)
        may_be_negative = n["op"] in ("conv", "linear") or any(signed[i] for i in inputs)
        signed[name] = may_be_negative and n["activation"] in ("", "none", "hardswish", "swish")
        out[name] = activate(y, n["activation"])
    return out[NODES[-1]["name"]]


def learned(w, quantized):
    names = [n["name"] + "." + k for n in LAYERS for k in KINDS if n["name"] + "." + k in w]
    if quantized:
        names += [n["name"] + ".activation_clip" for n in LAYERS if n["inputs"] != "image"]
    return names


def train(prefix, start, images, labels, quantized, out):
    w = {k: v.clone() for k, v in start.items()}
    names = learned(w, quantized)
    for k in names:
        w[k].requires_grad_(True)
    sgd = torch.optim.SGD([w[k] for k in names], RATE, MOMENTUM, weight_decay=DECAY)
    for step in range(STEPS):
        logits = forward(images, w, quantized, {})
        loss = F.cross_entropy(logits, labels)
        sgd.zero_grad()
        loss.backward()
        if step == 0:
            out[prefix + ".logits"] = logits.detach()
            out[prefix + ".loss"] = loss.detach().reshape(1)
            out.update({prefix + ".grad." + k: w[k].grad.clone() for k in names})
            out.update({prefix + ".step1." + k: v.clone() for k, v in w.items() if k.endswith((".mean", ".variance"))})
        sgd.step()
    out.update({prefix + ".step3." + k: w[k].detach().clone() for k in names})


def nesterov(start, images, labels, out):
    w = {k: v.clone() for k, v in start.items()}
    names = learned(w, False)
    for k in names:
        w[k].requires_grad_(True)
    sgd = torch.optim.SGD([{"params": [w[k] for k in names if k.endswith(".weight")], "weight_decay": DECAY},
                           {"params": [w[k] for k in names if not k.endswith(".weight")]}],
                          RATE, MOMENTUM, nesterov=True)
    for step in range(STEPS):
        sgd.zero_grad()
        F.cross_entropy(forward(images, w, False, {}), labels).backward()
        sgd.step()
    out.update({"nesterov.step3." + k: w[k].detach().clone() for k in names})


def smooth(start, images, labels, out):
    w = {k: v.clone() for k, v in start.items()}
    names = [n["name"] + ".weight" for n in LAYERS]
    for k in names:
        w[k].requires_grad_(True)
    loss = F.cross_entropy(forward(images, w, False, {}), labels, label_smoothing=SMOOTHING)
    loss.backward()
    out["smooth.loss"] = loss.detach().reshape(1)
    out.update({"smooth.grad." + k: w[k].grad.clone() for k in names})


def choose_clips(w, images):
    reads = {}
    forward(images, {k: v.clone() for k, v in w.items()}, False, reads)
    for n in LAYERS:
        name = n["name"]
        size = w[name + ".weight"].abs()
        w[name + ".weight_clip"] = (size.mean() if POLICY[name][0] == 1 else 0.9 * size.max()).reshape(1)
        w[name + ".activation_clip"] = torch.tensor([0.7 * reads[name]])
        for k in (".weight_clip", ".activation_clip"):
            w[name + k] = w[name + k].float().double()


def make(seed):
    rng = np.random.default_rng(seed)
    side = int(NODES[0]["size"])
    w = random_weights(rng)
    images = torch.tensor(rng.normal(0, 1, (BATCH, 3, side, side)).astype(np.float32).astype(np.float64))
    labels = torch.tensor(rng.integers(0, 5, BATCH))
    choose_clips(w, images)
    out = dict(w)
    train("full", w, images, labels, False, out)
    train("quantized", w, images, labels, True, out)
    smooth(w, images, labels, out)
    nesterov(w, images, labels, out)
    out = {k: v.numpy().astype(np.float32) for k, v in out.items()}
    out["images"] = images.permute(0, 2, 3, 1).contiguous().numpy().astype(np.float32)
    out["labels"] = labels.numpy().astype(np.int32)
    return out


def write(net, policy, path):
    global margin
    read_network(net, policy)
    for seed in range(1, 1000):
        margin = 1.0
        arrays = make(seed)
        if margin > MARGIN:
            np.savez_compressed(os.path.join(HERE, path), **arrays)
            return
    sys.exit(net + ": no seed keeps the margin")


write("torch-net.csv", "torch-policy.csv", "torch.npz")
write("torch-ops.csv", "torch-ops-policy.csv", "torch-ops.npz")
