#!/bin/sh
# insert-batch-norm.sh - a network without batch norms gets some, and computes what it computed.
. tests/shell.inc
insert=$BIN/insert-batch-norm
golden=tests/golden/onnx

"$BIN/import-onnx" -i $golden/mobile-folded.onnx -n "$tmp/net.csv" -w "$tmp/net.npz" || exit 1
pictures=$PWD/tests/golden/pictures
{ echo path,label; for i in $(seq 16); do echo "$pictures/noise.png,0"; echo "$pictures/420.jpg,1"; echo "$pictures/444.jpg,2"; done; } >"$tmp/list.csv"
"$BIN/pack-images" --list "$tmp/list.csv" --resize 20 --crop 17 --shuffle 1 -o "$tmp/images.npz" || exit 1

usual "$insert"
run() {
	"$insert" -n "$tmp/net.csv" -w "$tmp/net.npz" -d "$tmp/images.npz" --network-out "$tmp/$1.csv" --weights-out "$tmp/$1.npz"
}
exits 0 '' 'batch norms are inserted without a word' run normed
is 'each convolution has one, instead of a bias, but not the last layer' test \
	"$(awk -F, '$2 == "conv" || $2 == "linear" { print $9 $10 }' "$tmp/normed.csv" | tr '\n' ' ')" = 'noyes noyes noyes noyes noyes noyes noyes yesno '
is 'all else stays' test "$(cut -d, -f -8,11- "$tmp/normed.csv")" = "$(cut -d, -f -8,11- "$tmp/net.csv")"

# array FILE NAME: its floats, one a line
array() {
	unzip -p "$1" "$2.npy" | tail -c +129 | od -An -v -t f4 | tr -s ' ' '\n' | sed '/^$/d'
}
# norms FILE: the largest square norm of a filter of project.0, which has 16 weights each, over the smallest
norms() {
	array "$1" project.0.weight | awk '{ s += $1 ^ 2 } NR % 16 == 0 { if (!low || s < low) low = s; if (s > high) high = s; s = 0 } END { print high / low }'
}
is 'filters had different norms' test "$(norms "$tmp/net.npz" | awk '{ print ($1 > 1.2) }')" = 1
is 'and have equal ones' test "$(norms "$tmp/normed.npz" | awk '{ print ($1 < 1.0001) }')" = 1

logits() {
	"$BIN/evaluate" -n "$tmp/$1.csv" -w "$tmp/$1.npz" -d $golden/images.npz --logits "$tmp/$1.npy" -o "$tmp/score.csv" &&
		tail -c +129 "$tmp/$1.npy" | od -An -v -t f4 | tr -s ' ' '\n' | sed '/^$/d' >"$tmp/$1.logits"
}
is 'before' logits net
is 'and after' logits normed
is 'the network computes the same' sh -c "paste '$tmp/net.logits' '$tmp/normed.logits' | awk '{ d = \$1 - \$2; d = d < 0 ? -d : d; if (!(d <= worst)) worst = d
	s = \$1 < 0 ? -\$1 : \$1; if (s > most) most = s } END { exit !(NR == 42 && most > 0.1 && worst <= 1e-5 * most) }'"
run again
is 'the same twice' cmp "$tmp/normed.npz" "$tmp/again.npz"

# ranges of filters that change are left out; filters of a codebook cannot change
"$BIN/import-onnx" -i $golden/qdq.onnx -n "$tmp/net.csv" -w "$tmp/net.npz" 2>"$tmp/said"
is 'weights with ranges' sh -c "unzip -l '$tmp/net.npz' | grep -q conv2.weight_clip"
exits 0 '' 'get norms' run ranged
is 'and have no ranges then' sh -c "! unzip -l '$tmp/ranged.npz' | grep -q clip"
printf 'layer,weight_bits,activation_bits\nconv1,4,8\nconv2,4,8\nconv3,4,8\nfc,4,8\n' >"$tmp/policy.csv"
"$BIN/quantize" -n "$tmp/net.csv" -w "$tmp/net.npz" -p "$tmp/policy.csv" --codebook -o "$tmp/shared.npz"
mv "$tmp/shared.npz" "$tmp/net.npz"
exits 1 'weights of a codebook' 'a codebook is refused' run x

"$BIN/import-onnx" -i $golden/mobile-norms.onnx -n "$tmp/net.csv" -w "$tmp/net.npz"
exits 1 "'stem.0' has a batch norm already" 'a network with batch norms is refused' run x
"$BIN/import-onnx" -i $golden/mobile-folded.onnx -n "$tmp/net.csv" -w "$tmp/net.npz"
head -n 20 "$tmp/list.csv" >"$tmp/few.csv"
"$BIN/pack-images" --list "$tmp/few.csv" --resize 20 --crop 17 -o "$tmp/images.npz"
exits 1 '19 images; expected at least 32' 'too few images are refused' run x
is 'what failed left nothing behind' test -z "$(find "$tmp" -name 'x*')"
finish
