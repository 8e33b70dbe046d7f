# Makefile - hardware-aware automated quantization, in C.  Start with `make help`.
#
# Every step is a file.  Ask make for any of them; `make -n FILE` shows how it would be made.
# Only settings live here.  How files come about is said in the folder they belong to:
#
#   stages/stages.mk        how programs are compiled
#   data/*.mk               where images, networks and weights come from
#   experiments/*.mk        which searches make which table, what a figure shows
#   experiments/rules/*.mk  how a search runs, episode after episode, and how tables and figures are made
#   tests/tests.mk          how all of it is tested

PROFILE  := fashion
SEEDS    := 1
EPISODES := 250
OUT      := results
MODE     := release
THREADS  := 1
KEEP     :=
WRAP     :=
V        :=
HAQ_CPU  ?=
# OpenBLAS asks when it is loaded, before a program could tell it
blas-of-x86-64    := Nehalem
blas-of-x86-64-v3 := Haswell
blas-of-x86-64-v4 := SkylakeX
ifneq ($(blas-of-$(HAQ_CPU)),)
export OPENBLAS_CORETYPE := $(blas-of-$(HAQ_CPU))
endif

define settings
  PROFILE=$(PROFILE)    which networks and images the tables use: $(PROFILES)
  SEEDS=$(SEEDS)            how many times a search runs, from 1 up; tables show mean and spread
  EPISODES=$(EPISODES)       length of a search; raise it later and the episodes done so far are kept
  OUT=$(OUT)        where results go
  MODE=$(MODE)       release, debug, asan, tsan or coverage; programs go to build/MODE/bin
  THREADS=$(THREADS)          threads inside one stage; -jN runs N stages at once, without it one per core
  KEEP=$(KEEP)              1 keeps the weights of every episode
  V=$(V)                 1 shows every command
  WRAP=$(WRAP)              put before every stage: perf record, valgrind, ...
  HAQ_CPU=$(HAQ_CPU)           x86-64-v3 or x86-64: do without newer instructions, on nodes that differ
  agent=$(agent)
                     the agent that searches; another one makes all searches anew
  size-agent=$(size-agent)
                     the agent that searches under a size (Table 6)
  clip=$(clip)           how clipping ranges are chosen: kl, mse or max; another way makes all searches anew
  ranges=$(ranges)       whose weights share a range, layer or kernel, where a path does not say; likewise
  IMAGENET, IMAGENETTE, MODELS, MEAN, STD, CATEGORIES, TRAIN_IMAGES, TUNE_IMAGES, REWARD_IMAGES
                     pictures and networks that users bring: experiments/profiles/PROFILE.mk
  CIFAR10=$(CIFAR10)
                     a folder of CIFAR-10; this one is fetched, others users bring:
                     experiments/profiles/cifar10.mk
  N=$(N)     make costs, roofline: a network of data/networks
  P=$(P)     make costs: bits, or policies OUT/N/....policy.csv
  H=$(H)
                     make costs: accelerators of hwmodels/
endef

.DEFAULT_GOAL := help
help: ## what make can do here
	$(info settings, with their values now (make table3 SEEDS=3):)
	$(info $(settings))
	@printf '\ntargets:\n'
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@printf '\ntables and figures:\n'
	@printf '  make %-16s %s\n' \
	  $(foreach x,$(sort table2 $(EXPERIMENTS) $(SUMMARIES)) $(FIGURES) $(MEASUREMENTS),\
	    '$x' $(call quoted,$($x.about)))
	@printf '  make %-16s %s\n' all 'all of these but smoke, smoke-size, autoq..., noise and rank'
.PHONY: help

# in this order: what is set at once (:=) reads what the files before it set
rules := experiments/rules
include $(rules)/base.mk $(rules)/arguments.mk $(rules)/remember.mk $(rules)/packages.mk
include $(rules)/profile.mk $(rules)/settings.mk
include $(sort $(wildcard experiments/*.mk)) $(rules)/lock.mk
include stages/stages.mk
include $(addprefix data/,sets.mk fashion.mk cifar10.mk pictures.mk packing.mk import.mk weights.mk)
include $(addprefix $(rules)/,names.mk guard.mk plan.mk choices.mk forecast.mk)
include $(addprefix $(rules)/,network.mk kernels.mk rank.mk episode.mk score.mk brief.mk cost.mk)
include $(addprefix $(rules)/,table.mk summary.mk figure.mk hardware.mk page.mk)
include $(addprefix $(rules)/,watch.mk archive.mk)
include tests/tests.mk tests/fuzz/fuzz.mk tests/bench/bench.mk
