# Claims of the paper, one a line: what it says, what our tables and figures say, and whether it holds.  With
# SEEDS=3 the spread is that over seeds.  Claims about other networks than ours are not measured.
SUMMARIES    += claims
claims.about := each claim of the paper: what it says, what we measured, whether it holds
claims.title := Claims of the paper, measured on PROFILE=$(PROFILE)

# KIND,NAME,PATH: rows of tables, bits that searches found, episodes of a search
claims.rows   = own,table1,$(OUT)/tables/table1.csv \
                table,latency,$(OUT)/tables/table3.csv \
                table,latency,$(OUT)/tables/table4.csv \
                table,energy,$(OUT)/tables/table5.csv \
                table,size,$(OUT)/tables/table6.csv \
                baselines,latency,$(OUT)/tables/baselines.csv \
                $(call claims.bits,edge,$(figure3.net),bismo-edge,latency-w4a4,bismo-edge) \
                $(call claims.bits,cloud,$(figure3.net),bismo-cloud,latency-w4a4,bismo-cloud) \
                $(call claims.bits,size,$(figure5.net),size-codebook,size-w2a8,bismo-edge) \
                $(addprefix trace$(comma)paper$(comma),$(foreach s,$(seeds),\
                $(call best-of,$(guarantee.nets),bitfusion,accuracy-guaranteed+ddpg,$s).trace.csv))
# $(call claims.bits,NAME,NET,HW,BUDGET,ACCELERATOR of the roofline)
claims.bits   = $(foreach s,$(seeds),bits,$1,$(call best-of,$2,$3,$4,$s).$5.roofline.csv)
