#!/usr/bin/python3
"""torch_peer.py - the same network in PyTorch: images a second, median over rounds.

    torch_peer.py NET.csv finetune|evaluate|finetune-quantized|evaluate-quantized BATCH ROUNDS THREADS

Eager float32: a plain training step (forward, cross-entropy, backward, SGD with momentum) or inference; channels-last
and plain layout are tried, and the better one is printed.  Quantized: inputs and weights of each layer rounded to 4 bits with
straight-through gradients, as those who search with PyTorch do it.
"""
import csv, statistics, sys, time
import torch
from torch import nn


def rounded(x, low, high, levels):
    step = high / levels
    y = x.clamp(low, high)
    return y + (torch.round(y / step) * step - y).detach()


def quantize(layer):
    """the layer, computing with 4-bit inputs and weights"""
    plain = layer._conv_forward if isinstance(layer, nn.Conv2d) else nn.functional.linear
    clip = float(layer.weight.abs().max())
    layer.forward = lambda x: plain(rounded(x, 0.0, 4.0, 15), rounded(layer.weight, -clip, clip, 7), layer.bias)


class Net(nn.Module):
    def __init__(self, path):
        super().__init__()
        self.rows = list(csv.DictReader(open(path)))
        self.parts = nn.ModuleDict()
        channels = {}
        for r in self.rows:
            name, op = r["name"], r["op"]
            key = name.replace(".", "_")
            inputs = r["inputs"].split()
            cin = channels[inputs[0]] if inputs else 0
            size, stride, pad, groups = (int(r[k] or d) for k, d in (("size", 1), ("stride", 1), ("pad", 0), ("groups", 1)))
            cout = int(r["channels"]) if r["channels"] else cin
            act = {"relu": [nn.ReLU(True)], "relu6": [nn.ReLU6(True)]}.get(r["activation"], [])
            if op == "conv":
                norm = [nn.BatchNorm2d(cout)] if r["norm"] == "yes" else []
                self.parts[key] = nn.Sequential(nn.Conv2d(cin, cout, size, stride, pad, 1, groups, r["bias"] == "yes"), *norm, *act)
            elif op == "linear":
                self.parts[key] = nn.Linear(cin, cout)
            elif op == "max":
                self.parts[key] = nn.MaxPool2d(size, stride, pad)
            elif op == "add":
                self.parts[key] = nn.Sequential(*act)
            channels[name] = cout
        self.shape = (int(self.rows[0]["channels"]), int(self.rows[0]["size"]), int(self.rows[0]["size"]))
        self.classes = cout

    def forward(self, x):
        value = {self.rows[0]["name"]: x}
        for r in self.rows[1:]:
            key = r["name"].replace(".", "_")
            v = [value[i] for i in r["inputs"].split()]
            if r["op"] == "add":
                y = self.parts[key](v[0] + v[1])
            elif r["op"] == "average":
                y = v[0].mean((2, 3))
            else:
                y = self.parts[key](v[0])
            value[r["name"]] = y
        return y


def measure(path, what, batch, rounds, layout):
    net = Net(path).to(memory_format=layout)
    for layer in net.modules():
        if what.endswith("-quantized") and isinstance(layer, (nn.Conv2d, nn.Linear)):
            quantize(layer)
    x = torch.randn(batch, *net.shape).to(memory_format=layout)
    labels = torch.zeros(batch, dtype=torch.long)
    optimiser = torch.optim.SGD(net.parameters(), 1e-6, 0.9, weight_decay=4e-5)
    train = what.startswith("finetune")
    net.train(train)
    rates = []
    for i in range(rounds + 1):
        start = time.perf_counter()
        if train:
            optimiser.zero_grad(set_to_none=True)
            nn.functional.cross_entropy(net(x), labels).backward()
            optimiser.step()
        else:
            with torch.no_grad():
                net(x)
        rates.append(batch / (time.perf_counter() - start))
    return statistics.median(rates[1:])


path, what, batch, rounds, threads = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5])
torch.set_num_threads(threads)
print("%.4g" % max(measure(path, what, batch, rounds, f) for f in (torch.channels_last, torch.contiguous_format)))
