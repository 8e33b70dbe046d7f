# tests/tests.mk - a test is a program; it passes if it exits 0.
#
#   tests/unit/NAME.c      one per module of stages/lib, with cmocka
#   tests/numbers/         do modules compute what they did when their REVISION was last raised
#   tests/stages/NAME.sh   the command lines: what they print, how they fail
#   tests/rules/NAME.sh    scripts beside the make rules
#   tests/fuzz/            damaged files for every parser
#   tests/pipeline.sh      does make redo what a change touches, and nothing else
#   tests/golden/          numbers from elsewhere (the paper, the authors' table, PyTorch), and what made them
#   tests/bench/           what is measured, never part of a check

UNIT := $(patsubst tests/unit/%.c,build/$(MODE)/tests/%,$(wildcard tests/unit/*.c))
NUMBERS := build/$(MODE)/tests/numbers
SHELL_TESTS := $(wildcard tests/stages/*.sh tests/rules/*.sh) tests/fuzz/quick.sh

# what they run, beside each other
TESTED = $(STAGES:%=$(BIN)/%) $(FUZZ_QUICK) $(BENCH)

# Under MODE=tsan only those whose modules use threads: others cannot race, and programs have no threads but
# these.
ifeq ($(MODE),tsan)
uses-threads = $(filter stages/lib/core/threads.c,$(shell stages/uses.sh sources tests/unit/$1.c))
UNIT := $(foreach t,$(UNIT),$(if $(call uses-threads,$(notdir $t)),$t))
SHELL_TESTS :=
TESTED :=
endif

check: ## run the tests; with MODE=asan under the sanitizers, with tsan looking for races
check: $(UNIT) $(NUMBERS) $$(TESTED)
	@tests/run.sh $(MODE) $(UNIT) $(NUMBERS) $(SHELL_TESTS)

coverage: ## run the tests, and say how many lines of each program and room they reach
	$(quiet)$(MAKE) --no-print-directory MODE=coverage forget-coverage
	$(quiet)$(MAKE) --no-print-directory MODE=coverage check
	@tests/coverage.sh build/coverage/obj
forget-coverage:
	@find $(OBJ) -name '*.gcda' -delete

advertised: ## compile all that any target runs; needs clang
advertised: $(UNIT) $(NUMBERS) $(STAGES:%=$(BIN)/%) $$(TESTED) fuzz-programs

check-pipeline: $(STAGES:%=$(BIN)/%) ## run the tests of the make rules, a minute or two of tiny searches
	@tests/run.sh $(MODE) tests/pipeline.sh

build/$(MODE)/tests/%: $(OBJ)/tests/unit/%.o $(LIB) | $$(@D)/.
	@$(say) LINK $@
	$(quiet)$(CC) $(CFLAGS) -o $@ $^ -lcmocka $(LDLIBS.$*) $(LDLIBS)

$(NUMBERS): $(patsubst %.c,$(OBJ)/%.o,$(wildcard tests/numbers/*.c)) $(LIB) | $$(@D)/.
	@$(say) LINK $@
	$(quiet)$(CC) $(CFLAGS) -o $@ $^ $(LDLIBS.picture) $(LDLIBS)

# after a REVISION was raised, and where there are new modules; refused where numbers changed and no revision
# did
golden-numbers: $(NUMBERS) ## remember what modules compute now, by their revisions (tests/numbers)
	@$< --write >build/numbers.csv && mv build/numbers.csv tests/golden/numbers.csv
.PHONY: golden-numbers check check-pipeline advertised coverage forget-coverage
include tests/lint/lint.mk
