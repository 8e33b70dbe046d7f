# experiments/rules/hardware.mk - what accelerators alone decide (experiments/hardware.mk).
hardware := $(OUT)/hardware

# --- figures of the paper ---------------------------------------------------------------------------
# experiments/published/hardware.csv, mobilenet-v1/bismo-edge/costs.csv ... -> hardware/check.csv, check.txt
published-on = $(shell awk -F, 'NR > 1 && $$3 != "" { print $$2 "/" $$3 }' $(published) | sort -u)
$(hardware)/check.csv $(hardware)/check.txt &: $(published) $(wildcard data/networks/*.csv) \
                     $$(patsubst %,$(OUT)/%/costs.csv,$$(published-on)) $(call by,check-hardware)
	@rm -f $(hardware)/check.*
	$(quiet)$(call do,check-hardware) -p $< -n data/networks -c $(OUT) \
	  -o $(hardware)/check.csv -t $(hardware)/check.txt || \
	  { cat $(hardware)/check.txt 2>/dev/null; rm -f $(hardware)/check.*; exit 1; }

hardware-check: $(hardware)/check.txt ## every figure of the paper that hardware alone decides, beside ours
	$(info $(file <$<))

# --- Table 2 ----------------------------------------------------------------------------------------
# experiments/published/table2.csv, hwmodels/bismo-edge.conf ... -> hardware/table2.csv, table2.txt
table2.hw := $(shell awk -F, 'NR > 1 { print $$1 }' $(table2.paper) | sort -u)
$(hardware)/table2.csv $(hardware)/table2.txt &: $(table2.paper) \
                             $$(foreach h,$$(table2.hw),$$(call hw-settings,$$h)) \
                                                $(call by,tabulate-hardware)
	$(quiet)$(call do,tabulate-hardware) -p $< -m hwmodels --title "$(table2.title)" \
	  -o $(hardware)/table2.csv -t $(hardware)/table2.txt || \
	  { cat $(hardware)/table2.txt 2>/dev/null; rm -f $(hardware)/table2.*; exit 1; }

table2: $(hardware)/table2.txt
	$(info $(file <$<))

# --- any policy on every accelerator ----------------------------------------------------------------
ifneq ($(filter costs roofline,$(MAKECMDGOALS)),)
$(if $(wildcard data/networks/$N.csv),,$(error N=$N: there is no data/networks/$N.csv))
$(if $(strip $P),,$(error P is empty: expected bits as in w4a4, or files))
$(foreach p,$(filter %.csv,$P),$(if $(filter $(OUT)/$N/%.policy.csv,$(wildcard $p)),,\
  $(error P=$p: expected an existing $(OUT)/$N/....policy.csv)))
$(foreach p,$(filter-out %.csv,$P),$(if $(shell echo '$p' | grep -x 'w[1-8]a[1-8]'),,\
  $(error P=$p: expected bits as in w4a4, or a file)))
endif

policy-paths = $(foreach p,$P,$(if $(filter %.csv,$p),$(p:%.policy.csv=%),$(call uniform-path,$N,$p)))
costs.rows   = $(foreach p,$(policy-paths),$(foreach h,$H,$(p:$(OUT)/%=%),$h,$p.$h.cost.csv))
$(if $(chooses),$(call remember-lines,$(OUT)/.rev/costs.csv,policy$(comma)hardware$(comma)cost $(costs.rows)))

# mobilenet-v1/uniform/w4a4/seed-1.bismo-edge.cost.csv ... -> hardware/costs.csv, costs.txt
$(hardware)/costs.csv $(hardware)/costs.txt &: $(OUT)/.rev/costs.csv \
               $$(foreach h,$$H,$$(addsuffix .$$h.cost.csv,$$(policy-paths))) $(call by,tabulate-costs)
	$(quiet)$(call do,tabulate-costs) -l $< -o $(hardware)/costs.csv -t $(hardware)/costs.txt \
	  --title "$(costs.title)"

costs: $(hardware)/costs.txt ## what policies P of a network N cost on the accelerators H
	$(info $(file <$<))

# --- rooflines --------------------------------------------------------------------------------------
# mobilenet-v1/uniform/w8a8/seed-1.bismo-edge.roofline.csv ... -> figures/mobilenet-v1.roofline.svg
roofs := $(foreach h,bismo-edge bismo-cloud bitfusion,$(foreach b,w4a4 w8a8,\
           $(call uniform-path,$N,$b).$h.roofline.csv))
roofline-figures := $(foreach f,roofline intensity,$(formats:%=$(OUT)/figures/$N.$f.%))
$(roofline-figures): plots/$$(word 2,$$(subst ., ,$$(@F))).gp plots/style.gp $(roofs) | $$(@D)/.
	$(call plot,title = '$N'; dir = '$(OUT)/$N/uniform')

roofline: $(roofline-figures) ## operation intensity and roofline of network N on the paper's accelerators
	@printf '%s\n' $^
.PHONY: hardware-check table2 costs roofline
