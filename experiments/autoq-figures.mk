# Figures of what the searches of autoq.mk found, and claims of AutoQ's paper beside it, one a line.
SUMMARIES          += autoq-claims
autoq-claims.about := claims of AutoQ: what it says, what we measured, whether it holds
autoq-claims.title := Claims of AutoQ, measured on PROFILE=$(PROFILE)
autoq-claims.header := kind,name,path
autoq-claims.by    := check-autoq
autoq-claims.rows   = table,latency,$(OUT)/tables/autoq.csv table,spatial,$(OUT)/tables/autoq-energy.csv \
                      table,free,$(OUT)/tables/autoq-accuracy.csv \
                      $(foreach a,$(autoq-agents.agents),$(foreach s,$(seeds),\
                        trace,$a,$(call autoq-trace,$a,$s)))

FIGURES += autoq-curves autoq-bits autoq-kernels
autoq-curves.about   := the best accuracy so far over the episodes of these agents
autoq-curves.script  := plots/agents.gp
autoq-curves.reads    = $(foreach a,$(autoq-agents.agents),$(call autoq-trace,$a,1))
# $(call autoq-trace,AGENT,SEED)
autoq-trace           = $(call best-of,$(last-net),bismo-edge,latency-w4a4+$1+kernel-ranges,$2).trace.csv
autoq-curves.with     = title = '$(last-net)'; agents = '$(autoq-agents.agents)'; \
                        traces = '$(autoq-curves.reads)'
autoq-curves.caption := The highest top-1 of an episode so far, on the images of the reward, of $(last-net) \
                        within the latency of uniform 4/4 bits on BISMO edge, all with ranges of kernels. \
                        Seed 1.

# $(call kernels-found,NET): of the longest search that the table has
kernels-found       = $(OUT)/$1/bismo-edge/latency-w4a4+kernels+kernel-ranges/seed-1/best-$(call \
                      number,$(autoq.episodes))
autoq-bits.about   := how many kernels of each layer have 2 to 8 bits, as searched
autoq-bits.script  := plots/widths.gp
autoq-bits.reads    = $(call kernels-found,$(last-net)).widths.csv
autoq-bits.with     = title = '$(last-net)'; widths = '$(autoq-bits.reads)'
autoq-bits.caption := Shares of the kernels of each layer of $(last-net) at 2 to 8 bits, as the best policy \
                      within the latency of uniform 4/4 bits on BISMO edge has them; below, bits of \
                      activations. Seed 1.

autoq-kernels.about   := how much the kernels of each layer differ, and what bits of their own could win
autoq-kernels.script  := plots/kernels.gp
autoq-kernels.reads    = $(networks:%=$(OUT)/%/kernels.csv)
autoq-kernels.with     = nets = '$(networks)'; tables = '$(autoq-kernels.reads)'
autoq-kernels.caption := The spread of the kernels' sensitivities in each searched layer (standard deviation \
                         of log4), and the bits of weights that bits of kernels could save at the same \
                         noise: an estimate by the weights alone, before any search.
