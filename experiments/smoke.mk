# Smoke: the whole pipeline on a tiny network, in a minute or two.
EXPERIMENTS    += smoke
smoke.about    := the whole pipeline on a tiny network, 12 episodes: does it all work here?
smoke.title    := Smoke: a tiny network, a dozen episodes; it runs, its accuracies say nothing
smoke.nets     := tiny-fashion
smoke.hw       := bismo-edge
smoke.budgets  := latency-w3a3
smoke.uniform  := w3a3 w8a8
smoke.episodes := 12

# The same of what smoke does not run: codebooks under a size, the heuristic, random search.
EXPERIMENTS          += smoke-size
smoke-size.about     := likewise with codebooks under a size, beside the heuristic and random search
smoke-size.title     := Smoke: codebooks under a size, a few episodes; accuracies say nothing
smoke-size.nets      := tiny-fashion
smoke-size.hw        := size-codebook
smoke-size.budgets   := size-w3a8
smoke-size.uniform   := w3a8
smoke-size.heuristic := yes
smoke-size.agents    := random
smoke-size.episodes  := 6
