# data/packing.mk - the pictures of a profile are packed once, by settings that are remembered.
#
#   /data/imagenette2/train/n01440764/*.JPEG -> data/imagenette/tune.npz, and data/.rev/imagenette
#
# The profile, and what it sets, is described in pictures.mk.

# what only profiles of pictures read is not ignored elsewhere
of-pictures := CATEGORIES TRAIN_IMAGES TUNE_IMAGES REWARD_IMAGES MEAN STD MODELS
$(if $($(PROFILE).parts),,$(foreach v,$(of-pictures),$(if $(call is-said,$v),\
  $(error $v=$($v): PROFILE=$(PROFILE) has no pictures that users bring, nor choices of them))))
$(if $($(PROFILE).dir),$(if $(word 3,$($(PROFILE).parts)),,\
  $(error experiments/profiles/$(PROFILE).mk: expected three numbers of images in $(PROFILE).parts: \
          for the last finetuning, for that within a search, for rewards)))

ifneq ($($(PROFILE).parts),)
# rewards of some classes are drawn from all pictures, those that train.npz has too
own-training := $(wildcard $(addprefix $(training)/,train-$(PROFILE).conf train-*-$(PROFILE).conf))
ifneq ($(and $(some-classes),$(own-training)),)
$(error CATEGORIES=$(CATEGORIES): networks of PROFILE=$(PROFILE) are trained here, and would be rewarded on \
        images they were trained on)
endif

packing      := data/.rev/$(PROFILE)
packing-text := $(strip $(TRAIN_IMAGES) $(TUNE_IMAGES) $(REWARD_IMAGES) $(CATEGORIES) \
                $($(PROFILE).mean) $($(PROFILE).std) \
                $(foreach k,margin resize crop,$(addprefix $k ,$($(PROFILE).$k))))
packed       := $(wildcard data/$(PROFILE)/*.npz)
packed-as    := $(if $(packed),$(if $(wildcard $(packing)),$(strip $(file <$(packing)))))
$(if $(packed),,$(call remember,$(packing),$(packing-text)))

# other settings than those of before are a slip, more often than the wish to lose what was searched
ifneq ($(and $(packed-as),$(chooses),$(call differ,$(packed-as),$(packing-text))),)
$(error data/$(PROFILE) was packed with TRAIN_IMAGES TUNE_IMAGES REWARD_IMAGES CATEGORIES [MEAN STD] \
        [margin resize crop] = $(packed-as), not $(packing-text). Give these, or remove $(packing) to pack \
        again)
endif
$(packing): | $(dir $(packing)).
	@echo '$(packing-text)' >$@

# How many pictures there are is seldom what a profile was copied with.  The numbers that failed are
# forgotten: the right ones must not be refused because another job packed by these.
or-say-parts = || { echo '$@: TRAIN_IMAGES=$(TRAIN_IMAGES) TUNE_IMAGES=$(TUNE_IMAGES)' \
               'REWARD_IMAGES=$(REWARD_IMAGES) are asked for: $(PROFILE).parts of' \
               'experiments/profiles/$(PROFILE).mk, or on the command line' >&2; rm -f $(packing); exit 1; }

data/$(PROFILE)/train.npz: $(packing) $(call data-by,pack-images)
	$(call pack-pictures,train,--shuffle 1 --take $(TRAIN_IMAGES),$(with-margin)) $(or-say-parts)
data/$(PROFILE)/tune.npz: $(packing) $(call data-by,pack-images)
	$(call pack-pictures,train,--shuffle 1 $(some-classes) --take $(TUNE_IMAGES)) $(or-say-parts)
data/$(PROFILE)/reward.npz: $(packing) $(call data-by,pack-images)
	$(call pack-pictures,train,--shuffle 1 $(some-classes) \
	  --from $(if $(some-classes),$(TUNE_IMAGES),$(TRAIN_IMAGES)) --take $(REWARD_IMAGES)) $(or-say-parts)
data/$(PROFILE)/test.npz: $(packing) $(call data-by,pack-images)
	$(call pack-pictures,val)
endif
