#!/bin/sh
. tests/shell.inc
. tests/tiny.inc
calibrate=$BIN/calibrate
quant

usual "$calibrate"
refuses_outputs "$calibrate" -n $net -w "$tmp/w.npz" -d "$tmp/train.npz" -k 64

run() {         # run OUT OPTION...
	out=$1; shift
	with "$calibrate" "-n $net -w $tmp/w.npz -d $tmp/train.npz -k 128 -o $out" "$@"
}
exits 0 '' 'histograms are written without a word' run "$tmp/a.npz"
is 'a sound archive' unzip -tq "$tmp/a.npz"
run "$tmp/b.npz"
is 'the same twice' cmp "$tmp/a.npz" "$tmp/b.npz"
OMP_NUM_THREADS=2 run "$tmp/b.npz"
is 'two threads, the same bytes' cmp "$tmp/a.npz" "$tmp/b.npz"

# counted FILE: how many numbers each layer read
counted() {
	unzip -p "$1" histograms.npy | tail -c $((6 * 2048 * 8)) | od -A n -v -t f8 -w8 |
		awk '{ sum += $1 } NR % 2048 == 0 { printf "%d ", sum; sum = 0 }'
}
is 'every number of 128 images is counted' test "$(counted "$tmp/a.npz")" = \
	"$((128 * 784)) $((128 * 1568)) $((128 * 1568)) $((128 * 3136)) $((128 * 784)) $((128 * 32)) "
unzip -p "$tmp/a.npz" maxima.npy >"$tmp/maxima"
is 'as many maxima as layers' grep -q -a "'shape': (6,)" "$tmp/maxima"
run "$tmp/b.npz" -k 100000
is 'no more images than there are' test "$(counted "$tmp/b.npz" | cut -d' ' -f1)" = $((640 * 784))
exits 2 'must be at least 64' 'a batch at least' run "$tmp/x" -k 63

fails() {
	pattern=$1 text=$2; shift 2
	exits 1 "$pattern" "$text" run "$tmp/x" "$@"
}
bad_weights fails "$tmp/w.npz"
bad_images fails
"$BIN/pack-images" -i $idx -p train -t 63 -o "$tmp/few.npz"
fails 'few.npz: 63 images; expected at least 64' 'images for one batch at least' -d "$tmp/few.npz"
is 'what failed left nothing behind' test -z "$(find "$tmp" -name 'x*')"
finish
