# experiments/rules/summary.mk - tables about what the searches of other tables found, and of measurements
# of the method (experiments/rules/rank.mk), which `make all` leaves out.
#
#   each best-0250.policy.csv of Table 1, on each accelerator -> OUT/tables/table1.csv, table1.txt
#   tables/*.csv, best-0250.*.roofline.csv, best-0250.trace.csv -> OUT/tables/claims.csv, claims.txt
#
# SUMMARY.rows are its rows, the files it reads among them; rows and title are remembered.
table1.rows   = $(foreach p,$(table1-paths),$(foreach h,$(table1.hw),\
                $(p:$(OUT)/%=%),$h,$p.$h.cost.csv,$p.score.csv))
table1-paths  = $(foreach s,$(seeds),$(foreach h,$(table1.hw),\
                $(call best-of,$(table1.net),$h,$(table1.budget),$s)))
table1.header := policy,hardware,cost,score
claims.header := kind,name,path
table1.by     := tabulate-costs
claims.by     := check-claims

$(if $(searches),$(foreach x,$(SUMMARIES) $(measured),\
  $(call remember-lines,$(OUT)/.rev/$x.rows.csv,$($x.header) $($x.rows))\
  $(call remember,$(OUT)/.rev/$x.title,$($x.title))))

# $(call summary-rule,SUMMARY)
define summary-rule
$(OUT)/tables/$1.csv $(OUT)/tables/$1.txt &: $$(filter %.csv,$$(subst $$(comma), ,$$($1.rows))) \
                              $(OUT)/.rev/$1.rows.csv $(OUT)/.rev/$1.title $$(call by,$($1.by))
	@$$(say) TABLE $(OUT)/tables/$1.csv
	$$(quiet)$$(call do,$($1.by)) -l $(OUT)/.rev/$1.rows.csv --title "$$($1.title)" \
	  -o $(OUT)/tables/$1.csv -t $(OUT)/tables/$1.txt
endef
$(foreach x,$(SUMMARIES) $(measured),$(eval $(call summary-rule,$x)))

# shown each time it is asked for, as other tables are
$(SUMMARIES) $(MEASUREMENTS): %: $(OUT)/tables/%.txt
	$(info $(file <$<))
.PHONY: $(SUMMARIES) $(MEASUREMENTS)
