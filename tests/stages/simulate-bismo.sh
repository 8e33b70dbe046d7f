#!/bin/sh
. tests/shell.inc
bismo=$BIN/simulate-bismo
net=data/networks/mobilenet-v2.csv
conf=hwmodels/bismo-cloud.conf
golden=tests/golden/bismo-cloud-mobilenet-v2-batch16.csv

usual "$bismo"
refuses_outputs "$bismo" -n $net -m $conf

exits 0 '' 'a table is written without a word' "$bismo" -n $net -m $conf -o "$tmp/costs.csv"
cut -d, -f1-4 "$tmp/costs.csv" >"$tmp/cycles.csv"
is 'its cycles are those of the published table' cmp "$tmp/cycles.csv" $golden
is 'conv1 at 8/8 bits: milliseconds, no energy, bytes' grep -q '^conv1,8,8,1620752,8.10376,,864$' "$tmp/costs.csv"

# A policy: the searched layers at 4/4 bits, first and last at 8/8.
awk -F, 'NR == 1 { print "layer,weight_bits,activation_bits" }
         $2 == "conv" || $2 == "linear" { b = $12 == "search" ? 4 : $12; print $1 "," b "," b }' $net >"$tmp/w4a4.csv"
"$bismo" -n $net -m $conf -p "$tmp/w4a4.csv" -o "$tmp/searched.csv"
"$bismo" -n $net -m $conf -p "$tmp/w4a4.csv" --count all -o "$tmp/all.csv"
is 'a row for each layer, and a total' test "$(wc -l <"$tmp/searched.csv")" -eq 55
is 'the total of the searched layers is that of Table 3 (74.46)' \
	grep -q '^total,,,14891536,74.45768,,' "$tmp/searched.csv"
is 'all layers: conv1 and fc more' grep -q "^total,,,$((14891536 + 1620752 + 40021))," "$tmp/all.csv"
exits 2 'searched or all' '--count takes two words' "$bismo" -n $net -m $conf --count some -o "$tmp/x"

# every output channel its own bits of MobileNet-V2, first and last layer at 8; one width after the other, or
# sorted (hwmodels/README.md)
channels=$("$BIN/describe-network" -n $net -o "$tmp/layers.csv"; awk -F, '$1 != "total" { n += $4 } END { print n }' "$tmp/layers.csv")
kernels() { # FIRST: the searched layers at 4, but b1.pwl's first channel
	awk -F, -v f="$1" 'NR > 1 && $1 != "total" { for (c = 0; c < $4; c++) printf "%c", $1 == "conv1" || $1 == "fc" ? 8 : $1 == "b1.pwl" && !c ? f : 4 }' \
		"$tmp/layers.csv" | npy_bytes "$tmp/kernels.npy" "$channels"
	"$bismo" -n $net -m $conf -p "$tmp/w4a4.csv" -k "$tmp/kernels.npy" -o "$tmp/kernels.csv"
	"$bismo" -n $net -m hwmodels/bismo-cloud-sorted.conf -p "$tmp/w4a4.csv" -k "$tmp/kernels.npy" -o "$tmp/sorted.csv"
}
figure() { sed -n "s/^b1.pwl,[^,]*,[^,]*,//p" "$tmp/$1.csv" | cut -d, -f "$2"; }       # of b1.pwl: its cycles, or its bytes
kernels 4
is 'channels that agree cost what the layer does' cmp "$tmp/kernels.csv" "$tmp/searched.csv"
is '... sorted too' cmp "$tmp/sorted.csv" "$tmp/searched.csv"
kernels 2
is 'one channel at 2 bits: the mean of its layer is told, no other layer changes' sh -c "
	grep -q '^b1.pwl,3.875,4,' '$tmp/kernels.csv' && [ \$(diff '$tmp/kernels.csv' '$tmp/searched.csv' | grep -c '^<') -eq 2 ]"
is 'it costs more, for inputs are read twice' test "$(figure kernels 1)" -gt "$(figure searched 1)"
is '... sorted the same, for it runs beside the others' test "$(figure sorted 1)" -eq "$(figure searched 1)"
# 16 channels of 32 weights: 15 at 4 bits, one at 2, and 4 bits to say so of each
is 'its bytes say the bits of each channel' test "$(figure kernels 4)" = "$(((15 * 32 * 4 + 32 * 2 + 16 * 4) / 8))"
is '... sorted too' test "$(figure sorted 4)" = "$(figure kernels 4)"

sed 's/^b1.dw,4,4/b1.dw,9,4/' "$tmp/w4a4.csv" >"$tmp/nine.csv"
exits 1 "$tmp/nine.csv: line 3: weight_bits must lie in 1..8" 'no policy has 9 bits' \
	"$bismo" -n $net -m $conf -p "$tmp/nine.csv" -o "$tmp/x"
sed 's/^b1.dw/b1.wd/' "$tmp/w4a4.csv" >"$tmp/name.csv"
exits 1 "line 3: layer 'b1.wd'" 'a policy of another network' "$bismo" -n $net -m $conf -p "$tmp/name.csv" -o "$tmp/x"
sed '$d' "$tmp/w4a4.csv" >"$tmp/short.csv"
exits 1 '52 layers' 'a policy that ends early' "$bismo" -n $net -m $conf -p "$tmp/short.csv" -o "$tmp/x"

exits 1 "$tmp/none.csv" 'names a network that is not there' "$bismo" -n "$tmp/none.csv" -m $conf -o "$tmp/x"
exits 1 "$tmp/none.conf" 'names a model that is not there' "$bismo" -n $net -m "$tmp/none.conf" -o "$tmp/x"
sed 's/^port_bits/port_bit/' $conf >"$tmp/key.conf"
exits 1 "$tmp/key.conf: line 5: unknown key 'port_bit'" 'names a misspelt key' \
	"$bismo" -n $net -m "$tmp/key.conf" -o "$tmp/x"
sed '/^port_bits/d' $conf >"$tmp/without.conf"
exits 1 "key 'port_bits' is missing" 'names a missing key' "$bismo" -n $net -m "$tmp/without.conf" -o "$tmp/x"
for bad in pe_rows=0 pe_columns=1.5 word_bits=x port_bits=-8 buffer_words=1e12 clock_mhz=nan batch=0 schedule=fast; do
	key=${bad%=*}
	sed "s/^$key .*/$key = ${bad#*=}/" $conf >"$tmp/bad.conf"
	exits 1 "$tmp/bad.conf: line [0-9]*: $key must" "refuses $bad" "$bismo" -n $net -m "$tmp/bad.conf" -o "$tmp/x"
done
is 'what failed left nothing behind' test -z "$(find "$tmp" -name 'x*')"
finish
