#!/bin/sh
# bench.sh BIN ENGINE FOLDER OUT.csv - the engine beside PyTorch, onnxruntime and the machine's limits, measured in turns:
# these machines are noisy, so only ratios of one run count.  Medians of BENCH_ROUNDS turns.  FOLDER is for onnxruntime,
# where it is fetched.  Called by `make bench`.
set -eu
bin=$1 engine=$2 folder=$3 out=$4
. tests/bench/bench.inc
table=$scratch/bench.csv
export OMP_NUM_THREADS="$threads" OMP_WAIT_POLICY=passive
# HAQ_CPU limits PyTorch, its oneDNN and OpenBLAS as well as ours; onnxruntime takes all there is
case ${HAQ_CPU:-} in
x86-64-v3) export ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 OPENBLAS_CORETYPE=Haswell
	echo 'all but onnxruntime limited to x86-64-v3 (AVX2)' ;;
x86-64) export ATEN_CPU_CAPABILITY=default ONEDNN_MAX_CPU_ISA=SSE41 OPENBLAS_CORETYPE=Nehalem
	echo 'all but onnxruntime limited to x86-64 (SSE)' ;;
esac
python=/usr/bin/python3
"$python" -c 'import torch' 2>/dev/null || { python=; echo "python3-torch is not installed: no PyTorch to compare with"; }

# speed WHAT PEER NETWORK BATCH STEPS: images a second, in turns
speed() {
	: >"$scratch/ours"; : >"$scratch/peer"
	for turn in $(seq "$rounds"); do
		"$engine" "data/networks/$3.csv" "$1" "$4" "$5" >>"$scratch/ours"
		[ -z "$python" ] || "$python" tests/bench/torch_peer.py "data/networks/$3.csv" "$2" "$4" "$5" "$threads" >>"$scratch/peer"
	done
	row "$1" "$3" "$4" images/s "$(median "$scratch/ours")" PyTorch "$(median "$scratch/peer")" "$(peak "$scratch/ours")"
}

seconds() { # of a command
	from=$(date +%s.%N); "$@" >/dev/null 2>&1; awk -v a="$from" -v b="$(date +%s.%N)" 'BEGIN { print b - a }'
}

heading
for net in mobilenet-v2 mobilenet-v1; do
	speed finetune finetune $net 16 3
	speed finetune-float32 finetune $net 16 3
	speed evaluate evaluate $net 16 5
	speed evaluate-float evaluate $net 16 5
	speed evaluate-fake evaluate $net 16 5
done
for net in mobilenet-v2-fashion mobilenet-v1-fashion; do
	speed finetune finetune $net 32 10
	speed evaluate evaluate $net 64 10
done

# twice the images, seven times the weights: the same rates, but for what a batch costs once and for the cache
"$engine" data/networks/mobilenet-v2.csv finetune 32 3 >"$scratch/ours"
row finetune mobilenet-v2 32 images/s "$(median "$scratch/ours")" '' '' "$(peak "$scratch/ours")"
for net in mobilenet-v2 resnet-50; do
	for what in codebook clip; do
		"$engine" data/networks/$net.csv $what 0 "$rounds" >"$scratch/ours"
		row $what $net '' Mweights/s "$(median "$scratch/ours")" '' '' "$(peak "$scratch/ours")"
	done
done

# rate WHAT NETWORK: ours, from the table so far
rate() {
	awk -F, -v w="$1" -v n="$2" '$1 == w && $2 == n && $3 == 16 { print $6 }' "$table"
}
# images FINETUNE_RATE EVALUATE_RATE: seconds that 512 and 2500 images take
images() {
	awk -v t="$1" -v e="$2" 'BEGIN { printf "%.3g", 512 / t + 2500 / e }'
}

# an episode: 512 images tuned on, 2500 scored.  At 224 by the rates above; learning adds nothing that would be seen
peer() { "$python" tests/bench/torch_peer.py "data/networks/$1.csv" "$2" "$3" "$4" "$threads"; }
row episode mobilenet-v2 '' seconds "$(images "$(rate finetune mobilenet-v2)" "$(rate evaluate mobilenet-v2)")" PyTorch \
	"$([ -z "$python" ] || images "$(peer mobilenet-v2 finetune-quantized 16 3)" "$(peer mobilenet-v2 evaluate-quantized 16 5)")"

# An episode of the default profile, all its programs, starting included, as a search runs them: as many episodes at once as there are threads,
# one thread each.  The peer's is what its images take it, quantized, but without learning or starting, by the better of two
# settings: all threads together, or one process a thread as ours.
episode() {     # NETWORK DIR TURN
	n=data/networks/$1.csv s=$2 k=$(printf %04d "$3")
	mkdir -p "$s"
	a=$(seconds "$bin/ddpg-step" act -n $n -f "$scratch/$1.f.npy" -t "$scratch/$1.costs.csv" -c experiments/agents/sensitivity.conf -b latency-w4a4 -s 1 -k "$3" -r "$s" -F "$scratch/$1.o.csv" -o "$s/$k.policy.csv")
	b=$(seconds "$bin/quantize" -n $n -w data/weights/$1.npz -p "$s/$k.policy.csv" -a "$scratch/$1.h.npz" --clip mse -o "$s.q.npz")
	c=$(seconds "$bin/finetune" -n $n -w "$s.q.npz" -p "$s/$k.policy.csv" -d data/fashion/tune.npz -c experiments/training/search-fashion.conf -s 1 -o "$s.t.npz")
	d=$(seconds "$bin/evaluate" -n $n -w "$s.t.npz" -p "$s/$k.policy.csv" -d data/fashion/reward.npz -o "$s/$k.score.csv")
	echo "$a $b $c $d" | awk '{ print $1 + $2 + $3 + $4, $0 }' >"$s.$k.times"
}
at_once() {     # COMMAND...: as many as there are threads, each with its number as the last argument
	for i in $(seq "$threads"); do OMP_NUM_THREADS=1 "$@" "$i" & done
	wait
}
episode_at() { episode "$1" "$scratch/$1-$3" "$2"; }
peer_at() { "$python" tests/bench/torch_peer.py "data/networks/$1.csv" "$2" "$3" "$4" 1 >"$scratch/peer.$5"; }
# the time of all processes together
peer_rate() {
	at_once peer_at "$@"
	cat "$scratch"/peer.[0-9]* | awk '{ sum += $1 } END { print sum }'
}
for net in mobilenet-v2-fashion mobilenet-v1-fashion; do
	[ -e data/weights/$net.npz ] || { echo "episode          $net: no weights yet (make weights)"; continue; }
	n=data/networks/$net.csv
	"$bin/extract-features" -n $n -o "$scratch/$net.f.npy"; "$bin/simulate-bismo" -n $n -m hwmodels/bismo-edge.conf -o "$scratch/$net.costs.csv"
	"$bin/calibrate" -n $n -w data/weights/$net.npz -d data/fashion/tune.npz -o "$scratch/$net.h.npz"
	"$bin/evaluate" -n $n -w data/weights/$net.npz -d data/fashion/reward.npz -o "$scratch/$net.o.csv" 2>/dev/null
	: >"$scratch/all"; : >"$scratch/peers"
	for turn in $(seq "$rounds"); do
		at_once episode_at $net "$turn"
		cat "$scratch/$net"-*."$(printf %04d "$turn")".times >>"$scratch/all"
		[ -n "$python" ] || continue
		apart=$(images "$(peer_rate $net finetune-quantized 32 10)" "$(peer_rate $net evaluate-quantized 64 10)")
		together=$(images "$(peer $net finetune-quantized 32 10)" "$(peer $net evaluate-quantized 64 10)")
		printf '%s\n' "$apart" "$together" | sort -g | head -n 1 >>"$scratch/peers"
	done
	row episode $net '' seconds "$(median "$scratch/all" | awk -v t="$threads" '{ printf "%.3g", $1 / t }')" PyTorch "$(median "$scratch/peers")"
	sort -g "$scratch/all" | awk -v t="$threads" '{ x[NR] = $0 } END { split(x[int((NR + 1) / 2)], p, " ")
		printf "  %d at once, each ddpg-step %.2f, quantize %.2f, finetune %.2f, evaluate %.2f s\n", t, p[2], p[3], p[4], p[5] }'
done

# evaluation beside onnxruntime, one thread and all
tests/bench/onnxruntime/compare.sh "$bin" "$engine" "$folder" "$table" ||
	echo 'the comparison with onnxruntime ended before its end'

# what the machine could do: finetune is about three forward passes of two operations a MAC
gflops=$("$engine" - sgemm 0 "$rounds" | cut -d' ' -f1) gbs=$("$engine" - memory 0 "$rounds" | cut -d' ' -f1)
echo "machine: sgemm $gflops GFLOP/s, copy $gbs GB/s, $threads threads"
awk -F, -v peak="$gflops" '$1 == "finetune" && $2 == "mobilenet-v2" && $3 == 16 {
	printf "finetune %s: %.0f GFLOP/s, %.0f %% of sgemm\n", $2, $6 * 6 * 0.300774, 100 * $6 * 6 * 0.300774 / peak }' "$table"
mkdir -p "$(dirname "$out")"
mv "$table" "$out"
