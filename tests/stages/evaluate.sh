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
exits 0 '' 'a score is written without a word' run "$tmp/a.csv"
is 'one row under a header' sh -c "[ \$(wc -l <'$tmp/a.csv') -eq 2 ] && head -n 1 '$tmp/a.csv' | grep -qx images,top1,top5,loss"
is 'of all images; top-1 better than chance, top-5 better than top-1' \
	awk -F, 'NR == 2 { exit !($1 == 640 && $2 > 20 && $3 > $2 && $3 <= 100 && $4 > 0) }' "$tmp/a.csv"
OMP_NUM_THREADS=2 run "$tmp/b.csv"
is 'two threads, the same bytes' cmp "$tmp/a.csv" "$tmp/b.csv"
for batch in 1 48 640 4096; do
	run "$tmp/b.csv" -b $batch
	is "$batch images at a time, the same bytes" cmp "$tmp/a.csv" "$tmp/b.csv"
done

exits 0 '' 'quantised, without a word' run "$tmp/q.csv" -w "$tmp/q.npz" -p "$tmp/w4a4.csv"
OMP_NUM_THREADS=2 run "$tmp/b.csv" -w "$tmp/q.npz" -p "$tmp/w4a4.csv"
is 'quantised, two threads, the same bytes' cmp "$tmp/q.csv" "$tmp/b.csv"
run "$tmp/b.csv" -w "$tmp/q.npz"
is 'ranges do nothing without a policy' cmp "$tmp/a.csv" "$tmp/b.csv"
is 'four bits make a difference' differ "$tmp/a.csv" "$tmp/q.csv"

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
fails "10 classes, where .*seven.csv tells 7 apart" 'more classes than the network has' -n "$tmp/seven.csv"
is 'what failed left nothing behind' test -z "$(find "$tmp" -name 'x*')"
finish
