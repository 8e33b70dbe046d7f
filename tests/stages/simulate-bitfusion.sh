#!/bin/sh
. tests/shell.inc
bitfusion=$BIN/simulate-bitfusion
net=data/networks/mobilenet-v1.csv
conf=hwmodels/bitfusion.conf

usual "$bitfusion"
refuses_outputs "$bitfusion" -n $net -m $conf

exits 0 '' 'a table is written without a word' "$bitfusion" -n $net -m $conf -o "$tmp/costs.csv"
cut -d, -f1-4 "$tmp/costs.csv" >"$tmp/cycles.csv"
cut -d, -f1-4 tests/golden/bitfusion-mobilenet-v1.csv >"$tmp/golden.csv"
is 'its cycles are those of the public simulator' cmp "$tmp/cycles.csv" "$tmp/golden.csv"
is 'conv1 at 8/8 bits: milliseconds, millijoules, bytes' grep -q '^conv1,8,8,147958,0.295916,0.44198[0-9]*,864$' "$tmp/costs.csv"

# A policy: Table 4's W6A4, which keeps only the first layer at 8/8 bits.
awk -F, 'NR == 1 { print "layer,weight_bits,activation_bits" }
         $2 == "conv" || $2 == "linear" { print $1 (n++ ? ",6,4" : ",8,8") }' $net >"$tmp/w6a4.csv"
"$bitfusion" -n $net -m $conf -p "$tmp/w6a4.csv" -o "$tmp/all.csv"
"$bitfusion" -n $net -m $conf -p "$tmp/w6a4.csv" --count searched -o "$tmp/searched.csv"
is 'its total is that of Tables 4 and 5' grep -q '^total,,,5548822,11.097644,16.57225' "$tmp/all.csv"
cycles() { sed -n "s/^$2,[^,]*,[^,]*,\([0-9]*\),.*/\1/p" "$1"; }
is 'only the searched layers: less' test "$(cycles "$tmp/searched.csv" total)" -lt "$(cycles "$tmp/all.csv" total)"

# every channel its own bits
kernels() { # FILE FIRST: MobileNet-V1's 11,944 channels at 6 bits, conv1 at 8, b1.pw's first channel at FIRST
	{ head -c 32 /dev/zero | tr '\0' '\10'; head -c 32 /dev/zero | tr '\0' '\6'; printf "$2"
	  head -c 11879 /dev/zero | tr '\0' '\6'; } | npy_bytes "$1" 11944; }
kernels "$tmp/same.npy" '\6'
kernels "$tmp/one.npy" '\2'
kernels "$tmp/zero.npy" '\0'
kernels "$tmp/nine.npy" '\11'
kernels "$tmp/wide.npy" '\7'
printf '\4\4\4' | npy_bytes "$tmp/short.npy" 3
"$bitfusion" -n $net -m $conf -p "$tmp/w6a4.csv" -k "$tmp/same.npy" -o "$tmp/same.csv"
is 'channels that agree cost what the layer does' cmp "$tmp/same.csv" "$tmp/all.csv"
"$bitfusion" -n $net -m $conf -p "$tmp/w6a4.csv" -k "$tmp/one.npy" -o "$tmp/one.csv"
is 'one channel at 2 bits: the mean of its layer is told' grep -q '^b1.pw,5.9375,4,' "$tmp/one.csv"
is 'it costs more than before, for its inputs are read twice' test "$(cycles "$tmp/one.csv" b1.pw)" -gt "$(cycles "$tmp/all.csv" b1.pw)"
is 'no other layer changes' test "$(diff "$tmp/one.csv" "$tmp/all.csv" | grep -c '^<')" -eq 2
exits 1 "zero.npy: element 64, channel 0 of layer 'b1.pw', is 0 bits" 'no channel has 0 bits' \
	"$bitfusion" -n $net -m $conf -p "$tmp/w6a4.csv" -k "$tmp/zero.npy" -o "$tmp/x"
exits 1 'is 9 bits; expected 1..8' 'nor 9' "$bitfusion" -n $net -m $conf -p "$tmp/w6a4.csv" -k "$tmp/nine.npy" -o "$tmp/x"
exits 1 "widest channel of layer 'b1.pw' has 7 bits, where the policy says 6" 'policy and channels must agree' \
	"$bitfusion" -n $net -m $conf -p "$tmp/w6a4.csv" -k "$tmp/wide.npy" -o "$tmp/x"
exits 1 'expected uint8 \[11944\]' 'channels of another network' \
	"$bitfusion" -n $net -m $conf -p "$tmp/w6a4.csv" -k "$tmp/short.npy" -o "$tmp/x"
exits 2 'goes with --policy' 'channels without a policy' "$bitfusion" -n $net -m $conf -k "$tmp/same.npy" -o "$tmp/x"

"$bitfusion" -n $net -m $conf -p "$tmp/w6a4.csv" --roofline -o "$tmp/roof.csv"
is 'no layer is above its roof' awk -F, 'NR > 1 && !($8 > 0 && $8 <= $9 * 1.000001) { bad = 1 } END { exit bad || NR != 29 }' "$tmp/roof.csv"
is 'the peak at 6/4 bits is 16 x 32 x 2 at 500 MHz' grep -q '^b1.pw,pointwise,6,4,25690112,.*,512,12$' "$tmp/roof.csv"
exits 2 'goes with --policy' 'a roofline wants a policy' "$bitfusion" -n $net -m $conf --roofline -o "$tmp/x"

sed 's/^weight_buffer_bytes .*/weight_buffer_bytes = 32/' $conf >"$tmp/tiny.conf"
exits 1 "tiny.conf: layer '.*' at ./. bits: not even the smallest tile fits the buffers" 'a layer that cannot be mapped' "$bitfusion" -n $net -m "$tmp/tiny.conf" -o "$tmp/x"
sed 's/^port_bits/port_bit/' $conf >"$tmp/key.conf"
exits 1 "$tmp/key.conf: line 7: unknown key 'port_bit'" 'names a misspelt key' "$bitfusion" -n $net -m "$tmp/key.conf" -o "$tmp/x"
for bad in rows=0 columns=1.5 sum_bits=x clock_mhz=nan dram_pj=-1 depthwise=some batch=0; do
	key=${bad%=*}
	sed "s/^$key .*/$key = ${bad#*=}/" $conf >"$tmp/bad.conf"
	exits 1 "$tmp/bad.conf: line [0-9]*: $key " "refuses $bad" "$bitfusion" -n $net -m "$tmp/bad.conf" -o "$tmp/x"
done
exits 1 "unknown key 'pe_rows'" 'a model of another kind' "$bitfusion" -n $net -m hwmodels/bismo-edge.conf -o "$tmp/x"
is 'what failed left nothing behind' test -z "$(find "$tmp" -name 'x*')"
finish
