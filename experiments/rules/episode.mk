# experiments/rules/episode.mk - a search is a chain of episodes; an episode is a policy and its score.
#
#   0001.policy.csv -> 0001.score.csv -> 0002.policy.csv -> ... -> 0250.score.csv -> best-0250.policy.csv
#
# The first policy of a run depends on all that it is made from, each later one on the score before: a
# change anywhere redoes the chain from its beginning.  These rules list their targets (static patterns),
# because make does not apply one % rule twice along a chain.

number-of = $(patsubst best-%,%,$(basename $(basename $(@F))))
# how ddpg-step, or autoq-step, is told of the run of $@, and of what the agent sees and draws
of-problem = -n $(call layers,$@) -t $(call costs,$@) -c $(call agent-of,$@) -b $(call budget,$@) \
             --count $(call count,$(call hw,$@))
of-run     = $(of-problem) -r $(@D) -F $(call full-precision,$@) -k $(number-of) $(on-machine)
of-policy  = $(of-run) -f $(call features,$@) -s $(call seed,$@) $(its-weights)
# autoq-step, where the agent chooses bits of kernels, and what it is told beside that (kernels.mk)
searcher    = $(if $(call is-kernel-wise,$@),autoq,ddpg)-step
on-machine  = $(if $(call is-kernel-wise,$@),-m $(call model,$@))
its-weights = $(if $(call is-kernel-wise,$@),-w $(call weights,$@) $(in-its-ranges))
in-its-ranges = $(addprefix --ranges ,$(call ranges-of,$@))
# policy and, of a kernel-wise run, bits of its kernels, whichever of the two $@ is
policy-out  = $(if $(call is-kernel-wise,$@),$(both),-o $@)
both        = -o $(@:.kernels.npy=.policy.csv) -K $(patsubst %.policy.csv,%.kernels.npy,$@)
act         = $(call do,$(searcher)) act $(of-policy) $(policy-out)
best        = $(call do,$(searcher)) best $(of-run) $(policy-out)

# features.npy, costs.csv, full-precision.score.csv -> latency-w3a3/seed-1/0001.policy.csv
$(FIRST:%=%.policy.csv): $$(call features,$$@) $$(call costs,$$@) $$(call full-precision,$$@) \
                         $$(call agent-settings,$$@) $(call by,$$(searcher))
	$(quiet)$(act)

# latency-w3a3/seed-1/0006.score.csv -> latency-w3a3/seed-1/0007.policy.csv
score-before = $(@D)/$(before.$(basename $(basename $(@F)))).score.csv
$(LATER:%=%.policy.csv): $$(score-before) | $(BIN)/$$(searcher)
	$(quiet)$(act)

# 0007.policy.csv -> 0007.kernels.npy, which came with it.  One that is missing is chosen anew, and so is all
# that follows.
KERNELS := $(foreach r,$(KERNEL_RUNS),$(filter $r/%,$(FIRST) $(LATER) $(BEST)))
came-with-policy = [ -e $@ ] && touch -r $< $@
$(KERNELS:%=%.kernels.npy): %.kernels.npy: %.policy.csv | $(BIN)/autoq-step
	$(quiet)$(came-with-policy) || $(if $(filter best-%,$(@F)),$(best),$(act))
$(filter-out $(BEST:%=%.score.csv),$(KERNELS:%=%.score.csv)): %.score.csv: %.kernels.npy

# 0007.policy.csv -> 0007.score.csv, by way of 0007.quant.npz and 0007.tuned.npz, which are scratch
$(FIRST:%=%.score.csv): $$(call ranged-by,$$@) $$(call images,$$@,tune) $(call chosen,search.conf) \
                        $(addprefix $(OUT)/.rev/,quantize finetune evaluate)
$(addsuffix .score.csv,$(FIRST) $(LATER)): %.score.csv: %.policy.csv \
                        | $(addprefix $(BIN)/,quantize finetune evaluate show-progress measure-speed)
	$(forecast)
	$(quiet)$(call quantize,$*,$@)
	$(quiet)$(call finetune,$*,$@,$(search-conf),tune)
	$(quiet)$(call evaluate,$*,$@,reward)
	@$(if $(KEEP),,rm -f $*.quant.npz $*.tuned.npz;) $(progress) || :

# latency-w3a3/seed-1/0250.score.csv -> best-0250.policy.csv, and best-0250.trace.csv of all episodes
last-score = $(@D)/$(number-of).score.csv
$(BEST:%=%.policy.csv): $$(last-score) $(call by,$$(searcher))
	$(quiet)$(best)
$(BEST:%=%.trace.csv): $$(last-score) $(call by,$$(searcher))
	$(quiet)$(call do,$(searcher)) trace $(of-run) -o $@

# --- policies without a search ---------------------------------------------------------------------
# data/networks/tiny-fashion.csv -> tiny-fashion/uniform/w4a4/seed-1.policy.csv; its name says all of it, so
# that no revision of a searcher makes it, and what was scored by it, anew
$(UNIFORMS:%=%.policy.csv): $$(call layers,$$@) | $(BIN)/ddpg-step $$(@D)/.
	$(quiet)$(call do,ddpg-step) uniform -n $< -b $(call bits,$@) -o $@

# bismo-edge/costs.csv -> bismo-edge/latency-w4a4/heuristic/seed-1.policy.csv
$(HEURISTICS:%=%.policy.csv): $$(call layers,$$@) $$(call costs,$$@) $$(call agent-settings,$$@) \
                              $(call by,ddpg-step)
	$(quiet)$(call do,ddpg-step) heuristic $(of-problem) -o $@
