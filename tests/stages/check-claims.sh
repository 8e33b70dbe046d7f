#!/bin/sh
. tests/shell.inc
claims=$BIN/check-claims

header=network,hardware,budget,policy,seeds,top1,top1_sd,top5,top5_sd,latency_ms,latency_ms_sd,paper_top1,paper_top5,paper_latency_ms
# a search 2 points ahead at 4 bits and 1 at 6, which loses nothing against 8 bits at half of their latency
cat >"$tmp/latency.csv" <<END
$header
net,sim,w4a4,uniform,3,80,0.3,90,0,1,0,60,90,5
net,sim,w4a4,searched,3,82,0.3,90,0,1,0,65,90,5
net,sim,w6a6,uniform,3,83,0.3,90,0,2,0,70,90,5
net,sim,w6a6,searched,3,84,0.3,90,0,2,0,71,90,5
net,sim,w8a8,uniform,3,84.2,0.3,90,0,4,0,72,90,5
END
sed 's/,searched,3,8[24],/,searched,3,70,/' "$tmp/latency.csv" | sed 's/latency_ms/energy_mj/g' >"$tmp/energy.csv"
sed 's/,searched,3,8[24],/,searched,3,81.6,/; s/latency_ms/weight_bytes/g' "$tmp/latency.csv" >"$tmp/size.csv"
own() {         # own LATENCIES...: policies searched for a and b, of one seed or two
	echo policy,a latency_ms,b latency_ms,top1
	i=0
	for x; do echo "net/$([ $((i % 2)) = 0 ] && echo a || echo b)/latency-w4a4/seed-$((i / 2 + 1))/best,$x"; i=$((i + 1)); done
}
own 1,3,90 2,2,90 2,3,90 3,2,90 >"$tmp/own.csv"
sed 's/^net,sim,w4a4,uniform/net,sim,w4a4,heuristic/; s/,80,0.3/,81,0.3/' "$tmp/latency.csv" >"$tmp/baselines.csv"
for seed in 1 2; do
	printf 'layer,kind,weight_bits,activation_bits\nx,conv,8,8\nd,depthwise,%s,3\np,pointwise,4,5\n' $((5 + seed)) >"$tmp/bits$seed.csv"
done
# accuracy is where it stays after 20 of 60 episodes; latency falls from then on by what seed says, of 10
for seed in 1 2; do
	{ echo episode,top1,latency_ms; for i in $(seq 60); do
		echo "$i,$((i < 20 ? 50 + i : 70)),$((i < 40 ? 10 : 10 - 3 - seed))"; done; } >"$tmp/trace$seed.csv"
done
{
	echo kind,name,path
	for seed in 1 2; do echo "trace,paper,$tmp/trace$seed.csv"; done
	for t in latency energy size; do echo "table,$t,$tmp/$t.csv"; done
	echo "own,x,$tmp/own.csv"
	echo "baselines,latency,$tmp/baselines.csv"
	for name in edge cloud size; do for seed in 1 2; do echo "bits,$name,$tmp/bits$seed.csv"; done; done
} >"$tmp/list.csv"

usual "$claims"
refuses_outputs "$claims" -l "$tmp/list.csv"
exits 0 '' 'claims are checked without a word' "$claims" -l "$tmp/list.csv" -o "$tmp/c.csv" -t "$tmp/c.txt" --title 'A title'
said() { grep "^\"$1" "$tmp/c.csv" | sed 's/^"[^"]*",//'; }
# 1.5 points; deviations of 0.3 over 3 seeds: sqrt(2 * (0.09 + 0.09) / 3) / 2
is 'better by more than the spread: holds' test "$(said 'flexible bits beat fixed ones at equal latency')" = '+3.00 points,1.5,0.173,3,holds'
is 'worse: does not hold' test "$(said 'flexible bits beat fixed ones at equal energy' | sed 's/.*,//')" = 'does not hold'
is 'between: undecided' test "$(said 'flexible bits beat fixed ones at equal size' | cut -d, -f2,5)" = '0.1,undecided'
is 'half the latency at negligible loss' test "$(said 'latency falls' | cut -d, -f2,5)" = '2,holds'
is 'nothing saved where all is lost' test "$(said 'energy falls' | cut -d, -f2,5)" = '1,does not hold'
is 'each policy is fastest on its own' test "$(said 'a policy searched' | cut -d, -f2,4,5)" = '4,2,holds'
# searched: 82 and 84 of latency, beside 80 and 81, 83; 70 twice of energy; 81.6 twice of size, beside 80 and 83
is 'ahead of every baseline in 3 of 6 places' test "$(said 'searched bits' | cut -d, -f2,5)" = '3,does not hold'
is 'fewer activation bits, over two seeds' test "$(said 'depthwise layers get fewer activation bits')" = 'fewer,-2,0,2,holds'
is 'more weight bits, but two seeds that differ say little' test "$(said 'depthwise layers get more weight bits than pointwise in the cloud')" = 'more,2.5,0.5,2,undecided'
is 'a row for each claim' test "$(wc -l <"$tmp/c.csv")" -eq 13
is 'latency falls after accuracy is stable' test "$(said 'without a budget')" = 'falls,-45,5,2,undecided'
is 'the text has its title' test "$(head -n 1 "$tmp/c.txt")" = 'A title'
# one seed: two accelerators share the uniform policy of a budget, so there are two numbers: 2 and 1 points
{ sed 's/,3,\([0-9]*\),0.3,/,1,\1,,/' "$tmp/latency.csv"; sed -n '2,5s/^net,sim/net,sim-2/p' "$tmp/latency.csv" | sed 's/,3,\([0-9]*\),0.3,/,1,\1,,/'; } >"$tmp/once.csv"
printf 'kind,name,path\ntable,latency,%s\n' "$tmp/once.csv" >"$tmp/once.list.csv"
"$claims" -l "$tmp/once.list.csv" -o "$tmp/c.csv"
is 'one seed: accelerators that share a uniform policy are one number' test "$(said 'flexible bits beat fixed ones at equal latency')" = '+3.00 points,1.5,0.5,1,undecided'
sed 's/^net,sim-2,\(w[46]a[46],searched\),1,8[24]/net,sim-2,\1,3,80/' "$tmp/once.csv" | sed 's/^net,sim,\(w.*\),1,\([0-9]*\),,/net,sim,\1,3,\2,0.3,/; s/^net,sim-2,\(w.*\),[13],\([0-9]*\),,/net,sim-2,\1,3,\2,0.3,/' >"$tmp/shared.csv"
printf 'kind,name,path\ntable,latency,%s\n' "$tmp/shared.csv" >"$tmp/shared.list.csv"
"$claims" -l "$tmp/shared.list.csv" -o "$tmp/c.csv"
# 4 pairs; variances: searched 4 x 0.03, uniform 2 for each of 4 pairs x 0.03: sqrt(0.36) / 4
is 'three seeds: what they share counts twice' test "$(said 'flexible bits beat fixed ones at equal latency' | cut -d, -f3)" = '0.15'
# gains by seed of two accelerators, and of another network on one
gains() {       # NETWORK,HARDWARE TOP1 GAINS
	echo "$1,w4a4,uniform,3,80,9,90,0,1,0,,,,,,"
	echo "$1,w4a4,searched,3,$2,9,90,0,1,0,,,,9,9,$3"
}
{ sed 's/$/,top1_ahead,top1_ahead_error,top1_ahead_seeds/; q' "$tmp/latency.csv"
	gains net,sim 82 '1:1 2:2 3:3'; gains net,sim-2 83 '1:2 2:2 3:5'; gains net-2,sim 83 '1:4 2:4 3:1'; } >"$tmp/paired.csv"
printf 'kind,name,path\ntable,latency,%s\n' "$tmp/paired.csv" >"$tmp/paired.list.csv"
paired() { "$claims" -l "$tmp/paired.list.csv" -o "$tmp/c.csv"; said 'flexible bits beat fixed ones at equal latency'; }
# mean of 2, 3, 3.  By seed net has sums 3, 4, 8: variance 7; net-2 4, 4, 1: variance 3.  sqrt(7 / 3 + 3 / 3) / 3 = 0.609.
# freedom: 10^2 / (7^2 / 2 + 3^2 / 2) = 3.4, so 3: 3.18 x 0.609 = 1.94 is less than 2.667
is 'gains by seed: the error is that of their sums' test "$(paired)" = ',2.667,0.609,3,holds'
# the same less 1, 1 and 0.5: 1.833 is less than that, but not than 2.78 x 0.609, of freedom 4
cp "$tmp/paired.csv" "$tmp/paired.keep"
sed -i 's/1:1 2:2 3:3/1:0 2:1 3:2/; s/1:2 2:2 3:5/1:1 2:1 3:4/; s/1:4 2:4 3:1/1:3.5 2:3.5 3:0.5/' "$tmp/paired.csv"
is '... which three seeds leave little freedom' test "$(paired)" = ',1.833,0.609,3,undecided'
cp "$tmp/paired.keep" "$tmp/paired.csv"
# 4, 4, -4: mean 1.333, variance 21.33.  sqrt(7 / 3 + 21.33 / 3) / 3 = 1.02
sed -i 's/,1:4 2:4 3:1/,1:4 2:4 3:-4/' "$tmp/paired.csv"
is '... which may be large' test "$(paired)" = ',2.111,1.02,3,undecided'
sed -i 's/,1:4 2:4 3:-4/,1:4 2:4 3/' "$tmp/paired.csv"
exits 1 'paired.csv: line 7: top1_ahead_seeds: expected SEED:NUMBER' 'gains that are none' "$claims" -l "$tmp/paired.list.csv" -o "$tmp/x"
sed -i 's/,1:4 2:4 3$/,1:4 2:4 2:3/' "$tmp/paired.csv"
exits 1 'paired.csv: line 7: top1_ahead_seeds: a seed is there twice' 'a seed that is there twice' "$claims" -l "$tmp/paired.list.csv" -o "$tmp/x"
# two seeds in one row, three in another: as of a table without them.  Variances of both means are 27; net's two rows share
# theirs: sqrt(3 x 27 + 4 x 27 + 27) / 3
sed -i 's/,1:4 2:4 2:3$/,1:4 2:4 3:1/; s/,1:2 2:2 3:5$/,1:3 2:3/' "$tmp/paired.csv"
is 'rows of other seeds are as those without' test "$(paired | cut -d, -f2,3)" = '2.667,4.9'
printf 'policy,a latency_ms,top1\nnet/a/latency-w4a4/mine,1,90\n' >"$tmp/own.csv"
exits 1 'own.csv: line 2: expected a policy NET/HARDWARE/BUDGET/seed-N' 'a path that says no seed' "$claims" -l "$tmp/list.csv" -o "$tmp/x"
printf 'policy,a latency_ms,top1\nnet/a/latency-w4a4/seed-1/best,,90\n' >"$tmp/own.csv"
exits 1 'own.csv: line 2: no a latency_ms' 'a policy without a cost at home' "$claims" -l "$tmp/list.csv" -o "$tmp/x"
own 3,3,90 2,2,89 >"$tmp/own.csv"
"$claims" -l "$tmp/list.csv" -o "$tmp/c.csv"
is 'a policy beaten at home' test "$(said 'a policy searched' | cut -d, -f2,5)" = '1,does not hold'
is 'by one that is less accurate' test "$(said 'no policy is faster' | cut -d, -f2,5)" = '2,holds'
sed -i 's/^net,sim,w4a4,heuristic,3,81/net,sim,w4a4,heuristic,3,82.1/' "$tmp/baselines.csv"
"$claims" -l "$tmp/list.csv" -o "$tmp/c.csv"
is 'a heuristic that is better counts' test "$(said 'searched bits' | cut -d, -f2)" = 2
sed -i '/,depthwise,/d' "$tmp"/bits?.csv
"$claims" -l "$tmp/list.csv" -o "$tmp/c.csv"
is 'a network without depthwise layers says nothing of their bits' sh -c "! grep -q 'depthwise\|nan' '$tmp/c.csv'"
printf 'kind,name,path\n' >"$tmp/none.csv"
exits 1 'nothing that a claim is about' 'nothing to check' "$claims" -l "$tmp/none.csv" -o "$tmp/x"
sed -i 's/^net,sim,w4a4,searched,3,82/net,sim,w4a4,searched,3,eighty/' "$tmp/latency.csv"
exits 1 'latency.csv: line 3: top1' 'names the line of a number that is none' "$claims" -l "$tmp/list.csv" -o "$tmp/x"
finish
