# Figure 1's curves: what a search wins from 3 to 7 bits, on the edge.
EXPERIMENTS    += pareto
pareto.about   := accuracy against latency on BISMO edge, from 3 to 7 bits; the rows of figure1
pareto.title   := Accuracy against latency on BISMO edge
pareto.nets    := $(networks)
pareto.hw      := bismo-edge
pareto.budgets := latency-w3a3 latency-w4a4 latency-w5a5 latency-w6a6 latency-w7a7
pareto.uniform := w3a3 w4a4 w5a5 w6a6 w7a7 w8a8
