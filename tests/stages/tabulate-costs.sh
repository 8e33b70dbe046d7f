#!/bin/sh
. tests/shell.inc
tabulate=$BIN/tabulate-costs
usual "$tabulate"
cost() { printf 'layer,weight_bits,activation_bits,cycles,latency_ms,energy_mj,weight_bytes\nfc,8,8,1,9,,1\ntotal,,,1,%s,1\n' "$2" >"$tmp/$1.csv"; }
cost pa 1.5,0.25; cost pb 2,; cost qa 3,0.5; cost qb 4.125,
printf '%s\n' policy,hardware,cost "p,one,$tmp/pa.csv" "p,two,$tmp/pb.csv" "q,one,$tmp/qa.csv" "q,two,$tmp/qb.csv" >"$tmp/list.csv"
{ cat "$tmp/list.csv"; for i in $(seq 100); do echo "policy-$i,one,$tmp/pa.csv"; done; } >"$tmp/long.csv"
refuses_outputs "$tabulate" -l "$tmp/long.csv"
"$tabulate" -l "$tmp/list.csv" -o "$tmp/t.csv" -t "$tmp/t.txt" --title Costs
is 'a row for each policy, a column for each figure' sh -c "printf '%s\n' 'policy,one latency_ms,two latency_ms,one energy_mj' \
	p,1.5,2,0.25 q,3,4.125,0.5 | cmp - '$tmp/t.csv'"
is 'the text has a block for each figure' sh -c "grep -q '^latency_ms .*one .*two' '$tmp/t.txt' && grep -q '^q  *0.5000\$' '$tmp/t.txt'"
score() { printf 'images,top1,top5,loss\n100,%s,99,0.1\n' "$2" >"$tmp/$1.csv"; }
score p 91.5; score q 90
{ echo policy,hardware,cost,score; sed 1d "$tmp/list.csv" | sed "s|^\\(.\\).*|&,$tmp/\\1.csv|"; } >"$tmp/scored.csv"
"$tabulate" -l "$tmp/scored.csv" -o "$tmp/s.csv" -t "$tmp/s.txt"
is 'accuracy beside them, where there are scores' sh -c "grep -q '^p,1.5,2,0.25,91.5000\$' '$tmp/s.csv' && grep -q '^q  *3.0000  *4.1250  *90.00\$' '$tmp/s.txt'"
sed 2d "$tmp/q.csv" >"$tmp/empty.csv"
sed "s|/q.csv|/empty.csv|" "$tmp/scored.csv" >"$tmp/unscored.csv"
exits 1 'empty.csv: 0 rows; expected one score' 'a score without a row' "$tabulate" -l "$tmp/unscored.csv" -o "$tmp/x"
sed '3d' "$tmp/list.csv" >"$tmp/part.csv"
"$tabulate" -l "$tmp/part.csv" -o "$tmp/p.csv" -t "$tmp/p.txt"
is 'what is not known stays empty' sh -c "grep -q '^p,1.5,,0.25\$' '$tmp/p.csv' && grep -q '^p  *1.5000  *-\$' '$tmp/p.txt'"
{ cat "$tmp/list.csv"; sed -n 2p "$tmp/list.csv"; } >"$tmp/twice.csv"
exits 1 'line 6: a second row' 'a pair given twice' "$tabulate" -l "$tmp/twice.csv" -o "$tmp/x"
sed -i '/^total/d' "$tmp/qb.csv"
exits 1 "qb.csv: no row 'total'" 'costs of no policy' "$tabulate" -l "$tmp/list.csv" -o "$tmp/x"
exits 1 "$tmp/none.csv" 'names a list that is not there' "$tabulate" -l "$tmp/none.csv" -o "$tmp/x"
finish
