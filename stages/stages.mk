# stages/stages.mk - stages/NAME.c and stages/lib become build/MODE/bin/NAME.
#
# A new stage is one file, stages/NAME.c.  Nothing here needs to know.

STAGES := $(sort $(basename $(notdir $(wildcard stages/*.c))))
BIN    := build/$(MODE)/bin
OBJ    := build/$(MODE)/obj
LIB    := $(OBJ)/libhaq.a

CC      = $(or $(CC.$(MODE)),cc)
AR     := ar
CPPFLAGS := -I stages/lib -I build/onnx -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE
WARN   := -Wall -Wextra -Wpedantic -Wshadow -Wvla -Wwrite-strings -Wstrict-prototypes \
          -Wmissing-prototypes -Wimplicit-fallthrough -Wformat=2 -Wconversion -Wno-sign-conversion \
          $(if $(WERROR),-Werror)
CFLAGS.release := -O3 -g
CFLAGS.debug   := -O0 -g3
CFLAGS.asan    := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
# clang's OpenMP (libomp) tells the sanitizer of its barriers and locks, gcc's does not: tests/tests.mk
CFLAGS.tsan    := -O1 -g -fno-omit-frame-pointer -fsanitize=thread
CC.tsan        := clang
# gcc is who checks; clang says more of what is meant
WARN.tsan      := -Wno-pass-failed -Wno-missing-field-initializers -Wno-bitwise-conditional-parentheses
CFLAGS.coverage := -O1 -g --coverage
# Programs run on any CPU; loops are compiled for several levels of it, and choose (stages/lib/core/cpu.h).
LOOPS  := $(patsubst %,stages/lib/engine/%,ops ops-activate ops-backward ops-combine depthwise bytes \
            pointwise pointwise-sums)
LEVELS := base $(if $(filter x86_64,$(shell uname -m)),v3 v4)
CFLAGS.v3 := -march=x86-64-v3
# whole registers: gcc takes half of them for CPUs that clocked down for more
CFLAGS.v4 := -march=x86-64-v4 -mprefer-vector-width=512
MODES  := release debug asan tsan coverage
# -fno-math-errno: sqrtf becomes an instruction; no other number changes.  -ffp-contract=off, which gcc has
# with -std=c11 and clang has not: the same numbers at all levels of the CPU, with FMA and without.
CFLAGS  = -std=c11 $(WARN) $(WARN.$(MODE)) $(CFLAGS.$(MODE)) -fno-math-errno -ffp-contract=off -fopenmp
LDLIBS := -ldnnl -lopenblas -lcsv -lz -lm
# what one program needs beyond that
LDLIBS.pack-images := -ljpeg -lpng
LDLIBS.picture     := -ljpeg -lpng
LDLIBS.cifar       := -ljpeg -lpng
$(if $(filter $(MODES),$(MODE)),,$(error MODE=$(MODE): expected one of: $(MODES)))
$(call remember,$(OBJ)/flags,$(CC) $(CPPFLAGS) $(CFLAGS) $(CFLAGS.v3) $(CFLAGS.v4) \
  $(LDLIBS) $(LDLIBS.pack-images))

stages: $(STAGES:%=$(BIN)/%) ## compile every program

# with what --version says (below)
$(BIN)/%: $(OBJ)/stages/%.o $(OBJ)/stamps/%.c $(LIB) | $$(@D)/.
	@$(say) LINK $@
	$(quiet)$(CC) $(CFLAGS) -o $@ $^ $(LDLIBS.$*) $(LDLIBS)

# what reads ONNX files is generated from Debian's description of them
ONNX := build/onnx/onnx.pb-c
$(ONNX).c $(ONNX).h &: /usr/include/onnx/onnx.proto | build/onnx/. $(filter deps,$(MAKECMDGOALS))
	@$(say) PROTO $<
	$(quiet)new=build/onnx/new.$$$$; mkdir $$new && protoc-c --proto_path=$(<D) --c_out=$$new $(<F) && \
	  mv $$new/* build/onnx && rmdir $$new
/usr/include/onnx/onnx.proto: | $(filter deps,$(MAKECMDGOALS))
	@[ -e $@ ] || { \
	  echo "$@ is missing: install Debian's libonnx-dev, or run 'make deps'" >&2; exit 1; }
$(patsubst %.c,$(OBJ)/%.o,$(wildcard stages/lib/onnx/*.c stages/*-onnx.c)): | $(ONNX).h
$(OBJ)/$(ONNX).o: WARN :=
$(BIN)/import-onnx $(BIN)/export-onnx: LDLIBS += -lprotobuf-c

# The list of its modules is remembered: one that is deleted makes no file newer.
loops   := $(foreach l,$(LEVELS),$(LOOPS:%=$(OBJ)/%.$l.o))
plain   := $(filter-out $(LOOPS:=.c),$(wildcard stages/lib/*/*.c)) $(ONNX).c
MODULES := $(plain:%.c=$(OBJ)/%.o) $(loops)
$(call remember-lines,$(OBJ)/modules,$(MODULES))
$(LIB): $(MODULES) $(OBJ)/modules
	$(quiet)rm -f $@ && $(AR) rcsD $@ $(MODULES)

# packages first, where they are asked for in the same command: `make deps table3` at any -j
$(OBJ)/%.o: %.c $(OBJ)/flags | $$(@D)/. $(filter deps,$(MAKECMDGOALS))
	@$(say) CC $<
	$(quiet)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

define at-level
$(LOOPS:%=$(OBJ)/%.$1.o): $(OBJ)/%.$1.o: %.c $(OBJ)/flags | $$$$(@D)/. $(filter deps,$(MAKECMDGOALS))
	@$(say) CC '$$< $1'
	$(quiet)$$(CC) $$(CPPFLAGS) -DCPU_THIS=$1 $$(CFLAGS) $$(CFLAGS.$1) -MMD -MP -c -o $$@ $$<
endef
$(foreach l,$(LEVELS),$(eval $(call at-level,$l)))
# for tools that look at one file as it would be compiled
at-base = $(if $(filter $1,$(LOOPS:=.c)),-DCPU_THIS=base)

-include $(shell find $(OBJ) -name '*.d' 2>/dev/null)

# Numbers are made by programs and by modules of stages/lib.  Each states the revision of its numbers, and a
# program's stamp is its own revision and those of the modules it uses, where these are above 1:
# `2 quantizer=3`.  OUT/.rev/STAGE remembers the stamp that made the results, data/.rev/STAGE the one that
# made images and weights, which every OUT shares.  Results depend on that file, and on the program by order
# only: compiling again throws no finished episode away, changing numbers redoes all that came through them.
# tests/numbers fails when they change without a revision.
stamps := $(shell stages/uses.sh revisions stages/*.c)
stamp   = $(subst $(comma),$(space),$(patsubst $1:%,%,$(filter $1:%,$(stamps))))
$(if $(chooses),$(foreach s,$(STAGES),$(if $(call stamp,$s),\
  $(foreach d,$(OUT) data,$(call remember,$d/.rev/$s,$(call stamp,$s))))))
# the same, as programs say it: with --version and into --log
version := $(strip $(file <VERSION))
stamp-c  = const char *program_stamp = "$(version), revision $(call stamp,$1)";
$(foreach s,$(STAGES),$(call remember,$(OBJ)/stamps/$s.c,$(call stamp-c,$s)))

# $(call by,STAGE ...), last in a rule's prerequisites: made by STAGE, in a directory that exists
by = $(1:%=$(OUT)/.rev/%) | $(1:%=$(BIN)/%) $$(@D)/.
# the same for data, which all OUT share
data-by = $(1:%=data/.rev/%) | $(1:%=$(BIN)/%) $$(@D)/.
# $(call do,STAGE), in a recipe: run it
do = $(strip $(WRAP) $(BIN)/$1)

# --- for other folders and other users -----------------------------------------------------------
# Names such as `evaluate` and `quantize` say enough here; among all programs of a machine they say too
# little, and other packages have them.  So they are installed as haq-NAME, with a page haq-NAME(1) that each
# prints itself (--man).
PREFIX  := /usr/local
DESTDIR :=
bin-dir  = $(DESTDIR)$(PREFIX)/bin
man-dir  = $(DESTDIR)$(PREFIX)/share/man/man1
install: stages ## programs as PREFIX/bin/haq-NAME and their pages (PREFIX=/usr/local, DESTDIR=)
	$(quiet)install -d '$(bin-dir)' '$(man-dir)'
	$(quiet)set -e; for s in $(STAGES); do install $(BIN)/$$s '$(bin-dir)'/haq-$$s; \
	  '$(bin-dir)'/haq-$$s --man >'$(man-dir)'/haq-$$s.1; chmod 644 '$(man-dir)'/haq-$$s.1; done

uninstall: ## remove these
	$(quiet)rm -f $(STAGES:%='$(bin-dir)'/haq-%) $(STAGES:%='$(man-dir)'/haq-%.1)

# for clang-tidy and editors: how each file is compiled
SOURCES := $(wildcard stages/*.c stages/lib/*/*.c tests/*/*.c)
$(call remember-lines,$(OBJ)/sources,$(SOURCES))
compile-entry = {"directory": "$(CURDIR)", "file": "$1", \
                "command": "$(CC) $(CPPFLAGS) $(call at-base,$1) $(CFLAGS) -c -o $(OBJ)/$(1:.c=.o) $1"}
other-sources = $(wordlist 2,$(words $(SOURCES)),$(SOURCES))
compile_commands.json: $(OBJ)/flags $(OBJ)/sources | $(ONNX).h ## how each file is compiled, for editors
	$(quiet){ echo '['; printf '%s' '$(call compile-entry,$(firstword $(SOURCES)))'; \
	  printf ',\n%s' $(foreach f,$(other-sources),'$(call compile-entry,$f)'); printf '\n]\n'; } >$@

clean: ## remove what was compiled; results stay
	rm -rf build
.PRECIOUS: $(OBJ)/%.o $(BIN)/%
.PHONY: stages install uninstall clean
