# experiments/archive.mk - all that was made, as one file: tables, figures, policies, scores, costs, and what made them.
#
# OUT/archive.tar.gz holds a folder haq-PROFILE/ with MANIFEST (settings, revision, compiler, libraries, CPU) and SHA256SUMS of
# every file, for `sha256sum -c`.  The same results make the same bytes: names are sorted, dates and owners left out.
ARCHIVE := $(OUT)/archive.tar.gz

# settings of this command; what made each table is in TABLE.rows.csv beside it.  How many threads made it changes nothing.
manifest = printf '%s\n' 'profile   $(PROFILE)' 'seeds     $(SEEDS)' 'episodes  $(EPISODES)' 'agent     $(agent)' 'clip      $(clip)' \
  $(if $($(PROFILE).parts),'images    $(TRAIN_IMAGES) for the last finetuning$(comma) $(TUNE_IMAGES) in a search$(comma) $(REWARD_IMAGES) for rewards; categories $(CATEGORIES)') \
  "revision  $$(git describe --always --dirty 2>/dev/null || echo unknown)" \
  "compiler  $$($(CC) --version | head -n 1)" "debian    $$(cat /etc/debian_version 2>/dev/null)" \
  "cpu       $$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)"; \
  dpkg-query -W -f 'library   $${Package} $${Version}\n' $(PACKAGES) 2>/dev/null || :

archive: | $(filter-out archive,$(MAKECMDGOALS)) ## everything made so far as OUT/archive.tar.gz, with a manifest and checksums; the same results, the same bytes
	@rm -rf $(OUT)/.archive && mkdir -p $(OUT)/.archive/haq-$(PROFILE)/results $(OUT)/.archive/haq-$(PROFILE)/data
	@cd $(OUT) && find . -path ./.archive -prune -o -path ./reference -prune -o -path ./.rev -prune -o -type f \
	  \( -name '*.policy.csv' -o -name '*.score.csv' -o -name '*.cost.csv' -o -name '*.reward.csv' -o -name '*.roofline.csv' -o -name '*.trace.csv' -o -name layers.csv -o -name paper.html -o -path './tables/*' -o -path './figures/*' \) \
	  ! -name '*.new' ! -name '*.list' -print >.archive/list && \
	  { [ -s .archive/list ] || { echo 'nothing was made under $(OUT) yet' >&2; exit 1; }; } && \
	  tar -cf .archive/files.tar -T .archive/list && tar -xf .archive/files.tar -C .archive/haq-$(PROFILE)/results
	@cp -r experiments hwmodels $(OUT)/.archive/haq-$(PROFILE)/ && cp -r data/networks $(OUT)/.archive/haq-$(PROFILE)/data/
	@{ $(manifest); } >$(OUT)/.archive/haq-$(PROFILE)/MANIFEST
	@cd $(OUT)/.archive/haq-$(PROFILE) && find . -type f ! -name SHA256SUMS | LC_ALL=C sort | xargs sha256sum >SHA256SUMS && sha256sum --quiet -c SHA256SUMS
	@tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=u+rwX,go+rX,go-w -C $(OUT)/.archive \
	  -cf $(OUT)/.archive/all.tar haq-$(PROFILE) && gzip -9n $(OUT)/.archive/all.tar && mv $(OUT)/.archive/all.tar.gz $(ARCHIVE)
	@rm -rf $(OUT)/.archive; ls -l $(ARCHIVE) | awk '{ print $$NF, $$5, "bytes" }'
.PHONY: archive
