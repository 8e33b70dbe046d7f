# Table 1: what is best for one accelerator costs more than it need on another.  The best policy of
# MobileNet-V1 under the latency of 4/4 bits, searched for each of three accelerators, costed on all three;
# a row a seed.
SUMMARIES     += table1
table1.about  := policies searched for one accelerator, costed on three
table1.title  := Table 1: each policy was searched for the accelerator in its name
table1.net    := $(first-net)
table1.hw     := bismo-edge bismo-cloud bitfusion
table1.budget := latency-w4a4
