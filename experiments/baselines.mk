# Baselines: what else gives bits under the same budget, with the same number of scored policies where it
# tries several.
#   uniform     the same bits everywhere (PACT)
#   heuristic   more bits for the first layers, fewer towards the end (after Han et al.), as many as the
#               budget allows
#   random      the best of as many random policies, each walked under the budget like a searched one
EXPERIMENTS         += baselines
baselines.about     := uniform bits, a heuristic and random search against the search, at equal latency
baselines.title     := Baselines at equal latency on BISMO
baselines.nets      := $(networks)
baselines.hw        := bismo-edge bismo-cloud
baselines.budgets   := latency-w4a4
baselines.uniform   := w4a4
baselines.heuristic := yes
baselines.agents    := random
baselines.paper     := experiments/published/table3.csv
