# experiments/rules/arguments.mk - settings of the command line, checked before anything reads them.

# names of files and folders become targets and parts of commands
override OUT := $(patsubst %/,%,$(OUT:./%=%))
ifeq ($(OUT),)
$(error OUT is empty or /: expected the name of a directory for results)
endif
not-in-paths := $(comma) % = : ; ~ $$ ' " \ & | < > ( ) *
not-a-path    = $(strip $(foreach c,$(not-in-paths),$(findstring $c,$1)) \
                        $(if $(findstring $(space),$1),space))
$(foreach v,OUT IMAGENET IMAGENETTE MODELS CIFAR10,$(if $(call not-a-path,$($v)),\
  $(error $v=$($v): expected a path without spaces or any of , % = : ; ~ * and what a shell reads)))

# 0 means no; below only `1` or nothing is left of them
$(foreach v,V KEEP WERROR,$(if $(filter-out 0 1,$($v))$(word 2,$($v)),\
  $(error $v=$($v): expected 1 for yes, 0 or nothing for no)))
override V      := $(filter 1,$V)
override KEEP   := $(filter 1,$(KEEP))
override WERROR := $(filter 1,$(WERROR))

# goals are made side by side
alone := $(firstword $(filter clean burn,$(MAKECMDGOALS)))
ifneq ($(and $(alone),$(filter-out clean burn,$(MAKECMDGOALS))),)
$(error $(alone) goes alone: it would remove what the other goals make)
endif
