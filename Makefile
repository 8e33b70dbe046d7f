# Makefile - hardware-aware automated quantization, in C.  Start with `make help`.
#
# Every step is a file.  Ask make for any of them; `make -n FILE` shows how it would be made.
# Only settings live here.  How files come about is said in the folder they belong to:
#
#   stages/stages.mk       how programs are compiled
#   data/data.mk           where images, networks and weights come from
#   experiments/search.mk  how a search runs, episode after episode
#   experiments/*.mk       which searches make which table
#   tests/tests.mk         how all of it is tested

PROFILE  := fashion
SEEDS    := 1
EPISODES := 250
OUT      := results
MODE     := release
THREADS  := 1
KEEP     :=
WRAP     :=
V        :=

define settings
  PROFILE=$(PROFILE)    which networks and images the tables use: $(PROFILES)
  SEEDS=$(SEEDS)            how many times a search runs, from 1 up; tables show mean and spread
  EPISODES=$(EPISODES)       length of a search; raise it later and the episodes done so far are kept
  OUT=$(OUT)        where results go
  MODE=$(MODE)       release, debug or asan; programs go to build/MODE/bin
  THREADS=$(THREADS)          threads inside one stage; -jN runs N stages at once, without it one per core
  KEEP=$(KEEP)              1 keeps the weights of every episode
  agent=$(agent), clip=$(clip)
                     who proposes bits, and how clipping ranges are chosen: kl, mse or max; others make all searches anew
  size-agent=$(size-agent)
                     who proposes bits under a size (Table 6)
  WRAP=$(WRAP)              put before every stage: perf record, valgrind, ...
  V=$(V)                 1 shows every command
  IMAGENET, IMAGENETTE, MODELS, MEAN, STD, CATEGORIES, TRAIN_IMAGES, TUNE_IMAGES, REWARD_IMAGES
                     pictures and networks that users bring: experiments/profiles/PROFILE.mk
  CIFAR10=$(CIFAR10)
                     a folder of CIFAR-10; this one is fetched, others users bring: experiments/profiles/cifar10.mk
  N=$(N)     make costs, roofline: a network of data/networks
  P=$(P)     make costs: bits, or policies OUT/N/....policy.csv
  H=$(H)
                     make costs: accelerators of hwmodels/
endef

SHELL     := /bin/sh
DRY       := $(findstring n,$(firstword -$(MAKEFLAGS)))
MAKEFLAGS += --no-builtin-rules --no-builtin-variables
override OUT := $(patsubst %/,%,$(OUT:./%=%))
comma := ,
space := $(subst x,,x x)
# a path goes into names of rules and into commands as it is
not-a-path = $(strip $(foreach c,$(comma) % = : ; ~ $$ ' " \ & | < > ( ) *,$(findstring $c,$1))$(if $(findstring $(space),$1),space))
$(if $(OUT),,$(error OUT is empty or /: expected the name of a directory for results))
$(foreach v,OUT IMAGENET IMAGENETTE MODELS CIFAR10,$(if $(call not-a-path,$($v)),$(error $v=$($v): expected a path \
  without spaces or any of , % = : ; ~ * and what a shell reads)))
# nproc counts what OMP_NUM_THREADS allows, which is for one stage
cores := $(shell env -u OMP_NUM_THREADS -u OMP_THREAD_LIMIT nproc)
ifeq ($(filter -j%,$(MAKEFLAGS))$(filter-out 0,$(MAKELEVEL)),)
MAKEFLAGS += -j$(cores)
endif
# goals are made side by side
$(if $(and $(filter clean burn,$(MAKECMDGOALS)),$(filter-out clean burn,$(MAKECMDGOALS))),$(error $(firstword $(filter clean burn,$(MAKECMDGOALS))) goes alone: it would remove what the other goals make))
.SUFFIXES:
.DELETE_ON_ERROR:
export LC_ALL          := C
export OMP_NUM_THREADS := $(THREADS)
export OMP_WAIT_POLICY := passive
say   = $(if $V,:,printf '  %-5s %s\n')
quiet = $(if $V,,@)

help: ## what make can do here
	$(info settings, with their values now (make table3 SEEDS=3):)
	$(info $(settings))
	@printf '\ntargets:\n'
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@printf '\ntables and figures:\n'
	@printf '  make %-16s %s\n' $(foreach x,$(sort $(EXPERIMENTS) $(COSTED)) $(FIGURES),'$x' '$($x.about)')
	@printf '  make %-16s %s\n' all 'all of these but smoke and smoke-size'

# $(call remember,FILE,TEXT): keep TEXT in FILE; the file grows newer only when TEXT changes.  A dry run writes
# nothing: it takes a FILE of another TEXT for one just changed.  By make itself: a shell's command line has an end.
remember = $(if $(or $(call differ,$2,$(file <$1)),$(if $(wildcard $1),,none)),$(if $(DRY),$(eval .PHONY: $1),\
           $(if $(shell mkdir -p $(dir $1) && [ -w $(dir $1) ] && echo yes),$(file >$1.new,$2)$(shell mv $1.new $1))))
differ   = $(or $(subst x$1x,,x$2x),$(subst x$2x,,x$1x))
# the same, each word of TEXT a line
remember-lines = $(call remember,$1,$(subst $(space),$(newline),$(strip $2)))
define newline


endef
# ... of a choice that results are made by: to look at something, or to compile, chooses nothing
remember-choice = $(if $(chooses),$(call remember,$1,$2))
chooses := $(filter-out help status deps clean burn debug stages check check-pipeline fuzz fuzz-quick,$(or $(MAKECMDGOALS),help))

.SECONDEXPANSION:
PROFILES := $(patsubst experiments/profiles/%.mk,%,$(wildcard experiments/profiles/*.mk))
$(if $(findstring -,$(PROFILE)),$(error PROFILE=$(PROFILE): a name without -, which is the end of its networks' names))
$(if $(filter $(PROFILE),$(PROFILES)),,$(error PROFILE=$(PROFILE): expected one of: $(PROFILES)))
# what a profile may leave out
agent       := experiments/agents/sensitivity.conf
size-agent  := experiments/agents/sensitivity-size.conf
search-conf := $(or $(wildcard experiments/training/search-$(PROFILE).conf),experiments/training/search-imagenette.conf)
final-conf  := $(or $(wildcard experiments/training/final-$(PROFILE).conf),experiments/training/final-imagenette.conf)
# clipping ranges by least squares: as good as the paper's KL divergence, far better than the maximum (experiments/README.md)
clip        := mse
include experiments/profiles/$(PROFILE).mk
# what the paper shows of one network: of MobileNet-V1, and figures of V2, or of the first and last that there are
first-net := $(or $(firstword $(filter mobilenet-v1%,$(networks))),$(firstword $(networks)))
last-net  := $(or $(firstword $(filter mobilenet-v2%,$(networks))),$(lastword $(networks)))
$(foreach x,agent size-agent search-conf final-conf,$(if $(wildcard $($x)),,$(error $x=$($x): there is no such file)))
$(if $(filter kl mse max,$(clip)),,$(error clip=$(clip): expected kl, mse or max))
$(if $(strip $(networks)),,$(error experiments/profiles/$(PROFILE).mk: expected `networks := NAME-$(PROFILE) ...`))
include stages/stages.mk
include data/data.mk
include $(filter-out experiments/search.mk,$(sort $(wildcard experiments/*.mk)))
include experiments/search.mk
include tests/tests.mk
include tests/fuzz/fuzz.mk
include tests/bench/bench.mk

all: $(filter-out smoke%,$(EXPERIMENTS)) $(COSTED) $(FIGURES)

# a directory, as an order-only prerequisite: | $$(@D)/.
%/.:
	@mkdir -p $@
.PRECIOUS: %/.

# All that is needed beyond a Debian with make: to compile, to run, to test.
PACKAGES := gcc libc6-dev libdnnl-dev libopenblas-dev libcsv-dev zlib1g-dev libjpeg62-turbo-dev libpng-dev libprotobuf-c-dev protobuf-c-compiler \
            libonnx-dev libcmocka-dev dataset-fashion-mnist unzip gnuplot-nox curl ca-certificates
missing   = $(shell for p in $(PACKAGES); do dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done)
deps: ## install the Debian packages that are missing
	@missing='$(strip $(missing))'; [ -z "$$missing" ] || { \
	root=; [ "$$(id -u)" = 0 ] || root=sudo; echo "installing $$missing"; \
	$$root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$root apt-get install -y -qq --no-install-recommends $$missing >/dev/null; }
.PHONY: help deps all
