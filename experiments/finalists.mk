# experiments/finalists.mk - FINALISTS=3: which policy is best is asked again after the last finetuning.
#
# A search scores policies after a brief finetuning, and a long one does not heal all of them alike.  So some are finetuned at
# length and scored on the reward images once more: where the search began, which is uniform bits by the default agent, and
# the best by reward.  The one of the least loss there is the result - without a budget, where bits are part of the
# reward, of the highest reward - and its score on the test images is the final one.
place    := $(shell seq -f %04.0f 1 $(FINALISTS))
# $(call finalists,RUN/best-0250-of-3) of one run; FINAL of all
finalists = $(foreach i,$(place),$(dir $1)final-$(call length,$(notdir $1))/$i)
FINAL    := $(sort $(foreach b,$(BEST),$(call finalists,$b)))

$(filter %/0001.policy.csv,$(FINAL:%=%.policy.csv)): $$(dir $$(@D))0001.policy.csv
	@mkdir -p $(@D) && cp $< $@.new && mv $@.new $@

# the second finalist is the first by reward
final-of   = $(patsubst final-%,%,$(notdir $(@D)))
final-rank = $(words $(shell seq 2 $(patsubst %.policy.csv,%,$(@F))))
$(filter-out %/0001.policy.csv,$(FINAL:%=%.policy.csv)): $$(dir $$(@D))$$(final-of).score.csv $(call by,ddpg-step)
	@mkdir -p $(@D)
	@$(call do,ddpg-step) best $(call of-run,$(patsubst %/,%,$(dir $(@D))),$(final-of)) --rank $(final-rank) -o $@

define final-rule
$1.score.csv $1.test.csv &: $1.policy.csv $$(scored-by) $$(call images,$1,reward)
	@$$(say) FINAL $1.score.csv
	@$$(call quantize,$1,$1)
	@$$(call finetune,$1,$1,$$(final-conf),train,--checkpoint $1.checkpoint.npz)
	@$$(call evaluate,$1,$1,test,test)
	@$$(call evaluate,$1,$1,reward)
	@$$(if $$(KEEP),,rm -f $1.quant.npz $1.tuned.npz)
endef
$(foreach f,$(FINAL),$(eval $(call final-rule,$f)))

$(BEST:%=%.policy.csv): $$(addsuffix .score.csv,$$(call finalists,$$(basename $$(basename $$@)))) $(call by,ddpg-step)
	@$(call do,ddpg-step) best $(call of-run,$(@D)/final-$(call length,$(@F)),$(FINALISTS)) $(if $(filter accuracy-guaranteed,$(call budget,$@)),,--by loss) -o $@

$(BEST:%=%.score.csv): %.score.csv: %.policy.csv $$(addsuffix .test.csv,$$(call finalists,$$*))
	@for f in $(call finalists,$*); do ! cmp -s $$f.policy.csv $< || { cp $$f.test.csv $@.new && mv $@.new $@ && break; }; done
