# experiments/rules/settings.mk - what settings files say, without comments, spacing and the order of lines.
#
#   `batch = 64    # code`, `replay = 128` -> batch=64 replay=128
#
# This is what is remembered of them (choices.mk, data/weights.mk), rather than their dates: a comment that is
# edited, another branch of git and back, or another file that says the same redo nothing.
confs := $(sort $(wildcard experiments/agents/*.conf experiments/training/*.conf hwmodels/*.conf) \
                $(agent) $(size-agent) $(search-conf) $(final-conf))

# FILE|key=value|key=value ... for each of them, read at once
settings-said := $(shell awk -f $(rules)/settings.awk $(confs:%='%'))

# $(call says,FILE): its settings, as words
says = $(sort $(subst |, ,$(patsubst $1|%,%,$(filter $1|%,$(settings-said)))))

# $(kernel-wise.FILE): whether an agent chooses bits of kernels (stages/lib/search/agent-conf.h)
$(foreach f,$(filter experiments/agents/%,$(confs)) $(agent),\
  $(eval kernel-wise.$f := $(filter agent=autoq agent=kernel-%,$(call says,$f))))
