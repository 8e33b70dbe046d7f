# experiments/rules/page.mk - all tables, figures and claims on one page.
#
#   tables/table3.txt ..., figures/figure3.svg, figure3.caption.txt ... -> OUT/paper.html
page-tables   := $(PAGE:%=$(OUT)/tables/%.txt)
page-figures  := $(FIGURES:%=$(OUT)/figures/%.svg)
page-captions := $(FIGURES:%=$(OUT)/figures/%.caption.txt)

$(OUT)/paper.html: $(page-tables) $(page-figures) $(page-captions)
	@$(say) PAGE $@
	$(quiet)$(rules)/page.sh 'PROFILE=$(PROFILE)' '$(page-tables)' '$(page-figures)' >$@.new && \
	  mv $@.new $@

paper: $(OUT)/paper.html ## all tables, figures and claims on one page
	@echo $<
.PHONY: paper
