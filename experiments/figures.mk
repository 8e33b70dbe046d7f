# experiments/figures.mk - figures of the paper that show what searches of the tables found; OUT/figures/*.svg, .pdf, .png.
#
#   figure1    accuracy against latency, flexible bits against fixed ones (pareto.mk)
#   figure3    bits of each layer of MobileNet-V1, edge against cloud, with operation intensity below
#   figure4    the same of MobileNet-V2
#   figure5    weight bits of each layer of MobileNet-V2 under a size
#   figure6    reward, accuracy, latency and energy over the episodes of a search without a budget (guarantee.mk)
#
# A profile without these MobileNets shows its first network, and its last.
#
# Bits are those of the best policy of the first seed: under the latency of 4/4 bits, under the size of 2-bit weights.  Asking for one
# runs the searches it needs.

formats := svg pdf png
# $(call plot,VARIABLES), in a recipe whose first prerequisite is the script: the figure appears whole or not at all
plot = $(say) PLOT $@; gnuplot -e "out = '$@.new'; format = '$(patsubst .%,%,$(suffix $@))'; $1" $< && mv $@.new $@ || { rm -f $@.new; exit 1; }

figure3.about := bits of each layer of $(first-net), edge against cloud, over its operation intensity
figure3.net   := $(first-net)
figure4.about := the same of $(last-net)
figure4.net   := $(last-net)
figure1.about := accuracy against latency, flexible bits against fixed ones
figure5.about := weight bits of each layer of $(last-net) under a size, over its number of weights
figure5.net   := $(figure4.net)
figure6.about := reward, accuracy, latency and energy over the episodes of a search without a budget
FIGURES       := figure1 figure3 figure4 figure5 figure6

shown-run  = $(call best-of,$($1.net),$2,latency-w4a4,1)
shown      = $(foreach h,bismo-edge bismo-cloud,$(call shown-run,$1,$h).$h.roofline.csv)
pictures   = $(formats:%=$(OUT)/figures/$1.%)

$(call pictures,figure1): plots/pareto.gp plots/style.gp $(OUT)/tables/pareto.csv | $$(@D)/.
	$(quiet)$(call plot,table = '$(OUT)/tables/pareto.csv'; nets = '$(networks)')

explored = $(call best-of,$(guarantee.nets),bitfusion,accuracy-guaranteed$1,1).trace.csv
$(call pictures,figure6): plots/exploration.gp plots/style.gp $$(call explored) $$(call explored,+ddpg) $(OUT)/.rev/shown | $$(@D)/.
	$(quiet)$(call plot,title = '$(guarantee.nets)'; default = '$(call explored)'; paper = '$(call explored,+ddpg)')

sized = $(call best-of,$(figure5.net),size-codebook,size-w2a8,1).bismo-edge.roofline.csv
$(call pictures,figure5): plots/size.gp plots/style.gp $$(sized) $(OUT)/$(figure5.net)/layers.csv $(OUT)/.rev/shown | $$(@D)/.
	$(quiet)$(call plot,title = '$(figure5.net)'; policy = '$(sized)'; layers = '$(OUT)/$(figure5.net)/layers.csv')

$(OUT)/%/layers.csv: data/networks/%.csv $(call by,describe-network)
	$(quiet)$(call do,describe-network) -n $< -o $@

$(foreach f,figure3 figure4,$(call pictures,$f)): plots/bits.gp plots/style.gp $$(call shown,$$(basename $$(@F))) $(OUT)/.rev/shown | $$(@D)/.
	$(quiet)$(call plot,title = '$($(basename $(@F)).net)'; edge = '$(call shown-run,$(basename $(@F)),bismo-edge).bismo-edge.roofline.csv'; \
	  cloud = '$(call shown-run,$(basename $(@F)),bismo-cloud).bismo-cloud.roofline.csv')

# what a figure shows, from which runs
figure1.caption := Top-1 on the test images against the latency of an image on BISMO edge: bits searched for each layer, and the same bits everywhere, 3 to 8 (means over seeds).
figure3.caption := Bits that the best policy under the latency of uniform 4/4 bits gives each layer of $(first-net), on BISMO edge and cloud; below, MACs per byte of DRAM. Up: weights, down: activations. Seed 1.
figure4.caption := The same of $(last-net).
figure5.caption := Weight bits (2^b shared values) that the best policy under the size of 2-bit weights gives each layer of $(last-net); below, its number of weights. The first convolution keeps its weights. Seed 1.
figure6.caption := A search for the bits of $(first-net) on BitFusion without a budget (reward of eq. 12: 20 x accuracy as a fraction, less latency and energy as shares of what 8/8 bits cost), by the agent of the paper and by the default one. Dots: episodes; lines: mean of the last 15. Seed 1.
$(FIGURES:%=$(OUT)/figures/%.caption.txt): $(OUT)/figures/%.caption.txt: $(OUT)/figures/%.svg
	@printf '%s\n' '$($*.caption)' 'PROFILE=$(PROFILE), $(EPISODES) episodes a search, SEEDS=$(SEEDS); under $(OUT)/.' >$@.new && mv $@.new $@

$(FIGURES): %: $$(call pictures,%) $(OUT)/figures/%.caption.txt
	@printf '%s\n' $^
.PHONY: $(FIGURES)
