# Smoke: the whole pipeline on a tiny network, in a minute or two.
EXPERIMENTS    += smoke
smoke.about    := the same on a tiny network, 12 episodes: does it all work here?
smoke.title    := Smoke: a tiny network, a dozen episodes
smoke.nets     := tiny-fashion
smoke.hw       := bismo-edge
smoke.budgets  := latency-w3a3
smoke.uniform  := w3a3 w8a8
smoke.paper    := experiments/published/table3.csv
smoke.episodes := 12
