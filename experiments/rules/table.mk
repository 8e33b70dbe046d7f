# experiments/rules/table.mk - a table is a list of rows, of which `tabulate` takes means over seeds and sets the
# paper's numbers beside them.
#
#   experiments/table3.mk -> OUT/.rev/table3.rows.csv -> OUT/tables/table3.csv, table3.txt, table3.rows.csv

# A row: network, hardware, budget, label, seed, and the two files that say how good and how dear it is, of PATH
# (with $(cost-column), which is cost or reward; with the reward come costs).
# $(call row,NET,HW,BUDGET,LABEL,SEED,PATH)
row = $1,$2,$3,$4,$5,$6.score.csv,$6.$2.$(cost-column).csv

uniform-rows   = $(foreach n,$($1.nets),$(foreach h,$($1.hw),$(foreach u,$($1.uniform),$(foreach s,$(seeds),\
                 $(call row,$n,$h,$u,uniform,$s,$(call uniform-path,$n,$u,$s,$(prefix)))))))
heuristic-rows = $(foreach n,$($1.nets),$(foreach h,$($1.hw),$(foreach b,$(if $($1.heuristic),$($1.budgets)),\
                 $(foreach s,$(seeds),$(call row,$n,$h,$(call budget-cell,$b,$1),heuristic,$s,\
                 $(OUT)/$n/$h/$b/heuristic/seed-$s)))))
searched-rows  = $(foreach n,$($1.nets),$(foreach h,$($1.hw),$(foreach b,$(searched-budgets),$(foreach s,$(seeds),\
                 $(call row,$n,$h,$(call budget-cell,$b,$1),$(call row-label,$b),$s,\
                 $(OUT)/$n/$h/$b/seed-$s/best-$(call number,$(episodes)))))))
rows           = $(foreach cost-column,$(if $(findstring reward,$(metric)),reward,cost),\
                 $(uniform-rows) $(heuristic-rows) $(searched-rows))
row-files      = $(filter %.csv,$(subst $(comma), ,$(rows)))

# latency-w4a4 -> searched; latency-w4a4+ddpg -> ddpg
row-label   = $(or $(word 2,$(subst +, ,$1)),searched)
# latency-w4a4 -> w4a4 in a table of one metric, as it is in one of many; accuracy-guaranteed -> none
budget-cell = $(if $(word 2,$(call metrics,$2)),$(searched-for),$(subst guaranteed,none,$(lastword $(subst -, ,$(searched-for)))))
searched-for = $(firstword $(subst +, ,$1))
metrics      = $(sort $(foreach b,$($1.budgets),$(firstword $(subst -, ,$b))))
metric       = $(or $($1.metric),$(firstword $(subst -, ,$($1.budgets))))
title        = $(or $($1.title),$($1.about))

# Which rows a table has, and what it says of them, is remembered: dropping a row makes no file newer.
header := network,hardware,budget,policy,seed,score,cost
$(if $(chooses),$(foreach x,$(ASKED),\
  $(call remember-lines,$(OUT)/.rev/$x.rows.csv,$(header) $(call rows,$x))\
  $(call remember,$(OUT)/.rev/$x.shown,$(call metric,$x) $($x.paper) $(call title,$x))))

# $(call table-rule,TABLE): each by a rule of its own, so that make says what is missing; beside it the list of its rows
define table-rule
$(OUT)/tables/$1.csv $(OUT)/tables/$1.txt &: $$(call row-files,$1) $(OUT)/.rev/$1.rows.csv $(OUT)/.rev/$1.shown \
                                             $$($1.paper) $$(call by,tabulate)
	@$$(say) TABLE $(OUT)/tables/$1.csv
	@sed 's|,$(OUT)/|,|g' $(OUT)/.rev/$1.rows.csv >$(OUT)/tables/$1.rows.csv
	$$(quiet)$$(call do,tabulate) -r $(OUT)/.rev/$1.rows.csv $$(addprefix -p ,$$($1.paper)) \
	  --metric $$(call metric,$1) --title "$$(call title,$1)" -o $(OUT)/tables/$1.csv -t $(OUT)/tables/$1.txt
endef
$(foreach x,$(ASKED),$(eval $(call table-rule,$x)))

# Shown each time it is asked for, by make itself: there is nothing to run where nothing changed.
$(EXPERIMENTS): %: $(OUT)/tables/%.txt
	$(info $(file <$<))

all: $(filter-out smoke%,$(EXPERIMENTS)) $(SUMMARIES) $(FIGURES)
.PHONY: all $(EXPERIMENTS)
