# Table 3: MobileNets searched under latency budgets on BISMO, against uniform bits at equal latency.
EXPERIMENTS    += table3
table3.about   := latency-constrained search on BISMO, edge and cloud, against uniform bits
table3.title   := Table 3: latency-constrained quantization on BISMO
table3.nets    := $(networks)
table3.hw      := bismo-edge bismo-cloud
table3.budgets := latency-w4a4 latency-w5a5 latency-w6a6
table3.uniform := w4a4 w5a5 w6a6 w8a8
table3.paper   := experiments/published/table3.csv
