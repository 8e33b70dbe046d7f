# experiments/rules/guard.mk - what cannot work is told at once, not after a quarter of an hour.

# --- numbers ---------------------------------------------------------------------------------------
numbers   := SEEDS EPISODES $(foreach x,$(EXPERIMENTS),$(if $($x.episodes),$x.episodes))
is-number  = $(shell printf '%s\n' '$1' | grep -x '[1-9][0-9]\{0,3\}')
$(foreach v,$(numbers) noise.draws rank.draws,\
  $(if $(call is-number,$($v)),,$(error $v=$($v): expected a number from 1 to 9999)))
$(foreach v,rank.drawn rank.found,\
  $(if $(filter 0,$($v))$(call is-number,$($v)),,$(error $v=$($v): expected a number from 0 to 9999)))

# what rank, figures, claims and uniform rows have of the profile's agent are bits of layers
$(if $(kernel-wise.$(agent)),$(error agent=$(agent) chooses bits of kernels, which are searched beside those \
  of layers: expected a table that names it, as table3.agents=$(basename $(notdir $(agent)))))

# --- names -----------------------------------------------------------------------------------------
# NET.seed-2 is a draw of the weights of NET
given-names := $(basename $(notdir $(wildcard data/networks/*.csv data/networks/*.onnx))) $(imported)
$(foreach n,$(given-names),$(if $(findstring .seed-,$n),\
  $(error network $n: expected a name without .seed-, by which weights of a seed are told apart)))

# --- what a table names and nobody wrote -----------------------------------------------------------
# $(call check-network,TABLE,NET): its images, and where it comes from
check-network = $(if $(filter $(PROFILE),$(call dataset,$2)),,\
    $(error $1 is of $2, whose images PROFILE=$(PROFILE) does not have: expected a network NAME-$(PROFILE)))\
  $(if $(wildcard data/networks/$2.csv $(call onnx-files,$2)),,\
    $(error $1 is of $2: there is neither data/networks/$2.csv nor \
            $(lastword $(call onnx-files,$2))$(see-profile)))
onnx-files  = data/networks/$1.onnx $(if $(models),$(1:%-$(PROFILE)=$(models)/%.onnx))
see-profile = $(if $(models),: see experiments/profiles/$(PROFILE).mk)

# $(call check-budgets,TABLE)
budget-forms  = (latency|energy|size)-(w[1-8]a[1-8]|[0-9.]+)|accuracy-guaranteed
not-budgets   = $(if $($1.budgets),$(shell printf '%s\n' $($1.budgets) | grep -vxE '$(budget-forms)'))
check-budgets = $(foreach b,$(not-budgets),\
    $(error $1.budgets: $b: expected latency-, energy- or size- and w4a4 or 0.60, or accuracy-guaranteed))

# $(call check-agents,TABLE): those it is compared with
check-agents = $(foreach a,$($1.agents),$(if $(wildcard experiments/agents/$a.conf),,\
    $(error $1.agents: $a: there is no experiments/agents/$a.conf))\
    $(if $(filter layer-ranges kernel-ranges,$a),\
      $(error $1.agents: $a: expected another name, as this one says whose weights share a range)))\
  $(if $(filter-out yes,$($1.heuristic)),$(error $1.heuristic=$($1.heuristic): expected yes, or nothing))

# $(call check-ranges,TABLE)
check-ranges = $(foreach r,$(filter-out layer kernel,$($1.ranges)),\
    $(error $1.ranges: $r: expected layer or kernel))\
  $(if $($1.ranges),$(foreach h,$(filter size-%,$($1.hw)),\
    $(error $1.ranges: weights on $h are those of a codebook, which has no ranges)))

# $(call check-variants,MEASUREMENT): search, or keys of the settings of a search
check-variants = $(foreach v,$(filter-out search,$($1.variants)),$(foreach k,$(changed-keys),\
    $(if $(filter $k=%,$(call says,$(search-conf))),,$(error $1.variants: $v: $(search-conf) has no key $k)))\
    $(if $(filter $(words $(changed-keys)),$(words $(sort $(changed-keys)))),,\
      $(error $1.variants: $v: changes a key twice)))
changed-keys   = $(foreach c,$(subst +, ,$v),$(firstword $(subst -, ,$c)))

# model-of complains itself
$(foreach x,$(filter $(EXPERIMENTS) $(MEASUREMENTS),$(MAKECMDGOALS)),\
  $(foreach n,$($x.nets),$(call check-network,$x,$n))$(foreach h,$($x.hw),$(if $(call model-of,$h),))\
  $(call check-budgets,$x)$(call check-agents,$x)$(call check-ranges,$x)$(call check-variants,$x))
$(if $(filter accuracy-guaranteed,$(rank.budgets)),\
  $(error rank.budgets: accuracy-guaranteed: expected budgets that limit something))

# a codebook has no ranges that a path could tell apart
$(foreach f,$(filter $(OUT)/%,$(MAKECMDGOALS:./%=%)),\
  $(if $(and $(call codebook,$f),$(filter layer-ranges/% kernel-ranges/%,$(subst +, ,$f))),\
    $(error $f: weights on $(call hw,$f) are those of a codebook, which has no ranges)))

# settings are those of the profile, files those of a network: one network must not meet two profiles
by-settings := $(filter $(addprefix $(OUT)/%.,quant.npz tuned.npz score.csv brief.csv),$(MAKECMDGOALS))
$(foreach f,$(by-settings),$(if $(filter $(PROFILE),$(call dataset,$(call net,$f))),,\
  $(error $f: of a network of PROFILE=$(call dataset,$(call net,$f)), which has to be given)))
$(foreach f,$(filter %.brief.csv,$(by-settings)),\
  $(if $(and $(call brief-variant,$f),$(call is-number,$(call brief-seed,$f))),,\
    $(error $f: expected POLICY.VARIANT.draw-D.brief.csv, where D is a number from 1 to 9999)))
