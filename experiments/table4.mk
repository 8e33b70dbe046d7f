# Table 4: MobileNet-V1 searched under latency budgets on BitFusion, against uniform bits at equal latency.
EXPERIMENTS    += table4
table4.about   := latency-constrained search on BitFusion, against uniform bits
table4.title   := Table 4: latency-constrained quantization on BitFusion
table4.nets    := $(first-net)
table4.hw      := bitfusion
table4.budgets := latency-w4a4 latency-w6a4 latency-w6a6
table4.uniform := w4a4 w6a4 w6a6 w8a8
table4.paper   := experiments/published/table4.csv
