#!/bin/sh
# agent.sh BIN LANDSCAPE - run ddpg-step on synthetic landscapes (tests/bench/landscape/README.md), and print
# the best loss so far and, in brackets, the mean of the last ten episodes, as ratio to uniform bits.
#
# From the environment, all with defaults: CONF, BENCH_EPISODES, BENCH_SEEDS, BENCH_NETS, BENCH_HARDWARE, BENCH_BITS, NOISE.
set -eu
bin=$1 landscape=$2
conf=${CONF:-experiments/agents/sensitivity.conf} episodes=${BENCH_EPISODES:-600} noise=${NOISE:-0}
here=tests/bench/landscape
target=$(sed -n 's/^target *= *\([a-z0-9]*\).*/\1/p' "$conf")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

# search NET HARDWARE BITS SEED: all episodes into $tmp/run
search() {
	rm -rf "$tmp/run" && mkdir "$tmp/run"
	k=1
	while [ "$k" -le "$episodes" ]; do
		e=$(printf '%s/run/%04d' "$tmp" "$k")
		"$bin/ddpg-step" act -n "data/networks/$1.csv" -f "$tmp/$1.npy" -t "$tmp/$1-$2.csv" -c "$conf" -b "latency-$3" \
			-s "$4" -k "$k" -r "$tmp/run" -F "$tmp/full-precision.csv" -o "$e.policy.csv"
		"$landscape" score -n "data/networks/$1.csv" -l "$here/$1.csv" -p "$e.policy.csv" -o "$e.score.csv" \
			--noise "$noise" -s "$4" -k "$k"
		k=$((k + 1))
	done
}

# curve NET BITS: a line of cells for the run
curve() {
	"$landscape" curve -n "data/networks/$1.csv" -l "$here/$1.csv" -b "$2" -r "$tmp/run" -k "$episodes" \
		--target "$target" |
		awk '{ printf " %.2f (%.2f) |", $2, $3 } END { print "" }'
}

printf 'images,top1,top5,loss\n10000,70.8,89.9,1.2\n' >"$tmp/full-precision.csv"
echo "$conf, noise $noise"
echo "| network, hardware, bits | seed | 20 | 60 | 100 | 200 | 300 | 400 | 600 |"
for net in ${BENCH_NETS:-mobilenet-v1 mobilenet-v2}; do
	"$bin/extract-features" -n "data/networks/$net.csv" -o "$tmp/$net.npy"
	for hardware in ${BENCH_HARDWARE:-bismo-edge bismo-cloud}; do
		"$bin/simulate-bismo" -n "data/networks/$net.csv" -m "hwmodels/$hardware.conf" -o "$tmp/$net-$hardware.csv"
		for b in ${BENCH_BITS:-4}; do
			for seed in ${BENCH_SEEDS:-1 2}; do
				search "$net" "$hardware" "w${b}a$b" "$seed"
				printf '| %s, %s, %s | %s |' "$net" "$hardware" "$b" "$seed"
				curve "$net" "w${b}a$b"
			done
			awk -F, -v id="$net,$hardware,$b" 'FNR > 1 && $1 "," $2 "," $3 == id {
				if (FILENAME ~ /optima/) printf "| %s, %s, %s | optimum | %s |\n", $1, $2, $3, $7
				else printf "| %s, %s, %s | authors, %s | %s | %s | %s | %s | %s | %s | %s |\n",
					$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11
			}' "$here/authors.csv" "$here/optima.csv"
		done
	done
done
