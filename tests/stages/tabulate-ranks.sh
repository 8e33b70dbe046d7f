#!/bin/sh
# tabulate-ranks.sh - rank correlation and regret of choosing by brief scores, against numbers by hand
. tests/shell.inc
tabulate=$BIN/tabulate-ranks
usual "$tabulate"
# score NAME TOP1 LOSS
score() { printf 'images,top1,top5,loss\n2500,%s,99,%s\n' "$2" "$3" >"$tmp/$1.csv"; }
# five policies: brief top-1 orders them 2 4 1 3 5 (p5 best), brief loss 1 2 3 4 5 (p1 best), the long score 5 4 2 3 1
score b1 82 0.1; score b2 84 0.2; score b3 81 0.3; score b4 83 0.4; score b5 85 0.5
score l1 90.5 1; score l2 90.4 1; score l3 90.2 1; score l4 90.3 1; score l5 90.1 1
header=network,hardware,budget,variant,policy,draw,brief,score
{ echo $header; for k in 1 2 3 4 5; do echo "net,hw,b,search,$([ $k = 4 ] && echo uniform || echo p$k),1,$tmp/b$k.csv,$tmp/l$k.csv"; done; } >"$tmp/list.csv"
{ cat "$tmp/list.csv"; for i in $(seq 100); do echo "net,hw,b,other-$i,p1,1,$tmp/b1.csv,$tmp/l1.csv"; done; } >"$tmp/long.csv"
refuses_outputs "$tabulate" -l "$tmp/long.csv"
"$tabulate" -l "$tmp/list.csv" -o "$tmp/t.csv" -t "$tmp/t.txt" --title Ranks
# by top-1: differences of ranks 2-5, 4-4, 1-2, 3-3, 5-1: 1 - 6 * 26 / 120 = -0.3, error 0.91 * sqrt(1.045 / 2);
# by loss, ranks 5 4 3 2 1: 1 - 6 * (1 + 1) / 120 = 0.9, error 0.19 * sqrt(1.405 / 2)
is 'rank correlations, regrets, and scores of the chosen' sh -c "printf '%s\n' \
	network,hardware,budget,variant,policies,draws,rank_top1,rank_top1_se,rank_loss,rank_loss_se,regret_top1,regret_loss,uniform,chosen_top1,chosen_loss,best \
	net,hw,b,search,5,1,-0.3000,0.6578,0.9000,0.1592,0.4000,0.0000,90.3000,90.1000,90.5000,90.5000 | cmp - '$tmp/t.csv'"
is 'the same as text' sh -c "sed -n 1p '$tmp/t.txt' | grep -qx Ranks && grep -q '^net .*5  *1  *-0.30 ± 0.66  *0.90 ± 0.16  *0.40  *0.00  *90.30  *90.10  *90.50  *90.50\$' '$tmp/t.txt'"
# a second draw that turns p1 and p5 around: means 84.5 (p1), 84 (p2), 81, 83, 82.5
score c1 87 0.1; score c5 80 0.5
{ cat "$tmp/list.csv"; for k in 1 2 3 4 5; do sed -n "$((k + 1))s/,1,\\(.*b[234]\\)/,2,\\1/p; $((k + 1))s|,1,.*b\\([15]\\)|,2,$tmp/c\\1|p" "$tmp/list.csv"; done; } >"$tmp/draws.csv"
"$tabulate" -l "$tmp/draws.csv" -o "$tmp/d.csv"
is 'brief scores of several draws are averaged' test "$(sed -n 2p "$tmp/d.csv" | cut -d, -f5-7,11,14)" = 5,2,0.9000,0.0000,90.5000
# equals: the mean of both, p1 and p5
score b1 85 0.1
sed 's/uniform/p4/' "$tmp/list.csv" >"$tmp/ties.csv"
"$tabulate" -l "$tmp/ties.csv" -o "$tmp/e.csv" -t "$tmp/e.txt"
is 'of equals the mean is chosen' test "$(sed -n 2p "$tmp/e.csv" | cut -d, -f11,14)" = 0.2000,90.3000
is 'no uniform policy: an empty cell' sh -c "sed -n 2p '$tmp/e.csv' | cut -d, -f13 | grep -qx '' && grep -q ' -  *90.30 ' '$tmp/e.txt'"
head -n 2 "$tmp/list.csv" >"$tmp/one.csv"
"$tabulate" -l "$tmp/one.csv" -o "$tmp/o.csv" -t "$tmp/o.txt"
is 'one policy has no rank' test "$(sed -n 2p "$tmp/o.csv" | cut -d, -f5-12)" = 1,1,,,,,0.0000,0.0000
{ cat "$tmp/list.csv"; sed '1d; s/,search,/,epochs-2,/' "$tmp/list.csv"; sed '1d; s/^net,/net2,/' "$tmp/list.csv"; } >"$tmp/places.csv"
"$tabulate" -l "$tmp/places.csv" -o "$tmp/p.csv"
is 'a row for each network and variant' test "$(sed 1d "$tmp/p.csv" | cut -d, -f1,4 | tr '\n' ' ')" = 'net,search net,epochs-2 net2,search '
{ cat "$tmp/list.csv"; sed -n 3p "$tmp/list.csv"; } >"$tmp/twice.csv"
exits 1 'twice.csv: line 7: draw 1 of this policy is in line 3 already' 'a draw given twice' "$tabulate" -l "$tmp/twice.csv" -o "$tmp/x"
sed '$d' "$tmp/draws.csv" >"$tmp/fewer.csv"
exits 1 'fewer.csv: line 6: a policy of 1 draws, where that of line 2 has 2' 'fewer draws of one policy' "$tabulate" -l "$tmp/fewer.csv" -o "$tmp/x"
sed "\$s|/l5|/l4|" "$tmp/draws.csv" >"$tmp/other.csv"
exits 1 'other.csv: line 11: another long score than that of this policy in line 6' 'two long scores of one policy' "$tabulate" -l "$tmp/other.csv" -o "$tmp/x"
rm "$tmp/l3.csv"
exits 1 "cannot read $tmp/l3.csv" 'a score that is not there' "$tabulate" -l "$tmp/list.csv" -o "$tmp/x"
exits 1 "$tmp/none.csv" 'names a list that is not there' "$tabulate" -l "$tmp/none.csv" -o "$tmp/x"
is 'nothing is left behind by what failed' test ! -e "$tmp/x"
finish
