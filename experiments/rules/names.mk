# experiments/rules/names.mk - what a path says.  Its words are the choices that tell results apart.
#
#   OUT/NET/HW/BUDGET/seed-S/            a run: a search by one seed
#     0007.policy.csv                    bits of each layer, within BUDGET     ddpg-step act <- 0001..0006
#     0007.kernels.npy                   and of its kernels (kernels.mk)       autoq-step act
#     0007.score.csv                     accuracy on the reward images         quantize, finetune, evaluate
#     agent.npz                          the agent so far: a cache of the files above
#     best-0250.policy.csv, .score.csv   the best of 250 episodes, finetuned at length, on the test images
#     best-0250.trace.csv                reward, accuracy and costs of each of the 250
#   OUT/NET/HW/BUDGET/heuristic/seed-S.* bits that the heuristic gives, scored like the best policies
#   OUT/NET/uniform/w4a4/seed-S.*        the same bits everywhere
#   OUT/NET/HW/BUDGET/rank/seed-1/*      policies to compare brief and long scores of (rank.mk)
#   PATH.search.draw-D.brief.csv         PATH.policy.csv scored as an episode is, by another order of images
#   OUT/NET/*, OUT/NET/HW/costs.csv      made once for a network and for an accelerator (network.mk)
#   OUT/NET/seed-2.*                     what depends on its weights, where each seed has its own: of seed 2
#
# BUDGET is METRIC-BITS, as in latency-w4a4: no dearer than 4/4 bits; or accuracy-guaranteed, where bits
# cost reward.  BUDGET+NAME is the same searched by experiments/agents/NAME.conf, not the profile's agent.
# BUDGET+kernel-ranges, BUDGET+NAME+layer-ranges, uniform/w4a4+kernel-ranges: whose weights share a clipping
# range; else the profile's `ranges` says it.
#
# Nothing in an episode depends on how many will follow.  Random numbers are drawn by seed, episode and
# purpose, not in sequence.  So a search that is continued equals a longer one.

# $(call net,PATH) and so on.  Of results/tiny-fashion/bismo-edge/latency-w3a3+ddpg/seed-1/0007.policy.csv:
#                                         net         hw       budget   other-agent  seed
parts          = $(subst /, ,$(patsubst $(OUT)/%,%,$1))
net            = $(word 1,$(parts))
hw             = $(word 2,$(parts))
budget         = $(word 1,$(budget-words))
other-agent    = $(word 2,$(filter-out $(ranges-word),$(budget-words)))
budget-words   = $(subst +, ,$(word 3,$(parts)))
# latency-w3a3+ddpg+kernel-ranges -> kernel-ranges, kernel; latency-w3a3+ddpg -> nothing
ranges-word    = $(filter layer-ranges kernel-ranges,$(lastword $(budget-words)))
ranges-of      = $(ranges-word:%-ranges=%)
seed           = $(or $(firstword $(patsubst seed-%,%,$(filter seed-%,$(seed-words)))),1)
seed-words     = $(subst ., ,$(wordlist 2,$(words $(parts)),$(parts)))

layers         = data/networks/$(net).csv
weights        = data/weights/$(net)$(draw:%=.%).npz
images         = data/$(call dataset,$(net))/$2.npz
features       = $(OUT)/$(net)/features.npy
histograms     = $(OUT)/$(net)/$(draw:%=%.)histograms.npz
full-precision = $(OUT)/$(net)/$(draw:%=%.)full-precision.score.csv
costs          = $(OUT)/$(net)/$(hw)/costs.csv
model          = $(call model-of,$(hw))
# seed-2, where its weights are not those of seed 1 (data/weights.mk)
draw           = $(if $(filter $(net),$(drawn-here)),$(filter-out seed-1,seed-$(seed)))
# experiments/agents/ddpg.conf, or what the profile searches with
agent-of       = $(if $(other-agent),experiments/agents/$(other-agent).conf,$($(agent-role)))
agent-role     = $(if $(codebook),size-agent,agent)
# under a size, weights share values (a codebook), and activations stay as they are
codebook       = $(filter size,$(call kind,$(hw)))

# bismo-edge -> hwmodels/bismo-edge.conf, of which simulate-bismo knows what layers cost there; measurements
# are hwmodels/table-NAME.csv
kind     = $(firstword $(subst -, ,$1))
model-of = $(call check-kind,$1)$(or $(firstword $(wildcard hwmodels/$1.conf hwmodels/$1.csv)),\
           $(error hardware $1: there is no hwmodels/$1.conf nor .csv; there are $(machines)))
check-kind = $(if $(filter simulate-$(call kind,$1),$(STAGES)),,\
             $(error hardware $1: there is no stages/simulate-$(call kind,$1).c; \
             expected KIND-NAME as in $(machines)))
machines = $(sort $(basename $(notdir $(wildcard hwmodels/*.conf hwmodels/*.csv))))
# the paper's tables leave first and last layer out on BISMO, and count all on BitFusion
count    = $(if $(filter bismo,$(call kind,$1)),searched,all)

# of rank/seed-1/drawn-01.epochs-2+learning_rate-0.002.draw-3.brief.csv: rank/seed-1/drawn-01.policy.csv,
# the seed 3 of its finetuning, and epochs-2+learning_rate-0.002; nothing of other files.  The policy may be
# drawn-01.formula (kernels.mk).
brief-words   = $(subst ., ,$(notdir $(patsubst %.brief.csv,%,$(filter %.brief.csv,$1))))
brief-policy  = $(addprefix $(dir $1),$(addsuffix .policy.csv,$(brief-name)))
brief-name    = $(firstword $(brief-words))$(brief-formula:%=.%)
brief-formula = $(filter formula,$(word 2,$(brief-words)))
brief-seed    = $(patsubst draw-%,%,$(filter draw-%,$(lastword $(brief-words))))
brief-variant = $(subst $(space),.,$(wordlist $(if $(brief-formula),4,3),$(words $(brief-words)),\
                x $(brief-words)))

# $(call uniform-path,NET,BITS,SEED,PREFIX) -> results/tiny-fashion/uniform/w4a4/seed-1; those of codebooks
# have their hardware as a PREFIX: results/tiny-fashion/size-codebook/uniform/w4a8/seed-1
uniform-path = $(OUT)/$1/$4uniform/$2/seed-$(or $3,1)
