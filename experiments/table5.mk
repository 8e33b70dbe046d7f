# Table 5: MobileNet-V1 searched under energy budgets on BitFusion, against uniform bits at equal energy.
EXPERIMENTS    += table5
table5.about   := energy-constrained search on BitFusion, against uniform bits
table5.title   := Table 5: energy-constrained quantization on BitFusion
table5.nets    := $(first-net)
table5.hw      := bitfusion
table5.budgets := energy-w4a4 energy-w6a4 energy-w6a6
table5.uniform := w4a4 w6a4 w6a6 w8a8
table5.paper   := experiments/published/table5.csv
