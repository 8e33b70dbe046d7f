#!/bin/sh
. tests/shell.inc
measure=$BIN/measure-speed
net=data/networks/tiny-fashion.csv
usual "$measure"
exits 1 'not a regular file' 'refuses to replace a device' "$measure" -n $net -o /dev/full
exits 1 "cannot write $tmp/none/x" 'names the directory that is not there' "$measure" -n $net -o "$tmp/none/x"
keeps_inputs "$measure" -n $net ''

# value WHAT COLUMN [FILE]
value() { awk -F, -v w="$1" -v c="$2" '$1 == w { print $c }' "${3:-$tmp/speed.csv}"; }
less()  { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a != "" && b != "" && a + 0 < b + 0) }'; }

exits 0 '' 'measures a network, and says nothing' "$measure" -n $net -o "$tmp/speed.csv"
is 'what a program takes once, and for each image' \
	test "$(cut -d, -f1 "$tmp/speed.csv" | tr '\n' ' ')" = 'what start quantize finetune train evaluate '
is '... by names' grep -qx 'what,seconds,seconds_per_image' "$tmp/speed.csv"
for what in finetune train evaluate; do
	is "an image takes time: $what" less 0 "$(value $what 3)"
done
is 'a start has no images' test "$(value start 3)" = 0
is 'integers forward are faster than training' less "$(value evaluate 3)" "$(value finetune 3)"
"$measure" -n data/networks/mobilenet-v2-fashion.csv -o "$tmp/larger.csv"
is 'a larger network takes longer' less "$(value train 3)" "$(value train 3 "$tmp/larger.csv")"
"$measure" -n $net -o "$tmp/x.csv" --batch 48 --finetune float32 --train bfloat16 --verbose 2>"$tmp/verbose"
is 'batch and storage may be given' grep -q ' steps of 48 images' "$tmp/verbose"
exits 2 '--batch must lie in 1..4096' 'a batch has images' "$measure" -n $net -o "$tmp/x" -b 0
exits 2 '--finetune float16: expected float32 or bfloat16' 'a storage that is none' "$measure" -n $net -o "$tmp/x" -f float16
exits 2 '--train half: expected float32 or bfloat16' 'likewise' "$measure" -n $net -o "$tmp/x" -t half
exits 1 "cannot read $tmp/none.csv" 'names a network that is not there' "$measure" -n "$tmp/none.csv" -o "$tmp/x"
is 'what failed left nothing behind' test ! -e "$tmp/x"
finish
