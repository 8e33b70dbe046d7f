# tests/fuzz/fuzz.mk - parsers of foreign bytes, fed with damage.
#
#   tests/fuzz/NAME.c      a target: LLVMFuzzerTestOneInput
#   tests/fuzz/driver.c    feeds it mutations that are the same every time; any compiler, seconds
#   tests/fuzz/seeds/NAME/ small inputs to start from
#
# import-onnx is fed as a program, by quick.sh: it dies in the middle of what it reads.
#
# `make fuzz` wants clang and its libFuzzer; what it finds is in build/fuzz/crash-*.

FUZZ := $(filter-out driver,$(basename $(notdir $(wildcard tests/fuzz/*.c))))
FUZZ_QUICK := $(FUZZ:%=build/$(MODE)/fuzz/%)
FUZZ_SECONDS := 60
FUZZ_LINK.graph := -Wl,--wrap=die
# Parsers free what they allocate, damaged or not; a network is kept until the program ends, or it dies of it.
FUZZ_LEAKS.graph := ASAN_OPTIONS=detect_leaks=0

fuzz-quick: ## feed damaged files to every parser, for seconds; with MODE=asan under the sanitizers
fuzz-quick: $(FUZZ_QUICK) $(BIN)/import-onnx
	@BIN=$(BIN) tests/fuzz/quick.sh

build/$(MODE)/fuzz/%: $(OBJ)/tests/fuzz/%.o $(OBJ)/tests/fuzz/driver.o $(LIB) | $$(@D)/.
	@$(say) LINK $@
	$(quiet)$(CC) $(CFLAGS) $(FUZZ_LINK.$*) -o $@ $^ $(LDLIBS.$*) $(LDLIBS)

fuzz: fuzz-programs ## the same guided by coverage (clang), FUZZ_SECONDS=60 for each parser
	@cd build/fuzz && $(foreach f,$(FUZZ),mkdir -p corpus/$f && \
		$(FUZZ_LEAKS.$f) ./$f -max_total_time=$(FUZZ_SECONDS) -timeout=10 -fork=1 -ignore_ooms=1 \
		corpus/$f ../../tests/fuzz/seeds/$f &&) true

fuzz-programs: $(FUZZ:%=build/fuzz/%) ## only compile these (clang)

# Sources are what a parser includes: no list of files to forget one in.
fuzz-sources = $(shell stages/uses.sh sources tests/fuzz/$1.c)
build/fuzz/%: tests/fuzz/%.c $$(call fuzz-sources,$$*) | $$(@D)/.
	@$(say) LINK $@
	$(quiet)clang -std=c11 -O1 -g $(CPPFLAGS) -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=all $(FUZZ_LINK.$*) -o $@ $^ -lcsv -ljpeg -lpng -lz -lm
.PHONY: fuzz fuzz-quick fuzz-programs
.SECONDARY: $(FUZZ:%=$(OBJ)/tests/fuzz/%.o) $(OBJ)/tests/fuzz/driver.o
