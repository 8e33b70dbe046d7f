# experiments/rules/base.mk - how make itself is set up, and the words that all rules use.

# `make -n` and `make -q` only look: yes where nothing may be written.  MAKEFLAGS begins with the letters of
# options, as long as nothing is added to it.
letters := $(firstword -$(MAKEFLAGS))
DRY     := $(if $(findstring n,$(letters))$(findstring q,$(letters)),yes)

SHELL     := /bin/sh
MAKEFLAGS += --no-builtin-rules --no-builtin-variables
.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDEXPANSION:

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
