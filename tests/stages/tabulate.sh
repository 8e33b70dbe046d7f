#!/bin/sh
. tests/shell.inc
tabulate=$BIN/tabulate

# result_files NAME TOP1 TOP5 MS: files such as evaluate and a simulator write
result_files() {
	printf 'images,top1,top5,loss\n100,%s,%s,0.5\n' "$2" "$3" >"$tmp/$1.score.csv"
	printf 'layer,weight_bits,activation_bits,cycles,latency_ms\nfc,8,8,1,0.5\ntotal,,,9,%s\n' "$4" >"$tmp/$1.cost.csv"
}
result_files u1 70 90 2.5
result_files u2 74 92 2.5
result_files s1 80 95 2.25
result_files s2 83 96 2.75
result_files other 60 80 1
{
	echo network,hardware,budget,policy,seed,score,cost
	echo "net-v1-tiny,sim-cloud,w4a4,uniform,1,$tmp/u1.score.csv,$tmp/u1.cost.csv"
	echo "net-v1-tiny,sim-cloud,w4a4,searched,1,$tmp/s1.score.csv,$tmp/s1.cost.csv"
	echo "net-v1-tiny,sim-cloud,w4a4,uniform,2,$tmp/u2.score.csv,$tmp/u2.cost.csv"
	echo "net-v1-tiny,sim-cloud,w4a4,searched,2,$tmp/s2.score.csv,$tmp/s2.cost.csv"
	echo "net-v10,sim-edge,w4a4,uniform,1,$tmp/other.score.csv,$tmp/other.cost.csv"
} >"$tmp/rows.csv"
cat >"$tmp/paper.csv" <<'END'
network,hardware,budget,policy,top1,top5,latency_ms
net-v1,sim-cloud,w4a4,uniform,62.44,84.19,7.86
END

usual "$tabulate"
# more than the 512 bytes of a full disk
{
	head -n 1 "$tmp/rows.csv"
	for bits in 1 2 3 4 5 6 7 8; do
		sed -n "2,3s/w4a4/w${bits}a$bits/p" "$tmp/rows.csv"
	done
} >"$tmp/many.csv"
refuses_outputs "$tabulate" -r "$tmp/many.csv" -p "$tmp/paper.csv"
{ cat "$tmp/rows.csv"; sed -n 2p "$tmp/rows.csv"; } >"$tmp/twice.csv"
exits 1 'twice.csv: line 7: seed 1 of this row is in line 2 already' 'a seed counts once' "$tabulate" -r "$tmp/twice.csv" -o "$tmp/x"

run() {
	out=$1; shift
	"$tabulate" -r "$tmp/rows.csv" -p "$tmp/paper.csv" -o "$out" "$@"
}
exits 0 '' 'a table is written without a word' run "$tmp/t.csv" -t "$tmp/t.txt" --title 'A title'
row() {
	grep "^$1," "$tmp/t.csv" | cut -d, -f5-
}
is 'a row for each policy, under a header' test "$(wc -l <"$tmp/t.csv")" -eq 4
is 'mean and standard deviation over two seeds, the paper beside them' test "$(row 'net-v1-tiny,sim-cloud,w4a4,uniform')" = \
	'2,72,2.83,91,1.41,2.5,0,62.44,84.19,7.86,,,'
is 'the same where the paper has nothing' test "$(row 'net-v1-tiny,sim-cloud,w4a4,searched')" = \
	'2,81.5,2.12,95.5,0.707,2.5,0.354,,,,9.5,0.5,1:10 2:9'
is 'one seed has no deviation; net-v10 is not net-v1' test "$(row 'net-v10,sim-edge,w4a4,uniform')" = '1,60,,80,,1,,,,,,,'
is 'the uniform policy before the searched one' test "$(cut -d, -f4 "$tmp/t.csv" | tr '\n' ' ')" = \
	'policy uniform searched uniform '
is 'the text has its title' test "$(head -n 1 "$tmp/t.txt")" = 'A title'
is 'and the numbers' grep -q '^net-v1-tiny  *sim-cloud  *w4a4  *searched  *81.50 ± 2.12 .* 95.50 ± 0.71 ' "$tmp/t.txt"
# 80 - 70 and 83 - 74: mean 9.5, deviation 0.71 over two seeds
is 'how far it is ahead of uniform bits by the same seeds' grep -q 'searched .* 2.5000 ± 0.3536  *+9.50 ± 0.50  ' "$tmp/t.txt"
is '... under its title, ours' sh -c "sed -n '3,4p' '$tmp/t.txt' | awk '{ at[NR] = NR == 1 ? index(\$0, \"ours\") + 4 : index(\$0, \"ahead\") + 5 } END { exit at[1] != at[2] }'"
is '... which is empty where there are no others' sh -c "! grep -q 'uniform .* [-+][0-9]' '$tmp/t.txt'"
is '... and is explained' grep -qx 'ahead: of uniform bits at equal cost, in top-1, mean ± standard error of the same seeds' "$tmp/t.txt"
run "$tmp/again.csv"
# seed 2 of uniform bits is yet to come, and seed 3 of searched ones has no partner
{ sed '/uniform,2,/d' "$tmp/rows.csv"; sed -n 's/searched,2,/searched,3,/p' "$tmp/rows.csv"; } >"$tmp/part.csv"
"$tabulate" -r "$tmp/part.csv" -o "$tmp/part.t.csv" -t "$tmp/part.txt"
is 'only seeds that both have are compared' sh -c "grep -q ',searched,3,.*,10,,1:10$' '$tmp/part.t.csv' && grep -q ' +10.00$' '$tmp/part.txt'"
sed '/searched/d' "$tmp/rows.csv" >"$tmp/alone.csv"
"$tabulate" -r "$tmp/alone.csv" -o "$tmp/alone.t.csv" -t "$tmp/alone.txt"
is 'where nothing is compared, the text has no such column' sh -c "! grep -q ahead '$tmp/alone.txt'"
sed 's/,uniform,/,heuristic,/' "$tmp/rows.csv" >"$tmp/other.csv"
"$tabulate" -r "$tmp/other.csv" -o "$tmp/other.t.csv"
is '... nor with other bits than uniform ones' sh -c "sed 1d '$tmp/other.t.csv' | (! grep -v -q ',,,$')"
# uniform bits of seed 1 have other ranges
sed '/,searched,1,/s/searched/&+kernel-ranges/; /,2,/s/uniform\|searched/&+kernel-ranges/' "$tmp/rows.csv" >"$tmp/ranges.csv"
"$tabulate" -r "$tmp/ranges.csv" -o "$tmp/ranges.t.csv"
is 'bits are compared with uniform ones of the same ranges' grep -q ',searched+kernel-ranges,2,.*,9,,2:9$' "$tmp/ranges.t.csv"
sed 's/,uniform,2,/,uniform,two,/' "$tmp/rows.csv" >"$tmp/words.csv"
exits 1 'words.csv: line 4: seed' 'a seed is a number' "$tabulate" -r "$tmp/words.csv" -o "$tmp/x"
sed 's/,latency_ms$/&,energy_mj/; s/^fc.*/&,1/; s/^total.*/&,0.125/' "$tmp/other.cost.csv" >"$tmp/both.cost.csv"
{ head -n 1 "$tmp/rows.csv"; sed -n '$s/other.cost/both.cost/p' "$tmp/rows.csv"; } >"$tmp/one.csv"
exits 0 '' 'two metrics, without the paper' "$tabulate" -r "$tmp/one.csv" --metric latency,energy -o "$tmp/two.csv" -t "$tmp/two.txt"
is 'are two columns' grep -q '^net-v10,sim-edge,w4a4,uniform,1,60,,80,,1,,0.125,,,,,,,,$' "$tmp/two.csv"
is 'of the text too' grep -q '60.00  *80.00  *1.0000  *0.1250$' "$tmp/two.txt"
sed '1s/$/,reward/; 2s/$/,/; $s/$/,-0.5/' "$tmp/both.cost.csv" >"$tmp/reward.csv"
{ head -n 1 "$tmp/rows.csv"; sed -n "\$s|other.cost|reward|p" "$tmp/rows.csv"; } >"$tmp/rewarded.csv"
exits 0 '' 'costs and reward' "$tabulate" -r "$tmp/rewarded.csv" --metric latency,energy,reward -o "$tmp/three.csv" -t "$tmp/three.txt"
is 'are three columns' grep -q '^net-v10,sim-edge,w4a4,uniform,1,60,,80,,1,,0.125,,-0.5,,,,,,,,,$' "$tmp/three.csv"
is 'of the text too, under their names' sh -c "grep -q 'mJ  *reward$' '$tmp/three.txt' && grep -q '0.1250  *-0.5000$' '$tmp/three.txt'"
exits 2 'latency, energy, size, reward' 'an unknown metric' "$tabulate" -r "$tmp/one.csv" --metric latency,weight -o "$tmp/x.csv"
is 'the same twice' cmp "$tmp/t.csv" "$tmp/again.csv"

fails() {
	pattern=$1 text=$2; shift 2
	exits 1 "$pattern" "$text" run "$tmp/x" "$@"
}
mv "$tmp/s2.score.csv" "$tmp/away"
fails "cannot read $tmp/s2.score.csv" 'names a score that is missing'
{ cat "$tmp/away"; tail -n 1 "$tmp/away"; } >"$tmp/s2.score.csv"
fails 's2.score.csv: 2 rows; expected one score' 'a score has one row'
sed 's/^100,83,/100,183,/' "$tmp/away" >"$tmp/s2.score.csv"
fails 's2.score.csv: line 2: top1 must' 'nothing is more than 100 % right'
mv "$tmp/away" "$tmp/s2.score.csv"
cp "$tmp/u2.cost.csv" "$tmp/away"
sed -i '/^total/d' "$tmp/u2.cost.csv"
fails "u2.cost.csv: no row 'total'" 'names costs without a total'
mv "$tmp/away" "$tmp/u2.cost.csv"
sed -i '1s/score/scores/' "$tmp/rows.csv"
fails "rows.csv: no column 'score'" 'names a column that is missing'
is 'what failed left nothing behind' test -z "$(find "$tmp" -name 'x*')"
finish
