# Table 6: weights that share values (Deep Compression), searched under the size that 2, 3 and 4 bits take,
# against uniform bits.  The paper's third network is ResNet-50.  First and last layer keep their bits
# here; the paper's last layer is as all others.
EXPERIMENTS    += table6
table6.about   := size-constrained search with codebooks, against uniform bits
table6.title   := Table 6: model size-constrained quantization, k-means
table6.nets    := $(networks) $(resnet)
table6.hw      := size-codebook
table6.budgets := size-w2a8 size-w3a8 size-w4a8
table6.uniform := w2a8 w3a8 w4a8
table6.paper   := experiments/published/table6.csv
