# experiments/rules/watch.mk - to look at searches, and at one step of one.

# The runs that this make searches are listed for show-progress, which says after each episode how far all
# are:
#   results/tiny-fashion/bismo-edge/latency-w3a3/seed-1,12 ... -> .rev/runs.csv
# To look on, with other settings perhaps, must not change the list of a search under way: .rev/status.csv.
listed := $(OUT)/.rev/$(if $(searches),runs,status).csv
$(if $(ASKED),$(call remember-lines,$(listed),run$(comma)episodes \
  $(sort $(foreach x,$(ASKED),$(addsuffix $(comma)$(call episodes,$x),$(call runs,$x))))))
# and the policies that are finetuned at length, which are to come too.  Times are those of forecast.mk; the
# lock was written when this make began.
finals := $(OUT)/.rev/finals.csv
$(if $(and $(ASKED),$(searches)),$(call remember-lines,$(finals),policy$(comma)network \
  $(foreach p,$(BEST) $(HEURISTICS) $(RANKED) $(sort $(foreach x,$(TABLES),$(call uniforms,$x))),\
  $p$(comma)$(call net,$p))))
progress = $(BIN)/show-progress -r $(OUT)/.rev/runs.csv --after $@ --prefix $(OUT)/ --finals $(finals) \
           --times $(OUT)/.rev/times.csv --since $(OUT)/.rev/lock

status: | $(BIN)/show-progress ## how far every run has come
	@$(BIN)/show-progress -r $(listed) --prefix $(OUT)/

burn: ## remove tables and figures, which are quick to remake; never runs
	rm -rf $(OUT)/tables $(OUT)/figures $(OUT)/hardware

# results/NET/HW/BUDGET/seed-1/0007.tuned.npz -> the step that makes build/replay/... of the same name,
# under gdb.  The copy has a lock of its own: a search may go on in OUT.
debug: ## one step under gdb, on a copy: make debug T=results/NET/HW/BUDGET/seed-1/0007.tuned.npz
	$(if $T,,$(error T is missing: make debug T=FILE))
	rm -rf build/replay && mkdir -p build && cp -al $(OUT) build/replay
	rm -f build/replay/.rev/lock build/replay/$(step)
	$(MAKE) OUT=build/replay MODE=debug KEEP=1 STEP=build/replay/$(step) build/replay/$(step)
step = $(T:$(OUT)/%=%)
ifdef STEP
GDB ?= gdb -q --args
$(STEP): private WRAP = $(GDB)
endif
.PHONY: status burn debug
