# experiments/claims.mk - each claim of the paper in a line: what it says, what our tables and figures say, and whether it holds.
#
# With SEEDS=3 the spread is that over seeds.  Claims about other networks are not measured.
# of each seed: NET, HW and BUDGET of the run, accelerator of the roofline
claims.bits  = $(foreach s,$(seeds),$(call best-of,$1,$2,$3,$s).$4.roofline.csv)
claims.list  = own,table1,$(OUT)/tables/table1.csv table,latency,$(OUT)/tables/table3.csv table,latency,$(OUT)/tables/table4.csv \
               table,energy,$(OUT)/tables/table5.csv table,size,$(OUT)/tables/table6.csv \
               baselines,latency,$(OUT)/tables/baselines.csv \
               $(addprefix bits$(comma)edge$(comma),$(call claims.bits,$(figure3.net),bismo-edge,latency-w4a4,bismo-edge)) \
               $(addprefix bits$(comma)cloud$(comma),$(call claims.bits,$(figure3.net),bismo-cloud,latency-w4a4,bismo-cloud)) \
               $(addprefix bits$(comma)size$(comma),$(call claims.bits,$(figure5.net),size-codebook,size-w2a8,bismo-edge)) \
               $(foreach s,$(seeds),trace$(comma)paper$(comma)$(call best-of,$(guarantee.nets),bitfusion,accuracy-guaranteed+ddpg,$s).trace.csv)

$(OUT)/tables/claims.csv $(OUT)/tables/claims.txt &: $$(filter %.csv,$$(subst $$(comma), ,$$(claims.list))) $(call by,check-claims)
	@$(say) TABLE $(OUT)/tables/claims.csv
	@printf '%s\n' kind,name,path $(claims.list) >$(OUT)/tables/claims.list
	$(quiet)$(call do,check-claims) -l $(OUT)/tables/claims.list -o $(OUT)/tables/claims.csv -t $(OUT)/tables/claims.txt \
	  --title "Claims of the paper, measured on PROFILE=$(PROFILE)"; rc=$$?; rm -f $(OUT)/tables/claims.list; exit $$rc

COSTED       += claims
claims.about := each claim of the paper: what it says, what we measured, whether it holds
claims: $(OUT)/tables/claims.txt
	$(info $(file <$<))
.PHONY: claims
