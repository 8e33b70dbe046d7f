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
# NET decides its data set: NET-fashion is Fashion-MNIST, which Debian packages; NET-imagenette and all else are pictures, which
# users bring.

dataset = $(or $(filter fashion imagenette,$(lastword $(subst -, ,$1))),imagenet)

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

# Full-precision weights, trained here: THREADS stays 1 where other jobs run beside it.
data/weights/%-fashion.npz: data/networks/%-fashion.csv data/fashion/train.npz $$(call train-conf,$$*-fashion) $(call data-by,finetune)
	@$(say) TRAIN $@
	@$(call do,finetune) -n $< -d data/fashion/train.npz -c $(call train-conf,$*-fashion) -s 1 -o $@
# experiments/train-NET.conf where there is one, else that of the data set
train-conf = $(or $(wildcard experiments/train-$1.conf),experiments/train-$(call dataset,$1).conf)

# --- pictures ------------------------------------------------------------------------------------
# SET.dir has train and val, folders of classes or lists; MODELS the networks in ONNX.  Parts of train.npz: what the last finetuning sees;
# a search finetunes on some of it; rewards come from the images behind it.  CATEGORIES: a search looks only at so many classes.
IMAGENET   :=
IMAGENETTE :=
MODELS     :=
imagenet.dir      := $(IMAGENET)
imagenet.parts    := 50000 2560 2500
imagenette.dir    := $(IMAGENETTE)
imagenette.parts  := 1500 512 500
CATEGORIES        := 0
TRAIN_IMAGES      := $(word 1,$($(PROFILE).parts))
TUNE_IMAGES       := $(word 2,$($(PROFILE).parts))
REWARD_IMAGES     := $(word 3,$($(PROFILE).parts))

# $(call source,SET,train or val): where they are
source = $(or $(addprefix --list ,$(wildcard $($1.dir)/$2.csv)),$(addprefix --folders ,$(wildcard $($1.dir)/$2)),\
         $(error data/$1 needs pictures: PROFILE=$1 $(if $(filter imagenette,$1),IMAGENETTE,IMAGENET)=DIR, where DIR has $2.csv or a folder $2 of folders))
# $(call pack-pictures,SET,train or val), in a recipe
pack-pictures = $(say) PACK $@; $(call do,pack-images) $(call source,$1,$2) --resize 256 --crop 224 $(if $(filter imagenet,$1),--classes 1000) --broken skip -o $@
some-classes  = $(if $(filter-out 0,$(CATEGORIES)),--categories $(CATEGORIES) --categories-seed 1)

# what was chosen is remembered: another number of images packs them again; without pictures at hand nothing is
define picture-rules
$(if $($1.dir),$(call remember,data/.rev/$1,$($1.dir) $(TRAIN_IMAGES) $(TUNE_IMAGES) $(REWARD_IMAGES) $(CATEGORIES)),data/.rev/$1:
	@echo '$1 needs pictures: $(if $(filter %ette,$1),IMAGENETTE,IMAGENET)=DIR' >&2; exit 1)
data/$1/train.npz: data/.rev/$1 $$(call data-by,pack-images)
	@$$(call pack-pictures,$1,train) --shuffle 1 --take $(TRAIN_IMAGES)
data/$1/tune.npz: data/.rev/$1 $$(call data-by,pack-images)
	@$$(call pack-pictures,$1,train) --shuffle 1 $(some-classes) --take $(TUNE_IMAGES)
data/$1/reward.npz: data/.rev/$1 $$(call data-by,pack-images)
	@$$(call pack-pictures,$1,train) --shuffle 1 $(some-classes) --from $(if $(some-classes),$(TUNE_IMAGES),$(TRAIN_IMAGES)) --take $(REWARD_IMAGES)
data/$1/test.npz: data/.rev/$1 $$(call data-by,pack-images)
	@$$(call pack-pictures,$1,val)
data/networks/%-$1.csv data/weights/%-$1.npz &: $$(call model-file,%) data/$1/train.npz $$(call data-by,import-onnx insert-norms)
	@$$(say) NET data/networks/$$*-$1.csv
	@$$(call import,$$*-$1,$$<,data/$1/train.npz,$1)
endef
model-file = $(if $(MODELS),$(MODELS),MODELS)/$1.onnx
MODELS/%.onnx:
	@echo '$* is a network that users bring: MODELS=DIR, where DIR has $*.onnx' >&2; exit 1
# networks without norms, as they are deployed, get some, or 4 bits destroy them
import = mkdir -p data/weights; new=data/weights/$1.new; $(call do,import-onnx) -i $2 -n $$new.csv -w $$new.npz $(keep.$4) && \
         { if cut -d, -f10 $$new.csv | grep -q yes; then mv $$new.npz data/weights/$1.npz && mv $$new.csv data/networks/$1.csv; \
         else $(call do,insert-norms) -n $$new.csv -w $$new.npz -d $3 --network-out data/networks/$1.csv --weights-out data/weights/$1.npz; fi; }; \
         rc=$$?; rm -f $$new.*; exit $$rc
# the outputs of the ten classes, in the order of their folders
keep.imagenette := --keep 0,217,482,491,497,566,569,571,574,701
$(foreach s,imagenet imagenette,$(eval $(call picture-rules,$s)))

weights: $(networks:%=data/weights/%.npz) ## the full-precision networks of the profile: trained here, or imported
.PRECIOUS: data/weights/%.npz data/networks/%.csv
.PHONY: weights
