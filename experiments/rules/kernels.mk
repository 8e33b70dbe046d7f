# experiments/rules/kernels.mk - weight bits of each output channel, PATH.kernels.npy beside PATH.policy.csv.
#
#   latency-w4a4+kernels/seed-1/0007.policy.csv, 0007.kernels.npy        of a search for them (episode.mk)
#   results/tiny-fashion/mine.policy.csv, mine.kernels.npy               that somebody wrote
#   results/.rev/kernels/tiny-fashion--mine                              the sum of the latter, or `none`
#
# A file that is gone has no date, nor has an older one in its place.  So what the bits that somebody wrote
# were is kept, once there are any, for the policies whose scores and costs make is asked for.

# $(call is-kernel-wise,PATH in a run): whether its agent chooses bits of kernels
is-kernel-wise = $(kernel-wise.$(agent-of))
KERNEL_RUNS   := $(foreach r,$(RUNS),$(if $(call is-kernel-wise,$r/),$r))
$(foreach r,$(KERNEL_RUNS),$(if $(call codebook,$r/),\
  $(error $r: a codebook has the bits of its layer, not of each kernel)))

kernels       = $(1:%.policy.csv=%.kernels.npy)
# $(call kernels-of,PATH.policy.csv): PATH.kernels.npy, where it is, or is made by a rule
kernels-of    = $(if $(is-searched)$(is-by-formula),$(kernels),$(kernels-there))
kernels-there = $(if $(wildcard $(kernels)),$(refuse-kernels)$(kernels))
is-by-formula = $(filter %.formula.policy.csv,$1)
is-searched   = $(if $(and $(filter seed-%,$(word 4,$(parts))),$(run-file),$(is-kernel-wise)),yes)
run-file      = $(call is-of-run,$(word 5,$(parts:.policy.csv=)))
is-of-run     = $(filter best-%,$1)$(call is-episode,$1)
refuse-kernels = $(if $(call codebook,$1),\
  $(error $(kernels): a codebook has the bits of its layer, not of each kernel))$(if $(is-made),\
  $(error $(kernels): beside a policy that make writes; copy both to a name of your own))
# the policies of searches and of comparisons
is-made       = $(shell echo '$1' | grep -E '/seed-[0-9]+/([0-9]{4}|best-[0-9]+)\.policy|$(of-all-seeds)')
of-all-seeds  = /uniform/w.a.(\+[a-z]+-ranges)?/seed-[0-9]+\.policy|/(heuristic|rank)/

kernel-memory = $(OUT)/.rev/kernels/$(subst /,--,$(1:$(OUT)/%.policy.csv=%))
kernel-sum    = $(if $(wildcard $(kernels)),$(firstword $(shell sha256sum $(kernels))),none)
# results/tiny-fashion/mine.bismo-edge.cost.csv -> results/tiny-fashion/mine.policy.csv
scored-policy = $(if $(filter %.brief.csv,$1),$(brief-policy),$(if $(filter %.cost.csv,$1),\
                $(basename $(1:%.cost.csv=%)),$(1:%.score.csv=%)).policy.csv)
scored-here  := $(filter %.score.csv %.cost.csv %.brief.csv,$(filter $(OUT)/%,$(MAKECMDGOALS:./%=%)))
with-kernels := $(strip $(foreach p,$(filter-out %.formula.policy.csv,\
                  $(sort $(foreach f,$(scored-here),$(call scored-policy,$f)))),\
                $(if $(call is-searched,$p),,\
                  $(if $(wildcard $(call kernels,$p) $(call kernel-memory,$p)),$p))))
$(foreach p,$(with-kernels),$(call remember,$(call kernel-memory,$p),$(call kernel-sum,$p)))
$(foreach p,$(with-kernels),$(eval $(call kernel-memory,$p): ;))
# $(call by-kernels,PATH.policy.csv), among prerequisites
by-kernels    = $(kernels-of) $(if $(filter $1,$(with-kernels)),$(kernel-memory))

# best-0120.policy.csv, best-0120.kernels.npy -> best-0120.widths.csv: kernels of each layer by their bits
$(OUT)/%.widths.csv: $(OUT)/%.policy.csv $(OUT)/%.kernels.npy $$(call layers,$$@) \
                     $(call by,describe-network)
	$(quiet)$(call do,describe-network) -n $(call layers,$@) -p $< -b $(<:%.policy.csv=%.kernels.npy) \
	  -o $@
.PRECIOUS: $(OUT)/%.widths.csv

# w3a8/seed-1.policy.csv -> w3a8/seed-1.formula.policy.csv, seed-1.formula.kernels.npy: bits of kernels around
# those of their layers, by the weights alone
$(OUT)/%.formula.policy.csv $(OUT)/%.formula.kernels.npy: $(OUT)/%.policy.csv $(of-weights) \
                                                          $(call by,autoq-step)
	$(if $(call kernels-of,$<),$(error $@: $< has bits of kernels already))
	$(quiet)$(call do,autoq-step) formula -n $(call layers,$@) -w $(call weights,$@) -p $< \
	  $(in-its-ranges) -o $(OUT)/$*.formula.policy.csv -K $(OUT)/$*.formula.kernels.npy
.PRECIOUS: $(OUT)/%.formula.policy.csv $(OUT)/%.formula.kernels.npy
