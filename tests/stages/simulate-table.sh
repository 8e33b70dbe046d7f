#!/bin/sh
. tests/shell.inc
table=$BIN/simulate-table
net=data/networks/tiny-fashion.csv

usual "$table"
# a device that runs 4 and 8 bits: 1 ms a layer at 8/8, and a quarter less for each operand of 4
awk -F, 'BEGIN { print "layer,weight_bits,activation_bits,latency_ms,energy_mj" }
         $2 == "conv" || $2 == "linear" { for (w = 4; w <= 8; w += 4) for (a = 4; a <= 8; a += 4)
             if ($12 == "search" || w + a == 16) printf "%s,%d,%d,%g,%g\n", $1, w, a, 1 - (w < 8) / 4 - (a < 8) / 4, w * a }' $net >"$tmp/device.csv"
refuses_outputs "$table" -n $net -m "$tmp/device.csv"
exits 0 '' 'a table is written without a word' "$table" -n $net -m "$tmp/device.csv" -o "$tmp/costs.csv"
layer=$(awk -F, '$12 == "search" { print $1; exit }' $net)
is 'measured bits cost what was measured' grep -q "^$layer,4,8,,0.75,32," "$tmp/costs.csv"
is 'bytes of weights are there too' grep -q "^$layer,4,8,.*,[0-9.]*[1-9][0-9.]*$" "$tmp/costs.csv"
is 'bits between them what the next wider do' grep -q "^$layer,5,3,,0.75,32," "$tmp/costs.csv"
is 'narrower ones too' grep -q "^$layer,1,1,,0.5,16," "$tmp/costs.csv"
"$BIN/ddpg-step" uniform -n $net -b w4a4 -o "$tmp/w4a4.csv"
"$table" -n $net -m "$tmp/device.csv" -p "$tmp/w4a4.csv" -o "$tmp/sum.csv"
searched=$(grep -c search $net)
is 'a policy is summed over all layers' grep -q "^total,,,,$(awk "BEGIN { print $searched * 0.5 + 2 }")," "$tmp/sum.csv"

sed 's/^/tiny-fashion,/; 1s/tiny-fashion/network/' "$tmp/device.csv" >"$tmp/many.csv"
echo "other-net,conv99,4,4,1,1" >>"$tmp/many.csv"
"$table" -n $net -m "$tmp/many.csv" -o "$tmp/many-costs.csv"
is 'rows of other networks are passed over' cmp "$tmp/many-costs.csv" "$tmp/costs.csv"

grep -v "^$layer,4,8" "$tmp/device.csv" >"$tmp/hole.csv"
exits 1 "hole.csv: no row for layer '$layer' at 4/8 bits" 'a hole is named' "$table" -n $net -m "$tmp/hole.csv" -o "$tmp/x"
grep -v "^fc,8,8" "$tmp/device.csv" >"$tmp/last.csv"
exits 1 "last.csv: no row for layer 'fc' at 8/8 bits" 'so is a fixed layer that is missing' "$table" -n $net -m "$tmp/last.csv" -o "$tmp/x"
{ cat "$tmp/device.csv"; grep "^$layer,4,8" "$tmp/device.csv"; } >"$tmp/twice.csv"
exits 1 "line [0-9]*: a second row for layer '$layer' at 4/8 bits" 'a row given twice' "$table" -n $net -m "$tmp/twice.csv" -o "$tmp/x"
sed "s/^$layer,4,8/$layer,9,8/" "$tmp/device.csv" >"$tmp/nine.csv"
exits 1 'line [0-9]*: weight_bits must lie in 1..8, not 9' '9 bits' "$table" -n $net -m "$tmp/nine.csv" -o "$tmp/x"
sed "s/^$layer,4,8,[^,]*/$layer,4,8,-1/" "$tmp/device.csv" >"$tmp/negative.csv"
exits 1 'line [0-9]*: latency_ms must' 'a negative time' "$table" -n $net -m "$tmp/negative.csv" -o "$tmp/x"
sed "s/^$layer,/nosuch,/" "$tmp/device.csv" >"$tmp/name.csv"
exits 1 "layer 'nosuch' is not in $net" 'a layer of another network' "$table" -n $net -m "$tmp/name.csv" -o "$tmp/x"
sed 's/energy_mj/energy_mJ/' "$tmp/device.csv" >"$tmp/energy.csv"
exits 1 "column 'energy_mJ'; expected" 'a misspelt column' "$table" -n $net -m "$tmp/energy.csv" -o "$tmp/x"
sed 's/tiny-fashion/tiny/' "$tmp/many.csv" >"$tmp/none.csv"
exits 1 'no row for a searched layer of tiny-fashion' 'a table of other networks' "$table" -n $net -m "$tmp/none.csv" -o "$tmp/x"
grep -v ',8,[48],\|,[48],8,' "$tmp/device.csv" >"$tmp/four.csv"; grep '^conv1,8,8\|^fc,8,8' "$tmp/device.csv" >>"$tmp/four.csv"
"$BIN/ddpg-step" uniform -n $net -b w8a8 -o "$tmp/w8a8.csv"
exits 1 "no latency for layer '$layer' at 8/8 bits" 'a policy beyond what was measured' \
	"$table" -n $net -m "$tmp/four.csv" -p "$tmp/w8a8.csv" -o "$tmp/x"
# of b1.pw's 16 kernels 14 at 4 bits, one each at 6 and 8
sed 's/^b1.pw,.*/b1.pw,8,4/' "$tmp/w4a4.csv" >"$tmp/wide.csv"
awk 'BEGIN { for (c = 0; c < 90; c++) printf "%c", (c < 8 || c == 30 || c > 79 ? 8 : c == 31 ? 6 : 4) }' | npy_bytes "$tmp/wide.npy" 90
exits 1 "no latency for layer 'b1.pw' at 6/4 bits" '... nor a kernel' \
	"$table" -n $net -m "$tmp/four.csv" -p "$tmp/wide.csv" -k "$tmp/wide.npy" -o "$tmp/x"
"$table" -n $net -m "$tmp/four.csv" -o "$tmp/four-costs.csv"
sed 's/^max_bits .*/max_bits = 4/' experiments/agents/sensitivity.conf >"$tmp/narrow.conf"
exits 1 "four-costs.csv: no latency_ms for layer '$layer' at 8/8 bits" 'nor a share of what was not' \
	"$BIN/ddpg-step" heuristic -n $net -t "$tmp/four-costs.csv" -c "$tmp/narrow.conf" -b latency-0.60 -o "$tmp/x"
sed 's/latency_ms/milliseconds/' "$tmp/device.csv" >"$tmp/column.csv"
exits 1 "latency_ms" 'a table without times' "$table" -n $net -m "$tmp/column.csv" -o "$tmp/x"
exits 2 'limits of this accelerator are not known' 'no roofline from measurements' \
	"$table" -n $net -m "$tmp/device.csv" -p "$tmp/w4a4.csv" --roofline -o "$tmp/x"
is 'what failed left nothing behind' test -z "$(find "$tmp" -name 'x*')"
finish
