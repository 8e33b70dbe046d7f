# Makefile - hardware-aware automated quantisation, in C.  Start with `make help`.
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
MODE     := release
EPISODES := 250
SEEDS    := 1
OUT      := results
THREADS  := 1
KEEP     :=
WRAP     :=
V        :=

SHELL     := /bin/sh
MAKEFLAGS += --no-builtin-rules --no-builtin-variables
.SUFFIXES:
.DELETE_ON_ERROR:
export LC_ALL          := C
export OMP_NUM_THREADS := $(THREADS)
say   = $(if $V,@:,@printf '  %-5s %s\n')
quiet = $(if $V,,@)

# $(call remember,FILE,TEXT): keep TEXT in FILE; the file grows newer only when TEXT changes
remember = $(shell mkdir -p $(dir $1); printf '%s\n' '$2' | cmp -s - $1 || { printf '%s\n' '$2' >$1.new && mv $1.new $1; })

.SECONDEXPANSION:
include stages/stages.mk
include tests/tests.mk

# a directory, as an order-only prerequisite: | $$(@D)/.
%/.:
	@mkdir -p $@
.PRECIOUS: %/.
