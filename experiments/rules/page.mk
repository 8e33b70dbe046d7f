# experiments/rules/page.mk - all tables, figures and claims on one page.
#
#   tables/table3.txt ..., figures/figure3.svg, figure3.caption.txt ... -> OUT/paper.html
page-tables   := $(OUT)/hardware/table2.txt $(PAGE:%=$(OUT)/tables/%.txt)
of-paper      := $(filter-out autoq%,$(FIGURES))
page-figures  := $(of-paper:%=$(OUT)/figures/%.svg)
page-captions := $(of-paper:%=$(OUT)/figures/%.caption.txt)
page-title    := Tables and figures of HAQ, PROFILE=$(PROFILE)

page-rows     := $(page-tables:%=text$(comma)%) $(page-figures:%=figure$(comma)%)
$(if $(searches),$(call remember,$(OUT)/.rev/paper.title,$(page-title))\
  $(call remember-lines,$(OUT)/.rev/paper.rows.csv,kind$(comma)path $(page-rows)))

$(OUT)/paper.html: $(OUT)/.rev/paper.rows.csv $(OUT)/.rev/paper.title \
                   $(page-tables) $(page-figures) $(page-captions) $(call by,render-page)
	@$(say) PAGE $@
	$(quiet)$(call do,render-page) -l $< --title "$(page-title)" -o $@

paper: $(OUT)/paper.html ## all tables, figures and claims on one page
	@echo $<
.PHONY: paper
