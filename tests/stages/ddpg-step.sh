#!/bin/sh
# ddpg-step.sh - the verbs of ddpg-step; that what it keeps never changes what it says; how it refuses.
. tests/shell.inc
step=$BIN/ddpg-step
net=data/networks/mobilenet-v1-fashion.csv

usual "$step" best
exits 0 '' "--help" "$step" --help
exits 0 '' "--help behind a verb, among its options" "$step" act -k 7 --help
exits 0 '' "--version" "$step" --version
exits 2 'no verb given' "no verb: exit 2" "$step"
exits 2 "no option '--nonsense'" "an unknown option: exit 2" "$step" best --nonsense

# act CONF RUN K OUT [OPTION...]
act() {
	conf=$1 run=$2 k=$3 out=$4; shift 4
	"$step" act -n $net -f "$tmp/features.npy" -t "$tmp/costs.csv" -c "$conf" -b latency-w4a4 -s 1 -k "$k" \
		-r "$run" -F "$tmp/full-precision.csv" -o "$out" "$@"
}

# accuracy POLICY: a score that falls with the bits taken away, layer by layer
accuracy() {
	awk -F, 'NR > 1 { loss += (NR % 5 + 1) * 4 ^ (4 - $2) + (NR % 3 + 1) * 4 ^ (4 - $3) }
		END { x = 90 - loss / 20; if (x < 10) x = 10
		      printf "images,top1,top5,loss\n1000,%.3f,99,%.5f\n", x, 0.3 + loss / 100 }' "$1"
}

# grow CONF RUN FROM TO: propose and score
grow() {
	k=$3
	mkdir -p "$2"
	while [ "$k" -le "$4" ]; do
		e=$(printf '%s/%04d' "$2" "$k")
		act "$1" "$2" "$k" "$e.policy.csv" || return 1
		accuracy "$e.policy.csv" >"$e.score.csv"
		k=$((k + 1))
	done
}

# the same policies in both runs, 1 to K
same_run() {
	for i in $(seq 1 "$3"); do
		cmp "$(printf '%s/%04d.policy.csv' "$1" "$i")" "$(printf '%s/%04d.policy.csv' "$2" "$i")" || return 1
	done
}

silent() {
	"$@" >"$tmp/stdout" 2>&1 && [ ! -s "$tmp/stdout" ]
}

# settings that learn in no time, all three kinds of episodes
sed 's/^\(hidden_.\) .*/\1 = 32/; s/^warmup .*/warmup = 2/; s/^noise .*/noise = 0.5/
	s/^model_share .*/model_share = 0.3/; s/^target .*/target = top1/' experiments/agents/mixed.conf >"$tmp/small.conf"
printf 'images,top1,top5,loss\n1000,91.5,99.5,0.25\n' >"$tmp/full-precision.csv"
"$BIN/extract-features" -n $net -o "$tmp/features.npy" && "$BIN/simulate-bismo" -n $net -m hwmodels/bismo-edge.conf \
	-o "$tmp/costs.csv"

is "uniform writes a policy and nothing else" silent "$step" uniform -n $net -b w4a5 -o "$tmp/uniform.csv"
is "uniform leaves fixed layers alone" sh -c "grep -q '^fc,8,8' '$tmp/uniform.csv' && grep -q ',4,5' '$tmp/uniform.csv'"
# total POLICY: what it costs under the budget
total() {
	"$BIN/simulate-bismo" -n $net -m hwmodels/bismo-edge.conf -p "$1" -o "$tmp/total.csv" && sed -n 's/^total,,,\([0-9]*\),.*/\1/p' "$tmp/total.csv"
}
is "heuristic writes a policy and nothing else" silent "$step" heuristic -n $net -t "$tmp/costs.csv" -c experiments/agents/sensitivity.conf -b latency-w4a4 -o "$tmp/heuristic.csv"
"$step" uniform -n $net -b w4a4 -o "$tmp/uniform4.csv"
is "it keeps the budget" test "$(total "$tmp/heuristic.csv")" -le "$(total "$tmp/uniform4.csv")"
is "bits fall along the network" awk -F, 'NR > 2 && $1 != "fc" {
	if (last && $2 > last || $2 != $3) bad = 1; last = $2; first = first ? first : $2 } END { exit bad || first <= last }' "$tmp/heuristic.csv"
# draw K OUT [SEED [BUDGET]]
draw() {
	"$step" drawn -n $net -t "$tmp/costs.csv" -c experiments/agents/sensitivity.conf -b "${4:-latency-w4a4}" -s "${3:-1}" -k "$1" -o "$2"
}
is "drawn writes a policy and nothing else" silent draw 1 "$tmp/drawn.csv"
draw 1 "$tmp/again.csv"; draw 2 "$tmp/drawn-2.csv"
is "  the same again" cmp "$tmp/drawn.csv" "$tmp/again.csv"
is "  another by another number" sh -c "! cmp -s '$tmp/drawn.csv' '$tmp/drawn-2.csv'"
draw 1 "$tmp/drawn-s.csv" 2
is "  or seed" sh -c "! cmp -s '$tmp/drawn.csv' '$tmp/drawn-s.csv'"
is "  within the budget" test "$(total "$tmp/drawn.csv")" -le "$(total "$tmp/uniform4.csv")"
# fits LINE COLUMN: whether a policy with one bit more there is within the budget
fits() {
	awk -F, -v OFS=, -v line="$1" -v column="$2" 'NR == line { $column++ } 1' "$tmp/drawn.csv" >"$tmp/more.csv"
	[ "$(total "$tmp/more.csv")" -le "$most" ]
}
most=$(total "$tmp/uniform4.csv")
none_fits() {
	for line in $(awk -F, 'NR > 2 && $1 != "fc" { print NR }' "$tmp/drawn.csv"); do
		! fits "$line" 2 && ! fits "$line" 3 || return 1
	done
}
is "  of which nothing is left, not for a bit" none_fits
is "  around the uniform bits, the first and the last layer as they are" awk -F, 'NR == 1 { next } NR == 2 || $1 == "fc" { bad += $2 != 8 || $3 != 8; next }
	{ n += 2; near += ($2 >= 3 && $2 <= 5) + ($3 >= 3 && $3 <= 5); three += ($2 == 3) + ($3 == 3); five += ($2 == 5) + ($3 == 5) }
	END { exit bad || near < 0.75 * n || three < 0.1 * n || five < 0.1 * n }' "$tmp/drawn.csv"
is "  of a share, around the best uniform bits within it" draw 1 "$tmp/share.csv" 1 latency-0.60
exits 2 "a draw around uniform bits is for a budget" "  but not without a budget" draw 1 "$tmp/x.csv" 1 accuracy-guaranteed
exits 2 "number is 1 to 9999, not 0" "  nor is there a draw before the first" draw 0 "$tmp/x.csv"
is "ten episodes are proposed" grow "$tmp/small.conf" "$tmp/ten" 1 10
is "the first is uniform" sh -c "[ \$(sed 1d '$tmp/ten/0001.policy.csv' | cut -d, -f2- | sort -u | wc -l) -eq 2 ]"
is "five episodes" grow "$tmp/small.conf" "$tmp/grown" 1 5
is "  and five more" grow "$tmp/small.conf" "$tmp/grown" 6 10
is "  are those of ten at once" same_run "$tmp/ten" "$tmp/grown" 10
# of_run VERB OUT [OPTION...]: what best or trace says of the ten in the folder $ten
ten=ten
of_run() {
	verb=$1 out=$2; shift 2
	"$step" "$verb" -n $net -t "$tmp/costs.csv" -c "$tmp/small.conf" -b latency-w4a4 -r "$tmp/$ten" -k 10 -F "$tmp/full-precision.csv" -o "$out" "$@"
}
is "best writes the episode of the highest top-1" of_run best "$tmp/best.csv"
top=$(for i in $(seq 1 10); do printf '%s %s\n' "$(sed -n '2s/^[^,]*,\([^,]*\).*/\1/p' "$(printf '%s/%04d.score.csv' "$tmp/ten" "$i")")" "$i"
	done | sort -k1,1nr -k2,2n | sed -n '1s/.* //p')
is "  and no other" cmp "$tmp/best.csv" "$(printf '%s/%04d.policy.csv' "$tmp/ten" "$top")"
# the second best, where the best was tried twice
rm -rf "$tmp/twice" && cp -r "$tmp/ten" "$tmp/twice"
for f in policy score; do cp "$(printf '%s/%04d' "$tmp/ten" "$top").$f.csv" "$tmp/twice/00$([ "$top" -eq 10 ] && echo 09 || echo 10).$f.csv"; done
second=$(for i in $(seq 1 10); do e=$(printf '%s/%04d' "$tmp/twice" "$i"); cmp -s "$e.policy.csv" "$tmp/best.csv" ||
	printf '%s %s\n' "$(sed -n '2s/^[^,]*,\([^,]*\).*/\1/p' "$e.score.csv")" "$i"; done | sort -k1,1nr -k2,2n | sed -n '1s/.* //p')
ten=twice
is "--rank 1 is the best" of_run best "$tmp/first.csv" --rank 1
is "  as without" cmp "$tmp/first.csv" "$tmp/best.csv"
is "--rank 2 is the second best" of_run best "$tmp/second.csv" --rank 2
is "  of other bits" cmp "$tmp/second.csv" "$(printf '%s/%04d.policy.csv' "$tmp/twice" "$second")"
exits 1 "$tmp/twice: fewer than 10 different policies in 10 episodes" "  as far as there are others" of_run best "$tmp/x.csv" --rank 10
exits 2 "rank is 1 to 9999, not 0" "  and from 1" of_run best "$tmp/x.csv" --rank 0
ten=ten
is "trace writes a row for each episode" of_run trace "$tmp/trace.csv"
is "  ten" test "$(wc -l <"$tmp/trace.csv")" -eq 11
is "  with the reward of eq. 7 and the best so far" awk -F, 'NR == 1 { next } { r = 0.1 * ($4 - 91.5); if (NR == 2 || r > best) best = r
	if ($1 != NR - 1 || ($2 - r) ^ 2 > 1e-10 || ($3 - best) ^ 2 > 1e-10 || !($5 > 0) || $6 != "") exit 1 }' "$tmp/trace.csv"
# by loss, where top-1 says otherwise: images that are right by less
sed 's/^target .*/target = loss/; s/^points_per_nat .*/points_per_nat = 40/' "$tmp/small.conf" >"$tmp/loss.conf"
rm -rf "$tmp/less" && cp -r "$tmp/ten" "$tmp/less"
sed -i '2s/,[0-9.]*$/,0.001/' "$tmp/less/0003.score.csv"
sed -i '2s/,[0-9.]*,/,99.9,/' "$tmp/less/0004.score.csv"
of_less() {
	"$step" "$1" -n $net -t "$tmp/costs.csv" -c "$tmp/$2.conf" -b latency-w4a4 -r "$tmp/less" -k 10 -F "$tmp/full-precision.csv" -o "$3"
}
is "target = loss: best takes the least loss" of_less best loss "$tmp/best.csv"
is "  that one" cmp "$tmp/best.csv" "$tmp/less/0003.policy.csv"
is "target = top1: the highest top-1" of_less best small "$tmp/best.csv"
is "  that one" cmp "$tmp/best.csv" "$tmp/less/0004.policy.csv"
is "  and the reward of a trace is the loss in points" of_less trace loss "$tmp/less.csv"
is "  as many a nat as the settings say" awk -F, '$1 == 3 { found = ($2 - 0.1 * 40 * (0.25 - 0.001)) ^ 2 < 1e-10 } END { exit !found }' "$tmp/less.csv"

# Agents: what each one's settings may say, and that the random one is the warm-up of HAQ's without an end.
agents=experiments/agents
for agent in sensitivity sensitivity-size ddpg random mixed; do
	is "$agent.conf proposes a first episode" act $agents/$agent.conf "$tmp" 1 "$tmp/first.csv"
done
sed 's/^warmup .*/warmup = 1000000/; s/^updates .*/updates = 0/' $agents/ddpg.conf >"$tmp/endless.conf"
is "eight episodes at random" grow $agents/random.conf "$tmp/random" 1 8
is "  nothing is kept of them" test ! -e "$tmp/random/agent.npz"
is "  and eight of an endless warm-up" grow "$tmp/endless.conf" "$tmp/endless" 1 8
is "  are the same" same_run "$tmp/random" "$tmp/endless" 8
# of_agent TEXT AGENT SED PATTERN: settings of an agent, edited, are refused
of_agent() {
	sed "$3" "$agents/$2.conf" >"$tmp/edited.conf"
	exits 1 "$4" "$1 is refused" act "$tmp/edited.conf" "$tmp" 1 "$tmp/x.csv"
}
of_agent "a key of another agent" sensitivity '$s/$/\nwarmup = 1/' "edited.conf: line 25: unknown key 'warmup' (of agent sensitivity)"
of_agent "a key of the model, of random," random '$s/$/\nknee = 8/' "edited.conf: line 12: unknown key 'knee' (of agent random)"
of_agent "a share where there is one agent" ddpg '$s/$/\nmodel_share = 1/' "unknown key 'model_share' (of agent ddpg)"
of_agent "a missing key" mixed '/^replay_action/d' "edited.conf: key 'replay_action' is missing (of agent mixed)"
of_agent "an unknown agent" ddpg 's/= ddpg/= dqn/' "edited.conf: line 2: the first key must be .agent., one of: sensitivity ddpg random mixed"
of_agent "a file that names none" ddpg '/^agent/d' "edited.conf: line 2: the first key must be .agent."
of_agent "a file that names its agent last" random '/^agent/{h;d}; $G' "edited.conf: line 2: the first key must be .agent."
of_agent "an agent named twice" random '$s/$/\nagent = random/' "line 12: key 'agent' given twice (of agent random)"
of_agent "most bits below the least" random 's/^max_bits .*/max_bits = 1/' "min_bits 2 is above max_bits 1"

# What others put into a run is looked at.
changed() {             # changed SED: a run whose third policy was changed by hand
	rm -rf "$tmp/changed" && cp -r "$tmp/ten" "$tmp/changed" && rm -f "$tmp/changed/agent.npz" && sed "$1" "$tmp/ten/0003.policy.csv" >"$tmp/changed/0003.policy.csv"
}
is "a policy over the budget" changed '2,$s/,[0-9]*,[0-9]*$/,8,8/'
exits 1 'changed/0003.policy.csv is over the budget of this search' "  is not learnt from" act "$tmp/small.conf" "$tmp/changed" 11 "$tmp/x"
is "a policy with other bits of the last layer" changed 's/^fc,8,8$/fc,2,2/'
exits 1 "changed/0003.policy.csv: layer 'fc' is fixed at 8 bits" "  neither" act "$tmp/small.conf" "$tmp/changed" 11 "$tmp/x"

# Without a budget: latency and energy are in the reward (eq. 12).
mkdir "$tmp/free"
mv "$tmp/costs.csv" "$tmp/bismo.csv"
"$BIN/simulate-bitfusion" -n $net -m hwmodels/bitfusion.conf -o "$tmp/costs.csv"
# free K OUT, grown to K by the default agent; what it costs by the simulator, as latency and energy
free() {
	"$step" act -n $net -f "$tmp/features.npy" -t "$tmp/costs.csv" -c experiments/agents/sensitivity.conf -b accuracy-guaranteed -s 1 -k "$1" \
		-r "$tmp/free" -F "$tmp/full-precision.csv" --count all -o "$2"
}
spent() {
	"$BIN/simulate-bitfusion" -n $net -m hwmodels/bitfusion.conf -p "$1" --count all -o "$tmp/spent.csv" && sed -n 's/^total,,,[0-9]*,\([^,]*\),\([^,]*\),.*/\1 \2/p' "$tmp/spent.csv"
}
grow_free() {
	for k in $(seq 1 30); do
		e=$(printf '%s/%04d' "$tmp/free" "$k")
		free "$k" "$e.policy.csv" && accuracy "$e.policy.csv" >"$e.score.csv" || return 1
	done
	"$step" trace -n $net -t "$tmp/costs.csv" -c experiments/agents/sensitivity.conf -b accuracy-guaranteed -r "$tmp/free" -k 30 -F "$tmp/full-precision.csv" \
		--count all -o "$tmp/free.csv"
}
# reward_by_hand POLICY
reward_by_hand() {
	"$step" uniform -n $net -b w8a8 -o "$tmp/8.csv" && spent "$tmp/8.csv" >"$tmp/numbers" && spent "$1" >>"$tmp/numbers" &&
		accuracy "$1" | sed -n 's/^1000,\([^,]*\),.*/\1/p' >>"$tmp/numbers" &&
		awk 'NR == 1 { l = $1; e = $2 } NR == 2 { r = 2 - $1 / l - $2 / e } NR == 3 { printf "%.5f\n", r + 20 * ($1 - 91.5) / 100 }' "$tmp/numbers"
}
is "a search without a budget" grow_free
for k in 0001 0030; do
	is "  episode $k: the reward is that of eq. 12" awk -F, -v k="$k" -v r="$(reward_by_hand "$tmp/free/$k.policy.csv")" \
		'$1 + 0 == k + 0 { found = ($2 - r) ^ 2 < 1e-8 } END { exit !found }' "$tmp/free.csv"
done
"$step" reward -n $net -t "$tmp/costs.csv" -c experiments/agents/sensitivity.conf -b accuracy-guaranteed -p "$tmp/free/0030.policy.csv" \
	-S "$tmp/free/0030.score.csv" -F "$tmp/full-precision.csv" --count all -o "$tmp/reward.csv"
is "  reward says what the trace says of it" test "$(sed -n 's/^total,\([^,]*,[^,]*,[^,]*\),\(.*\)/\2,\1/p' "$tmp/reward.csv")" = \
	"$(sed -n 's/^30,\([^,]*\),[^,]*,[^,]*,/\1,/p' "$tmp/free.csv")"
most=$(sed -n '31s/^[^,]*,[^,]*,\([^,]*\),.*/\1/p' "$tmp/free.csv")
for bits in 3 4 5 6 8; do
	"$step" uniform -n $net -b w${bits}a$bits -o "$tmp/uniform.csv"
	is "  in 30 episodes it beats uniform $bits bits" awk -v most="$most" -v u="$(reward_by_hand "$tmp/uniform.csv")" 'BEGIN { exit !(most != "" && u != "" && most + 0 > u + 0) }'
done
mv "$tmp/bismo.csv" "$tmp/costs.csv"
exits 1 "no energy_mj" "a reward of energy where there is none is refused" free 1 "$tmp/x.csv"
cp "$tmp/costs.csv" "$tmp/kept"
awk -F, -v OFS=, 'NR > 1 { $6 = 0 } 1' "$tmp/kept" >"$tmp/costs.csv"
exits 1 "8/8 bits cost no energy" "and one of energy that is 0" free 1 "$tmp/x.csv"
mv "$tmp/kept" "$tmp/costs.csv"
exits 2 "the heuristic is for a budget" "a heuristic without a budget is refused" "$step" heuristic -n $net -t "$tmp/costs.csv" -c "$tmp/small.conf" \
	-b accuracy-guaranteed -o "$tmp/x.csv"

# kept WHAT COMMAND...: the command damages agent.npz; episode 9, the actor's, must not notice
kept() {
	what=$1; shift
	act "$tmp/small.conf" "$tmp/ten" 9 "$tmp/9.csv" && "$@"
	is "agent.npz $what: still an answer" act "$tmp/small.conf" "$tmp/ten" 9 "$tmp/9.csv"
	is "  the same to the byte" cmp "$tmp/9.csv" "$tmp/ten/0009.policy.csv"
}
kept missing rm "$tmp/ten/agent.npz"
kept empty truncate -s 0 "$tmp/ten/agent.npz"
kept "cut short" truncate -s 1000 "$tmp/ten/agent.npz"
kept "replaced by a table" cp "$tmp/costs.csv" "$tmp/ten/agent.npz"
kept "of other arrays" cp tests/golden/numpy.npz "$tmp/ten/agent.npz"
kept "with a byte changed" sh -c "printf X | dd of='$tmp/ten/agent.npz' bs=1 seek=40000 conv=notrunc 2>/dev/null"
act "$tmp/small.conf" "$tmp/ten" 10 "$tmp/10.csv"
is "agent.npz of a later episode: still an answer" act "$tmp/small.conf" "$tmp/ten" 5 "$tmp/5.csv"
is "  the same to the byte" cmp "$tmp/5.csv" "$tmp/ten/0005.policy.csv"
cp -r "$tmp/ten" "$tmp/other"
sed -i '2s/,[0-9.]*,/,50.5,/' "$tmp/other/0002.score.csv"
act "$tmp/small.conf" "$tmp/other" 9 "$tmp/other-9.csv"
rm "$tmp/other/agent.npz"
act "$tmp/small.conf" "$tmp/other" 9 "$tmp/fresh-9.csv"
is "agent.npz of another history is not used" cmp "$tmp/other-9.csv" "$tmp/fresh-9.csv"

exits 2 "no verb 'go'" "no such verb: exit 2" "$step" go
exits 2 "1 to 9999" "episode 0: exit 2" act "$tmp/small.conf" "$tmp/ten" 0 "$tmp/x.csv"
exits 2 "w4a4" "bits of 9: exit 2" "$step" uniform -n $net -b w9a4 -o "$tmp/x.csv"
exits 1 "ten/0011.policy.csv" "a missing policy is named" act "$tmp/small.conf" "$tmp/ten" 12 "$tmp/x.csv"
mv "$tmp/other/0003.score.csv" "$tmp/kept"
exits 1 "other/0003.score.csv" "a missing score is named" act "$tmp/small.conf" "$tmp/other" 9 "$tmp/x.csv"
printf 'images,top1,top5,loss\n1000,101,99,1\n' >"$tmp/other/0003.score.csv"
exits 1 "0003.score.csv: line 2" "an accuracy of 101 % is refused" act "$tmp/small.conf" "$tmp/other" 9 "$tmp/x.csv"
cp "$tmp/kept" "$tmp/other/0003.score.csv"
sed -i '3s/,[0-9]*$/,9/' "$tmp/other/0004.policy.csv"
exits 1 "0004.policy.csv: line 3" "9 bits in a policy are refused" act "$tmp/small.conf" "$tmp/other" 9 "$tmp/x.csv"
exits 1 "cannot be met" "a budget that cannot be met is refused" "$step" act -n $net -f "$tmp/features.npy" \
	-t "$tmp/costs.csv" -c "$tmp/small.conf" -b latency-0.01 -s 1 -k 1 -r "$tmp/ten" -F "$tmp/full-precision.csv" -o "$tmp/x.csv"
"$BIN/extract-features" -n data/networks/mobilenet-v2-fashion.csv -o "$tmp/v2.npy"
exits 1 "v2.npy: expected float32" "features of another network are refused" "$step" act -n $net -f "$tmp/v2.npy" \
	-t "$tmp/costs.csv" -c "$tmp/small.conf" -b latency-w4a4 -s 1 -k 1 -r "$tmp/ten" -F "$tmp/full-precision.csv" -o "$tmp/x.csv"
"$BIN/simulate-bismo" -n data/networks/mobilenet-v2-fashion.csv -m hwmodels/bismo-edge.conf -o "$tmp/v2.csv"
sed 's/^min_bits .*/min_bits = 1/' experiments/agents/sensitivity.conf >"$tmp/one.conf"
exits 1 "one.conf: min_bits 1, where '.*' of .* reads numbers of both signs" "one bit of what has both signs is refused before it is proposed" \
	"$step" heuristic -n data/networks/mobilenet-v2-fashion.csv -t "$tmp/v2.csv" -c "$tmp/one.conf" -b latency-w3a3 -o "$tmp/x.csv"
exits 1 "one.conf: min_bits 1" "under a size, too, where activations are quantized" \
	"$step" heuristic -n data/networks/mobilenet-v2-fashion.csv -t "$tmp/v2.csv" -c "$tmp/one.conf" -b size-w3a3 -o "$tmp/x.csv"
"$BIN/simulate-size" -n data/networks/mobilenet-v2-fashion.csv -m hwmodels/size-codebook.conf -o "$tmp/size.csv"
exits 0 '' "but not where they stay as they are" \
	"$step" heuristic -n data/networks/mobilenet-v2-fashion.csv -t "$tmp/size.csv" -c "$tmp/one.conf" -b size-w3a8 -o "$tmp/size-heuristic.csv"
is "nothing is left behind by what failed" test ! -e "$tmp/x.csv"
sed 's/,search$/,8/' $net >"$tmp/fixed.csv"
mkdir -p "$tmp/fixed-run"
exits 1 'fixed.csv: no layer with bits to search' "a network whose bits are all fixed is refused" "$step" act -n "$tmp/fixed.csv" \
	-f "$tmp/features.npy" -t "$tmp/costs.csv" -c experiments/agents/random.conf -b latency-w8a8 -s 1 -k 1 -r "$tmp/fixed-run" \
	-F "$tmp/full-precision.csv" -o "$tmp/fixed.policy.csv" --count all
finish
