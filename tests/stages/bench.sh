#!/bin/sh
# bench.sh - what `make bench` and `make bench-agent` run still runs: for moments, where they take minutes.
. tests/shell.inc
engine=${BIN%/bin}/bench/engine landscape=${BIN%/bin}/bench/landscape

# speed WHAT BATCH: a median, a peak of memory and a best round, all positive
speed() { "$engine" data/networks/tiny-fashion.csv "$1" "$2" 1 | awk '$1 > 0 && $2 > 0 { good = 1 } END { exit !good }'; }
for what in finetune finetune-float32 evaluate evaluate-float; do
	is "engine $what" speed $what 16
done
for what in codebook clip; do
	is "engine $what" speed $what 0
done

exits 0 '' 'landscape --help' "$landscape" --help
agent() {
	CONF=$1 BENCH_EPISODES=20 BENCH_SEEDS=1 BENCH_NETS=mobilenet-v1 BENCH_HARDWARE=bismo-edge NOISE=0.3 tests/bench/agent.sh "$BIN" "$landscape" >"$tmp/agent"
}
for conf in experiments/agents/*.conf; do
	case $conf in *size*) continue ;; esac          # of codebooks: an accelerator that these landscapes have not
	is "bench-agent with $conf" agent "$conf"
	is '... has a ratio to uniform bits after 20 episodes' grep -q '^| mobilenet-v1, bismo-edge, 4 | 1 | [0-9.]* ([0-9.]*) |' "$tmp/agent"
	is "... beside the authors'"                           grep -q '^| mobilenet-v1, bismo-edge, 4 | authors' "$tmp/agent"
done
finish
