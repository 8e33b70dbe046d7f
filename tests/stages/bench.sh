#!/bin/sh
# bench.sh - what `make bench` and `make bench-agent` run still runs: for moments, where they take minutes.
. tests/shell.inc
engine=${BIN%/bin}/bench/engine landscape=${BIN%/bin}/bench/landscape

# speed WHAT BATCH: a median, a peak of memory and a best round, all positive
speed() { "$engine" data/networks/tiny-fashion.csv "$1" "$2" 1 | awk '$1 > 0 && $2 > 0 { good = 1 } END { exit !good }'; }
for what in finetune finetune-float32 evaluate evaluate-w8a8 evaluate-float; do
	is "engine $what" speed $what 16
done
for what in evaluate-w8a8 evaluate-float; do
	is "engine $what of one image" speed $what 1
done
for what in codebook clip; do
	is "engine $what" speed $what 0
done

net=data/networks/tiny-fashion.csv
is 'engine weights' "$engine" $net weights "$tmp/w.npz"
is '... are weights of the network' "$BIN/export-onnx" -n $net -w "$tmp/w.npz" --fold -o "$tmp/float.onnx"

# rows of the table: 2 and 4 a second, then the same in seconds
rows() {
	printf '2 10\n9 11\n1 12\n' >"$tmp/ours"
	table=$1 BENCH_THREADS=3 sh -euc '. tests/bench/bench.inc
		heading; row a net 16 images/s "$(median "$0")" peer 4 "$(peak "$0")"
		row b net "" seconds 2 peer 4; row c net "" Mweights/s 2 "" ""; row d net "" seconds 2 peer ""' "$tmp/ours"
}
has_rows() { # FILE 'ROWS'
	printf 'what,network,batch,threads,unit,ours,peer,theirs,ratio\n%s\n' "$2" | diff - "$1"
}
is 'rows of a table' rows "$tmp/rows.csv"
is '... with medians, a ratio above 1 where ours is better, and none without a peer' has_rows "$tmp/rows.csv" \
	'a,net,16,3,images/s,2,peer,4,0.50
b,net,,3,seconds,2,peer,4,2.00
c,net,,3,Mweights/s,2,,,
d,net,,3,seconds,2,,,'

# onnxruntime is a script that says 100 images a second; integers need python3-onnx, which tests do without
mkdir -p "$tmp/bin"
printf '#!/bin/sh\n[ "$1" = -e ] || { [ "$2" = speed ] && [ -s "$3" ] && echo 100; }\n' >"$tmp/bin/node"; chmod +x "$tmp/bin/node"
for p in node common; do
	mkdir -p "$tmp/modules/onnxruntime-$p" && echo '"version": "1.30.0"' >"$tmp/modules/onnxruntime-$p/package.json"
done
compare() {
	: >"$tmp/bench.csv"
	PATH=$tmp/bin:$PATH PYTHON=false BENCH_NETS=tiny-fashion BENCH_ROUNDS=1 BENCH_THREADS=$1 \
		tests/bench/onnxruntime/compare.sh "$BIN" "$engine" "$tmp/modules" "$tmp/bench.csv" >"$tmp/said" &&
		sed 's/,[0-9.]*,onnxruntime,100,[0-9.]*$/,RATE,onnxruntime,100,RATIO/' "$tmp/bench.csv" >"$tmp/rows" && cat "$tmp/rows" >&2
}
is 'beside onnxruntime' compare 2
is '... with one thread and all, one image and sixteen' [ "$(cut -d, -f 1-4 "$tmp/rows" | paste -sd ' ' -)" = \
	'evaluate-float,tiny-fashion,1,1 evaluate-float,tiny-fashion,16,1 evaluate-float,tiny-fashion,1,2 evaluate-float,tiny-fashion,16,2' ]
is '... rates of both'                      [ "$(grep -c ',images/s,RATE,onnxruntime,100,RATIO$' "$tmp/rows")" -eq 4 ]
is '... and it is said what is missing'     grep -q '^python3-onnx is not installed: ' "$tmp/said"
is 'one thread is not measured twice'       compare 1
is '... but once'                           [ "$(wc -l <"$tmp/rows")" -eq 2 ]
printf '#!/bin/sh\n[ "$1" = -e ]\n' >"$tmp/bin/node"
is 'a peer that fails ends it'              sh -c '! "$@"' - env PATH="$tmp/bin:$PATH" PYTHON=false BENCH_NETS=tiny-fashion BENCH_ROUNDS=1 \
	tests/bench/onnxruntime/compare.sh "$BIN" "$engine" "$tmp/modules" "$tmp/bench.csv"

exits 1 'collapse.sh: epoch=2: final-fashion.conf has no epoch' 'the loop over small networks refuses settings that are none' \
	tests/bench/collapse.sh "$BIN" 1 1 epoch=2
# summed up: seeds of the same weights and bits are compared with their median, 80
printf '%s\n' network,draw,bits,seed,training_loss,evaluated_loss,test_top1,warned a,1,2,1,1,1,80,0 a,1,2,2,1,1,81,0 a,1,2,3,1,1,77,1 \
	a,1,3,1,1,1,70,0 >"$tmp/runs.csv"
is 'its runs in two lines' awk -f tests/bench/collapse.awk "$tmp/runs.csv"
has_summary() {
	awk -f tests/bench/collapse.awk "$1" | diff - "$tmp/expected"
}
printf '%s\n' '4 runs of 2 networks, weights and bits: 1 collapsed (3 points of top-1 or more below the median of their seeds)' \
	'worst 3.0 points below; seeds 2.08 points apart (standard deviation); warned of: 1' >"$tmp/expected"
is '... how many are 3 points below' has_summary "$tmp/runs.csv"
sed -n 1p "$tmp/runs.csv" >"$tmp/none.csv"
exits 1 'collapse.awk: no runs' '... of which there are some' awk -f tests/bench/collapse.awk "$tmp/none.csv"

exits 0 '' 'landscape --help' "$landscape" --help
agent() {
	CONF=$1 BENCH_EPISODES=20 BENCH_SEEDS=1 BENCH_NETS=mobilenet-v1 BENCH_HARDWARE=bismo-edge NOISE=0.3 tests/bench/agent.sh "$BIN" "$landscape" >"$tmp/agent"
}
# those of kernels on the landscape of kernels, with networks that learn in no time
kernel_agent() {
	sed 's/^\(hidden_.\) .*/\1 = 16/; s/^\(high\|low\)_updates .*/\1_updates = 2/; s/^batch .*/batch = 8/' "$1" >"$tmp/kernel.conf"
	CONF=$tmp/kernel.conf BENCH_EPISODES=20 BENCH_SEEDS=1 BENCH_NETS=mobilenet-v1-fashion BENCH_HARDWARE=bismo-edge NOISE=0.3 \
		tests/bench/agent.sh "$BIN" "$landscape" >"$tmp/agent"
}
for conf in experiments/agents/*.conf; do
	case $conf in *size*) continue ;; esac          # of codebooks: an accelerator that these landscapes have not
	if grep -q '^agent *= *\(autoq\|kernel-\)' "$conf"; then
		is "bench-agent with $conf" kernel_agent "$conf"
		is '... has a ratio to uniform bits after 20 episodes' grep -q '^| mobilenet-v1-fashion, bismo-edge, 4 | 1 | [0-9.]* ([0-9.]*) |' "$tmp/agent"
		is '... beside what knows all' grep -q 'relaxation of layers, kernels | 0.3[0-9]*,0.3[0-9]* |' "$tmp/agent"
		continue
	fi
	is "bench-agent with $conf" agent "$conf"
	is '... has a ratio to uniform bits after 20 episodes' grep -q '^| mobilenet-v1, bismo-edge, 4 | 1 | [0-9.]* ([0-9.]*) |' "$tmp/agent"
	is "... beside the authors'"                           grep -q '^| mobilenet-v1, bismo-edge, 4 | authors' "$tmp/agent"
done
finish
