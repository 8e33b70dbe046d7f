# experiments/rules/plan.mk - which searches there are to be, and how long they are.
#
#   table3.nets, .hw, .budgets, .agents, SEEDS -> RUNS, of each the episodes 0001 .. EPISODES

# --- of a table -----------------------------------------------------------------------------------
seeds    := $(shell seq $(SEEDS))
episodes  = $(or $($1.episodes),$(EPISODES))
# each budget, and again with each of the agents it is compared with
searched-budgets = $(foreach b,$($1.budgets),$(call in-ranges,$1,$b) \
                   $(foreach a,$($1.agents),$(call in-ranges,$1,$b+$a,$(kernel-wise.$(agents)/$a.conf))))
agents          := experiments/agents
# $(call in-ranges,TABLE,w4a4,KERNEL-WISE): w4a4 w4a4+kernel-ranges, of a TABLE.ranges := layer kernel.  What
# the profile has needs no word, so that other tables share it; bits of kernels always have one, as without
# they have ranges of kernels whatever the profile has.
in-ranges        = $(if $($1.ranges),$(foreach b,$2,$(foreach r,$($1.ranges),$b$(in-words))),$2)
in-words         = $(if $(filter-out $(if $3,,$(ranges)),$r),+$r-ranges)
# a network on an accelerator, NET/HW
pairs      = $(foreach n,$($1.nets),$(addprefix $n/,$($1.hw)))
# measurements of the method look at one seed
seeds-of   = $(if $(filter $(MEASUREMENTS),$1),1,$(seeds))
runs       = $(foreach p,$(pairs),$(foreach b,$(searched-budgets),$(seeds-of:%=$(OUT)/$p/$b/seed-%)))
heuristics = $(if $($1.heuristic),$(foreach p,$(pairs),$(foreach b,$(call in-ranges,$1,$($1.budgets)),\
             $(seeds:%=$(OUT)/$p/$b/heuristic/seed-%))))
uniforms   = $(foreach n,$($1.nets),$(foreach u,$(call in-ranges,$1,$($1.uniform)),$(foreach s,$(seeds-of),\
             $(call uniform-path,$n,$u,$s,$(prefix)))))
prefix     = $(addsuffix /,$(filter size-%,$($1.hw)))

# --- of this make ---------------------------------------------------------------------------------
# Only the tables that are asked for, unless something else is, which may need any of them.  What searches
# nothing has no plan: `make costs` takes policies as they are.
# Measurements only where they, or files, are asked for; likewise AutoQ's tables, which search for hours.
others  := $(filter-out $(EXPERIMENTS) $(MEASUREMENTS) deps status,$(MAKECMDGOALS))
of-autoq = $(filter autoq%,$(EXPERIMENTS))
ASKED   := $(if $(searches)$(filter status,$(MAKECMDGOALS)),\
           $(or $(if $(others),,$(filter $(EXPERIMENTS) $(MEASUREMENTS),$(MAKECMDGOALS))),\
             $(filter-out autoq%,$(EXPERIMENTS)) $(if $(filter autoq%,$(MAKECMDGOALS)),$(of-autoq)) \
             $(if $(filter $(OUT)/%,$(MAKECMDGOALS:./%=%)),$(MEASUREMENTS) $(of-autoq),\
               $(filter $(MEASUREMENTS),$(MAKECMDGOALS)))))
TABLES  := $(filter $(EXPERIMENTS),$(ASKED))
RUNS    := $(sort $(foreach x,$(ASKED),$(call runs,$x)))
LONGEST := $(lastword 0 $(shell printf '%s\n' $(foreach x,$(ASKED),$(call episodes,$x)) | sort -n))
EPISODE_NAMES := $(shell seq -f %04.0f 1 $(LONGEST))
# 7 -> 0007
number   = $(word $1,$(EPISODE_NAMES))

# before.0007 is 0006.  Variables, as looking numbers up in a list took seconds.
was :=
$(foreach n,$(EPISODE_NAMES),$(eval before.$n := $(was))$(eval was := $n))
is-episode = $(before.$1)$(filter 0001,$1)

# policies, without their .policy.csv
FIRST      := $(RUNS:%=%/0001)
LATER      := $(foreach r,$(RUNS),$(addprefix $r/,$(wordlist 2,$(LONGEST),$(EPISODE_NAMES))))
BEST       := $(sort $(foreach x,$(TABLES),\
              $(addsuffix /best-$(call number,$(call episodes,$x)),$(call runs,$x))))
HEURISTICS := $(sort $(foreach x,$(ASKED),$(call heuristics,$x)))
# and those that `make costs` names, or a file that is asked for
uniform-of  = $(if $(findstring /uniform/,$1),$(dir $1)$(firstword $(subst ., ,$(notdir $1))))
UNIFORMS   := $(sort $(foreach x,$(ASKED),$(call uniforms,$x)) \
                     $(foreach f,$(filter $(OUT)/%,$(MAKECMDGOALS:./%=%)),$(call uniform-of,$f)) \
                     $(foreach p,w4a4 w8a8 $(filter-out %.csv,$P),$(call uniform-path,$N,$p)))

# $(call best-of,NET,HW,BUDGET,SEED): the policy that figures and summaries show
best-of = $(OUT)/$1/$2/$3/seed-$4/best-$(call number,$(EPISODES))
