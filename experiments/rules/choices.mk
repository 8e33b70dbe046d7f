# experiments/rules/choices.mk - what a search was made by: the profile's choices, other agents, accelerators.
#
#   agent=experiments/agents/sensitivity.conf -> OUT/.rev/fashion/agent.conf
#   experiments/agents/ddpg.conf              -> OUT/.rev/agents/ddpg.conf, of runs BUDGET+ddpg
#   hwmodels/bismo-edge.conf                  -> OUT/.rev/hw/bismo-edge.conf
#
# Kept is what the files say (settings.mk), so the names of files and their dates do not count.  Where
# nothing is kept yet, what is there is taken as granted.

# $(call remember-search,FILE,WORDS): goals that search nothing, as archive or costs, leave it as it was
remember-search = $(if $(and $(chooses),$(or $(searches),$(if $(wildcard $1),,none))),\
                  $(call remember-lines-granted,$1,$2))

choices := $(OUT)/.rev/$(PROFILE)
$(call remember-search,$(choices)/agent.conf,$(call says,$(agent)))
$(call remember-search,$(choices)/size-agent.conf,$(call says,$(size-agent)))
$(call remember-search,$(choices)/search.conf,$(call says,$(search-conf)))
$(call remember-search,$(choices)/final.conf,$(call says,$(final-conf)))
$(call remember-search,$(choices)/clip,$(clip)$(if $(filter kernel,$(ranges)), by kernel))
$(call remember-search,$(choices)/clip-alone,$(clip))
$(foreach f,$(wildcard experiments/agents/*.conf),\
  $(call remember-search,$(OUT)/.rev/agents/$(notdir $f),$(call says,$f)))
$(if $(chooses),$(foreach f,$(wildcard hwmodels/*.conf),\
  $(call remember-lines-granted,$(OUT)/.rev/hw/$(notdir $f),$(call says,$f))))

# $(call chosen,search.conf): as a prerequisite
chosen         = $(call made-by,$(choices)/$1)
# $(call agent-settings,PATH): what a run depends on instead of its agent's file
agent-settings = $(call made-by,$(agent-memory))
agent-memory   = $(if $(other-agent),$(OUT)/.rev/agents/$(other-agent).conf,$(choices)/$(agent-role).conf)
# $(call hw-settings,HW): likewise; measurements, hwmodels/table-NAME.csv, are what they are
hw-settings    = $(call made-by,$(patsubst hwmodels/%.conf,$(OUT)/.rev/hw/%.conf,$(call model-of,$1)))
# $(call ranged-by,PATH): what the ranges of weights and inputs come from; codebooks have none.  A path that
# says whose weights share one does not depend on `ranges`.
ranged-by      = $(if $(codebook),,$(histograms) $(call chosen,clip$(if $(ranges-word),-alone)))
# $(call by-simulator,HW), of a rule's prerequisites: what a machine is, and who knows what layers cost there
by-simulator   = $$(call hw-settings,$1) $(OUT)/.rev/$$(call simulator,$1) \
                 | $(BIN)/$$(call simulator,$1) $$(@D)/.
simulator      = simulate-$(call kind,$1)
