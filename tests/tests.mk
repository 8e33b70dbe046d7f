# tests/tests.mk - a test is a program; it passes if it exits 0.
#
#   tests/unit/NAME.c      one per module of stages/lib, with cmocka
#   tests/stages/NAME.sh   the command lines: what they print, how they fail
#   tests/rules/NAME.sh    scripts beside the make rules
#   tests/fuzz/            damaged files for every parser
#   tests/pipeline.sh      does make redo what a change touches, and nothing else
#   tests/golden/          numbers from elsewhere (the paper, the authors' table, PyTorch), with what made them
#   tests/bench/           what is measured, never part of a check

UNIT := $(patsubst tests/unit/%.c,build/$(MODE)/tests/%,$(wildcard tests/unit/*.c))
SHELL_TESTS := $(wildcard tests/stages/*.sh tests/rules/*.sh) tests/fuzz/quick.sh

check: $(UNIT) $(STAGES:%=$(BIN)/%) $$(FUZZ_QUICK) ## run the tests; with MODE=asan under the sanitizers
	@tests/run.sh $(MODE) $(UNIT) $(SHELL_TESTS)

check-pipeline: $(STAGES:%=$(BIN)/%) ## run the tests of the make rules, a minute or two of tiny searches
	@tests/run.sh $(MODE) tests/pipeline.sh

build/$(MODE)/tests/%: $(OBJ)/tests/unit/%.o $(LIB) | $$(@D)/.
	@$(say) LINK $@
	$(quiet)$(CC) $(CFLAGS) -o $@ $^ -lcmocka $(LDLIBS.$*) $(LDLIBS)
.PHONY: check check-pipeline
