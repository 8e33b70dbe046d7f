# experiments/rules/base.mk - how make itself is set up, and the words that all rules use.
SHELL     := /bin/sh
MAKEFLAGS += --no-builtin-rules --no-builtin-variables
.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDEXPANSION:

# `make -n` and `make -q` only look: yes where nothing may be written
DRY := $(if $(or $(findstring n,$(firstword -$(MAKEFLAGS))),$(findstring q,$(firstword -$(MAKEFLAGS)))),yes)

# Stages run one per core, unless -j or a make above says otherwise.  nproc heeds OMP_NUM_THREADS, which is
# for one stage: without it.
cores := $(shell env -u OMP_NUM_THREADS -u OMP_THREAD_LIMIT nproc)
ifeq ($(filter -j%,$(MAKEFLAGS))$(filter-out 0,$(MAKELEVEL)),)
MAKEFLAGS += -j$(cores)
endif
export LC_ALL          := C
export OMP_NUM_THREADS := $(THREADS)
export OMP_WAIT_POLICY := passive

# what $(call ...) and $(subst ...) cannot be given as it is
comma := ,
space := $(subst x,,x x)
define newline


endef

# A recipe says in a line what it makes, `SCORE results/...`; with V=1 make prints the command instead:
#	@$(say) SCORE $@
#	$(quiet)command
say   = $(if $V,:,printf '  %-5s %s\n')
quiet = $(if $V,,@)

# A directory, as an order-only prerequisite of what is written there: | $$(@D)/.
#   -> results/tables/.
%/.:
	@mkdir -p $@
.PRECIOUS: %/.
