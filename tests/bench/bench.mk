# tests/bench/bench.mk - measurements; tests/bench/README.md keeps what came out.
#
#   make bench              the engine beside PyTorch, where python3-torch is installed, onnxruntime, which
#                           npm fetches, and the machine's limits
#
# and how fast the agent learns, on synthetic landscapes (tests/bench/landscape/README.md):
#
#   make bench-agent CONF=experiments/agents/ddpg.conf BENCH_EPISODES=300 BENCH_SEEDS="1 2 3" NOISE=0.3
#   make bench-agent CONF=experiments/agents/autoq.conf BENCH_EPISODES=200 BENCH_ERROR=0.7

# and how often the last finetuning of a small network ends far below its seeds:
#
#   make bench-collapse COLLAPSE_WEIGHTS=3 COLLAPSE_SEEDS=8 COLLAPSE_SETTINGS="epochs=1 statistics_images=0"
#   make bench-collapse COLLAPSE_NETS=chain COLLAPSE_BITS="2 3"

CONF           := experiments/agents/sensitivity.conf
BENCH_EPISODES := 600
BENCH_SEEDS    := 1 2
BENCH_BITS     := 4
BENCH_ERROR    := 0.7
NOISE          := 0
LANDSCAPE      := build/$(MODE)/bench/landscape

bench-agent: ## how fast the agent learns, beside the authors' and the optimum (tests/bench/bench.mk)
bench-agent: $(LANDSCAPE) $(patsubst %,$(BIN)/%,ddpg-step autoq-step extract-features simulate-bismo)
	$(quiet)CONF='$(CONF)' BENCH_EPISODES='$(BENCH_EPISODES)' BENCH_SEEDS='$(BENCH_SEEDS)' \
		BENCH_BITS='$(BENCH_BITS)' BENCH_ERROR='$(BENCH_ERROR)' \
		NOISE='$(NOISE)' tests/bench/agent.sh $(BIN) $(LANDSCAPE)

$(LANDSCAPE): $(OBJ)/tests/bench/landscape.o $(LIB) | $$(@D)/.
	@$(say) LINK $@
	$(quiet)$(CC) $(CFLAGS) -o $@ $^ $(LDLIBS)

# --- the engine --------------------------------------------------------------------------------------
ENGINE        := build/$(MODE)/bench/engine
BENCH_THREADS := $(cores)
BENCH_ROUNDS  := 3
BENCH_PEER    := build/bench/node_modules

# the networks of an episode, and its images
bench: data/fashion/tune.npz data/fashion/reward.npz \
       $(patsubst %,data/weights/%.npz,mobilenet-v1-fashion mobilenet-v2-fashion)
bench: ## speed of finetune, evaluate and an episode, beside PyTorch, onnxruntime and the machine's limits
bench: $(ENGINE) $(STAGES:%=$(BIN)/%) | $(OUT)/.
	$(quiet)BENCH_THREADS=$(BENCH_THREADS) BENCH_ROUNDS=$(BENCH_ROUNDS) \
		tests/bench/bench.sh $(BIN) $(ENGINE) $(BENCH_PEER) $(OUT)/bench.csv

$(ENGINE): $(OBJ)/tests/bench/engine.o $(LIB) | $$(@D)/.
	@$(say) LINK $@
	$(quiet)$(CC) $(CFLAGS) -o $@ $^ $(LDLIBS)
# --- the last finetuning -----------------------------------------------------------------------------
COLLAPSE_WEIGHTS  := 3
COLLAPSE_SEEDS    := 8
COLLAPSE_SETTINGS := epochs=1
COLLAPSE_STAGES   := finetune calibrate quantize evaluate ddpg-step

bench-collapse: ## how often small networks finetune to far below their seeds; 40 min
bench-collapse: $(COLLAPSE_STAGES:%=$(BIN)/%) $(patsubst %,data/fashion/%.npz,train tune test) | $(OUT)/.
	$(quiet)tests/bench/collapse.sh $(BIN) $(COLLAPSE_WEIGHTS) $(COLLAPSE_SEEDS) $(COLLAPSE_SETTINGS) \
		>$(OUT)/collapse.csv.part && mv $(OUT)/collapse.csv.part $(OUT)/collapse.csv
	$(quiet)awk -f tests/bench/collapse.awk $(OUT)/collapse.csv
BENCH := $(LANDSCAPE) $(ENGINE)
.PHONY: bench bench-agent bench-collapse
