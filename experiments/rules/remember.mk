# experiments/rules/remember.mk - what files were made by is kept in files of its own, under OUT/.rev and
# data/.rev.
#
# A setting has no date, and neither has a list that became shorter.  So make keeps their text in a file,
# which is written only when the text is another one than before; what is made by the setting depends on
# that file:
#
#   clip = mse                 -> results/.rev/fashion/clip       `mse`
#   rows of Table 3            -> results/.rev/table3.rows.csv    a row a line
#   agents/sensitivity.conf    -> results/.rev/fashion/agent.conf `key=value` a line (settings.mk)
#
# This happens while make reads its files, so that `make -n` knows exactly what is to be done.  A dry run
# writes nothing; there a FILE of another text is a phony target, which make takes for one that has just
# changed.

# $(call remember,FILE,TEXT): keep TEXT in FILE, which grows newer when TEXT is another one than before.
# In make itself, not by printf: a shell's command line has an end, a list of rows has none.
remember = $(if $(call is-remembered,$1,$2),,$(if $(DRY),$(eval .PHONY: $1),$(call write,$1,$2)))

# $(call remember-granted,FILE,TEXT): the same, but a TEXT that is kept for the first time is granted to
# have made what is there: the results and weights of a tree that did not remember it yet.
remember-granted = $(if $(wildcard $1),$(remember),\
                   $(if $(DRY),$(eval granted += $1),$(call write,$1,$2,-d 2001-01-01)))
granted :=
# $(call made-by,FILES), among prerequisites: files that may be granted; a dry run has not written them
made-by = $(filter-out $(granted),$1)

# $(call remember-lines,FILE,WORDS): a word a line
remember-lines         = $(call remember,$1,$(call as-lines,$2))
remember-lines-granted = $(call remember-granted,$1,$(call as-lines,$2))
as-lines = $(subst $(space),$(newline),$(strip $1))

is-remembered = $(if $(wildcard $1),$(if $(call differ,$2,$(file <$1)),,yes))
# word by word: GNU make 4.3 leaves the last newline of some files that it reads
differ        = $(call differ-as-is,$(strip $1),$(strip $2))
differ-as-is  = $(or $(subst x$1x,,x$2x),$(subst x$2x,,x$1x))
# whole or not at all; where nothing can be written, nothing is remembered
write         = $(if $(shell mkdir -p $(dir $1) && [ -w $(dir $1) ] && echo yes),\
                $(file >$1.new,$2)$(shell touch $3 $1.new && mv $1.new $1))

# To look at something, or to compile, chooses nothing: what made the results stays remembered.  `chooses`
# is empty where that is all that make was asked for.
looks   := help status deps deps-% clean burn debug stages check check-% fuzz fuzz-% lint lint-% advertised \
           coverage forget-coverage golden-numbers bench-agent man install uninstall \
           compile_commands.json build/$(MODE)/%
chooses := $(filter-out $(looks),$(or $(MAKECMDGOALS),help))
