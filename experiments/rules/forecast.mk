# experiments/rules/forecast.mk - how long it will take here, said once before the first long step.
#
#   make table3 -> table3: 12 searches of 250 episodes and 2 networks to train: about 25 min on this machine
#
# What trains or scores has $(forecast) in its recipe, which is nothing but says this when make comes to the
# first of them.  So nothing is said nor measured where nothing is to be done, and what is to be done is what
# `make -n` of the same goals says, read by forecast.sh.
forecast      = $(if $(DRY)$(forecasted),,$(eval forecasted := yes)$(call show,$(forecast-text)))
forecasted   :=
# make 4.3 does not give its variables to $(shell)
forecast-text = $(shell $(dry-run) | HAQ_CPU=$(HAQ_CPU) THREADS=$(THREADS) $(rules)/forecast.sh $(BIN) \
                build/$(MODE)/speed $(jobs) $(cores) $(OUT) $(call quoted,$(MAKECMDGOALS)))
show          = $(if $1,$(info $1))
# of the same command line; B: all is to be made anew
dry-run       = env -u MAKELEVEL -u MFLAGS \
                MAKEFLAGS=$(call quoted,n$(findstring B,$(letters)) -- $(MAKEOVERRIDES)) \
                $(MAKE_COMMAND) $(foreach g,$(MAKECMDGOALS),$(call quoted,$g)) 2>/dev/null
# a make above does not say how many it lets run
jobs          = $(or $(patsubst -j%,%,$(filter -j%,$(MAKEFLAGS))),$(cores))
# $(call quoted,TEXT): a word for the shell
quoted        = '$(subst ','\'',$1)'
