# experiments/rules/network.mk - what is made once for a network, for its weights of a seed, and for it on an
# accelerator.

# data/networks/tiny-fashion.csv -> results/tiny-fashion/features.npy: what the agent sees of each layer
$(OUT)/%/features.npy: data/networks/%.csv $(call by,extract-features)
	$(quiet)$(call do,extract-features) -n $< -o $@

# data/weights/tiny-fashion.npz, data/fashion/tune.npz -> results/tiny-fashion/histograms.npz: of the
# numbers that each layer reads, for the ranges of their quantizers; tiny-fashion.seed-2.npz ->
# results/tiny-fashion/seed-2.histograms.npz
of-weights = $$(call layers,$$@) $$(call weights,$$@)
$(OUT)/%histograms.npz: $(of-weights) $$(call images,$$@,tune) $(call by,calibrate)
	@$(say) CALIB $@
	$(quiet)$(call do,calibrate) -n $< -w $(call weights,$@) -d $(call images,$@,tune) -o $@

# data/weights/tiny-fashion.npz -> results/tiny-fashion/kernels.csv: what bits of each kernel could win
$(OUT)/%/kernels.csv: $(of-weights) $(call by,describe-network)
	$(quiet)$(call do,describe-network) -n $< -w $(call weights,$@) --kernels -o $@

# data/weights/tiny-fashion.npz -> results/tiny-fashion/full-precision.score.csv: the baseline of all
# rewards; and on the test images, where rewards are of final scores
define score-full-precision
	@$(say) SCORE $@
	$(quiet)$(call do,evaluate) -n $< -w $(call weights,$@) -d $(call images,$@,$1) -o $@
endef
$(OUT)/%full-precision.score.csv: $(of-weights) $$(call images,$$@,reward) $(call by,evaluate)
	$(call score-full-precision,reward)
$(OUT)/%full-precision-test.score.csv: $(of-weights) $$(call images,$$@,test) $(call by,evaluate)
	$(call score-full-precision,test)

weights: ## the full-precision networks of the profile, by each seed: trained here, or imported
weights: $(sort $(foreach n,$(networks),$(foreach s,$(seeds),$(call weights,$(OUT)/$n/seed-$s))))
.PHONY: weights

# hwmodels/bismo-edge.conf -> results/tiny-fashion/bismo-edge/costs.csv: of each layer at each pair of bits
$(OUT)/%/costs.csv: $$(call layers,$$@) $(call by-simulator,$$(call hw,$$@))
	@$(say) COSTS $@
	$(quiet)$(call do,$(call simulator,$(call hw,$@))) -n $< -m $(call model,$@) -o $@

.PRECIOUS: $(addprefix $(OUT)/%,/features.npy /costs.csv /kernels.csv histograms.npz \
                                full-precision.score.csv full-precision-test.score.csv)
