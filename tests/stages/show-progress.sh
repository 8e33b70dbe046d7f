#!/bin/sh
. tests/shell.inc
show=$BIN/show-progress

# two runs of four episodes, one with three scores and one with none; 0005 is beyond the end
mkdir -p "$tmp/r/net/seed-1"
score() {
	printf 'images,top1,top5,loss\n100,%s,90,0.5\n' "$2" >"$tmp/r/net/seed-1/$1.score.csv"
}
score 0001 50.25
score 0002 61.5
score 0003 40
score 0005 99
score best-0004 98
printf 'layer\n' >"$tmp/r/net/seed-1/0004.policy.csv"
printf 'run,episodes\n%s,4\n%s,4\n' "$tmp/r/net/seed-1" "$tmp/r/net/seed-2" >"$tmp/runs.csv"

exits 0 '' 'show-progress --help' "$show" --help
exits 2 "no option '--nonsense'" 'show-progress refuses an unknown option' "$show" --nonsense
exits 2 'is missing' 'show-progress refuses an empty command line' "$show"

is 'a table of all runs' "$show" -r "$tmp/runs.csv" -p "$tmp/r/"
"$show" -r "$tmp/runs.csv" -p "$tmp/r/" >"$tmp/table"
is 'episodes done, and the highest top-1' grep -qx 'net/seed-1  *3/4   highest 61.50 %' "$tmp/table"
is 'a run that has not begun' grep -qx 'net/seed-2  *0/4' "$tmp/table"
is 'a line for each' test "$(wc -l <"$tmp/table")" -eq 2

exits 0 '^ *episode 3/8  37 %  net/seed-1 40.00 % (highest [0-9.]* %)  [0-9]* s left$' 'a line after an episode' \
	"$show" -r "$tmp/runs.csv" -p "$tmp/r/" -a "$tmp/r/net/seed-1/0003.score.csv"
cp -a "$tmp/r" "$tmp/again"; touch -d 2001-01-01 "$tmp/again/net/seed-1/"000[23].score.csv
printf 'run,episodes\n%s,4\n' "$tmp/again/net/seed-1" >"$tmp/again.csv"
exits 0 '^ *episode 1/4  25 %  net/seed-1 50.25 % (highest 50.25 %)' 'what a redone search has left of its scores does not count' \
	"$show" -r "$tmp/again.csv" -p "$tmp/again/" -a "$tmp/again/net/seed-1/0001.score.csv"
printf 'run,episodes\n%s,1000\n' "$tmp/r/net/seed-1" >"$tmp/long.csv"
exits 0 '' 'a log has a line at every hundredth only' "$show" -r "$tmp/long.csv" -a "$tmp/r/net/seed-1/0003.score.csv"


# time left: a run of 6 episodes of ten seconds each, three made; work began two minutes ago
p=$tmp/pace; mkdir -p "$p/net/seed-1" "$p/net/uniform"
ago() { touch -d "$1 seconds ago" "$2"; }
for k in 1 2 3; do
	printf 'images,top1,top5,loss\n100,50,90,0.5\n' >"$p/net/seed-1/000$k.score.csv"; : >"$p/net/seed-1/000$k.policy.csv"
	ago $((40 - 10 * k)) "$p/net/seed-1/000$k.policy.csv"; ago $((30 - 10 * k)) "$p/net/seed-1/000$k.score.csv"
done
: >"$p/lock"; ago 110 "$p/lock"
printf 'run,episodes\n%s,6\n' "$p/net/seed-1" >"$p/runs.csv"
printf 'policy,network\n%s,net\n%s,net\n' "$p/net/uniform/a" "$p/net/uniform/b" >"$p/finals.csv"
printf 'network,episode,final\nother,1,1000\nnet,10,300\n' >"$p/times.csv"
# left SECONDS...: any of them, as the clock goes on
left() {
	"$show" -r "$p/runs.csv" -a "$p/net/seed-1/0003.score.csv" -f "$p/finals.csv" -t "$p/times.csv" -s "$p/lock" >"$tmp/said" 2>&1
	for text; do ! grep -q "  $text left\$" "$tmp/said" || return 0; done
	cat "$tmp/said" >&2
	return 1
}
mv "$p/times.csv" "$p/t"; is 'time left by the pace of its episodes' left '30 s' '31 s' '32 s'; mv "$p/t" "$p/times.csv"
is 'last finetunings count as the episodes that take as long' left '10 min' '11 min'
: >"$p/net/uniform/a.policy.csv"; : >"$p/net/uniform/a.score.csv"; ago 100 "$p/net/uniform/a.policy.csv"; ago 50 "$p/net/uniform/a.score.csv"
# 3 episodes and one as long as 30 within the 110 seconds of this make: 33 more are to come
is '... those that were made tell the pace, too' left '2 min'
ago 200 "$p/net/uniform/a.score.csv"
is '... one that is older than its policy is to come' left '10 min' '11 min'
ago 15 "$p/lock"
# of the two episodes since then, the first began before it
is 'what was made before this work began says no pace' left '8 min' '9 min'
printf 'network,episode,final\nnet,10,\n' >"$p/times.csv"
is 'a time that is not known does not count' left '22 s' '23 s' '24 s' '26 s'

echo run,episodes >"$tmp/empty.csv"
exits 1 'empty.csv: no run' 'a list of no runs' "$show" -r "$tmp/empty.csv" -a "$tmp/r/net/seed-1/0003.score.csv"
exits 1 "cannot read $tmp/none.csv" 'names a list that is not there' "$show" -r "$tmp/none.csv"
printf 'run,episodes\n%s,0\n' "$tmp/r/net/seed-1" >"$tmp/none.csv"
exits 1 'line 2: episodes must lie in 1..1000000' 'a run has episodes' "$show" -r "$tmp/none.csv"
score 0002 nonsense
exits 1 '0002.score.csv: line 2: top1 must' 'names a score that is none' "$show" -r "$tmp/runs.csv"
finish
