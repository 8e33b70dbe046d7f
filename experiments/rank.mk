# Rank: does the brief score that a search goes by rank policies as the long finetuning does that counts?
# Policies under one budget: uniform bits, others drawn at random around them, and the best of the table's
# own search.
#
#   make rank                                              these
#   make rank rank.nets=tiny-fashion rank.budgets=latency-w3a3 rank.variants="search epochs-2" rank.draws=2
MEASUREMENTS  += rank
rank.about    := do scores of a search rank policies as the last finetuning does, and what is lost
rank.title    := Rank: policies under one budget as a search scores them and after the last finetuning
rank.nets     := $(networks)
rank.hw       := bismo-edge
rank.budgets  := latency-w4a4
rank.drawn    := 14
rank.found    := 15
rank.variants := search epochs-1+statistics_images-0 epochs-1 epochs-1+distillation-1 epochs-2
rank.draws    := 1
