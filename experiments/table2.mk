# Table 2: the configurations of the edge and the cloud accelerator, the paper's beside those of hwmodels/.
# No images, no searches.
#
#   experiments/published/table2.csv, hwmodels/bismo-edge.conf, ... -> results/hardware/table2.txt
table2-paper = experiments/published/table2.csv
table2-confs = $(shell awk -F, 'NR > 1 { print "hwmodels/" $$1 ".conf" }' $(table2-paper) | sort -u)

table2: $(OUT)/hardware/table2.txt ## the accelerators' configurations beside the paper's Table 2
	$(info $(file <$<))

$(OUT)/hardware/table2.csv $(OUT)/hardware/table2.txt &: \
    $(table2-paper) $$(table2-confs) $(call by,tabulate-hardware)
	@rm -f $(OUT)/hardware/table2.*
	$(quiet)$(call do,tabulate-hardware) -p $< -m hwmodels -o $(@D)/table2.csv -t $(@D)/table2.txt \
	  --title "Table 2: the paper's accelerators, and those simulated here" || \
	  { [ ! -e $(@D)/table2.txt ] || cat $(@D)/table2.txt; rm -f $(@D)/table2.*; exit 1; }
.PHONY: table2
