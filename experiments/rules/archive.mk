# experiments/rules/archive.mk - all that was made, as one file: tables, figures, policies, scores, costs, and
# what made them.
#
#   OUT/tables/table3.csv ... -> OUT/archive.tar.gz, a folder haq-PROFILE/ with MANIFEST and SHA256SUMS
#
# The manifest has the settings of this command, `ranges` that of paths that say nothing of it; what made each
# table is in TABLE.rows.csv beside it.  How many threads made it changes nothing.
manifest := 'profile   $(PROFILE)' 'seeds     $(SEEDS)' 'episodes  $(EPISODES)' 'agent     $(agent)' \
            'clip      $(clip)' 'ranges    $(ranges)'
ifneq ($($(PROFILE).parts),)
manifest += 'images    $(TRAIN_IMAGES) for the last finetuning, $(TUNE_IMAGES) in a search, \
             $(REWARD_IMAGES) for rewards; categories $(CATEGORIES)'
endif

archive: ## everything made so far as OUT/archive.tar.gz, with checksums; the same results, the same bytes
archive: | $(filter-out archive,$(MAKECMDGOALS))
	@CC='$(CC)' PACKAGES='$(PACKAGES)' $(rules)/archive.sh $(OUT) haq-$(PROFILE) $(manifest)
.PHONY: archive
