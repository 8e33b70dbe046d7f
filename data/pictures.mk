# data/pictures.mk - pictures that users bring: where they lie, and how pack-images is told.
#
#   IMAGENETTE=/data/imagenette2, with train/CLASS/*.JPEG -> pack-images --folders /data/imagenette2/train ...
#
# A profile of pictures sets
#   PROFILE.dir      the folder in which they lie
#   PROFILE.parts    how many images a part takes by default: for the last finetuning; for that within a
#                    search, which is part of it; for rewards, which are not
#   PROFILE.models   a folder of NAME.onnx, of its networks NAME-PROFILE that are imported (import.mk)
# and may set
#   PROFILE.resize, .crop, .classes, .mean, .std
#   PROFILE.margin   pixels around the crop of training pictures, which finetuning with crop = N looks at too
#   PROFILE.keep     the outputs that imported networks keep
#
# CATEGORIES: a search looks only at so many classes; what it tunes on and is rewarded by is then drawn
# from these, whatever the last finetuning sees.  Tests are of pictures that nothing else sees.
CATEGORIES    := 0
TRAIN_IMAGES  := $(word 1,$($(PROFILE).parts))
TUNE_IMAGES   := $(word 2,$($(PROFILE).parts))
REWARD_IMAGES := $(word 3,$($(PROFILE).parts))

brought = $($(PROFILE).dir)
# $(call source,train or val): a list, folders, or the files of IDX or CIFAR, whose val is called test
source  = $(or $(addprefix --list ,$(wildcard $(brought)/$1.csv)),\
               $(addprefix --folders ,$(wildcard $(brought)/$1)),\
               $(call source-of,--idx,train-images-idx3-ubyte*,$1),\
               $(call source-of,--cifar10,data_batch_1.bin data_batch_1.png,$1),\
               $(call source-of,--cifar100,train.bin,$1),\
               $(no-source))
source-of = $(if $(wildcard $(addprefix $(brought)/,$2)),$1 $(brought) --part $(3:val=test))
no-source = $(error $(if $(brought),\
            $(brought): expected $1.csv$(comma) a list of pictures$(comma) or a folder $1 of folders$(comma) \
            or files of IDX or CIFAR,\
            PROFILE=$(PROFILE) needs pictures: experiments/profiles/$(PROFILE).mk says how to \
            name their folder))

# $(call fitted,SOURCE,SIDE): pictures are made as large as the networks want them, or as SIDE; other
# sources are as they are
fitted      = $1 $(if $(filter --list --folders,$1),--resize $(or $($(PROFILE).resize),256) \
              --crop $(or $2,$(cropped)) --broken skip $(addprefix --classes ,$($(PROFILE).classes)))
cropped     = $(or $($(PROFILE).crop),224)
with-margin = $(if $($(PROFILE).margin),$(shell echo $$(($(cropped) + 2 * $($(PROFILE).margin)))))

# $(call pack-pictures,train or val,WHICH,SIDE), in a recipe
define pack-pictures
	@$(say) PACK $@
	$(quiet)$(call do,pack-images) $(call fitted,$(call source,$1),$3) \
	  $(addprefix --mean ,$($(PROFILE).mean)) $(addprefix --std ,$($(PROFILE).std)) $2 -o $@
endef
some-classes = $(if $(filter-out 0,$(CATEGORIES)),--categories $(CATEGORIES) --categories-seed 1)
