# data/weights.mk - full-precision weights of networks that are not imported: trained here, from nothing.
#
#   experiments/training/train-fashion.conf -> data/weights/mobilenet-v2-fashion.npz

# NET -> its own settings, where there are such, or those of its data set
train-conf   = $(or $(wildcard $(training)/train-$1.conf),$(training)/train-$(call dataset,$1).conf)
written      = $(basename $(notdir $(wildcard data/networks/*.csv)))
trained-here = $(foreach n,$(written),$(if $(wildcard $(call train-conf,$n)),$n))

# What they say is remembered for each network, as data/.rev/NET.train: when a file of its own appears, goes
# or changes, it is trained anew.
$(if $(chooses),$(foreach n,$(trained-here),\
  $(call remember-lines-granted,data/.rev/$n.train,$(call says,$(call train-conf,$n)))))
# without such a file the rule below is none for this network
trained-by = $(if $(wildcard $(train-conf)),$(call made-by,data/.rev/$1.train),$(train-conf))

# data/networks/mobilenet-v1-fashion.csv -> data/weights/mobilenet-v1-fashion.npz, from where that was
# interrupted.  THREADS stays 1 where other jobs run beside it.
data/weights/%.npz: data/networks/%.csv $$(call train-images,$$*) $$(call trained-by,$$*) \
                    $(call data-by,finetune) $(BIN)/measure-speed
	$(forecast)
	@$(say) TRAIN $@
	$(quiet)$(call do,finetune) -n $< -d $(call train-images,$*) -c $(call train-conf,$*) -s 1 \
	  --checkpoint data/weights/$*.checkpoint.npz -o $@

weights: ## the full-precision networks of the profile: trained here, or imported
weights: $(networks:%=data/weights/%.npz)
.PRECIOUS: data/weights/%.npz
.PHONY: weights
