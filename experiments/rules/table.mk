# experiments/rules/table.mk - a table is a list of rows, of which `tabulate` takes means over seeds and
# sets the paper's numbers beside them.
#
#   experiments/table3.mk -> OUT/.rev/table3.rows.csv -> OUT/tables/table3.csv, table3.txt, table3.rows.csv

# $(call row,PATH,HW,BUDGET,LABEL): a policy, on HW: network, hardware, budget, label, seed, and the two files
# that say how good and how dear it is.  The latter has the cost or, with the reward, both.
row = $(call net,$1),$2,$3,$4,$(call seed,$1),$1.score.csv,$1.$2.$(cost-column).csv
cost-column    = $(if $(findstring reward,$(metric-of-table)),reward,cost)

uniform-rows   = $(foreach n,$($1.nets),$(foreach h,$($1.hw),$(foreach p,$(filter $(OUT)/$n/%,$(uniforms)),\
                 $(call row,$p,$h,$(call bits,$p),$(call row-label,$p,uniform,$1)))))
heuristic-rows = $(foreach p,$(heuristics),$(call row-of-budget,$1,heuristic))
searched-rows  = $(foreach p,$(runs:%=%/best-$(call number,$(episodes))),$(call row-of-budget,$1,searched))
row-of-budget  = $(call row,$p,$(call hw,$p),$(call budget-cell,$1,$(call budget,$p)),$(label-of-row))
label-of-row   = $(call row-label,$p,$2,$1)
rows           = $(foreach metric-of-table,$(metric),$(uniform-rows) $(heuristic-rows) $(searched-rows))
row-files      = $(filter %.csv,$(subst $(comma), ,$(rows)))

# uniform/w4a4+kernel-ranges/seed-1 -> w4a4
bits        = $(patsubst %+$(ranges-word),%,$(notdir $(patsubst %/,%,$(dir $1))))
# $(call row-label,PATH,WHAT,TABLE), WHAT unless another agent has searched it: of latency-w4a4/seed-1
# searched, of latency-w4a4+ddpg+kernel-ranges/seed-1 ddpg+kernel-ranges; with a TABLE.ranges the first is
# searched+layer-ranges, too
row-label   = $(or $(other-agent),$2)$(addprefix +,$(or $(ranges-word),$(profiles-word)))
profiles-word = $(if $($3.ranges),$(ranges)-ranges)
# $(call budget-cell,TABLE,BUDGET): latency-w4a4 -> w4a4 in a table of one metric, as it is in one of many;
# accuracy-guaranteed -> none
budget-cell = $(if $(word 2,$(metrics)),$2,$(subst guaranteed,none,$(lastword $(subst -, ,$2))))
metrics     = $(sort $(foreach b,$($1.budgets),$(firstword $(subst -, ,$b))))
metric      = $(or $($1.metric),$(firstword $(subst -, ,$($1.budgets))))
title       = $(or $($1.title),$($1.about))

# Which rows a table has, and what it says of them, is remembered: dropping a row makes no file newer.
header := network,hardware,budget,policy,seed,score,cost
$(if $(chooses),$(foreach x,$(TABLES),\
  $(call remember-lines,$(OUT)/.rev/$x.rows.csv,$(header) $(call rows,$x))\
  $(call remember,$(OUT)/.rev/$x.shown,$(call metric,$x) $($x.paper) $(call title,$x))))

# $(call table-rule,TABLE): each by a rule of its own, so that make says what is missing.  Beside the table
# is the list of its rows.
define table-rule
$(OUT)/tables/$1.csv $(OUT)/tables/$1.txt &: $$(call row-files,$1) $$($1.paper) \
                       $(OUT)/.rev/$1.rows.csv $(OUT)/.rev/$1.shown $$(call by,tabulate)
	@$$(say) TABLE $(OUT)/tables/$1.csv
	@sed 's|,$(OUT)/|,|g' $(OUT)/.rev/$1.rows.csv >$(OUT)/tables/$1.rows.csv
	$$(quiet)$$(call do,tabulate) -r $(OUT)/.rev/$1.rows.csv $$(addprefix -p ,$$($1.paper)) \
	  --metric $$(call metric,$1) --title "$$(call title,$1)" \
	  -o $(OUT)/tables/$1.csv -t $(OUT)/tables/$1.txt
endef
$(foreach x,$(TABLES),$(eval $(call table-rule,$x)))

# Shown each time it is asked for, by make itself: there is nothing to run where nothing changed.
$(EXPERIMENTS): %: $(OUT)/tables/%.txt
	$(info $(file <$<))

all: table2 $(filter-out smoke% autoq%,$(EXPERIMENTS) $(SUMMARIES) $(FIGURES))
.PHONY: all $(EXPERIMENTS)
