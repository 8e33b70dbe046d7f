# experiments/rules/brief.mk - any policy is scored as an episode is: by the settings of a
# search, on the reward images.
#
#   rank/seed-1/drawn-01.policy.csv -> drawn-01.epochs-2+learning_rate-0.002.draw-3.brief.csv
#
# This is how much a score of a search can be trusted: with other settings, `search` being the profile's
# own (search-PROFILE.conf) and others its changes KEY-VALUE, and by another draw, the seed of the order of
# images.  Weights and ranges are those of the seed in the path, as in all its scores.

# its settings: the profile's, or changed ones beside the score, which are scratch
brief-conf    = $(if $(filter search,$(call brief-variant,$@)),$(search-conf),$(@:%.brief.csv=%.conf))

define score-briefly
	$(forecast)
	@$(say) BRIEF $@
	$(if $(filter $(search-conf),$(brief-conf)),,\
	  $(quiet)$(rules)/vary.sh $(search-conf) $(call brief-variant,$@) $(brief-conf))
	$(quiet)$(call quantize,$(OUT)/$*,$@)
	$(quiet)$(call finetune,$(OUT)/$*,$@,$(brief-conf),tune)
	$(quiet)$(call evaluate,$(OUT)/$*,$@,reward)
	@$(if $(KEEP),,rm -f $(addprefix $(OUT)/$*.,conf quant.npz tuned.npz))
endef
briefly-scored-by = $$(call layers,$$@) $$(call weights,$$@) $$(call ranged-by,$$@) \
                    $(call chosen,search.conf) \
                    $$(call images,$$@,tune) $$(call images,$$@,reward) \
                    $(call by,quantize finetune evaluate) $(BIN)/measure-speed
# as for long scores, those that a table asks for are listed
$(BRIEFS): $(OUT)/%.brief.csv: $$(call brief-policy,$$@) $$(call by-kernels,$$(call brief-policy,$$@)) \
                      $(briefly-scored-by)
	$(score-briefly)
$(OUT)/%.brief.csv: $$(call brief-policy,$$@) $$(call by-kernels,$$(call brief-policy,$$@)) \
                      $(briefly-scored-by)
	$(score-briefly)
.PRECIOUS: $(OUT)/%.brief.csv
