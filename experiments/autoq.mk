# AutoQ: the same bits everywhere, bits of each layer, bits of each kernel, at equal latency; each with a range of
# weights for a layer and one for each kernel, as most of what bits of kernels are praised for may be their
# ranges.
EXPERIMENTS    += autoq
autoq.about    := bits of kernels against bits of layers at equal latency, ranges of layers and of kernels
autoq.title    := AutoQ: uniform, layer-wise and kernel-wise bits at equal latency on BISMO
autoq.nets     := $(networks) $(resnet)
autoq.hw       := bismo-edge bismo-cloud
autoq.budgets  := latency-w3a3 latency-w4a4 latency-w5a5
autoq.ranges   := layer kernel
autoq.agents   := kernels
autoq.uniform  := w3a3 w4a4 w5a5
autoq.episodes := 120
