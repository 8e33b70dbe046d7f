# experiments/rules/figure.mk - figures are drawn by gnuplot, each as SVG, PDF and PNG, with a caption.
#
#   plots/bits.gp, best-0250.bismo-edge.roofline.csv, ... -> OUT/figures/figure3.svg, .pdf, .png, .caption.txt
#
# What each shows is said in experiments/figures.mk.  What its script is given, and its caption, are
# remembered.
formats  := svg pdf png
pictures  = $(formats:%=$(OUT)/figures/$1.%)

# $(call plot,VARIABLES), in a recipe whose first prerequisite is the script
define plot
	@$(say) PLOT $@
	$(quiet)gnuplot -e "out = '$@.new'; format = '$(patsubst .%,%,$(suffix $@))'; $1" $< && \
	  mv $@.new $@ || { rm -f $@.new; exit 1; }
endef

captioned = $($1.caption)$(newline)PROFILE=$(PROFILE), $(EPISODES) episodes a search, SEEDS=$(SEEDS); \
            under $(OUT)/.
$(if $(searches),$(foreach f,$(FIGURES),\
  $(call remember,$(OUT)/.rev/$f.with,$($f.with))\
  $(call remember,$(OUT)/.rev/$f.caption,$(call captioned,$f))))

# plots/pareto.gp, tables/pareto.csv -> figures/figure1.svg
figure = $(basename $(@F))
$(foreach f,$(FIGURES),$(call pictures,$f)): $$($$(figure).script) plots/style.gp $$($$(figure).reads) \
                                             $(OUT)/.rev/$$(figure).with | $$(@D)/.
	$(call plot,$($(figure).with))

# .rev/figure1.caption -> figures/figure1.caption.txt
$(FIGURES:%=$(OUT)/figures/%.caption.txt): $(OUT)/figures/%.caption.txt: $(OUT)/.rev/%.caption \
                                           $(OUT)/figures/%.svg
	@cp $< $@.new && mv $@.new $@

# data/networks/tiny-fashion.csv -> results/tiny-fashion/layers.csv: weights of each layer, for Figure 5
$(OUT)/%/layers.csv: data/networks/%.csv $(call by,describe-network)
	$(quiet)$(call do,describe-network) -n $< -o $@

$(FIGURES): %: $$(call pictures,%) $(OUT)/figures/%.caption.txt
	@printf '%s\n' $^
.PHONY: $(FIGURES)
