# experiments/rules/profile.mk - PROFILE names networks and images; what it leaves out is said here.
#
#   PROFILE=cifar10 -> experiments/profiles/cifar10.mk: mobilenet-v1-cifar10, mobilenet-v2-cifar10
PROFILES := $(patsubst experiments/profiles/%.mk,%,$(wildcard experiments/profiles/*.mk))
ifneq ($(findstring -,$(PROFILE)),)
$(error PROFILE=$(PROFILE): a name without -, which is the end of its networks' names)
endif
ifeq ($(filter $(PROFILE),$(PROFILES)),)
$(error PROFILE=$(PROFILE): expected one of: $(PROFILES))
endif

agent       := experiments/agents/sensitivity.conf
size-agent  := experiments/agents/sensitivity-size.conf
training    := experiments/training
search-conf := $(or $(wildcard $(training)/search-$(PROFILE).conf),$(training)/search-imagenette.conf)
final-conf  := $(or $(wildcard $(training)/final-$(PROFILE).conf),$(training)/final-imagenette.conf)
# least squares are as good as the paper's KL divergence, far better than the maximum (experiments/README.md)
clip        := mse
# a range for the weights of a layer, as HAQ has, or for those of each output channel, which wins nothing
ranges      := layer
include experiments/profiles/$(PROFILE).mk

ifeq ($(strip $(networks)),)
$(error experiments/profiles/$(PROFILE).mk: expected `networks := NAME-$(PROFILE) ...`)
endif
$(foreach x,agent size-agent search-conf final-conf,$(if $(wildcard $($x)),,\
  $(error $x=$($x): there is no such file)))
ifeq ($(filter kl mse max,$(clip)),)
$(error clip=$(clip): expected kl, mse or max)
endif
ifeq ($(filter layer kernel,$(ranges)),)
$(error ranges=$(ranges): expected layer or kernel)
endif

# What the paper shows of one network alone: most of MobileNet-V1, some figures of V2.  A profile without them
# shows the first and the last of its own.
first-net := $(or $(firstword $(filter mobilenet-v1%,$(networks))),$(firstword $(networks)))
last-net  := $(or $(firstword $(filter mobilenet-v2%,$(networks))),$(lastword $(networks)))
