#!/bin/sh
# tabulate-noise.sh - means, deviations and what chance makes, against numbers by hand
. tests/shell.inc
tabulate=$BIN/tabulate-noise
usual "$tabulate"
# score NAME TOP1 LOSS [IMAGES]
score() { printf 'images,top1,top5,loss\n%s,%s,99,%s\n' "${4:-2500}" "$2" "$3" >"$tmp/$1.csv"; }
score a1 89 0.3; score a2 91 0.5; score b1 50 1; score c1 80 0.7 400
printf '%s\n' network,bits,variant,draw,score "v1,w4a4,search,1,$tmp/a1.csv" "v1,w4a4,epochs-2,1,$tmp/b1.csv" \
	"v1,w4a4,search,2,$tmp/a2.csv" "v2,w4a4,search,1,$tmp/c1.csv" >"$tmp/list.csv"
{ cat "$tmp/list.csv"; for i in $(seq 100); do echo "v1,w4a4,other-$i,1,$tmp/a1.csv"; done; } >"$tmp/long.csv"
refuses_outputs "$tabulate" -l "$tmp/long.csv"
"$tabulate" -l "$tmp/list.csv" -o "$tmp/t.csv" -t "$tmp/t.txt" --title Noise
# of 89 and 91 the deviation is sqrt(2), of 0.3 and 0.5 a tenth of that; 100 sqrt(0.9 * 0.1 / 2500) is 0.6
is 'mean, deviation, and chance of so many images' sh -c "printf '%s\n' network,bits,variant,draws,top1,top1_sd,loss,loss_sd,images,chance \
	v1,w4a4,search,2,90.0000,1.4142,0.400000,0.141421,2500,0.6000 v1,w4a4,epochs-2,1,50.0000,,1.000000,,2500,1.0000 \
	v2,w4a4,search,1,80.0000,,0.700000,,400,2.0000 | cmp - '$tmp/t.csv'"
is 'the same as text, of one draw without a deviation' sh -c "sed -n 1p '$tmp/t.txt' | grep -qx Noise && grep -q '^v1 .* search  *2  *90.00  *1.41  *0.4000  *0.1414  *2500  *0.60\$' '$tmp/t.txt' &&
	grep -q '^v2 .* search  *1  *80.00  *-  *0.7000  *-  *400  *2.00\$' '$tmp/t.txt'"
is 'a blank line between networks' test "$(sed -n '/^v1.*epochs/{n;p;}' "$tmp/t.txt")" = ''
{ cat "$tmp/list.csv"; sed -n 4p "$tmp/list.csv"; } >"$tmp/twice.csv"
exits 1 'twice.csv: line 6: draw 2 of this row is in line 4 already' 'a draw given twice' "$tabulate" -l "$tmp/twice.csv" -o "$tmp/x"
sed "s|a2.csv|c1.csv|" "$tmp/list.csv" >"$tmp/other.csv"
exits 1 'other.csv: line 4: a score of 400 images, where that of line 2 is of 2500' 'scores on other images' "$tabulate" -l "$tmp/other.csv" -o "$tmp/x"
printf 'top1,top5,loss\n90,99,0.3\n' >"$tmp/a2.csv"
exits 1 "a2.csv: no column 'images'" 'a score of who knows how many' "$tabulate" -l "$tmp/list.csv" -o "$tmp/x"
rm "$tmp/a2.csv"
exits 1 "cannot read $tmp/a2.csv" 'a score that is not there' "$tabulate" -l "$tmp/list.csv" -o "$tmp/x"
exits 1 "$tmp/none.csv" 'names a list that is not there' "$tabulate" -l "$tmp/none.csv" -o "$tmp/x"
is 'nothing is left behind by what failed' test ! -e "$tmp/x"
finish
