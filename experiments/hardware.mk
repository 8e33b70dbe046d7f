# What accelerators alone decide: no images, no searches, seconds.
#
#   make hardware-check      every figure of the paper that hardware decides, beside ours
#   make costs               what policies P of a network N cost on the accelerators H
#   make roofline            how near each layer of N is to the limits of its accelerator, as data and figures
#
# N is any network of data/networks.  P lists policies: bits as in w4a4, or files OUT/N/....policy.csv.  H
# lists accelerators, unless told all hwmodels/*.conf but those that differ for kernels alone (-sorted); add
# table-NAME for measurements of N.
N := mobilenet-v1
P := w4a4 w6a4 w6a6 w8a8
H := $(filter-out size-% %-sorted,$(sort $(basename $(notdir $(wildcard hwmodels/*.conf)))))

published   := experiments/published/hardware.csv
costs.title  = $N: a batch; on BISMO without the first and the last layer, as in the paper
