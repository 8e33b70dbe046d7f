# experiments/rules/score.mk - a policy is scored: its weights are quantized, finetuned, evaluated.

# $(call quantize,POLICY,PATH) and so on: commands that make POLICY.quant.npz, POLICY.tuned.npz and the
# score PATH of POLICY.policy.csv, for the network that PATH names.  Where PATH is a brief score
# (brief.mk), the policy and the seed of the finetuning are those in its name; beside POLICY may be bits of
# its kernels (kernels.mk).
quantize = $(call do,quantize) -n $(call layers,$2) -w $(call weights,$2) -p $(bits-file) $(kernel-bits) \
           $(if $(call codebook,$2),--codebook,-a $(call histograms,$2) --clip $(clip) \
           $(addprefix --ranges ,$(call ranges-for,$2))) -o $1.quant.npz
# kernels of different bits have ranges of their own unless the path says otherwise
ranges-for = $(or $(ranges-of),$(filter kernel,$(ranges)))
finetune = $(call do,finetune) -n $(call layers,$2) -w $1.quant.npz $(at-bits) -d $(call images,$2,$4) -c $3 \
           $(if $(distils),-t $(call weights,$2)) -s $(or $(call brief-seed,$2),$(call seed,$2)) $5 \
           -o $1.tuned.npz
evaluate = $(call do,evaluate) -n $(call layers,$2) -w $1.tuned.npz $(at-bits) -d $(call images,$2,$3) \
           -o $2
# of settings $3: a share of their targets is what the network in full precision answers
distils  = $(filter-out %=0 %=0.0 %=0.,$(subst -,=,$(or $(filter distillation-%,$(changes)),\
           $(filter distillation=%,$(call says,$(if $(changes),$(search-conf),$3))))))
changes  = $(subst +, ,$(call brief-variant,$2))
# activations stay as they are beside codebooks
at-bits     = $(if $(call codebook,$2),,-p $(bits-file) $(kernel-bits))
bits-file   = $(or $(call brief-policy,$2),$1.policy.csv)
kernel-bits = $(addprefix -k ,$(call kernels-of,$(bits-file)))

# latency-w3a3/seed-1/best-0250.policy.csv -> best-0250.score.csv
#
# Any policy but an episode's - the best, a uniform one, one written by hand - is finetuned at length on the
# training images and scored on the test images.
define score-at-length
	$(forecast)
	@$(say) FINAL $@
	$(quiet)$(call quantize,$(OUT)/$*,$@)
	$(quiet)$(call finetune,$(OUT)/$*,$@,$(final-conf),train,--checkpoint $(OUT)/$*.checkpoint.npz)
	$(quiet)$(call evaluate,$(OUT)/$*,$@,test)
	@$(if $(KEEP),,rm -f $(OUT)/$*.quant.npz $(OUT)/$*.tuned.npz)
endef
scored-by = $$(call layers,$$@) $$(call weights,$$@) $$(call ranged-by,$$@) $(call chosen,final.conf) \
            $$(call images,$$@,train) $$(call images,$$@,test) $(call by,quantize finetune evaluate) \
            $(BIN)/measure-speed
# Those that tables ask for are listed: where something is missing, make says what, while a % rule that
# does not apply would leave an old score as it is.
listed-scores := $(addsuffix .score.csv,$(BEST) $(HEURISTICS) $(UNIFORMS) $(RANKED))
kernels-too = $$(call by-kernels,$(OUT)/$$*.policy.csv)
$(listed-scores): $(OUT)/%.score.csv: $(OUT)/%.policy.csv $(kernels-too) $(scored-by)
	$(score-at-length)
$(OUT)/%.score.csv: $(OUT)/%.policy.csv $(kernels-too) $(scored-by)
	$(score-at-length)

# 0007.policy.csv -> 0007.quant.npz -> 0007.tuned.npz: one step alone, for a look at it
%.quant.npz: %.policy.csv $$(call by-kernels,$$*.policy.csv) $$(call weights,$$@) \
             $$(call ranged-by,$$@) $(call by,quantize)
	$(call quantize,$*,$@)
%.tuned.npz: %.quant.npz $$(call tuned-on,$$@) $(call by,finetune)
	$(call finetune,$*,$@,$(if $(call is-brief,$@),$(search-conf),$(final-conf)),$(call tuning-part,$@))
is-brief    = $(call is-episode,$(notdir $(1:%.tuned.npz=%)))
tuning-part = $(if $(is-brief),tune,train)
tuned-on    = $(call images,$1,$(tuning-part)) $(call chosen,$(if $(is-brief),search,final).conf)

.PRECIOUS: $(OUT)/%.policy.csv $(OUT)/%.score.csv
