# experiments/rules/lock.mk - one make at a time searches in an OUT.
#
#   make table3 -> results/.rev/lock, the process that holds it and when that began (lock.sh)
#
# Taken before anything is remembered: what is refused must not change what the other one's results were
# made by.
#
# Two makes that search in one OUT would take each other's scratch files.  One that packs results, or asks for
# the costs of a run's policies, would read what another is about to make anew.
searches   := $(filter $(EXPERIMENTS) $(SUMMARIES) $(MEASUREMENTS) $(FIGURES) all paper $(OUT)/%,\
                     $(patsubst ./%,%,$(MAKECMDGOALS)))
reads-runs := $(filter archive,$(MAKECMDGOALS))$(and $(filter %.csv,$P),$(filter costs,$(MAKECMDGOALS)))
ifneq ($(if $(DRY),,$(searches)$(reads-runs)),)
holder := $(shell mkdir -p $(OUT)/.rev && $(rules)/lock.sh $(OUT)/.rev/lock $$PPID)
$(if $(holder),$(error $(OUT) is in use by another make (pid $(holder)): wait for it, or give another OUT))
endif
