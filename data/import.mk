# data/import.mk - networks that come from elsewhere as ONNX, with their weights.
#
#   data/networks/given-fashion.onnx -> data/networks/given-fashion.csv, data/weights/given-fashion.npz
#   MODELS/mobilenet-v2.onnx         -> data/networks/mobilenet-v2-imagenette.csv, data/weights/...npz
#
# A network without batch norm, as deployed ones are, gets some, or 4 bits destroy it (import.sh).

# --- pixels ----------------------------------------------------------------------------------------
# NET.mean and NET.std, of a profile or the command line, say what a network subtracts from its pixels and
# divides them by, where that is not what its images were packed for.  They are remembered until there are
# others.
normalised := $(sort $(basename $(filter %-$(PROFILE).mean %-$(PROFILE).std,$(.VARIABLES))))
$(foreach n,$(normalised),$(if $(and $($n.mean),$($n.std)),,$(error $n.mean and $n.std go together)))
of-profile := $(PROFILE).% %-$(PROFILE).mean %-$(PROFILE).std
$(foreach v,$(filter-out $(of-profile),$(filter %.mean %.std,$(.VARIABLES))),$(if $(call is-said,$v),\
  $(error $v=$($v): expected NAME-$(PROFILE).mean or .std)))
$(if $(chooses),$(foreach n,$(normalised),\
  $(call remember,data/.rev/$n.input,--mean $($n.mean) --std $($n.std))))
# NET -> data/.rev/NET.input, where it is remembered now, or was before
input-of = $(or $(filter $(normalised:%=data/.rev/%.input),data/.rev/$1.input),$(wildcard data/.rev/$1.input))

# --- one network -----------------------------------------------------------------------------------
# $(call import,NET), in a recipe whose first prerequisite is the ONNX file
define import
	@$(say) NET data/networks/$1.csv
	$(quiet)data/import.sh $1 $(call train-images,$1) '$(call do,insert-batch-norm)' \
	  $(call do,import-onnx) -i $< $(addprefix --keep ,$($(call dataset,$1).keep)) \
	  $(if $(input-of),$(strip $(file <$(input-of))))
endef
train-images = data/$(call dataset,$1)/train.npz

# data/networks/given-fashion.onnx -> data/networks/given-fashion.csv, data/weights/given-fashion.npz
data/networks/%.csv data/weights/%.npz &: data/networks/%.onnx $$(call train-images,$$*) \
                                          $$(call input-of,$$*) $(call data-by,import-onnx insert-batch-norm)
	$(call import,$*)

ifneq ($($(PROFILE).parts),)
# --- a folder of networks --------------------------------------------------------------------------
# A network is imported once from one folder: another one is a slip, more often than the wish to import again.
# Other outputs that are kept are another network.
models := $(or $($(PROFILE).models),MODELS)
imported   := $(patsubst $(models)/%.onnx,%-$(PROFILE),$(wildcard $(models)/*.onnx))
import-of   = data/.rev/$1.import
import-text = $(strip $(abspath $(models)) $($(PROFILE).keep))
was-in      = $(if $(wildcard data/weights/$1.npz),$(firstword $(file <$(import-of))))
$(if $(chooses),$(foreach n,$(imported),$(foreach was,$(filter-out $(abspath $(models)),$(call was-in,$n)),\
  $(error $n was imported from $(was), not $(abspath $(models)). Give that, or remove $(call import-of,$n), \
          where these are the same networks, or data/weights/$n.npz, to import again))))
$(if $(chooses),$(foreach n,$(imported),$(call remember-granted,$(call import-of,$n),$(import-text))))

# MODELS/mobilenet-v2.onnx -> data/networks/mobilenet-v2-imagenette.csv, and its weights
data/networks/%-$(PROFILE).csv data/weights/%-$(PROFILE).npz &: $(models)/%.onnx data/$(PROFILE)/train.npz \
                            $$(call input-of,$$*-$(PROFILE)) $$(wildcard $$(call import-of,$$*-$(PROFILE))) \
                            $(call data-by,import-onnx insert-batch-norm)
	$(call import,$*-$(PROFILE))

# networks of a profile that says how to train are not missed
ifeq ($(wildcard $(training)/train-$(PROFILE).conf),)
$(models)/%.onnx:
	@echo '$@ is missing: a network that users bring ($(PROFILE).models or MODELS says from where);' \
	  'for one that is trained here, write $(training)/train-$(PROFILE).conf' >&2; exit 1
endif
endif
.PRECIOUS: data/networks/%.csv data/weights/%-$(PROFILE).npz data/networks/%-$(PROFILE).csv
