# tests/tests.mk - a test is a program; it passes if it exits 0.
#
#   tests/unit/NAME.c      one per module of stages/lib, with cmocka
#   tests/stages/NAME.sh   the command lines: what they print, how they fail
#   tests/golden/          numbers from elsewhere (the paper, the authors' table, PyTorch), with what made them

UNIT := $(patsubst tests/unit/%.c,build/$(MODE)/tests/%,$(wildcard tests/unit/*.c))
SHELL_TESTS := $(wildcard tests/stages/*.sh)

check: $(UNIT) $(STAGES:%=$(BIN)/%) $$(FUZZ_QUICK) ## run every test; with MODE=asan under the sanitizers
	@tests/run.sh $(MODE) $(UNIT) $(SHELL_TESTS) tests/fuzz/quick.sh

build/$(MODE)/tests/%: $(OBJ)/tests/unit/%.o $(LIB) | $$(@D)/.
	@$(say) LINK $@
	$(quiet)$(CC) $(CFLAGS) -o $@ $^ -lcmocka $(LDLIBS)
.PHONY: check
