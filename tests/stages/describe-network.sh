#!/bin/sh
. tests/shell.inc
describe=$BIN/describe-network
usual "$describe"
refuses_outputs "$describe" -n data/networks/resnet-18.csv
keeps_inputs "$describe" -n data/networks/resnet-18.csv ''
ln -s elsewhere.csv "$tmp/link.csv"
"$describe" -n data/networks/resnet-18.csv -o "$tmp/link.csv"
is 'an output that is a link is written where it points' sh -c "[ -L '$tmp/link.csv' ] && grep -q ^total '$tmp/elsewhere.csv'"

# parameters of torchvision's networks, and MACs as the paper's authors count them
while read -r net layers parameters macs; do
	"$describe" -n "data/networks/$net.csv" -o "$tmp/$net.csv"
	is "$net has $layers layers, $parameters parameters and $macs MACs" awk -F, -v p="$parameters" -v m="$macs" -v l="$layers" \
		'$1 == "total" { good = $13 + $14 + $15 == p && $16 == m && NR == l + 2 } END { exit !good }' "$tmp/$net.csv"
done <<-'END'
	mobilenet-v1 28 4231976 568740352
	mobilenet-v2 53 3504872 300774272
	resnet-18 21 11689512 1814073344
	resnet-50 54 25557032 4089184256
END
is 'a depthwise layer' grep -q '^b1.dw,depthwise,32,32,3,1,1,32,112,112,112,112,288,0,64,3612672$' "$tmp/mobilenet-v1.csv"
is 'a shortcut of ResNet-50' grep -q '^layer2.0.downsample,pointwise,256,512,1,2,1,1,56,56,28,28,131072,0,1024,102760448$' "$tmp/resnet-50.csv"
sed '1s/$/,dilation/; 2,$s/$/,/; /^b2.dw,/s/3,2,1,\(.*\),$/3,2,2,\1,2/' data/networks/tiny-fashion.csv >"$tmp/dilated.csv"
"$describe" -n "$tmp/dilated.csv" -o "$tmp/x"
is 'a dilated layer' grep -q '^b2.dw,depthwise,16,16,3,2,2,16,14,14,7,7,' "$tmp/x"
exits 1 "$tmp/none.csv" 'names a network that is not there' "$describe" -n "$tmp/none.csv" -o "$tmp/x"

. tests/tiny.inc
quant
exits 2 '--kernels and --weights go together' 'kernels want weights' "$describe" -n $net --kernels -o "$tmp/x"
is 'what bits of each kernel could win' "$describe" -n $net -w "$tmp/w.npz" --kernels -o "$tmp/kernels.csv"
is '... a row for each searched layer' test "$(cut -d, -f1-4 "$tmp/kernels.csv" | tail -n +2 | paste -sd ' ' -)" = \
	'b1.dw,depthwise,8,0 b1.pw,pointwise,16,0 b2.dw,depthwise,16,0 b2.pw,pointwise,32,0'
is '... gains of whole bits are no more than those of fractions' awk -F, 'NR > 1 && !($5 > 0 && $7 >= 0 && $7 <= $6 + 1e-6 && $10 <= $9 + 1e-6) { bad = 1 }
	END { exit bad || NR != 5 }' "$tmp/kernels.csv"

# the kernels of a policy by their bits
"$BIN/ddpg-step" uniform -n $net -b w4a3 -o "$tmp/w4a3.csv"
"$BIN/autoq-step" formula -n $net -w "$tmp/w.npz" -p "$tmp/w4a3.csv" -o "$tmp/f.csv" -K "$tmp/f.npy"
exits 2 '--policy and --bits go together' 'a policy wants bits of its kernels' "$describe" -n $net -p "$tmp/f.csv" -o "$tmp/x"
is 'kernels by their bits' "$describe" -n $net -p "$tmp/f.csv" -b "$tmp/f.npy" -o "$tmp/widths.csv"
is '... all of them, whose mean is that of their layer' awk -F, 'NR > 1 { n = sum = 0; for (w = 1; w <= 8; w++) { n += $(5 + w); sum += w * $(5 + w) }
	if (n != $3 || (sum / n - $5) ^ 2 > 1e-6 || $5 != (NR == 2 || NR == 7 ? 8 : 4) || $4 != (NR == 2 || NR == 7 ? 8 : 3)) bad = 1 }
	END { exit bad || NR != 7 }' "$tmp/widths.csv"
exits 1 'the widest channel of layer' '... of another policy' "$describe" -n $net -p "$tmp/w4a3.csv" -b "$tmp/f.npy" -o "$tmp/x"
finish
