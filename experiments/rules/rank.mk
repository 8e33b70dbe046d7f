# experiments/rules/rank.mk - the policies of `make rank` and of `make noise`, and the rows of their tables.
#
#   OUT/NET/HW/BUDGET/rank/seed-1/uniform.policy.csv         the bits that the budget names, everywhere
#                                 drawn-01.policy.csv        drawn at random around them, within the budget
#                                 found-0250-01.policy.csv   the best of the 250 episodes of BUDGET/seed-1
#                                 found-0250-02.policy.csv   the second best, of other bits

measured      := $(filter $(MEASUREMENTS),$(ASKED))
# $(call numbered,N): 01 02 ... N
numbered       = $(shell seq -f %02.0f $1)
# $(call in-rank,BUDGETS,NAMES): policies
in-rank        = $(if $(filter rank,$(measured)),$(foreach p,$(call pairs,rank),\
                 $(foreach b,$(call in-ranges,rank,$1),$(addprefix $(OUT)/$p/$b/rank/seed-1/,$2))))
names-bits     = $(filter w%,$(lastword $(subst -, ,$1)))
ranked-uniform := $(call in-rank,$(foreach b,$(rank.budgets),$(if $(call names-bits,$b),$b)),uniform)
ranked-drawn   := $(call in-rank,$(rank.budgets),$(addprefix drawn-,$(call numbered,$(rank.drawn))))
ranked-found   := $(call in-rank,$(rank.budgets),\
                    $(addprefix found-$(call number,$(call episodes,rank))-,$(call numbered,$(rank.found))))
RANKED         := $(ranked-uniform) $(ranked-drawn) $(ranked-found)

# as all policies of the same bits everywhere, no revision makes it anew
$(ranked-uniform:%=%.policy.csv): $$(call layers,$$@) | $(BIN)/ddpg-step $$(@D)/.
	$(quiet)$(call do,ddpg-step) uniform -n $< -b $(call names-bits,$(call budget,$@)) -o $@

# bismo-edge/costs.csv -> bismo-edge/latency-w4a4/rank/seed-1/drawn-01.policy.csv
words-of-name = $(subst -, ,$(basename $(basename $(@F))))
$(ranked-drawn:%=%.policy.csv): $$(call layers,$$@) $$(call costs,$$@) $$(call agent-settings,$$@) \
                                $(call by,ddpg-step)
	$(quiet)$(call do,ddpg-step) drawn $(of-problem) -s $(call seed,$@) -k $(lastword $(words-of-name)) \
	  -o $@

# latency-w4a4/seed-1/0250.score.csv -> latency-w4a4/rank/seed-1/found-0250-01.policy.csv
run-of-rank   = $(patsubst %/rank/seed-1,%/seed-1,$(@D))
$(ranked-found:%=%.policy.csv): $$(run-of-rank)/$$(word 2,$$(words-of-name)).score.csv $(call by,ddpg-step)
	$(quiet)$(call do,ddpg-step) best $(of-problem) -r $(run-of-rank) -F $(call full-precision,$@) \
	  -k $(word 2,$(words-of-name)) --rank $(lastword $(words-of-name)) -o $@

# --- rows -------------------------------------------------------------------------------------------
rank.header  := network,hardware,budget,variant,policy,draw,brief,score
rank.by      := tabulate-ranks
rank-draws   := $(shell seq $(rank.draws))
rank.rows     = $(foreach v,$(rank.variants),$(foreach p,$(RANKED),$(foreach d,$(rank-draws),$(rank-row))))
rank-row      = $(rank-place),$v,$(notdir $p),$d,$(call brief,$p,$v,$d),$p.score.csv
rank-place    = $(call net,$p),$(call hw,$p),$(word 3,$(call parts,$p))

noise.header := network,bits,variant,draw,score
noise.by     := tabulate-noise
noise-draws  := $(shell seq $(noise.draws))
noise.rows    = $(foreach p,$(call uniforms,noise),$(foreach v,$(noise.variants),$(foreach d,$(noise-draws),\
                $(call net,$p),$(notdir $(patsubst %/,%,$(dir $p))),$v,$d,$(call brief,$p,$v,$d))))

# $(call brief,PATH,VARIANT,DRAW): results/.../seed-1, epochs-2, 3 -> seed-1.epochs-2.draw-3.brief.csv there
brief         = $1.$2.draw-$3.brief.csv
BRIEFS       := $(sort $(filter %.brief.csv,$(subst $(comma), ,$(foreach x,$(measured),$($x.rows)))))
