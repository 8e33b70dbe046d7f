# The accuracy-guaranteed mode (section 4.4, eq. 12 and 13): no budget; latency and energy are in the
# reward, with accuracy.  Figure 6 shows the searches of the first seed, episode by episode: the default
# agent's and the paper's.
EXPERIMENTS       += guarantee
guarantee.about   := search without a budget, latency and energy in the reward, on BitFusion
guarantee.title   := Accuracy-guaranteed quantization on BitFusion (reward of eq. 12)
guarantee.nets    := $(first-net)
guarantee.hw      := bitfusion
guarantee.budgets := accuracy-guaranteed
guarantee.agents  := ddpg
guarantee.metric  := latency,energy,reward
guarantee.uniform := w4a4 w6a6 w8a8
