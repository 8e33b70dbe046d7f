# experiments/hardware.mk - what accelerators alone decide: no images, no searches, seconds.
#
#   make hardware-check      every figure of the paper that hardware decides, beside ours
#   make costs               what policies P of a network N cost on the accelerators H
#   make roofline            how near each layer of N is to the limits of its accelerator, as data and figures
#
# N is any network of data/networks.  P lists policies: bits as in w4a4, or files OUT/N/....policy.csv.  H lists accelerators,
# all hwmodels/*.conf unless told; add table-NAME for measurements of N.

N := mobilenet-v1
P := w4a4 w6a4 w6a6 w8a8
H := $(filter-out size-%,$(sort $(basename $(notdir $(wildcard hwmodels/*.conf)))))
published    := experiments/published/hardware.csv
# NET/HW of the published figures
published-on  = $(shell awk -F, 'NR > 1 && $$3 != "" { print $$2 "/" $$3 }' $(published) | sort -u)

hardware-check: $(OUT)/hardware/check.txt ## every figure of the paper that hardware alone decides, beside ours
	$(info $(file <$<))

$(OUT)/hardware/check.csv $(OUT)/hardware/check.txt &: $(published) $$(patsubst %,$(OUT)/%/costs.csv,$$(published-on)) \
                          $(wildcard data/networks/*.csv) $(call by,check-hardware)
	@rm -f $(OUT)/hardware/check.*
	$(quiet)$(call do,check-hardware) -p $< -n data/networks -c $(OUT) -o $(OUT)/hardware/check.csv -t $(OUT)/hardware/check.txt || \
	  { [ ! -e $(OUT)/hardware/check.txt ] || cat $(OUT)/hardware/check.txt; rm -f $(OUT)/hardware/check.*; exit 1; }

# --- any policy on every accelerator ---------------------------------------------------------------
uniform-path = $(OUT)/$1/uniform/$2/seed-1
policy-paths = $(foreach p,$P,$(if $(filter %.csv,$p),$(p:%.policy.csv=%),$(call uniform-path,$N,$p)))
costed       = $(foreach h,$H,$(addsuffix .$h.cost.csv,$(policy-paths)))
$(if $(chooses),$(call remember-lines,$(OUT)/.rev/costs.csv,policy$(comma)hardware$(comma)cost \
  $(foreach p,$(policy-paths),$(foreach h,$H,$(p:$(OUT)/%=%)$(comma)$h$(comma)$p.$h.cost.csv))))

ifneq ($(filter costs roofline,$(MAKECMDGOALS)),)
$(if $(wildcard data/networks/$N.csv),,$(error N=$N: there is no data/networks/$N.csv))
$(foreach p,$(filter %.csv,$P),$(if $(filter $(OUT)/$N/%.policy.csv,$(wildcard $p)),,$(error P=$p: expected an existing $(OUT)/$N/....policy.csv)))
$(if $(strip $P),,$(error P is empty: expected bits as in w4a4, or files))
$(foreach p,$(filter-out %.csv,$P),$(if $(shell echo $p | grep -x 'w[1-8]a[1-8]'),,$(error P=$p: expected bits as in w4a4, or a file)))
endif

costs: $(OUT)/hardware/costs.txt ## what policies P of a network N cost on the accelerators H
	$(info $(file <$<))

$(OUT)/hardware/costs.csv $(OUT)/hardware/costs.txt &: $(OUT)/.rev/costs.csv $$(costed) $(call by,tabulate-costs)
	$(quiet)$(call do,tabulate-costs) -l $< -o $(OUT)/hardware/costs.csv -t $(OUT)/hardware/costs.txt \
	  --title "$N: a batch; on BISMO without the first and the last layer, as in the paper"

# --- rooflines --------------------------------------------------------------------------------------
$(OUT)/%.roofline.csv: $(OUT)/$$(basename $$*).policy.csv $$(call layers,$$@) $$(call model-of,$$(call hw-of,$$*)) \
                       $(OUT)/.rev/simulate-$$(call kind,$$(call hw-of,$$*)) | $(BIN)/simulate-$$(call kind,$$(call hw-of,$$*))
	$(quiet)$(call do,simulate-$(call kind,$(call hw-of,$*))) -n $(call layers,$@) -m $(call model-of,$(call hw-of,$*)) -p $< --roofline -o $@

roofs   := $(foreach h,bismo-edge bismo-cloud bitfusion,$(foreach b,w4a4 w8a8,$(call uniform-path,$N,$b).$h.roofline.csv))
roofline-figures := $(foreach f,roofline intensity,$(formats:%=$(OUT)/figures/$N.$f.%))

roofline: $(roofline-figures) ## operation intensity and roofline of network N on the paper's accelerators
	@printf '%s\n' $^

$(roofline-figures): plots/$$(word 2,$$(subst ., ,$$(@F))).gp plots/style.gp $(roofs) | $$(@D)/.
	$(quiet)$(call plot,title = '$N'; dir = '$(OUT)/$N/uniform')

.PRECIOUS: $(OUT)/%.roofline.csv
.PHONY: hardware-check costs roofline
