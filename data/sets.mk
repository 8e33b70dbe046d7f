# data/sets.mk - what a data set is, and which one a network has.
#
#   data/networks/NET.csv   a network, one row per node; written by hand, or imported (import.mk)
#   data/weights/NET.npz    its full-precision weights; trained here (weights.mk), or imported
#   data/SET/*.npz          images, labels and their statistics:
#       train.npz    full-precision training, and the last finetuning
#       tune.npz     the part of train.npz that a search finetunes on
#       reward.npz   what a search is rewarded by; in no other file (with CATEGORIES: not in tune.npz)
#       test.npz     what only final scores see
#
# Fashion-MNIST is packaged by Debian (fashion.mk), CIFAR-10 is fetched unless users have it (cifar10.mk),
# other pictures are brought by users (pictures.mk, packing.mk).

# mobilenet-v1-cifar10 -> cifar10: the profile that a network's name ends with, else ImageNet
dataset = $(or $(filter $(PROFILES),$(lastword $(subst -, ,$1))),imagenet)

# data/SET/PART.npz is made by pack-images with the options in SET.PART
parts-of-images := train tune reward test

# $(call is-said,VARIABLE): given on the command line.  What is said there and nobody reads is told.
is-said = $(filter command,$(firstword $(origin $1)))
refuse-elsewhere = $(if $(call is-said,$2),$(if $(filter $1,$(PROFILE)),,\
                   $(error $2 is of PROFILE=$1, not $(PROFILE))))
$(call refuse-elsewhere,imagenet,IMAGENET)
$(call refuse-elsewhere,imagenette,IMAGENETTE)
$(call refuse-elsewhere,cifar10,CIFAR10)
