# AutoQ: the same bits everywhere, bits of each layer and bits of each kernel, at equal latency; each with a
# range of weights for a layer and one for each kernel, as most of what bits of kernels are praised for may be
# their ranges.
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

# The same on BitFusion, whose fused multipliers round bits up to 2, 4 and 8, at equal energy: AutoQ's
# Figure 7 has nothing won there by bits of kernels.
EXPERIMENTS           += autoq-energy
autoq-energy.about    := the same at equal energy on BitFusion, where bits of kernels should win nothing
autoq-energy.title    := AutoQ: layer-wise and kernel-wise bits at equal energy on BitFusion
autoq-energy.nets     := $(networks)
autoq-energy.hw       := bitfusion
autoq-energy.budgets  := energy-w3a3 energy-w4a4 energy-w5a5
autoq-energy.ranges   := kernel
autoq-energy.agents   := kernels
autoq-energy.uniform  := w3a3 w4a4 w5a5
autoq-energy.episodes := 120

# Without a budget: latency in the reward, accuracy guaranteed; what bits of kernels save at equal accuracy.
EXPERIMENTS             += autoq-accuracy
autoq-accuracy.about    := bits of kernels against bits of layers without a budget: latency at equal accuracy
autoq-accuracy.title    := AutoQ: accuracy-guaranteed, layer-wise and kernel-wise bits
autoq-accuracy.nets     := $(networks)
autoq-accuracy.hw       := bitfusion
autoq-accuracy.budgets  := accuracy-guaranteed
autoq-accuracy.metric   := latency,energy,reward
autoq-accuracy.ranges   := kernel
autoq-accuracy.agents   := kernels autoq
autoq-accuracy.uniform  := w8a8
autoq-accuracy.episodes := 120

# Who learns soonest: our model, AutoQ's agent, that agent without one of its parts, and nobody.
EXPERIMENTS           += autoq-agents
autoq-agents.about    := AutoQ's agent, what each of its parts wins, and our model, by episode
autoq-agents.title    := AutoQ's agents at equal latency on BISMO edge
autoq-agents.nets     := $(last-net)
autoq-agents.hw       := bismo-edge
autoq-agents.budgets  := latency-w4a4
autoq-agents.ranges   := kernel
autoq-agents.agents   := kernels autoq autoq-kept-goals autoq-unshaped autoq-formula autoq-flat autoq-paper \
                         kernel-random
autoq-agents.uniform  := w4a4
