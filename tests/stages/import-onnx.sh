#!/bin/sh
# import-onnx.sh - ONNX files become networks that compute what PyTorch computes by them; damaged ones are refused.
. tests/shell.inc
import=$BIN/import-onnx
golden=tests/golden/onnx

usual "$import"
exits 1 'not a regular file' 'refuses to replace a device' "$import" -i $golden/keras.onnx -n /dev/full -w "$tmp/x.npz"
exits 1 "cannot write $tmp/none/x" 'names the directory that is not there' "$import" -i $golden/keras.onnx -n "$tmp/x.csv" -w "$tmp/none/x"
exits 1 'cannot read' 'names a file that is not there' "$import" -i "$tmp/none.onnx" -n "$tmp/x.csv" -w "$tmp/x.npz"

# floats FILE: those of a .npy file, one a line; its header has 128 bytes
floats() {
	tail -c +129 "$1" | od -An -v -t f4 | tr -s ' ' '\n' | sed '/^$/d'
}

# close_to FILE GOLDEN: the same logits, to 1e-4 of the largest; without their mean where the golden ones have none
close_to() {
	floats "$1" >"$tmp/ours"; floats "$2" >"$tmp/theirs"
	paste "$tmp/ours" "$tmp/theirs" | awk '{ x[NR] = $1; y[NR] = $2; if (NR % 7 == 0) { m = k = 0
			for (i = NR - 6; i <= NR; i++) { m += x[i] / 7; k += y[i] / 7 }
			if (k ^ 2 < 1e-10) for (i = NR - 6; i <= NR; i++) x[i] -= m } }
		END { for (i = 1; i <= NR; i++) { d = x[i] - y[i]; d = d < 0 ? -d : d; s = y[i] < 0 ? -y[i] : y[i]; if (s > most) most = s; if (!(d <= worst)) worst = d }
		exit !(NR == 42 && most > 0.1 && worst <= 1e-4 * most) }'
}

for name in mobile-folded mobile-norms fire-folded fire-norms keras keras-rows idioms old; do
	exits 0 '' "$name is imported without a word" "$import" -i $golden/$name.onnx --size 17 -n "$tmp/$name.csv" -w "$tmp/$name.npz"
	exits 0 '' "$name runs" "$BIN/evaluate" -n "$tmp/$name.csv" -w "$tmp/$name.npz" -d $golden/images.npz --logits "$tmp/$name.npy" -o "$tmp/score.csv"
	is "$name computes what PyTorch computes" close_to "$tmp/$name.npy" "$(ls $golden/$name.logits.npy $golden/${name%-*}.logits.npy 2>/dev/null | head -n 1)"
done
for name in grey-last grey-first; do
	exits 0 '' "$name is imported without a word" "$import" -i $golden/$name.onnx -n "$tmp/$name.csv" -w "$tmp/$name.npz"
done
is 'one channel, last or first: the same network' cmp "$tmp/grey-last.csv" "$tmp/grey-first.csv"
is '... and weights' cmp "$tmp/grey-last.npz" "$tmp/grey-first.npz"
is 'batch norms are kept where the file has them' grep -q '^expand.0,conv,stem.2,16,1,1,0,1,no,yes,relu,search$' "$tmp/mobile-norms.csv"
is 'first and last layer have 8 bits' test "$(grep -c ',8$' "$tmp/mobile-norms.csv")" -eq 2
is 'padding may be asymmetric' grep -q '^stem.0,conv,image,8,3,2,0:1,' "$tmp/mobile-norms.csv"
"$import" -i $golden/mobile-norms.onnx -n "$tmp/again.csv" -w "$tmp/again.npz"
is 'the same network twice' cmp "$tmp/again.csv" "$tmp/mobile-norms.csv"
is 'and the same weights' cmp "$tmp/again.npz" "$tmp/mobile-norms.npz"

exits 1 'of 3 x 0 x 0; expected square images: --size tells' 'a size that is left open must be told' \
	"$import" -i $golden/idioms.onnx -n "$tmp/x.csv" -w "$tmp/x.npz"

# quantized by PyTorch: 8 bits, and 7 without a sign where int8 is of what is never negative
exits 0 'quantizers that no layer reads are left out: 1' 'a quantized file is imported' \
	"$import" -i $golden/qdq.onnx -n "$tmp/qdq.csv" -w "$tmp/qdq.npz" --policy "$tmp/qdq-policy.csv"
is 'its bits are a policy' sh -c "printf '%s\n' layer,weight_bits,activation_bits conv1,8,8 conv2,8,7 conv3,8,8 fc,8,7 | cmp -s - '$tmp/qdq-policy.csv'"
is 'integers without a sign are a relu' grep -q '^conv2,conv,conv1,8,3,1,1,8,yes,no,relu,search$' "$tmp/qdq.csv"
"$BIN/evaluate" -n "$tmp/qdq.csv" -w "$tmp/qdq.npz" -p "$tmp/qdq-policy.csv" -d $golden/images.npz --logits "$tmp/qdq.npy" -o "$tmp/score.csv"
is 'quantized, it computes what PyTorch computes' close_to "$tmp/qdq.npy" $golden/qdq.logits.npy
"$import" -i $golden/qdq-transposed.onnx -n "$tmp/t.csv" -w "$tmp/t.npz" --policy "$tmp/t-policy.csv" 2>"$tmp/said"
is 'weights that are transposed in the graph keep their bits' cmp "$tmp/t-policy.csv" "$tmp/qdq-policy.csv"
is 'and their numbers' cmp "$tmp/t.npz" "$tmp/qdq.npz"
"$import" -i $golden/qdq-twice.onnx -n "$tmp/t.csv" -w "$tmp/t.npz" --policy "$tmp/t-policy.csv" 2>"$tmp/said"
is 'of two quantizers the narrower one counts' cmp "$tmp/t-policy.csv" "$tmp/qdq-policy.csv"
is 'and its range' cmp "$tmp/t.npz" "$tmp/qdq.npz"
exits 1 'no policy: weights of layer .w1. are not quantized' 'a file without integers has no policy' \
	"$import" -i $golden/keras.onnx -n "$tmp/x.csv" -w "$tmp/x.npz" --policy "$tmp/x-policy.csv"
exits 2 'kernels goes with --policy' 'no channels without a policy' "$import" -i $golden/qdq.onnx -n "$tmp/x.csv" -w "$tmp/x.npz" -k "$tmp/x.npy"

# pixels as the network was trained on: by its weights what else the images would have to say
pictures=$PWD/tests/golden/pictures
{ echo path,label; for i in $(seq 22); do echo "$pictures/noise.png,0"; echo "$pictures/420.jpg,1"; echo "$pictures/444.jpg,2"; done; } >"$tmp/list.csv"
as="--mean 0.485,0.456,0.406 --std 0.229,0.224,0.225"
pack="$BIN/pack-images --list $tmp/list.csv --resize 20 --crop 17 --shuffle 1"
$pack -o "$tmp/half.npz"; $pack $as -o "$tmp/torch.npz"
"$import" -i $golden/mobile-folded.onnx -n "$tmp/net.csv" -w "$tmp/plain.npz"
exits 0 '' 'mean and std of what it reads' "$import" -i $golden/mobile-folded.onnx -n "$tmp/net.csv" -w "$tmp/own.npz" $as
same() {                # same OUTPUT PROGRAM OPTION...: by either
	out=$1 program=$2; shift 2
	"$BIN/$program" -n "$tmp/net.csv" -w "$tmp/own.npz" -d "$tmp/half.npz" "$@" && mv "$tmp/$out" "$tmp/by-weights.$out" &&
		"$BIN/$program" -n "$tmp/net.csv" -w "$tmp/plain.npz" -d "$tmp/torch.npz" "$@"
}
is 'evaluate heeds them' same score.csv evaluate --logits "$tmp/logits.npy" -o "$tmp/score.csv"
is '... and says the same' cmp "$tmp/score.csv" "$tmp/by-weights.score.csv"
is 'calibrate too' same ranges.npz calibrate -k 64 -o "$tmp/ranges.npz"
is '... the same' cmp "$tmp/ranges.npz" "$tmp/by-weights.ranges.npz"
is 'insert-batch-norm too' same normed.npz insert-batch-norm -k 64 --network-out "$tmp/normed.csv" --weights-out "$tmp/normed.npz"
is '... the same' same_member stem.0.mean "$tmp/normed.npz" "$tmp/by-weights.normed.npz"
sed "s/^epochs .*/epochs = 1/" experiments/training/search-fashion.conf >"$tmp/f.conf"
is 'finetune too' same tuned.npz finetune -c "$tmp/f.conf" -s 1 -o "$tmp/tuned.npz"
is '... the same' same_member stem.0.weight "$tmp/tuned.npz" "$tmp/by-weights.tuned.npz"
is '... and what it trained keeps them' unzip -tq "$tmp/by-weights.tuned.npz" image.mean.npy image.std.npy
"$BIN/export-onnx" -n "$tmp/net.csv" -w "$tmp/own.npz" -o "$tmp/own.onnx"
"$import" -i "$tmp/own.onnx" -n "$tmp/again.csv" -w "$tmp/again.npz"
is 'export-onnx hands them on' same_member image.std "$tmp/own.npz" "$tmp/again.npz"
LC_ALL=C sed 's/0\.485/0,485/' "$tmp/own.onnx" >"$tmp/comma.onnx"
exits 1 "property mean.image is '0,485.*'; expected 3 numbers" 'a property that is none' "$import" -i "$tmp/comma.onnx" -n "$tmp/x.csv" -w "$tmp/x.npz"
LC_ALL=C sed 's/std\.image/STD.image/' "$tmp/own.onnx" >"$tmp/alone.onnx"
exits 1 'property mean.image alone; expected mean and std' 'one without the other' "$import" -i "$tmp/alone.onnx" -n "$tmp/x.csv" -w "$tmp/x.npz"
exits 2 'go together' 'no mean without a std' "$import" -i $golden/mobile-folded.onnx -n "$tmp/x.csv" -w "$tmp/x.npz" --mean 0.5,0.5,0.5
exits 2 '3 numbers with commas' 'one for each channel' "$import" -i $golden/mobile-folded.onnx -n "$tmp/x.csv" -w "$tmp/x.npz" --mean 0.5 --std 0.5

# keep LIST: shape of the last layer's weights, and those weights
last_layer() {
	"$import" -i $golden/keras.onnx -n "$tmp/kept.csv" -w "$tmp/kept.npz" --keep "$1" && unzip -p "$tmp/kept.npz" m.weight.npy | tail -c +129 | od -A n -v -t f4
}
all=$(last_layer 0,1,2,3,4,5,6)
is 'some outputs can be kept' test "$(last_layer 5,2)" = "$(echo "$all" | sed -n 11,12p; echo "$all" | sed -n 5,6p)"
is 'and are the classes then' grep -q '^m,linear,ReduceMean,2,' "$tmp/kept.csv"
exits 1 'expects a linear layer at the end, in full precision' 'of a quantized layer, none can' "$import" -i $golden/qdq.onnx -n "$tmp/x.csv" -w "$tmp/x.npz" --keep 3
exits 2 'outputs 0 to 6' 'no outputs that are not there' "$import" -i $golden/keras.onnx -n "$tmp/x.csv" -w "$tmp/x.npz" --keep 3,7

# damaged files, each with what must be said of it; where there is no room for the outputs, neither is left
while IFS=, read -r name message; do
	[ "$name" = file ] || exits 1 "$message" "$name is refused" "$import" -i $golden/damaged/$name.onnx -n "$tmp/x.csv" -w "$tmp/x.npz"
done <$golden/damaged/damaged.csv
is 'what failed left nothing behind' test -z "$(find "$tmp" -name 'x*')"
finish
