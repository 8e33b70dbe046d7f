# data/weights.mk - full-precision weights of networks that are not imported: trained here, from nothing.
#
#   experiments/training/train-fashion.conf -> data/weights/mobilenet-v2-fashion.npz, by seed 1
#                                              data/weights/mobilenet-v2-fashion.seed-2.npz
#
# What one draw of weights says of a network says little: a search by seed 2 has weights that seed 2 trained.
# An imported network has one file for all seeds.

# NET -> its own settings, where there are such, or those of its data set
train-conf   = $(or $(wildcard $(training)/train-$1.conf),$(training)/train-$(call dataset,$1).conf)
written      = $(basename $(notdir $(wildcard data/networks/*.csv)))
trained-here = $(foreach n,$(written),$(if $(wildcard $(call train-conf,$n)),$n))
is-imported  = $(or $(filter $n,$(imported)),$(wildcard data/networks/$n.onnx),$(was-imported))
was-imported = $(if $(wildcard data/weights/$n.npz),$(wildcard data/.rev/$n.import))
# whose weights are drawn by each seed
drawn-here  := $(foreach n,$(trained-here),$(if $(is-imported),,$n))

# What they say is remembered for each network, as data/.rev/NET.train: when a file of its own appears, goes
# or changes, it is trained anew.
$(if $(chooses),$(foreach n,$(trained-here),\
  $(call remember-lines-granted,data/.rev/$n.train,$(call says,$(call train-conf,$n)))))
# without such a file the rule below is none for this network
trained-by = $(if $(wildcard $(train-conf)),$(call made-by,data/.rev/$1.train),$(train-conf))

# $(call drawn,NET.seed-2) is .seed-2, of which the network is NET, trained by 2; of anything else nothing
drawn      = $(if $(filter $(basename $1),$(drawn-here)),$(filter-out .seed-1,$(filter .seed-%,$(suffix $1))))
drawn-net  = $(if $(drawn),$(basename $1),$1)
drawn-seed = $(or $(patsubst .seed-%,%,$(drawn)),1)

# data/networks/mobilenet-v1-fashion.csv -> data/weights/mobilenet-v1-fashion.npz, from where that was
# interrupted.  THREADS stays 1 where other jobs run beside it.
data/weights/%.npz: data/networks/$$(call drawn-net,$$*).csv $$(call train-images,$$(call drawn-net,$$*)) \
                    $$(call trained-by,$$(call drawn-net,$$*)) $(call data-by,finetune) $(BIN)/measure-speed
	$(forecast)
	@$(say) TRAIN $@
	$(quiet)$(call do,finetune) -n $< -d $(call train-images,$(call drawn-net,$*)) \
	  -c $(call train-conf,$(call drawn-net,$*)) -s $(call drawn-seed,$*) \
	  --checkpoint data/weights/$*.checkpoint.npz -o $@

.PRECIOUS: data/weights/%.npz
