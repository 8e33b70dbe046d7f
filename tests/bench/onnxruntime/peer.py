#!/usr/bin/python3
"""peer.py - what peer.js does, by Debian's python3-onnxruntime.

    peer.py speed MODEL.onnx BATCH ROUNDS THREADS      images a second, median over rounds, after one that is not counted
    peer.py run MODEL.onnx IN.f32 BATCH OUT.f32        its first output for all images of a file, some at a time: float32,
                                                       one image after the other
    peer.py optimize MODEL.onnx OUT.onnx               the graph that it makes of the model and runs
"""
import statistics, sys, time

import numpy as np
import onnxruntime as ort


def load(model, threads, optimized=""):
    o = ort.SessionOptions()
    o.intra_op_num_threads, o.inter_op_num_threads, o.log_severity_level = threads, 1, 3
    o.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    o.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    o.optimized_model_filepath = optimized
    session = ort.InferenceSession(model, o, providers=["CPUExecutionProvider"])
    image = session.get_inputs()[0]
    return lambda x: session.run(None, {image.name: x})[0], image.shape[1:]


def speed(model, batch, rounds, threads):
    network, shape = load(model, int(threads))
    x = np.random.default_rng(1).uniform(-1, 1, [int(batch)] + shape).astype(np.float32)
    rates = []
    for _ in range(int(rounds) + 1):
        start = time.perf_counter()
        network(x)
        rates.append(int(batch) / (time.perf_counter() - start))
    print("%.4g" % statistics.median(rates[1:]))


def run(model, images, batch, out):
    network, shape = load(model, 1)
    x = np.fromfile(images, np.float32).reshape([-1] + shape)
    np.concatenate([network(x[i:i + int(batch)]).ravel() for i in range(0, len(x), int(batch))]).tofile(out)


def optimize(model, out):
    load(model, 1, out)


{"speed": speed, "run": run, "optimize": optimize}[sys.argv[1]](*sys.argv[2:])
