# Table 1: what is best for one accelerator costs more than it need on another.  The best policy of MobileNet-V1 under the latency of
# 4/4 bits, searched for each of three accelerators, costed on all three; a row for each seed.
COSTED       += table1
table1.about := policies searched for one accelerator, costed on three
table1.net   := $(first-net)
table1.hw    := bismo-edge bismo-cloud bitfusion

table1-paths = $(foreach s,$(seeds),$(foreach h,$(table1.hw),$(call best-of,$(table1.net),$h,latency-w4a4,$s)))
table1-files = $(table1-paths:%=%.score.csv) $(foreach h,$(table1.hw),$(addsuffix .$h.cost.csv,$(table1-paths)))

$(OUT)/tables/table1.csv $(OUT)/tables/table1.txt &: $$(table1-files) $(OUT)/.rev/shown $(call by,tabulate-costs)
	@$(say) TABLE $(OUT)/tables/table1.csv
	@{ echo policy,hardware,cost,score; $(foreach p,$(table1-paths),$(foreach h,$(table1.hw),echo $(p:$(OUT)/%=%),$h,$p.$h.cost.csv,$p.score.csv;)) } >$(OUT)/tables/table1.list
	$(quiet)$(call do,tabulate-costs) -l $(OUT)/tables/table1.list -o $(OUT)/tables/table1.csv -t $(OUT)/tables/table1.txt \
	  --title "Table 1: each policy was searched for the accelerator in its name"; rc=$$?; rm -f $(OUT)/tables/table1.list; exit $$rc

table1: $(OUT)/tables/table1.txt
	$(info $(file <$<))
.PHONY: table1
