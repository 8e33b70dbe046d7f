# Figures of the paper, of what the searches of the tables found.  Bits are those of the best policy of the
# first seed.  A profile without MobileNets shows its first network, and its last.
#
#   FIGURE.about     a line for `make help`
#   FIGURE.script    draws it
#   FIGURE.reads     files that the script reads: asking for a figure runs the searches it needs
#   FIGURE.with      variables of the script: which file is what
#   FIGURE.caption   what there is to see
FIGURES += figure1 figure3 figure4 figure5 figure6

figure1.about   := accuracy against latency, flexible bits against fixed ones
figure1.script  := plots/pareto.gp
figure1.reads    = $(OUT)/tables/pareto.csv
figure1.with     = table = '$(figure1.reads)'; nets = '$(networks)'
figure1.caption := Top-1 on the test images against the latency of an image on BISMO edge: bits searched for \
                   each layer, and the same bits everywhere, 3 to 8 (means over seeds).

# $(call found,NET,HW): bits of each layer, and what bounds its speed there
found            = $(call best-of,$1,$2,latency-w4a4,1).$2.roofline.csv
figure3.net     := $(first-net)
figure3.about   := bits of each layer of $(first-net), edge against cloud, over its operation intensity
figure3.script  := plots/bits.gp
figure3.reads    = $(call found,$(figure3.net),bismo-edge) $(call found,$(figure3.net),bismo-cloud)
figure3.with     = title = '$(figure3.net)'; \
                   edge = '$(word 1,$(figure3.reads))'; cloud = '$(word 2,$(figure3.reads))'
figure3.caption := Bits that the best policy under the latency of uniform 4/4 bits gives each layer of \
                   $(first-net), on BISMO edge and cloud; below, MACs per byte of DRAM. Up: weights, down: \
                   activations. Seed 1.

figure4.net     := $(last-net)
figure4.about   := the same of $(last-net)
figure4.script  := plots/bits.gp
figure4.reads    = $(call found,$(figure4.net),bismo-edge) $(call found,$(figure4.net),bismo-cloud)
figure4.with     = title = '$(figure4.net)'; \
                   edge = '$(word 1,$(figure4.reads))'; cloud = '$(word 2,$(figure4.reads))'
figure4.caption := The same of $(last-net).

figure5.net     := $(last-net)
figure5.about   := weight bits of each layer of $(last-net) under a size, over its number of weights
figure5.script  := plots/size.gp
figure5.reads    = $(call best-of,$(figure5.net),size-codebook,size-w2a8,1).bismo-edge.roofline.csv \
                   $(OUT)/$(figure5.net)/layers.csv
figure5.with     = title = '$(figure5.net)'; \
                   policy = '$(word 1,$(figure5.reads))'; layers = '$(word 2,$(figure5.reads))'
figure5.caption := Weight bits (2^b shared values) that the best policy under the size of 2-bit weights \
                   gives each layer of $(last-net); below, its number of weights. The first convolution \
                   keeps its weights. Seed 1.

# the accuracy-guaranteed mode (guarantee.mk), by the default agent and the paper's
figure6.about   := reward, accuracy, latency and energy over the episodes of a search without a budget
figure6.script  := plots/exploration.gp
figure6.reads    = $(call explored,accuracy-guaranteed) $(call explored,accuracy-guaranteed+ddpg)
explored         = $(call best-of,$(guarantee.nets),bitfusion,$1,1).trace.csv
figure6.with     = title = '$(guarantee.nets)'; \
                   default = '$(word 1,$(figure6.reads))'; paper = '$(word 2,$(figure6.reads))'
figure6.caption := A search for the bits of $(first-net) on BitFusion without a budget (reward of eq. 12: \
                   20 x accuracy as a fraction, less latency and energy as shares of what 8/8 bits cost), by \
                   the agent of the paper and by the default one. Dots: episodes; lines: mean of the last \
                   15. Seed 1.
