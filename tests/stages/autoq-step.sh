#!/bin/sh
# autoq-step.sh - bits of kernels: their means are those of their layers, and what runs policies takes them.
. tests/shell.inc
autoq=$BIN/autoq-step
usual "$autoq" formula
exits 2 'no verb given' 'no verb: exit 2' "$autoq"
. tests/tiny.inc
quant
formula() {
	policy=$1; shift
	"$autoq" formula -n $net -w "$tmp/w.npz" -p "$policy" -k "$tmp/f.npy" -o "$tmp/f.csv" "$@"
}
exits 2 'are the same file' 'a policy and its kernels in one file' "$autoq" formula -n $net -w "$tmp/w.npz" -p "$tmp/w4a4.csv" -k "$tmp/f.csv" -o "$tmp/f.csv"
# files of more than 512 bytes, for a disk that is full
large=data/networks/mobilenet-v1-fashion.csv
conf "$tmp/short.conf" images=64
"$BIN/finetune" -n $large -d "$tmp/train.npz" -c "$tmp/short.conf" -s 1 -o "$tmp/large.npz"
"$BIN/ddpg-step" uniform -n $large -b w4a4 -o "$tmp/large.csv"
refuses_outputs "$autoq" formula -n $large -w "$tmp/large.npz" -p "$tmp/large.csv" -k "$tmp/outputs/x.npy"
exits 0 '' 'bits of kernels are written without a word' formula "$tmp/w4a4.csv"

# the kernels of layers: conv1 8, b1.dw 8, b1.pw 16, b2.dw 16, b2.pw 32, fc 10
of_layers() {
	tail -c 90 "$tmp/f.npy" | od -An -v -tu1 -w1 | awk '
		BEGIN { split("conv1 b1.dw b1.pw b2.dw b2.pw fc", name); split("8 16 32 48 80 90", end); i = 1 }
		NR > end[i] { print name[i], sum, least, most; i++; sum = most = least = 0 }
		{ sum += $1; if ($1 > most) most = $1; if (!least || $1 < least) least = $1 }
		END { print name[i], sum, least, most }'
}
of_layers >"$tmp/kernels"
is 'the mean of a layer is its bits' test "$(cut -d' ' -f1,2 "$tmp/kernels" | paste -sd' ' -)" = \
	'conv1 64 b1.dw 32 b1.pw 64 b2.dw 64 b2.pw 128 fc 80'
is 'layers that are not searched keep theirs' test "$(grep -c ' 8 8$' "$tmp/kernels")" -eq 2
is 'others differ, from 2 bits on' awk '$3 < 2 { bad = 1 } $3 < $4 { differ++ } END { exit bad || !differ }' "$tmp/kernels"
is 'the policy has the widest kernel of each layer' test "$(sed 1d "$tmp/f.csv" | cut -d, -f1,2 | tr , ' ')" = "$(cut -d' ' -f1,4 "$tmp/kernels")"
is 'activations are as they were' test "$(cut -d, -f3 "$tmp/f.csv")" = "$(cut -d, -f3 "$tmp/w4a4.csv")"
is 'what runs a policy takes it' sh -c "'$BIN/quantize' -n $net -w '$tmp/w.npz' -p '$tmp/f.csv' -k '$tmp/f.npy' -a '$tmp/h.npz' -o '$tmp/k.npz' &&
	'$BIN/evaluate' -n $net -w '$tmp/k.npz' -p '$tmp/f.csv' -k '$tmp/f.npy' -d '$tmp/train.npz' -o '$tmp/score.csv'"
"$BIN/simulate-bismo" -n $net -m hwmodels/bismo-edge.conf -p "$tmp/f.csv" -k "$tmp/f.npy" -o "$tmp/cost.csv"
is 'and what costs it has the mean' grep -q '^b2.pw,4,4,' "$tmp/cost.csv"

formula "$tmp/w4a4.csv" --min 4 --max 4
is 'where no bits differ, the policy is that of layers' cmp "$tmp/f.csv" "$tmp/w4a4.csv"
formula "$tmp/w4a4.csv" --min 3 --max 5
is 'bits stay within their limits' test "$(of_layers | awk '$3 < 3 || $4 > 5 && $4 != 8' | wc -l)" -eq 0
"$BIN/ddpg-step" uniform -n $net -b w1a4 -o "$tmp/w1a4.csv"
formula "$tmp/w1a4.csv"
is 'a layer below the limits is in them' test "$(of_layers | grep -c ' 1 1$')" -eq 4
exits 2 'min and --max are 1 to 8, not 5 and 4' 'limits that are none' formula "$tmp/w4a4.csv" --min 5 --max 4
exits 1 "$tmp/none.npz" 'weights that are not there' "$autoq" formula -n $net -w "$tmp/none.npz" -p "$tmp/w4a4.csv" -k "$tmp/x.npy" -o "$tmp/x"
exits 1 "6 layers, where data/networks/resnet-18.csv has 21" 'a policy of another network' "$autoq" formula -n data/networks/resnet-18.csv -w "$tmp/w.npz" -p "$tmp/w4a4.csv" \
	-k "$tmp/x.npy" -o "$tmp/x"
finish
