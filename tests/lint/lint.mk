# tests/lint/lint.mk - rules that every file keeps, checked by programs.
#
#   .clang-format, .clang-tidy   the form of C, and what is a mistake in it
#   tests/lint/cppcheck          what cppcheck says wrongly, with the reason
#   tests/lint/rooms             the rooms of stages/lib and what each may include
#   tests/lint/hosts, foreign    addresses and foreign words that documents may name
#   tests/lint/NAME.sh           one check of the whole tree each: rooms, documents, text, size, shell
#   tests/lint/selftest.sh       does each check fail where it should?  Run by `make check`
#
# What a tool finds in FILE is build/lint/FILE.TOOL, empty where it finds nothing.

# libomp-dev: clang-tidy reads omp.h of it
LINT_PACKAGES := clang-format clang-tidy cppcheck shellcheck libomp-dev
# and to build with clang: `make fuzz`, MODE=tsan
DEV_PACKAGES  := $(LINT_PACKAGES) clang libclang-rt-dev
# scripts alone: no program of another MODE behaves otherwise
SHELL_TESTS   += $(if $(filter release,$(MODE)),tests/lint/selftest.sh)

LINT_C     := $(wildcard stages/*.c stages/lib/*/*.c tests/*/*.c)
LINT_H     := $(wildcard stages/lib/*/*.h tests/*/*.h)
LINT_FOUND := $(patsubst %,build/lint/%.format,$(LINT_C) $(LINT_H)) \
              $(foreach t,cppcheck tidy,$(LINT_C:%=build/lint/%.$t))
# as for gcc; conversions are watched by gcc alone, and a table may end in { NULL }
LINT_FLAGS  = -std=c11 $(CPPFLAGS) $(filter-out -Werror -Wconversion,$(WARN)) -fopenmp \
              -Wno-unknown-warning-option -Wno-missing-field-initializers

lint: $(LINT_FOUND) ## form, walls, documents and likely mistakes; tools: make deps-dev
	@tests/lint/report.sh build/lint $(LINT_FOUND)

build/lint/%.format: % .clang-format build/lint/tools | $$(@D)/.
	$(quiet)tests/lint/tool.sh format $< $@
build/lint/%.cppcheck: % tests/lint/cppcheck build/lint/tools | $$(@D)/. $(ONNX).h
	$(quiet)tests/lint/tool.sh cppcheck $< $@ $(CPPFLAGS)
build/lint/%.tidy: % .clang-tidy tests/.clang-tidy build/lint/tools | $$(@D)/. $(ONNX).h
	@$(say) TIDY $<
	$(quiet)tests/lint/tool.sh tidy $< $@ $(LINT_FLAGS)

# another version of a tool, or of how it is called, looks at everything anew
build/lint/tools: lint-tools | build/lint/. $(filter deps-dev,$(MAKECMDGOALS))
	$(quiet)tests/lint/tool.sh versions $@ '$(LINT_FLAGS)'

-include $(shell find build/lint -name '*.d' 2>/dev/null)

# in one go with the others: two apt-get at a time lock each other out
deps-dev: ## the packages of deps, and those for lint, fuzz and MODE=tsan
	@$(MAKE) --no-print-directory deps PACKAGES='$(PACKAGES) $(DEV_PACKAGES)'
.PHONY: lint lint-tools deps-dev
