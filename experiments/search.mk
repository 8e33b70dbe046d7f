# experiments/search.mk - a search is a chain of episodes; an episode is a policy and its score.
#
# A run is the directory OUT/NET/HW/BUDGET/seed-S.  Its name holds every choice that tells runs
# apart, so another budget is another directory, and the old one stays as it was.  In it:
#
#   0007.policy.csv   bits of each layer, within budget       ddpg-step act   <- 0001..0006
#   0007.quant.npz    weights with their ranges (scratch)     quantize
#   0007.tuned.npz    the same, finetuned (scratch)           finetune
#   0007.score.csv    accuracy on the reward images           evaluate
#   agent.npz         the agent after so many episodes: a cache, remade from the files above when missing
#
#   best-0250.*       the best policy of 250 episodes, finetuned at length and scored on the test images; .trace.csv: reward,
#                     accuracy and costs of each of the 250
#
# Beside them OUT/NET/uniform/w4a4/seed-S.*, scored like the best ones, and for each policy of a table
# what it costs: *.HW.cost.csv.
#
# BUDGET is METRIC-BITS, as in latency-w4a4: no dearer than 4/4 bits; or accuracy-guaranteed, where bits cost reward.  BUDGET+NAME is the same searched by the agent of
# experiments/agents/NAME.conf instead of the profile's.  BUDGET/rule/seed-S.policy.csv is what a rule of thumb gives, scored like the best ones.
#
# Nothing in an episode depends on how many will follow.  Random numbers are drawn by seed,
# episode and purpose, not in sequence.

# --- what a path says ------------------------------------------------------------------------
parts    = $(subst /, ,$(patsubst $(OUT)/%,%,$1))
net      = $(word 1,$(parts))
hw       = $(word 2,$(parts))
budget   = $(firstword $(subst +, ,$(word 3,$(parts))))
agent-of = $(if $(findstring +,$(word 3,$(parts))),experiments/agents/$(lastword $(subst +, ,$(word 3,$(parts)))).conf,$(if $(shares),$(size-agent),$(agent)))
seed     = $(or $(firstword $(patsubst seed-%,%,$(filter seed-%,$(subst ., ,$(parts))))),1)
layers   = data/networks/$(net).csv
weights  = data/weights/$(net).npz
features = $(OUT)/$(net)/features.npy
reads    = $(OUT)/$(net)/histograms.npz
original = $(OUT)/$(net)/original.score.csv
costs    = $(OUT)/$(net)/$(hw)/costs.csv
model    = $(call model-of,$(hw))
# kinds named size count bytes: weights share values there, and activations stay as they are
shares   = $(filter size,$(call kind,$(call hw,$1)))
images   = data/$(call dataset,$(net))/$2.npz

# hwmodels/KIND-NAME.conf or, of measurements, hwmodels/table-NAME.csv; simulate-KIND knows what they cost
kind     = $(firstword $(subst -, ,$1))
model-of = $(if $(filter simulate-$(call kind,$1),$(STAGES)),,$(error hardware $1: there is no \
           stages/simulate-$(call kind,$1).c; expected KIND-NAME as in $(machines)))\
           $(or $(firstword $(wildcard hwmodels/$1.conf hwmodels/$1.csv)),$(error hardware $1: there is no \
           hwmodels/$1.conf nor .csv; there are $(machines)))
machines = $(sort $(basename $(notdir $(wildcard hwmodels/*.conf hwmodels/*.csv))))
# the paper's tables leave first and last layer out on BISMO, and count all on BitFusion
count    = $(if $(filter bismo,$(call kind,$1)),searched,all)

# --- which episodes there are ------------------------------------------------------------------
$(foreach x,SEEDS EPISODES $(foreach e,$(EXPERIMENTS),$(if $($e.episodes),$e.episodes)),$(if $(shell printf '%s\n' '$($x)' | grep -x '[1-9][0-9]\{0,3\}'),,$(error $x=$($x): expected a number from 1 to 9999)))
seeds    := $(shell seq $(SEEDS))
episodes  = $(or $($1.episodes),$(EPISODES))
# budgets, each also with the other agents it is compared with
searches  = $(foreach b,$($1.budgets),$b $(addprefix $b+,$($1.rivals)))
runs      = $(foreach n,$($1.nets),$(foreach h,$($1.hw),$(foreach b,$(call searches,$1),$(seeds:%=$(OUT)/$n/$h/$b/seed-%))))
ruled     = $(if $($1.rule),$(foreach n,$($1.nets),$(foreach h,$($1.hw),$(foreach b,$($1.budgets),$(seeds:%=$(OUT)/$n/$h/$b/rule/seed-%)))))
uniforms  = $(foreach n,$($1.nets),$(foreach u,$($1.uniform),$(seeds:%=$(OUT)/$n/$(under)uniform/$u/seed-%)))
under     = $(addsuffix /,$(filter size-%,$($1.hw)))

# only the experiments that are asked for, unless something else is, which may need any of them
ASKED    := $(or $(if $(filter-out $(EXPERIMENTS) deps status,$(MAKECMDGOALS)),,$(filter $(EXPERIMENTS),$(MAKECMDGOALS))),$(EXPERIMENTS))
# Two makes that search in one OUT would take each other's scratch files.  The one that searches leaves its process and when
# that began (another may get its number later): the lock of a make that is gone, killed or not, is none.  flock is held
# for the look alone.
searching = $(filter $(EXPERIMENTS) $(COSTED) $(FIGURES) all paper $(OUT)/%,$(MAKECMDGOALS))
may-search = $(or $(searching),$(and $(filter %.csv,$P),$(filter costs,$(MAKECMDGOALS))))
in-use    = $(shell mkdir -p $(OUT)/.rev; lock=$(OUT)/.rev/lock; me=$$PPID; exec 9>>$$lock; flock 9; \
            began() { cut -d ' ' -f 3,22 /proc/$$1/stat 2>/dev/null | sed -n '/^Z/!s/.* //p'; }; \
            read -r pid then <$$lock; if [ "$$pid" ] && [ "$$pid" != $$me ] && [ "$$(began $$pid)" = "$$then" ]; \
            then echo $$pid; else echo $$me $$(began $$me) >$$lock; fi)
ifeq ($(MAKELEVEL)$(DRY),0)
$(if $(may-search),$(foreach p,$(in-use),$(error $(OUT) is in use by another make (pid $p): wait for it, or give another OUT)))
endif

# Settings are those of the profile, files those of a network: one network must not meet two profiles.  What a table names
# and nobody wrote is told here, not after a quarter of an hour.
$(foreach f,$(filter $(foreach e,quant.npz tuned.npz score.csv,$(OUT)/%.$e),$(MAKECMDGOALS)),$(foreach n,$(call net,$f),\
  $(if $(filter $(PROFILE),$(call dataset,$n)),,$(error $f: of a network of PROFILE=$(call dataset,$n)$(comma) which has to be given))))
budget-words = (latency|energy|size)-(w[1-8]a[1-8]|[0-9.]+)|accuracy-guaranteed
not-budgets  = $(if $($1.budgets),$(shell printf '%s\n' $($1.budgets) | grep -vxE '$(budget-words)'))
named-onnx = data/networks/$1.onnx $(if $(models),$(1:%-$(PROFILE)=$(models)/%.onnx))
$(foreach x,$(filter $(EXPERIMENTS),$(MAKECMDGOALS)),$(foreach n,$($x.nets),$(if $(filter $(PROFILE),$(call dataset,$n)),,\
    $(error $x is of $n, whose images PROFILE=$(PROFILE) does not have: expected a network NAME-$(PROFILE)))\
  $(if $(wildcard data/networks/$n.csv $(call named-onnx,$n)),,\
    $(error $x is of $n: there is neither data/networks/$n.csv nor $(lastword $(call named-onnx,$n))$(and $(models),: see \
            experiments/profiles/$(PROFILE).mk))))\
  $(foreach h,$($x.hw),$(if $(call model-of,$h),))\
  $(foreach b,$(call not-budgets,$x),$(error $x.budgets: $b: expected latency-$(comma) energy- or size- and w4a4 or 0.60$(comma) or accuracy-guaranteed))\
  $(foreach r,$($x.rivals),$(if $(wildcard experiments/agents/$r.conf),,$(error $x.rivals: $r: there is no experiments/agents/$r.conf))))
RUNS     := $(sort $(foreach x,$(ASKED),$(call runs,$x)))
LONGEST  := $(lastword $(shell printf '%s\n' $(foreach x,$(ASKED),$(call episodes,$x)) | sort -n))
NUMBERS  := $(shell seq -f %04.0f 1 $(LONGEST))
number    = $(word $1,$(NUMBERS))
# $(call best-of,NET,HW,BUDGET,SEED): the policy that figures and other tables show
best-of   = $(OUT)/$1/$2/$3/seed-$4/best-$(call number,$(EPISODES))

was :=
$(foreach n,$(NUMBERS),$(eval before.$n := $(was))$(eval was := $n))

FIRST := $(RUNS:%=%/0001)
LATER := $(foreach r,$(RUNS),$(addprefix $r/,$(wordlist 2,$(LONGEST),$(NUMBERS))))
RULED := $(sort $(foreach x,$(ASKED),$(call ruled,$x)))
BEST  := $(sort $(foreach x,$(ASKED),$(addsuffix /best-$(call number,$(call episodes,$x)),$(call runs,$x))))
UNIFORM := $(sort $(foreach x,$(ASKED),$(call uniforms,$x)) $(filter $(OUT)/%,$(foreach p,w4a4 w8a8 $(filter-out %.csv,$P),$(call uniform-path,$N,$p))))

# What a profile chose is remembered: choosing another agent, settings file or way to clip makes no file newer.  Goals that search
# nothing, as archive or costs, leave it as it was; costs of a policy take it over, for what made that policy.
looks-only = $(if $(searching),,$(may-search))
$(if $(looks-only),$(foreach c,agent size-agent search-conf final-conf clip,$(if $(file <$(OUT)/.rev/$(PROFILE)/$c),\
  $(eval override $c := $(file <$(OUT)/.rev/$(PROFILE)/$c)))))
remember-search = $(if $(or $(searching),$(if $(wildcard $1),,none)),$(call remember-choice,$1,$2))
$(foreach c,agent size-agent search-conf final-conf clip,$(call remember-search,$(OUT)/.rev/$(PROFILE)/$c,$($c)))
chosen = $(1:%=$(OUT)/.rev/$(PROFILE)/%)
# of these, what a file depends on by what its path says: agents named in a path are not chosen, codebooks have no ranges
chosen-agent = $(if $(findstring +,$1),,$(call chosen,$(if $(shares),size-agent,agent)))
ranges       = $(if $(shares),,$(call reads,$1) $(call chosen,clip))

# which networks and episodes figures and other tables show
$(call remember-search,$(OUT)/.rev/shown,PROFILE=$(PROFILE) EPISODES=$(EPISODES) SEEDS=$(SEEDS) nets=$(first-net) $(last-net) \
  $(foreach x,table1 figure3 figure4 figure5,$($x.net)) $(guarantee.nets))

# --- once per network, once per hardware ---------------------------------------------------------
$(OUT)/%/features.npy: data/networks/%.csv $(call by,extract-features)
	$(quiet)$(call do,extract-features) -n $< -o $@

$(OUT)/%/histograms.npz: data/networks/%.csv data/weights/%.npz $$(call images,$$@,tune) $(call by,calibrate)
	@$(say) READS $@
	$(quiet)$(call do,calibrate) -n $< -w $(weights-of) -d $(call images,$@,tune) -o $@

$(OUT)/%/original.score.csv: data/networks/%.csv data/weights/%.npz $$(call images,$$@,reward) $(call by,evaluate)
	@$(say) SCORE $@
	$(quiet)$(call do,evaluate) -n $< -w $(weights-of) -d $(call images,$@,reward) -o $@
weights-of = $(call weights,$@)

$(OUT)/%/original-test.score.csv: data/networks/%.csv data/weights/%.npz $$(call images,$$@,test) $(call by,evaluate)
	@$(say) SCORE $@
	$(quiet)$(call do,evaluate) -n $< -w $(weights-of) -d $(call images,$@,test) -o $@

$(OUT)/%/costs.csv: $$(call layers,$$@) $$(call model,$$@) $(OUT)/.rev/simulate-$$(call kind,$$(call hw,$$@)) \
                    | $(BIN)/simulate-$$(call kind,$$(call hw,$$@)) $$(@D)/.
	@$(say) COSTS $@
	$(quiet)$(call do,simulate-$(call kind,$(call hw,$@))) -n $< -m $(call model,$@) -o $@

# --- the chain -----------------------------------------------------------------------------------
# The first policy of a run depends on all that it is made from, each later one on the score before.
# So a change anywhere redoes the chain from its beginning.  These rules list their targets: make will not
# apply one % rule twice along a chain.
of-run = -n $(call layers,$@) -t $(call costs,$@) -c $(call agent-of,$@) -b $(call budget,$@) -r $(@D) -F $(call original,$@) \
         --count $(call count,$(call hw,$@)) -k $(patsubst best-%,%,$(basename $(basename $(@F))))
where  = $(of-run) -f $(call features,$@) -s $(call seed,$@)

$(FIRST:%=%.policy.csv): $$(call features,$$@) $$(call costs,$$@) $$(call original,$$@) $$(call agent-of,$$@) $$(call chosen-agent,$$@) $(call by,ddpg-step)
	$(quiet)$(call do,ddpg-step) act $(where) -o $@

$(LATER:%=%.policy.csv): $$(@D)/$$(before.$$(basename $$(basename $$(@F)))).score.csv | $(BIN)/ddpg-step
	$(quiet)$(call do,ddpg-step) act $(where) -o $@

$(FIRST:%=%.score.csv): $$(call ranges,$$@) $$(call images,$$@,tune) $(search-conf) $(call chosen,search-conf) \
                       $(OUT)/.rev/quantize $(OUT)/.rev/finetune $(OUT)/.rev/evaluate
$(FIRST:%=%.score.csv) $(LATER:%=%.score.csv): %.score.csv: %.policy.csv | $(BIN)/quantize $(BIN)/finetune $(BIN)/evaluate $(BIN)/show-progress
	$(quiet)$(call quantize,$*,$@)
	$(quiet)$(call finetune,$*,$@,$(search-conf),tune)
	$(quiet)$(call evaluate,$*,$@,reward)
	@$(if $(KEEP),,rm -f $*.quant.npz $*.tuned.npz;) $(progress) || :

$(BEST:%=%.policy.csv): $$(@D)/$$(subst best-,,$$(basename $$(basename $$(@F)))).score.csv $(call by,ddpg-step)
	$(quiet)$(call do,ddpg-step) best $(of-run) -o $@

$(BEST:%=%.trace.csv): $$(@D)/$$(subst best-,,$$(basename $$(basename $$(@F)))).score.csv $(call by,ddpg-step)
	$(quiet)$(call do,ddpg-step) trace $(of-run) -o $@

$(UNIFORM:%=%.policy.csv): $$(call layers,$$@) $(call by,ddpg-step)
	$(quiet)$(call do,ddpg-step) uniform -n $< -b $(lastword $(subst /, ,$(@D))) -o $@

$(RULED:%=%.policy.csv): $$(call layers,$$@) $$(call costs,$$@) $$(call agent-of,$$@) $$(call chosen-agent,$$@) $(call by,ddpg-step)
	$(quiet)$(call do,ddpg-step) heuristic -n $< -t $(call costs,$@) -c $(call agent-of,$@) -b $(call budget,$@) --count $(call count,$(call hw,$@)) -o $@

# --- quantize, finetune, score: a policy PATH.policy.csv of the network that WHERE's path names ---------
quantize = $(call do,quantize) -n $(call layers,$2) -w $(call weights,$2) -p $1.policy.csv \
           $(if $(call shares,$2),--codebook,-a $(call reads,$2) --clip $(clip)) -o $1.quant.npz
finetune = $(call do,finetune) -n $(call layers,$2) -w $1.quant.npz $(at-bits) -d $(call images,$2,$4) -c $3 \
           -s $(call seed,$2) $5 -o $1.tuned.npz
evaluate = $(call do,evaluate) -n $(call layers,$2) -w $1.tuned.npz $(at-bits) -d $(call images,$2,$3) -o $1.score.csv
at-bits  = $(if $(call shares,$2),,-p $1.policy.csv)

# Any other policy - the best, a uniform one, one written by hand - is finetuned at length on the training images
# and scored on the test images.  Those that tables ask for are listed: where something is missing, make says what, while a % rule that
# does not apply would leave an old score as it is.
define score-at-length
	@$(say) FINAL $@
	$(quiet)$(call quantize,$(OUT)/$*,$@)
	$(quiet)$(call finetune,$(OUT)/$*,$@,$(final-conf),train,--checkpoint $(OUT)/$*.checkpoint.npz)
	$(quiet)$(call evaluate,$(OUT)/$*,$@,test)
	@$(if $(KEEP),,rm -f $(OUT)/$*.quant.npz $(OUT)/$*.tuned.npz)
endef
scored-by = $$(call layers,$$@) $$(call weights,$$@) $$(call ranges,$$@) $(final-conf) $(call chosen,final-conf) \
            $$(call images,$$@,train) $$(call images,$$@,test) $(call by,quantize finetune evaluate)
$(addsuffix .score.csv,$(BEST) $(RULED) $(filter-out %.csv,$(UNIFORM))): $(OUT)/%.score.csv: $(OUT)/%.policy.csv $(scored-by)
	$(score-at-length)
$(OUT)/%.score.csv: $(OUT)/%.policy.csv $(scored-by)
	$(score-at-length)

# one step alone, for a look at it: make OUT/NET/HW/BUDGET/seed-1/0007.quant.npz
%.quant.npz: %.policy.csv $$(call weights,$$@) $$(call ranges,$$@) $(call by,quantize)
	$(call quantize,$*,$@)
%.tuned.npz: %.quant.npz $$(call tunes-on,$$@) $(call by,finetune)
	$(call finetune,$*,$@,$(if $(episodic),$(search-conf),$(final-conf)),$(if $(episodic),tune,train))
episodic = $(call is-episode,$(notdir $*))
is-episode = $(before.$1)$(filter 0001,$1)
tunes-on = $(if $(call is-episode,$(notdir $(1:%.tuned.npz=%))),$(call images,$1,tune) $(search-conf),$(call images,$1,train) $(final-conf))

# what a policy costs on a hardware: PATH.HW.cost.csv
hw-of = $(patsubst .%,%,$(suffix $1))
$(OUT)/%.cost.csv: $(OUT)/$$(basename $$*).policy.csv $$(call layers,$$@) $$(call model-of,$$(call hw-of,$$*)) \
                   $(OUT)/.rev/simulate-$$(call kind,$$(call hw-of,$$*)) | $(BIN)/simulate-$$(call kind,$$(call hw-of,$$*))
	$(quiet)$(call do,simulate-$(call kind,$(call hw-of,$*))) -n $(call layers,$@) -m $(call model-of,$(call hw-of,$*)) -p $< \
	  --count $(call count,$(call hw-of,$*)) -o $@

# ... and what reward that is where there is no budget, of the score that tables show: PATH.HW.reward.csv
$(OUT)/%.reward.csv: $(OUT)/$$(basename $$*).policy.csv $(OUT)/$$(basename $$*).score.csv $$(original-tested) $$(layers-of) \
                     $$(costs-on) $(agent) $(call chosen,agent) $(call by,ddpg-step)
	$(quiet)$(call do,ddpg-step) reward -n $(layers-of) -t $(costs-on) -c $(agent) -b accuracy-guaranteed -p $< \
	  -S $(<:%.policy.csv=%.score.csv) -F $(original-tested) --count $(call count,$(call hw-of,$*)) -o $@
layers-of       = $(call layers,$@)
costs-on        = $(OUT)/$(call net,$@)/$(call hw-of,$*)/costs.csv
original-tested = $(OUT)/$(call net,$@)/original-test.score.csv

.PRECIOUS: $(OUT)/%.reward.csv $(OUT)/%/original-test.score.csv
.PRECIOUS: $(OUT)/%.policy.csv $(OUT)/%.score.csv $(OUT)/%.cost.csv $(OUT)/%/features.npy $(OUT)/%/histograms.npz $(OUT)/%/costs.csv

# --- tables --------------------------------------------------------------------------------------
# A table is a list of rows: network, hardware, budget, who chose the bits, seed, and the two files that say how good
# and how dear.  `tabulate` takes means over seeds and sets the paper's numbers beside them.
score-row = $1$(comma)$2$(comma)$3$(comma)$4$(comma)$5$(comma)$6.score.csv$(comma)$6.$2.$(priced).csv
uniform-rows  = $(foreach n,$($1.nets),$(foreach h,$($1.hw),$(foreach u,$($1.uniform),$(foreach s,$(seeds),\
                $(call score-row,$n,$h,$u,uniform,$s,$(OUT)/$n/$(under)uniform/$u/seed-$s)))))
metric        = $(or $($1.metric),$(firstword $(subst -, ,$($1.budgets))))
# bits alone where a table has budgets of one kind
bits-of       = $(if $(word 2,$(sort $(foreach b,$($2.budgets),$(firstword $(subst -, ,$b))))),$(firstword $(subst +, ,$1)),$(subst guaranteed,none,$(lastword $(subst -, ,$(firstword $(subst +, ,$1))))))
who           = $(if $(findstring +,$1),$(lastword $(subst +, ,$1)),searched)
ruled-rows    = $(foreach n,$($1.nets),$(foreach h,$($1.hw),$(foreach b,$(if $($1.rule),$($1.budgets)),$(foreach s,$(seeds),\
                $(call score-row,$n,$h,$(call bits-of,$b,$1),rule,$s,$(OUT)/$n/$h/$b/rule/seed-$s)))))
searched-rows = $(foreach n,$($1.nets),$(foreach h,$($1.hw),$(foreach b,$(call searches,$1),$(foreach s,$(seeds),\
                $(call score-row,$n,$h,$(call bits-of,$b,$1),$(call who,$b),$s,$(OUT)/$n/$h/$b/seed-$s/best-$(call number,$(call episodes,$1)))))))
# with the reward beside them, costs come with it
rows = $(foreach priced,$(if $(findstring reward,$(metric)),reward,cost),$(uniform-rows) $(ruled-rows) $(searched-rows))
row-files = $(filter %.csv,$(subst $(comma), ,$(rows)))

# which rows a table has, and what it says of them, is remembered too: dropping a row makes no file newer
header = network$(comma)hardware$(comma)budget$(comma)policy$(comma)seed$(comma)score$(comma)cost
$(if $(chooses),$(foreach x,$(ASKED),$(call remember-lines,$(OUT)/.rev/$x.rows.csv,$(header) $(call rows,$x))\
  $(call remember,$(OUT)/.rev/$x.shown,$(call metric,$x) $($x.paper) $(or $($x.title),$($x.about)))))

# each by a rule of its own, for the same reason; beside it the list of its rows
define table-rule
$(OUT)/tables/$1.csv $(OUT)/tables/$1.txt &: $$(call row-files,$1) $(OUT)/.rev/$1.rows.csv $(OUT)/.rev/$1.shown $$($1.paper) $$(call by,tabulate)
	@$$(say) TABLE $(OUT)/tables/$1.csv
	@sed 's|,$(OUT)/|,|g' $(OUT)/.rev/$1.rows.csv >$(OUT)/tables/$1.rows.csv
	$$(quiet)$$(call do,tabulate) -r $(OUT)/.rev/$1.rows.csv $$(addprefix -p ,$$($1.paper)) --metric $$(call metric,$1) --title "$$(or $$($1.title),$$($1.about))" \
	  -o $(OUT)/tables/$1.csv -t $(OUT)/tables/$1.txt
endef
$(foreach x,$(ASKED),$(eval $(call table-rule,$x)))

# shown each time it is asked for, by make itself: there is nothing to run where nothing changed
$(EXPERIMENTS): %: $(OUT)/tables/%.txt
	$(info $(file <$<))

# --- looking on ----------------------------------------------------------------------------------
# of those that this make searches, which it reads after each episode; to look on must not change them
listed := $(OUT)/.rev/$(if $(may-search),runs,status).csv
$(call remember-lines,$(listed),run$(comma)episodes $(sort $(foreach x,$(ASKED),$(addsuffix $(comma)$(call episodes,$x),$(call runs,$x)))))
progress = $(BIN)/show-progress -r $(OUT)/.rev/runs.csv --after $@ --prefix $(OUT)/

status: | $(BIN)/show-progress ## how far every run has come
	@$(BIN)/show-progress -r $(listed) --prefix $(OUT)/

burn: ## remove tables and figures, which are quick to remake; never runs
	rm -rf $(OUT)/tables $(OUT)/figures $(OUT)/hardware

debug: ## one step under gdb, on a copy: make debug T=results/NET/HW/BUDGET/seed-1/0007.tuned.npz
	$(if $T,,$(error T is missing: make debug T=FILE))
	rm -rf build/replay && mkdir -p build && cp -al $(OUT) build/replay && rm -f build/replay/$(step)
	$(MAKE) OUT=build/replay MODE=debug KEEP=1 STEP=build/replay/$(step) build/replay/$(step)
step = $(T:$(OUT)/%=%)
ifdef STEP
GDB ?= gdb -q --args
$(STEP): private WRAP = $(GDB)
endif
.PHONY: $(EXPERIMENTS) status burn debug
