# data/fashion.mk - Fashion-MNIST: 70,000 grey images of clothes, 28 x 28, which Debian packages.
#
#   /usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz ... -> data/fashion/tune.npz
FASHION     := /usr/share/datasets/fashion-mnist
fashion.raw := $(addprefix $(FASHION)/,train-images-idx3-ubyte.gz train-labels-idx1-ubyte.gz \
                                       t10k-images-idx3-ubyte.gz t10k-labels-idx1-ubyte.gz)

fashion.train  := --part train --from 0 --take 55000
fashion.tune   := --part train --from 0 --take 512
fashion.reward := --part train --from 55000 --take 2500
fashion.test   := --part test

$(parts-of-images:%=data/fashion/%.npz): data/fashion/%.npz: $(fashion.raw) $(call data-by,pack-images)
	@$(say) PACK $@
	$(quiet)$(call do,pack-images) --idx $(FASHION) --shuffle 1 $(fashion.$*) -o $@

# installed by `make deps`, before this is looked at where both are asked for
$(fashion.raw): | $(filter deps,$(MAKECMDGOALS))
	@[ -e $@ ] || { \
	  echo "$@ is missing: install Debian's dataset-fashion-mnist, or run 'make deps'" >&2; exit 1; }
