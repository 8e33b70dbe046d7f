#!/bin/sh
. tests/shell.inc
size=$BIN/simulate-size
conf=hwmodels/size-codebook.conf

usual "$size"
refuses_outputs "$size" -n data/networks/mobilenet-v2.csv -m $conf

# mib NET BITS: all layers at so many bits
mib() {
	"$size" -n "data/networks/$1.csv" -m $conf -o "$tmp/costs.csv"
	awk -F, -v b="$2" '$2 == b && $3 == 8 { s += $7 } END { printf "%.2f", s / 1048576 }' "$tmp/costs.csv"
}
# Table 6 of the paper
while read -r net two three four; do
	is "$net: 2, 3 and 4 bits take what Table 6 says" test "$(mib "$net" 2) $(mib "$net" 3) $(mib "$net" 4)" = "$two $three $four"
done <<'END'
mobilenet-v1 1.09 1.60 2.10
mobilenet-v2 0.96 1.38 1.79
resnet-50 6.32 9.36 12.40
END
is 'there is no time and no energy' grep -q '^conv1,2,8,,,,38144$' "$tmp/costs.csv"

net=data/networks/mobilenet-v1.csv
"$BIN/ddpg-step" uniform -n $net -b w3a8 -o "$tmp/w3a8.csv"
exits 0 '' 'a policy is costed without a word' "$size" -n $net -m $conf -p "$tmp/w3a8.csv" -o "$tmp/total.csv"
# 3 bits but for conv1 (32) and fc (8): 864 and 1,024,000 of 4,209,088 weights; 22,888 other parameters
is 'the total is their sum, first and last layer included' grep -q "^total,.*,$((((4209088 - 864 - 1024000) * 3 + 864 * 32 + 1024000 * 8 + 22888 * 32) / 8))\$" "$tmp/total.csv"
exits 2 'limits of this accelerator are not known' 'there is no roof' "$size" -n $net -m $conf -p "$tmp/w3a8.csv" --roofline -o "$tmp/x"
sed 's/^rest_bits .*/rest_bits = 33/' $conf >"$tmp/bad.conf"
exits 1 'bad.conf: line 3: rest_bits must' 'refuses 33 bits' "$size" -n $net -m "$tmp/bad.conf" -o "$tmp/x"
finish
