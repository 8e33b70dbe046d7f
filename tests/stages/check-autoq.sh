#!/bin/sh
# check-autoq.sh - the claims of AutoQ: each can hold and can fail, by tables and traces of a few lines.
. tests/shell.inc
claims=$BIN/check-autoq

header=network,hardware,budget,policy,seeds,top1,top1_sd,latency_ms,latency_ms_sd,paper_top1,paper_latency_ms,top1_ahead,top1_ahead_error,top1_ahead_seeds
# kernels are a point ahead of layers by each seed; ranges of kernels two points ahead of those of layers
cat >"$tmp/latency.csv" <<END
$header
net,sim,w4a4,uniform+layer-ranges,3,80,0.3,1,0,,,,,
net,sim,w4a4,searched+layer-ranges,3,81,0.1,1,0,,,1,0.1,1:0.9 2:1 3:1.1
net,sim,w4a4,uniform+kernel-ranges,3,82,0.3,1,0,,,,,
net,sim,w4a4,searched+kernel-ranges,3,83,0.1,1,0,,,1,0.1,1:0.9 2:1 3:1.1
net,sim,w4a4,kernels+kernel-ranges,3,84,0.1,1,0,,,2,0.1,1:1.8 2:2.05 3:2.15
END
cp "$tmp/latency.csv" "$tmp/spatial.csv"
sed 's/w4a4/none/; s/kernels+kernel-ranges,3,84,0.1,1,/kernels+kernel-ranges,3,82.9,0.1,0.6,/' "$tmp/latency.csv" >"$tmp/free.csv"
# trace FIRST STEP: top-1 of four episodes
trace() {
	echo episode,top1
	for i in 0 1 2 3; do echo "$i,$(($1 + i * $2))"; done
}
trace 60 10 >"$tmp/fast.csv"
trace 60 2 >"$tmp/slow.csv"
list() {                # list AUTOQ OTHERS
	echo kind,name,path
	for t in latency spatial free; do echo "table,$t,$tmp/$t.csv"; done
	for seed in 1 2; do
		echo "trace,autoq,$1"
		for a in autoq-flat autoq-kept-goals autoq-unshaped autoq-formula; do echo "trace,$a,$2"; done
		echo "trace,kernels,$tmp/fast.csv"
	done
}
list "$tmp/fast.csv" "$tmp/slow.csv" >"$tmp/list.csv"

usual "$claims"
refuses_outputs "$claims" -l "$tmp/list.csv"
exits 0 '' 'claims are checked without a word' "$claims" -l "$tmp/list.csv" -o "$tmp/c.csv" -t "$tmp/c.txt" --title 'A title'
verdict() { grep "^\"*$1" "$tmp/c.csv" | sed 's/.*,//'; }
is 'kernels ahead, by each seed: holds' test "$(verdict 'bits of kernels beat')" = holds
is '... by a point' grep -q '^"bits of kernels beat.*,1,0.0' "$tmp/c.csv"
is 'ranges of kernels ahead: holds' test "$(verdict 'ranges of kernels beat')" = holds
is '... by two points' grep -q '^"ranges of kernels beat.*,2,' "$tmp/c.csv"
is 'nothing won, where a point is: does not hold' test "$(verdict 'bits of kernels win nothing')" = 'does not hold'
is 'faster at negligible loss: holds' grep -q '^"bits of kernels are faster.*,-40,.*,3,holds' "$tmp/c.csv"
is 'two levels sooner than one: holds' grep -q '^"two levels learn sooner than one",yes,12,0,2,holds' "$tmp/c.csv"
is 'equal traces: undecided' test "$(verdict 'a model of sensitivities')" = undecided
is 'a title above the text' test "$(head -n 1 "$tmp/c.txt")" = 'A title'

# the contrary of all
sed -i 's/84,0.1,1,0,,,2,0.1,1:1.8 2:2.05 3:2.15/82,0.1,1,0,,,0,0.1,1:-0.1 2:0 3:0.1/; s/searched+layer-ranges,3,81/searched+layer-ranges,3,85/' "$tmp/latency.csv"
sed -i 's/84,0.1,1,0,,,2,0.1,1:1.8 2:2.05 3:2.15/83,0.1,1,0,,,1,0.1,1:0.9 2:1.01 3:1.1/' "$tmp/spatial.csv"
sed -i 's/kernel-ranges,3,82.9,0.1,0.6/kernel-ranges,3,82,0.1,0.6/' "$tmp/free.csv"
list "$tmp/slow.csv" "$tmp/fast.csv" >"$tmp/list.csv"
"$claims" -l "$tmp/list.csv" -o "$tmp/c.csv"
for claim in 'bits of kernels beat' 'ranges of kernels beat' 'bits of kernels are faster' 'two levels learn' 'relabelled goals' 'a reward shaped' 'a low level'; do
	is "$claim: does not hold" test "$(verdict "$claim")" = 'does not hold'
done
is 'nothing won: holds' test "$(verdict 'bits of kernels win nothing')" = holds
is 'a model learns sooner: holds' test "$(verdict 'a model of sensitivities')" = holds

echo kind,name,path >"$tmp/none.csv"
exits 1 "$tmp/none.csv: nothing that a claim is about" 'an empty list' "$claims" -l "$tmp/none.csv" -o "$tmp/x.csv"
echo "table,latency,$tmp/gone.csv" >>"$tmp/none.csv"
exits 1 "$tmp/gone.csv" 'a table that is not there' "$claims" -l "$tmp/none.csv" -o "$tmp/x.csv"
finish
