#!/bin/sh
# export-onnx.sh - what export-onnx writes import-onnx reads, and evaluate gives the same logits of both.
# (tests/golden/run-onnx.py, run by hand, computes what the files say without our programs.)
. tests/shell.inc
. tests/tiny.inc
export=$BIN/export-onnx
quant
golden=tests/golden/onnx

usual "$export"
refuses_outputs "$export" -n $net -w "$tmp/q.npz" -p "$tmp/w4a4.csv"

defaults="-n $net -w $tmp/q.npz -p $tmp/w4a4.csv"
run() {         # run OUT OPTION...
	out=$1; shift
	with "$export" "$defaults -o $out" "$@"
}
exits 0 '' 'a quantized network is written without a word' run "$tmp/a.onnx" --json "$tmp/a.json"
run "$tmp/b.onnx" --json "$tmp/b.json"
is 'the same bytes twice' cmp "$tmp/a.onnx" "$tmp/b.onnx"
is 'and the same JSON' cmp "$tmp/a.json" "$tmp/b.json"
is 'JSON says what the policy says' sh -c "tr -d ' \n' <'$tmp/a.json' |
	grep -q '\"name\":\"b1.pw\",\"kind\":\"pointwise\",\"weight_bits\":4,\"weight_clip\":[0-9.]*,\"weight_scale\":[0-9.]*,\"activation_bits\":4,\"activation_signed\":false,'"
is 'and that the image is read as it is' test "$(grep -c '"activation_scale": null' "$tmp/a.json")" -eq 1
is 'weights are bytes' test "$(wc -c <"$tmp/a.onnx")" -lt "$(wc -c <"$tmp/w.npz")"

# logits FILE NET WEIGHTS OPTION...: of 640 images
logits() {
	to=$1 n=$2 w=$3; shift 3
	"$BIN/evaluate" -n "$n" -w "$w" -d "${images:-$tmp/train.npz}" -l "$to" -o "$tmp/score.csv" "$@"
}
floats() {      # of a .npy file, one a line; its header has 128 bytes
	tail -c +129 "$1" | od -An -v -t f4 -w4 | tr -d ' '
}
# near A B: all but one in a hundred the same to 1e-5 of the largest: folding rounds otherwise, and now and then a number that lies between
# two integers goes to the other one
near() {
	floats "$1" >"$tmp/ours"; floats "$2" >"$tmp/theirs"
	paste "$tmp/ours" "$tmp/theirs" | awk '{ d[NR] = $1 - $2; s = $2 < 0 ? -$2 : $2; if (s > most) most = s }
		END { for (i = 1; i <= NR; i++) far += !((d[i] < 0 ? -d[i] : d[i]) <= 1e-5 * most); exit !(NR >= 640 && most > 0 && far <= NR / 100) }'
}

# trip TEXT NET WEIGHTS POLICY OPTION...: there and back, kept and folded; options are those of export and evaluate
trip() {
	what=$1 n=$2 w=$3 p=$4; shift 4
	logits "$tmp/here.npy" "$n" "$w" -p "$p" "$@"
	is "$what: out" "$export" -n "$n" -w "$w" -p "$p" "$@" -o "$tmp/x.onnx"
	exits 0 '' "$what: and in" "$BIN/import-onnx" -i "$tmp/x.onnx" -n "$tmp/back.csv" -w "$tmp/back.npz" -p "$tmp/back-policy.csv" -k "$tmp/back-kernels.npy"
	is "$what: the policy is back" cmp "$p" "$tmp/back-policy.csv"
	logits "$tmp/there.npy" "$tmp/back.csv" "$tmp/back.npz" -p "$p" "$@"
	is "$what: the same logits, to the bit" cmp "$tmp/here.npy" "$tmp/there.npy"
	is "$what: folded" "$export" -n "$n" -w "$w" -p "$p" "$@" --fold -o "$tmp/f.onnx"
	exits 0 '' "$what: folded, and in" "$BIN/import-onnx" -i "$tmp/f.onnx" -n "$tmp/folded.csv" -w "$tmp/folded.npz" -p "$tmp/back-policy.csv"
	is "$what: folded, the policy is back" cmp "$p" "$tmp/back-policy.csv"
	is "$what: folded, no batch norms are left" sh -c "! grep -q ',yes,[a-z0-9]*,[a-z0-9]*\$' '$tmp/folded.csv'"
	logits "$tmp/there.npy" "$tmp/folded.csv" "$tmp/folded.npz" -p "$p" "$@"
	is "$what: folded, the same logits" near "$tmp/there.npy" "$tmp/here.npy"
}

# bits in turn: 2 to 8, another for weights than for activations
mixed() {
	awk -F, 'NR == 1 { print "layer,weight_bits,activation_bits" }
		$2 == "conv" || $2 == "linear" { k++; print $1 "," (k == 1 ? 8 : 2 + k * 3 % 7) "," (k == 1 ? 8 : 2 + k * 5 % 7) }' "$1"
}
quantize() {    # quantize OUT POLICY OPTION...
	out=$1 p=$2; shift 2
	"$BIN/quantize" -n $net -w "$tmp/w.npz" -a "$tmp/h.npz" -p "$p" -o "$out" "$@"
}
trip '4 bits' $net "$tmp/q.npz" "$tmp/w4a4.csv"
policy 8 8 >"$tmp/w8a8.csv"; quantize "$tmp/q8.npz" "$tmp/w8a8.csv"
trip '8 bits' $net "$tmp/q8.npz" "$tmp/w8a8.csv"
mixed $net >"$tmp/mixed.csv"; quantize "$tmp/qm.npz" "$tmp/mixed.csv"
trip 'mixed bits' $net "$tmp/qm.npz" "$tmp/mixed.csv"
policy 1 1 >"$tmp/w1a1.csv"; quantize "$tmp/q1.npz" "$tmp/w1a1.csv"
trip 'one bit' $net "$tmp/q1.npz" "$tmp/w1a1.csv"
sed 's/^conv1,8,8/conv1,8,5/' "$tmp/w4a4.csv" >"$tmp/image5.csv"; quantize "$tmp/q5.npz" "$tmp/image5.csv"
trip 'an image of 5 bits' $net "$tmp/q5.npz" "$tmp/image5.csv"

# every output channel its own bits
channels=$("$BIN/describe-network" -n $net -o "$tmp/layers.csv"; awk -F, '$1 != "total" { n += $4 } END { print n }' "$tmp/layers.csv")
sed 's/,4,4$/,6,4/' "$tmp/w4a4.csv" >"$tmp/w6a4.csv"
awk -F, 'NR > 1 && $1 != "total" { for (c = 0; c < $4; c++) printf "%c", $1 == "conv1" || $1 == "fc" ? 8 : c ? 3 : 6 }' "$tmp/layers.csv" |
	npy_bytes "$tmp/kernels.npy" "$channels"
quantize "$tmp/qk.npz" "$tmp/w6a4.csv" -k "$tmp/kernels.npy"
trip 'kernels' $net "$tmp/qk.npz" "$tmp/w6a4.csv" -k "$tmp/kernels.npy"
tail -c "$channels" "$tmp/kernels.npy" >"$tmp/one"
is 'kernels: their bits are back' sh -c "tail -c $channels '$tmp/back-kernels.npy' | cmp -s - '$tmp/one'"

quantize "$tmp/ql.npz" "$tmp/w6a4.csv" -k "$tmp/kernels.npy" --ranges layer
trip 'kernels in one range' $net "$tmp/ql.npz" "$tmp/w6a4.csv" -k "$tmp/kernels.npy"
is 'kernels in one range: their bits are back' sh -c "tail -c $channels '$tmp/back-kernels.npy' | cmp -s - '$tmp/one'"
run "$tmp/b.onnx" --json "$tmp/b.json" -w "$tmp/ql.npz" -p "$tmp/w6a4.csv" -k "$tmp/kernels.npy"
is 'kernels in one range: JSON has one range, and scales of each' sh -c "tr -d ' \n' <'$tmp/b.json' | grep -q '\"weight_clip\":[0-9.]*,\"weight_scale\":\[[0-9.]*,[0-9.,]*\],'"

# --- in full precision
exits 0 '' 'a network in full precision is written without a word' "$export" -n $net -w "$tmp/w.npz" -o "$tmp/x.onnx"
exits 0 '' 'and read' "$BIN/import-onnx" -i "$tmp/x.onnx" -n "$tmp/back.csv" -w "$tmp/back.npz"
unzip -p "$tmp/w.npz" >"$tmp/one"
is 'the same weights, to the bit' sh -c "unzip -p '$tmp/back.npz' | cmp -s - '$tmp/one'"
is 'the same layers' sh -c "sed 's/,yes,,,8\$/,yes,no,none,8/' $net | cmp -s - '$tmp/back.csv'"
exits 1 'no policy: weights of layer .conv1. are not quantized' 'which have no policy' \
	"$BIN/import-onnx" -i "$tmp/x.onnx" -n "$tmp/y.csv" -w "$tmp/y.npz" -p "$tmp/y-policy.csv"
is 'folded' "$export" -n $net -w "$tmp/w.npz" --fold -o "$tmp/x.onnx"
"$BIN/import-onnx" -i "$tmp/x.onnx" -n "$tmp/back.csv" -w "$tmp/back.npz"
logits "$tmp/here.npy" $net "$tmp/w.npz"; logits "$tmp/there.npy" "$tmp/back.csv" "$tmp/back.npz"
is 'folded, the same logits' near "$tmp/there.npy" "$tmp/here.npy"
is 'a codebook is written as floats' sh -c "'$BIN/quantize' -n $net -w '$tmp/w.npz' -p '$tmp/w4a4.csv' --codebook -o '$tmp/book.npz' &&
	'$export' -n $net -w '$tmp/book.npz' -o '$tmp/x.onnx'"

# a layer whose name ends as those of weights do keeps its bits
sed 's/b1\.pw/b1.pw_weight/g' $net >"$tmp/named.csv"
sed 's/b1\.pw/b1.pw_weight/g' "$tmp/mixed.csv" >"$tmp/named-policy.csv"
conf "$tmp/none.conf" epochs=0
"$BIN/finetune" -n "$tmp/named.csv" -d "$tmp/train.npz" -c "$tmp/none.conf" -s 1 -o "$tmp/named.npz"
"$BIN/calibrate" -n "$tmp/named.csv" -w "$tmp/named.npz" -d "$tmp/train.npz" -k 64 -o "$tmp/named-h.npz"
"$BIN/quantize" -n "$tmp/named.csv" -w "$tmp/named.npz" -a "$tmp/named-h.npz" -p "$tmp/named-policy.csv" -o "$tmp/named-q.npz"
"$BIN/export-onnx" -n "$tmp/named.csv" -w "$tmp/named-q.npz" -p "$tmp/named-policy.csv" -o "$tmp/x.onnx"
exits 0 '' 'a layer named like weights: out, and in' "$BIN/import-onnx" -i "$tmp/x.onnx" -n "$tmp/y.csv" -w "$tmp/y.npz" -p "$tmp/y-policy.csv"
is '... with its bits' cmp "$tmp/y-policy.csv" "$tmp/named-policy.csv"
LC_ALL=C sed 's/bits\.b1\.dw/bits.b1.xx/' "$tmp/x.onnx" >"$tmp/stray.onnx"
exits 1 'property bits.b1.xx: there is no such layer' 'bits of no layer' "$BIN/import-onnx" -i "$tmp/stray.onnx" -n "$tmp/y.csv" -w "$tmp/y.npz" -p "$tmp/y-policy.csv"

# --- networks with everything that import-onnx knows, there and back in full precision
images=$golden/images.npz
for name in mobile-norms fire-norms keras; do
	"$BIN/import-onnx" -i $golden/$name.onnx -n "$tmp/n.csv" -w "$tmp/n.npz"
	exits 0 '' "$name: out" "$export" -n "$tmp/n.csv" -w "$tmp/n.npz" -o "$tmp/x.onnx"
	exits 0 '' "$name: and in" "$BIN/import-onnx" -i "$tmp/x.onnx" -n "$tmp/back.csv" -w "$tmp/back.npz"
	logits "$tmp/here.npy" "$tmp/n.csv" "$tmp/n.npz"; logits "$tmp/there.npy" "$tmp/back.csv" "$tmp/back.npz"
	is "$name: the same logits, to the bit" cmp "$tmp/here.npy" "$tmp/there.npy"
done

# --- what it cannot do
rm -f "$tmp"/x*
fails() {
	pattern=$1 text=$2; shift 2
	exits 1 "$pattern" "$text" run "$tmp/x" "$@"
}
bad_inputs fails "$tmp/q.npz"
fails 'run quantize on the weights first' 'weights without ranges' -w "$tmp/w.npz"
fails 'shared values .a codebook.*without --policy' 'a codebook has no policy' -w "$tmp/book.npz"
exits 2 'kernels goes with --policy' 'no channels without a policy' "$export" -n $net -w "$tmp/q.npz" -k "$tmp/kernels.npy" -o "$tmp/x"
exits 2 'json goes with --policy' 'no JSON without a policy' "$export" -n $net -w "$tmp/q.npz" -j "$tmp/x.json" -o "$tmp/x"
sed '/^pool/d; /^fc/d' $net >"$tmp/images.csv"
exits 1 "'b2.pw', gives 7 x 7; expected 1 x 1" 'a network that is no classifier' "$export" -n "$tmp/images.csv" -w "$tmp/w.npz" -o "$tmp/x"
is 'what failed left nothing behind' test -z "$(find "$tmp" -name 'x*')"
finish
