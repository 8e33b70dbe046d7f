#!/bin/sh
# agent.sh BIN LANDSCAPE - run ddpg-step or autoq-step on synthetic landscapes (tests/bench/landscape/README.md), and print
# the best loss so far and, in brackets, the mean of the last ten episodes, as ratio to uniform bits.
#
# From the environment, all with defaults: CONF, BENCH_EPISODES, BENCH_SEEDS, BENCH_NETS, BENCH_HARDWARE, BENCH_BITS, NOISE, and
# of kernels BENCH_ERROR, of the logarithm of what their weights say.
set -eu
bin=$1 landscape=$2
conf=${CONF:-experiments/agents/sensitivity.conf} episodes=${BENCH_EPISODES:-600} noise=${NOISE:-0}
here=tests/bench/landscape
target=$(sed -n 's/^target *= *\([a-z0-9]*\).*/\1/p' "$conf")
# agents of kernels have landscapes with kernels, and the others those of the authors' networks
kernels=$(sed -n 's/^agent *= *\(autoq\|kernel-[a-z]*\).*/yes/p' "$conf")
step=$([ "$kernels" ] && echo autoq-step || echo ddpg-step)
error=${BENCH_ERROR:-0.7}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

# act NET HARDWARE BITS SEED OPTION...
act() {
	net=$1 machine=$2 budget=latency-$3 seed=$4; shift 4
	"$bin/$step" act -n "data/networks/$net.csv" -f "$tmp/$net.npy" -t "$tmp/$net-$machine.csv" \
		-c "$conf" -b "$budget" -s "$seed" -r "$tmp/run" -F "$tmp/full-precision.csv" \
		${kernels:+-m "hwmodels/$machine.conf" -w "$tmp/$net.npz"} "$@"
}

# search NET HARDWARE BITS SEED: all episodes into $tmp/run
search() {
	rm -rf "$tmp/run" && mkdir "$tmp/run"
	k=1
	while [ "$k" -le "$episodes" ]; do
		e=$(printf '%s/run/%04d' "$tmp" "$k")
		act "$@" -k "$k" -o "$e.policy.csv" ${kernels:+-K "$e.kernels.npy"}
		"$landscape" score -n "data/networks/$1.csv" -l "$here/$1.csv" -p "$e.policy.csv" -o "$e.score.csv" \
			--noise "$noise" -s "$4" -k "$k" ${kernels:+-L "$here/$1.kernels.csv" -K "$e.kernels.npy"}
		k=$((k + 1))
	done
}

# curve NET BITS: a line of cells for the run
curve() {
	"$landscape" curve -n "data/networks/$1.csv" -l "$here/$1.csv" -b "$2" -r "$tmp/run" -k "$episodes" \
		--target "$target" ${kernels:+-L "$here/$1.kernels.csv"} |
		awk '{ printf " %.2f (%.2f) |", $2, $3 } END { print "" }'
}

printf 'images,top1,top5,loss\n10000,70.8,89.9,1.2\n' >"$tmp/full-precision.csv"
echo "$conf, noise $noise"
echo "| network, hardware, bits | seed | 20 | 60 | 100 | 200 | 300 | 400 | 600 |"
nets=$([ "$kernels" ] && echo mobilenet-v1-fashion mobilenet-v2-fashion || echo mobilenet-v1 mobilenet-v2)
for net in ${BENCH_NETS:-$nets}; do
	"$bin/extract-features" -n "data/networks/$net.csv" -o "$tmp/$net.npy"
	[ ! "$kernels" ] || "$landscape" weights -n "data/networks/$net.csv" -L "$here/$net.kernels.csv" --error "$error" -s 1 \
		-o "$tmp/$net.npz"
	for hardware in ${BENCH_HARDWARE:-bismo-edge bismo-cloud}; do
		"$bin/simulate-bismo" -n "data/networks/$net.csv" -m "hwmodels/$hardware.conf" -o "$tmp/$net-$hardware.csv"
		for b in ${BENCH_BITS:-4}; do
			for seed in ${BENCH_SEEDS:-1 2}; do
				search "$net" "$hardware" "w${b}a$b" "$seed"
				printf '| %s, %s, %s | %s |' "$net" "$hardware" "$b" "$seed"
				curve "$net" "w${b}a$b"
			done
			[ ! "$kernels" ] || printf '| %s, %s, %s | relaxation of layers, kernels | %s |\n' "$net" "$hardware" "$b" \
				"$("$landscape" optimum -n "data/networks/$net.csv" -l "$here/$net.csv" -L "$here/$net.kernels.csv" \
					-t "$tmp/$net-$hardware.csv" -m "hwmodels/$hardware.conf" -b "w${b}a$b" | tr ' ' ,)"
			awk -F, -v id="$net,$hardware,$b" 'FNR > 1 && $1 "," $2 "," $3 == id {
				if (FILENAME ~ /optima/) printf "| %s, %s, %s | optimum | %s |\n", $1, $2, $3, $7
				else printf "| %s, %s, %s | authors, %s | %s | %s | %s | %s | %s | %s | %s |\n",
					$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11
			}' "$here/authors.csv" "$here/optima.csv"
		done
	done
done
