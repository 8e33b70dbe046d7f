# experiments/paper.mk - all tables, figures and claims on one page, OUT/paper.html.
PAPER_TABLES := table1 table3 table4 table5 table6 guarantee baselines claims

paper: $(OUT)/paper.html ## all tables, figures and claims on one page
	@echo $<

$(OUT)/paper.html: $(PAPER_TABLES:%=$(OUT)/tables/%.txt) $(FIGURES:%=$(OUT)/figures/%.svg) $(FIGURES:%=$(OUT)/figures/%.caption.txt)
	@$(say) PAGE $@
	@{ set -e; echo '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>HAQ, PROFILE=$(PROFILE)</title>'; \
	  echo '<style>body{max-width:70rem;margin:2rem auto;font-family:sans-serif}pre{overflow-x:auto;font-size:80%}img{max-width:100%}</style>'; \
	  echo '<h1>Tables and figures of HAQ, PROFILE=$(PROFILE)</h1>'; \
	  for t in $(PAPER_TABLES); do echo '<pre>'; sed 's/&/\&amp;/g; s/</\&lt;/g' $(OUT)/tables/$$t.txt; echo '</pre>'; done; \
	  for f in $(FIGURES); do printf '<figure><img src="figures/%s.svg" alt="%s"><figcaption>%s: ' $$f $$f $$f; \
	    sed 's/&/\&amp;/g; s/</\&lt;/g' $(OUT)/figures/$$f.caption.txt; echo '</figcaption></figure>'; done; echo '</html>'; } >$@.new
	@mv $@.new $@
.PHONY: paper
