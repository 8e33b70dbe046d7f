# experiments/figures.mk - figures of the paper that show what searches of the tables found; OUT/figures/*.svg, .pdf, .png.
#
#   figure3    bits of each layer of MobileNet-V1, edge against cloud, with operation intensity below
#   figure4    the same of MobileNet-V2
#
# They show the best policy of the first seed under the latency of 4/4 bits.  Asking for one runs the searches it needs.

formats := svg pdf png
# $(call plot,VARIABLES), in a recipe whose first prerequisite is the script: the figure appears whole or not at all
plot = $(say) PLOT $@; gnuplot -e "out = '$@.new'; format = '$(patsubst .%,%,$(suffix $@))'; $1" $< && mv $@.new $@ || { rm -f $@.new; exit 1; }

figure3.about := bits of each layer of MobileNet-V1, edge against cloud, over its operation intensity
figure3.net   := $(firstword $(filter mobilenet-v1%,$(networks)))
figure4.about := the same of MobileNet-V2
figure4.net   := $(firstword $(filter mobilenet-v2%,$(networks)))
FIGURES       := figure3 figure4

shown-run  = $(OUT)/$($1.net)/$2/latency-w4a4/seed-1/best-$(call number,$(EPISODES))
shown      = $(foreach h,bismo-edge bismo-cloud,$(call shown-run,$1,$h).$h.roofline.csv)
pictures   = $(formats:%=$(OUT)/figures/$1.%)

$(foreach f,$(FIGURES),$(call pictures,$f)): plots/bits.gp plots/style.gp $$(call shown,$$(basename $$(@F))) | $$(@D)/.
	@$(call plot,title = '$($(basename $(@F)).net)'; edge = '$(call shown-run,$(basename $(@F)),bismo-edge).bismo-edge.roofline.csv'; \
	  cloud = '$(call shown-run,$(basename $(@F)),bismo-cloud).bismo-cloud.roofline.csv')

$(FIGURES): %: $$(call pictures,%)
	@printf '%s\n' $^
.PHONY: $(FIGURES)
