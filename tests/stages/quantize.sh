#!/bin/sh
. tests/shell.inc
. tests/tiny.inc
quantize=$BIN/quantize
quant

usual "$quantize"
refuses_outputs "$quantize" -n $net -w "$tmp/w.npz" -p "$tmp/w4a4.csv" -a "$tmp/h.npz"

defaults="-n $net -w $tmp/w.npz -p $tmp/w4a4.csv -a $tmp/h.npz"
run() {         # run OUT OPTION...
	out=$1; shift
	with "$quantize" "$defaults -o $out" "$@"
}
exits 0 '' 'ranges are chosen without a word' run "$tmp/a.npz"
is 'a sound archive' unzip -tq "$tmp/a.npz"
run "$tmp/b.npz"
is 'the same twice' cmp "$tmp/a.npz" "$tmp/b.npz"
OMP_NUM_THREADS=2 run "$tmp/b.npz"
is 'two threads, the same bytes' cmp "$tmp/a.npz" "$tmp/b.npz"
run "$tmp/b.npz" -w "$tmp/a.npz"
is 'ranges that were there are replaced' cmp "$tmp/a.npz" "$tmp/b.npz"
is 'weights stay in full precision' same_member b1.pw.weight "$tmp/a.npz" "$tmp/w.npz"
is 'every layer has both ranges' test "$(unzip -l "$tmp/a.npz" | grep -c '_clip.npy')" -eq 12

# number FILE ARRAY: the only number of an array
number() {
	unzip -p "$1" "$2.npy" | tail -c 4 | od -A n -t f4 | tr -d ' '
}
run "$tmp/max.npz" -c max
run "$tmp/mse.npz" --clip mse
for array in b1.pw.weight_clip b1.pw.activation_clip; do
	is "$array: kl clips more than max" less "$(number "$tmp/a.npz" $array)" "$(number "$tmp/max.npz" $array)"
	is "$array: mse clips more than max" less "$(number "$tmp/mse.npz" $array)" "$(number "$tmp/max.npz" $array)"
done
is 'max is the largest magnitude' test "$(number "$tmp/max.npz" b1.pw.weight_clip)" = \
	"$(unzip -p "$tmp/w.npz" b1.pw.weight.npy | tail -c $((16 * 8 * 4)) | od -A n -v -t f4 -w4 |
		awk '{ sub(/^ *-/, ""); if ($1 + 0 > most + 0) most = $1 } END { print most }')"
exits 2 'kl, mse or max' '--clip takes three words' run "$tmp/x" -c best

policy 2 2 >"$tmp/w2a2.csv"
run "$tmp/grid.npz" -p "$tmp/w2a2.csv" --grid
is '2 bits leave three values' test "$(unzip -p "$tmp/grid.npz" b1.pw.weight.npy | tail -c $((16 * 8 * 4)) |
	od -A n -v -t f4 -w4 | sed 's/-0$/0/' | sort -u | wc -l)" -eq 3

# a range for each of the 16 channels of b1.pw, whose bits are alike
exits 0 '' 'kernels have ranges of their own without a word' run "$tmp/kernels.npz" -c max --ranges kernel
channels() { unzip -p "$1" "$2.npy" | tail -c $((16 * 4)) | od -A n -v -t f4 -w4 | sort -g; }
is '... as many as there are'   test "$(channels "$tmp/kernels.npz" b1.pw.weight_clip | sort -u | wc -l)" -gt 8
is '... the largest of which is that of the layer' test "$(channels "$tmp/kernels.npz" b1.pw.weight_clip | tail -n 1 | tr -d ' ')" = "$(number "$tmp/max.npz" b1.pw.weight_clip)"
is '... whose weights are computed in integers all the same' "$BIN/evaluate" -n $net -w "$tmp/kernels.npz" -p "$tmp/w4a4.csv" -d "$tmp/train.npz" -o "$tmp/score.csv"
is 'inputs have one range as before' same_member b1.pw.activation_clip "$tmp/kernels.npz" "$tmp/max.npz"
exits 2 "layer or kernel, not 'network'" '--ranges takes two words' run "$tmp/x" --ranges network

# the first half of the kernels of a searched layer have bits of their own, given in octal; the last half 4
halves() { awk -v b="$1" '$1 != "" { for (k = 0; k < $2; k++) printf "%c", $1 == "fixed" ? 8 : k < $2 / 2 ? b : 4 }' <<-END | npy_bytes "$tmp/bits.npy" 90
	fixed 8
	b1.dw 8
	b1.pw 16
	b2.dw 16
	b2.pw 32
	fixed 10
END
}
halves 4; run "$tmp/a.npz" -c mse --ranges layer -k "$tmp/bits.npy"
is 'one range of kernels of equal bits is that of their layer' cmp "$tmp/a.npz" "$tmp/mse.npz"
run "$tmp/a.npz" -c mse --ranges kernel; run "$tmp/b.npz" -c mse -k "$tmp/bits.npy"
is 'kernels have their own unless told' cmp "$tmp/a.npz" "$tmp/b.npz"
# 2 and 4 bits: 3 in the mean, and 1 or 7 levels up to the same range
policy 3 4 >"$tmp/w3a4.csv"; run "$tmp/three.npz" -c mse -p "$tmp/w3a4.csv"
halves 2; run "$tmp/grid.npz" -c mse --ranges layer -k "$tmp/bits.npy" --grid
is 'one range of kernels of different bits is that of their mean' same_member b1.pw.weight_clip "$tmp/grid.npz" "$tmp/three.npz"
least() { unzip -p "$tmp/grid.npz" b1.pw.weight.npy | tail -c $((16 * 8 * 4)) | od -A n -v -t f4 -w4 | "$1" -n 64 | awk '$1 > 0' | sort -g | head -n 1; }
is '... in which each has levels of its own' awk -v c="$(number "$tmp/grid.npz" b1.pw.weight_clip)" -v two="$(least head)" -v four="$(least tail)" \
	'BEGIN { exit !(c > 0 && two == c && 7 * four > 0.99999 * c && 7 * four < 1.00001 * c) }'

# --- codebooks
share() {       # share OUT POLICY OPTION...
	out=$1 bits=$2; shift 2
	"$quantize" -n $net -w "$tmp/w.npz" -p "$bits" --codebook -o "$out" "$@"
}
values() {      # values FILE ARRAY: how many different ones
	unzip -p "$1" "$2.npy" | tail -c $((16 * 8 * 4)) | od -A n -v -t f4 -w4 | sort -u | wc -l
}
policy 3 8 >"$tmp/w3a8.csv"
exits 0 '' 'values are shared without a word' share "$tmp/book.npz" "$tmp/w3a8.csv"
is '3 bits are eight values' test "$(values "$tmp/book.npz" b1.pw.weight)" -eq 8
is 'each weight says which' test "$(unzip -p "$tmp/book.npz" b1.pw.cluster.npy | tail -c $((16 * 8)) | od -A n -v -t u1 -w1 | sort -u | wc -l)" -eq 8
is 'the layer that reads the image keeps its weights' same_member conv1.weight "$tmp/book.npz" "$tmp/w.npz"
is 'there are no ranges' test "$(unzip -l "$tmp/book.npz" | grep -c '_clip.npy')" -eq 0
OMP_NUM_THREADS=2 share "$tmp/b.npz" "$tmp/w3a8.csv"
is 'shared by two threads, the same bytes' cmp "$tmp/book.npz" "$tmp/b.npz"
policy 1 8 >"$tmp/w1a8.csv"
share "$tmp/b.npz" "$tmp/w1a8.csv"
is '1 bit is two values' test "$(values "$tmp/b.npz" b1.pw.weight)" -eq 2
run "$tmp/b.npz" -w "$tmp/book.npz"
is 'ranges replace a codebook' test "$(unzip -l "$tmp/b.npz" | grep -c '.cluster.npy')" -eq 0
exits 2 'codebook goes without --activations' 'no codebook with ranges' share "$tmp/x" "$tmp/w3a8.csv" -a "$tmp/h.npz"
exits 2 '--activations is needed' 'no ranges without activations' \
	"$quantize" -n $net -w "$tmp/w.npz" -p "$tmp/w4a4.csv" -o "$tmp/x"

fails() {
	pattern=$1 text=$2; shift 2
	exits 1 "$pattern" "$text" run "$tmp/x" "$@"
}
bad_inputs fails "$tmp/w.npz"
damaged "$tmp/h.npz" >"$tmp/damaged.npz"
fails "$tmp/damaged.npz: " 'damaged histograms' -a "$tmp/damaged.npz"
fails "w.npz: no array 'maxima'" 'weights where histograms belong' -a "$tmp/w.npz"
# another network: one layer more
{ cat $net; echo 'more,linear,fc,10,,,,,yes,,,8'; } >"$tmp/deeper.csv"
"$BIN/finetune" -n "$tmp/deeper.csv" -d "$tmp/train.npz" -c "$tmp/first.conf" -s 1 -o "$tmp/deeper.npz"
{ cat "$tmp/w4a4.csv"; echo more,8,8; } >"$tmp/deeper-policy.csv"
fails "h.npz: array 'maxima' has shape 6; expected 7" 'histograms of another network' -n "$tmp/deeper.csv" \
	-w "$tmp/deeper.npz" -p "$tmp/deeper-policy.csv"
sed 's/^b1.pw,conv,b1.dw,16,1,1,0,1,no,yes,relu6/b1.pw,conv,b1.dw,16,1,1,0,1,no,yes,none/' $net >"$tmp/signed.csv"
policy 1 1 >"$tmp/w1a1.csv"
fails "w1a1.csv: layer 'b2.dw': 1-bit activations are not defined" 'no single bit where numbers may be negative' \
	-n "$tmp/signed.csv" -p "$tmp/w1a1.csv"
is 'one bit where they may not' run "$tmp/one.npz" -p "$tmp/w1a1.csv"
is 'what failed left nothing behind' test -z "$(find "$tmp" -name 'x*')"
finish
