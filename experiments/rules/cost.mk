# experiments/rules/cost.mk - what a policy costs on an accelerator, layer by layer or in all.

# PATH.HW -> HW
hw-of = $(patsubst .%,%,$(suffix $1))
# $(call simulate,OPTIONS), in a recipe for PATH.HW.cost.csv or PATH.HW.roofline.csv, of PATH.policy.csv
define simulate
	$(quiet)$(call do,$(call simulator,$(call hw-of,$*))) -n $(call layers,$@) \
	  -m $(call model-of,$(call hw-of,$*)) -p $< $(addprefix -k ,$(call kernels-of,$<)) $1 -o $@
endef

# latency-w3a3/seed-1/best-0250.policy.csv -> best-0250.bismo-edge.cost.csv
its-policy = $(OUT)/$$(basename $$*).policy.csv
its-bits   = $(its-policy) $$(call by-kernels,$(its-policy))
$(OUT)/%.cost.csv: $(its-bits) $$(call layers,$$@) \
                   $(call by-simulator,$$(call hw-of,$$*))
	$(call simulate,--count $(call count,$(call hw-of,$*)))

# latency-w3a3/seed-1/best-0250.policy.csv -> best-0250.bismo-edge.roofline.csv: what bounds each layer
$(OUT)/%.roofline.csv: $(its-bits) $$(call layers,$$@) \
                       $(call by-simulator,$$(call hw-of,$$*))
	$(if $(call kernels-of,$<),$(error $@: no roofline is known of a kernel-wise policy))
	$(call simulate,--roofline)

# accuracy-guaranteed/seed-1/best-0250.score.csv -> best-0250.bitfusion.reward.csv
#
# The reward where there is no budget, of the score that tables show; costs come with it.
on-hw            = $(OUT)/$(call net,$@)/$(call hw-of,$*)/costs.csv
baseline-on-test = $(patsubst %.score.csv,%-test.score.csv,$(call full-precision,$@))
layers-of        = $(call layers,$@)
agent-of-run     = $(call agent-of,$@)
$(OUT)/%.reward.csv: $(OUT)/$$(basename $$*).policy.csv $(OUT)/$$(basename $$*).score.csv \
                     $$(baseline-on-test) $$(layers-of) $$(on-hw) $(call chosen,agent.conf) \
                     $(call by,$$(searcher))
	$(if $(call kernels-of,$<),$(if $(call is-kernel-wise,$@),,\
	  $(error $@: the reward of a kernel-wise policy is known of searches alone)))
	$(quiet)$(call do,$(searcher)) reward -n $(layers-of) -t $(on-hw) -b accuracy-guaranteed \
	  -c $(if $(call is-kernel-wise,$@),$(agent-of-run) -m $(call model-of,$(call hw-of,$*)),$(agent)) \
	  -p $< $(addprefix -K ,$(call kernels-of,$<)) -S $(<:%.policy.csv=%.score.csv) \
	  -F $(baseline-on-test) --count $(call count,$(call hw-of,$*)) -o $@

.PRECIOUS: $(addprefix $(OUT)/%.,cost.csv roofline.csv reward.csv)
