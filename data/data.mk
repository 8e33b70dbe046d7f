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
# NET decides its data set: NET-fashion is Fashion-MNIST, which Debian packages.  All else is ImageNet, which
# users bring.

dataset = $(if $(filter %-fashion,$1),fashion,imagenet)

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

weights: $(networks:%=data/weights/%.npz) ## train the full-precision networks of the profile
.PRECIOUS: data/weights/%-fashion.npz
.PHONY: weights
