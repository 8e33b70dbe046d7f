# experiments/rules/network.mk - what is made once for a network, and once for it on an accelerator.

# data/networks/tiny-fashion.csv -> results/tiny-fashion/features.npy: what the agent sees of each layer
$(OUT)/%/features.npy: data/networks/%.csv $(call by,extract-features)
	$(quiet)$(call do,extract-features) -n $< -o $@

# data/weights/tiny-fashion.npz, data/fashion/tune.npz -> results/tiny-fashion/histograms.npz: of the
# numbers that each layer reads, for the ranges of their quantizers
$(OUT)/%/histograms.npz: data/networks/%.csv data/weights/%.npz $$(call images,$$@,tune) $(call by,calibrate)
	@$(say) CALIB $@
	$(quiet)$(call do,calibrate) -n $< -w $(call weights,$@) -d $(call images,$@,tune) -o $@

# data/weights/tiny-fashion.npz -> results/tiny-fashion/full-precision.score.csv: the baseline of all
# rewards; and on the test images, where rewards are of final scores
define score-full-precision
	@$(say) SCORE $@
	$(quiet)$(call do,evaluate) -n $< -w $(call weights,$@) -d $(call images,$@,$1) -o $@
endef
$(OUT)/%/full-precision.score.csv: data/networks/%.csv data/weights/%.npz $$(call images,$$@,reward) \
                                   $(call by,evaluate)
	$(call score-full-precision,reward)
$(OUT)/%/full-precision-test.score.csv: data/networks/%.csv data/weights/%.npz $$(call images,$$@,test) \
                                        $(call by,evaluate)
	$(call score-full-precision,test)

# hwmodels/bismo-edge.conf -> results/tiny-fashion/bismo-edge/costs.csv: of each layer at each pair of bits
$(OUT)/%/costs.csv: $$(call layers,$$@) $(call by-simulator,$$(call hw,$$@))
	@$(say) COSTS $@
	$(quiet)$(call do,$(call simulator,$(call hw,$@))) -n $< -m $(call model,$@) -o $@

.PRECIOUS: $(addprefix $(OUT)/%/,features.npy histograms.npz costs.csv full-precision.score.csv \
                                 full-precision-test.score.csv)
