#!/bin/sh
. tests/shell.inc
. tests/tiny.inc
evaluate=$BIN/evaluate
quant

usual "$evaluate"

run() {         # run OUT OPTION...
	out=$1; shift
	with "$evaluate" "-n $net -w $tmp/w.npz -d $tmp/train.npz -o $out" "$@"
}
# two scores within the few images on which rounding decides
alike() { paste -d, "$1" "$2" | awk -F, 'NR == 2 { good = $5 == $1 && $2 - $6 <= 0.4 && $6 - $2 <= 0.4 && $4 - $8 < 1e-3 && $8 - $4 < 1e-3 } END { exit !good }'; }
exits 0 '' 'a score is written without a word' run "$tmp/a.csv"
is 'one row under a header' sh -c "[ \$(wc -l <'$tmp/a.csv') -eq 2 ] && head -n 1 '$tmp/a.csv' | grep -qx images,top1,top5,loss"
is 'of all images; top-1 better than chance, top-5 better than top-1' \
	awk -F, 'NR == 2 { good = $1 == 640 && $2 > 20 && $3 > $2 && $3 <= 100 && $4 > 0 } END { exit !good }' "$tmp/a.csv"
OMP_NUM_THREADS=2 run "$tmp/b.csv"
is 'two threads, the same bytes' cmp "$tmp/a.csv" "$tmp/b.csv"
for batch in 1 48 640 4096; do
	run "$tmp/b.csv" -b $batch
	is "$batch images at a time, the same bytes" cmp "$tmp/a.csv" "$tmp/b.csv"
done

exits 0 '' 'quantized, without a word' run "$tmp/q.csv" -w "$tmp/q.npz" -p "$tmp/w4a4.csv"
OMP_NUM_THREADS=2 run "$tmp/b.csv" -w "$tmp/q.npz" -p "$tmp/w4a4.csv"
is 'quantized, two threads, the same bytes' cmp "$tmp/q.csv" "$tmp/b.csv"
for batch in 1 48 4096; do
	run "$tmp/b.csv" -w "$tmp/q.npz" -p "$tmp/w4a4.csv" -b $batch
	is "quantized, $batch images at a time, the same bytes" cmp "$tmp/q.csv" "$tmp/b.csv"
done
run "$tmp/b.csv" -w "$tmp/q.npz"
is 'ranges do nothing without a policy' cmp "$tmp/a.csv" "$tmp/b.csv"
is 'four bits make a difference' differ "$tmp/a.csv" "$tmp/q.csv"

run "$tmp/b.csv" -w "$tmp/q.npz" -p "$tmp/w4a4.csv" --float
is 'in integers and on the same grid in floats: as good as the same' alike "$tmp/q.csv" "$tmp/b.csv"
HAQ_CPU=x86-64-v3 run "$tmp/b.csv" -w "$tmp/q.npz" -p "$tmp/w4a4.csv" --log "$tmp/log"
is 'bytes are multiplied where they cannot saturate, without VNNI' grep -q 'byte products where' "$tmp/log"
is 'the log says which loops run' grep -q 'loops for x86-64-v3' "$tmp/log"
is '... and what oneDNN may use' grep -q 'oneDNN [0-9.]* for AVX2' "$tmp/log"
is 'on a CPU that cannot multiply bytes: as good as the same' alike "$tmp/q.csv" "$tmp/b.csv"
run "$tmp/b.csv" -w "$tmp/q.npz" -p "$tmp/w4a4.csv" -l "$tmp/logits.npy"
is 'the outputs of all images, if asked' sh -c "head -c 100 '$tmp/logits.npy' | grep -aq \"'<f4'.*(640, 10)\""

# every output channel its own bits
channels=$("$BIN/describe-network" -n $net -o "$tmp/layers.csv"; awk -F, '$1 != "total" { n += $4 } END { print n }' "$tmp/layers.csv")
sed 's/,4,4$/,6,4/' "$tmp/w4a4.csv" >"$tmp/w6a4.csv"
awk -F, 'NR > 1 && $1 != "total" { for (c = 0; c < $4; c++) printf "%c", $1 == "conv1" || $1 == "fc" ? 8 : c ? 3 : 6 }' "$tmp/layers.csv" |
	npy_bytes "$tmp/kernels.npy" "$channels"
exits 0 '' 'quantize takes bits of channels' "$BIN/quantize" -n $net -w "$tmp/w.npz" -p "$tmp/w6a4.csv" -k "$tmp/kernels.npy" \
	-a "$tmp/h.npz" -o "$tmp/k.npz"
conf "$tmp/f.conf" learning_rate=0.001 statistics_images=640
exits 0 '' 'so does finetune' "$BIN/finetune" -n $net -w "$tmp/k.npz" -p "$tmp/w6a4.csv" -k "$tmp/kernels.npy" -d "$tmp/train.npz" \
	-c "$tmp/f.conf" -s 1 -o "$tmp/kt.npz"
is '... which learns' differ_member b1.pw.weight "$tmp/kt.npz" "$tmp/k.npz"
exits 0 '' 'and evaluate' run "$tmp/k.csv" -w "$tmp/kt.npz" -p "$tmp/w6a4.csv" -k "$tmp/kernels.npy"
run "$tmp/b.csv" -w "$tmp/kt.npz" -p "$tmp/w6a4.csv" -k "$tmp/kernels.npy" --float
is 'in floats: as good as the same' alike "$tmp/k.csv" "$tmp/b.csv"
# and one range for all channels of a layer
"$BIN/quantize" -n $net -w "$tmp/w.npz" -p "$tmp/w6a4.csv" -k "$tmp/kernels.npy" -a "$tmp/h.npz" --ranges layer -o "$tmp/l.npz"
exits 0 '' 'channels of different bits in one range' run "$tmp/l.csv" -w "$tmp/l.npz" -p "$tmp/w6a4.csv" -k "$tmp/kernels.npy"
run "$tmp/b.csv" -w "$tmp/l.npz" -p "$tmp/w6a4.csv" -k "$tmp/kernels.npy" --float
is 'in floats: as good as the same' alike "$tmp/l.csv" "$tmp/b.csv"
run "$tmp/b.csv" -w "$tmp/l.npz" -p "$tmp/w6a4.csv"
is '... and another score than of their widest' differ "$tmp/l.csv" "$tmp/b.csv"
exits 2 'goes with --policy' 'no channels without a policy' run "$tmp/x" -k "$tmp/kernels.npy"

# the levels of the CPU, those that this one has
at() (
	HAQ_CPU=$1; shift
	export HAQ_CPU
	run "$@"
)
exits 1 '^evaluate: HAQ_CPU=x86-64-v2: expected one of x86-64, x86-64-v3, x86-64-v4$' 'a level that is none' at x86-64-v2 "$tmp/x"
if [ "$(uname -m)" = x86_64 ]; then
	for level in x86-64 x86-64-v3 x86-64-v4; do
		rm -f "$tmp/b.csv"
		if at $level "$tmp/b.csv" -w "$tmp/q.npz" -p "$tmp/w4a4.csv" 2>"$tmp/said"; then
			is "at $level: as good as the same" alike "$tmp/q.csv" "$tmp/b.csv"
		else
			is "$level is too much for this CPU" grep -qx "evaluate: HAQ_CPU=$level: this CPU is at most x86-64[-v3]*" "$tmp/said"
		fi
	done
fi

exits 1 'not a regular file' 'refuses to replace a device' run /dev/full
exits 1 "cannot write $tmp/none/x" 'names the directory that is not there' run "$tmp/none/x"
exits 2 '1..4096' 'a batch is not empty' run "$tmp/x" -b 0
exits 2 '1..4096' 'nor vast' run "$tmp/x" -b 5000
fails() {
	pattern=$1 text=$2; shift 2
	exits 1 "$pattern" "$text" run "$tmp/x" "$@"
}
fails "layer 'conv1' has no clipping range: run quantize" 'no policy without ranges' -p "$tmp/w4a4.csv"
bad_inputs fails "$tmp/q.npz"
bad_images fails
sed 's/^fc,linear,pool,10/fc,linear,pool,7/' $net >"$tmp/seven.csv"
sed '/^pool,/d; /^fc,/d' $net >"$tmp/map.csv"
fails "the last node, '.*', gives [0-9]* x [0-9]* numbers a class" 'a network that is no classifier' -n "$tmp/map.csv"
fails "10 classes, where .*seven.csv tells 7 apart" 'more classes than the network has' -n "$tmp/seven.csv"
is 'what failed left nothing behind' test -z "$(find "$tmp" -name 'x*')"
finish
