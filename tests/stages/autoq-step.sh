#!/bin/sh
# autoq-step.sh - bits of kernels: by a formula, and by searches, whose verbs are those of ddpg-step; that what they keep
# never changes what they say; how they refuse.
. tests/shell.inc
autoq=$BIN/autoq-step
usual "$autoq" formula
exits 2 'no verb given' 'no verb: exit 2' "$autoq"
. tests/tiny.inc
quant
formula() {
	policy=$1; shift
	"$autoq" formula -n $net -w "$tmp/w.npz" -p "$policy" -K "$tmp/f.npy" -o "$tmp/f.csv" "$@"
}
exits 2 'are the same file' 'a policy and its kernels in one file' "$autoq" formula -n $net -w "$tmp/w.npz" -p "$tmp/w4a4.csv" -K "$tmp/f.csv" -o "$tmp/f.csv"
# files of more than 512 bytes, for a disk that is full
large=data/networks/mobilenet-v1-fashion.csv
conf "$tmp/short.conf" images=64
"$BIN/finetune" -n $large -d "$tmp/train.npz" -c "$tmp/short.conf" -s 1 -o "$tmp/large.npz"
"$BIN/ddpg-step" uniform -n $large -b w4a4 -o "$tmp/large.csv"
refuses_outputs "$autoq" formula -n $large -w "$tmp/large.npz" -p "$tmp/large.csv" -K "$tmp/outputs/x.npy"
exits 0 '' 'bits of kernels are written without a word' formula "$tmp/w4a4.csv"

# the kernels of layers: conv1 8, b1.dw 8, b1.pw 16, b2.dw 16, b2.pw 32, fc 10
of_layers() {
	tail -c 90 "$tmp/f.npy" | od -An -v -tu1 -w1 | awk '
		BEGIN { split("conv1 b1.dw b1.pw b2.dw b2.pw fc", name); split("8 16 32 48 80 90", end); i = 1 }
		NR > end[i] { print name[i], sum, least, most; i++; sum = most = least = 0 }
		{ sum += $1; if ($1 > most) most = $1; if (!least || $1 < least) least = $1 }
		END { print name[i], sum, least, most }'
}
of_layers >"$tmp/means"
is 'the mean of a layer is its bits' test "$(cut -d' ' -f1,2 "$tmp/means" | paste -sd' ' -)" = \
	'conv1 64 b1.dw 32 b1.pw 64 b2.dw 64 b2.pw 128 fc 80'
is 'layers that are not searched keep theirs' test "$(grep -c ' 8 8$' "$tmp/means")" -eq 2
is 'others differ, from 2 bits on' awk '$3 < 2 { bad = 1 } $3 < $4 { differ++ } END { exit bad || !differ }' "$tmp/means"
is 'the policy has the widest kernel of each layer' test "$(sed 1d "$tmp/f.csv" | cut -d, -f1,2 | tr , ' ')" = "$(cut -d' ' -f1,4 "$tmp/means")"
is 'activations are as they were' test "$(cut -d, -f3 "$tmp/f.csv")" = "$(cut -d, -f3 "$tmp/w4a4.csv")"
is 'what runs a policy takes it' sh -c "'$BIN/quantize' -n $net -w '$tmp/w.npz' -p '$tmp/f.csv' -k '$tmp/f.npy' -a '$tmp/h.npz' -o '$tmp/k.npz' &&
	'$BIN/evaluate' -n $net -w '$tmp/k.npz' -p '$tmp/f.csv' -k '$tmp/f.npy' -d '$tmp/train.npz' -o '$tmp/score.csv'"
"$BIN/simulate-bismo" -n $net -m hwmodels/bismo-edge.conf -p "$tmp/f.csv" -k "$tmp/f.npy" -o "$tmp/cost.csv"
is 'and what costs it has the mean' grep -q '^b2.pw,4,4,' "$tmp/cost.csv"

cp "$tmp/f.npy" "$tmp/own.npy"; formula "$tmp/w4a4.csv" --ranges layer
is 'where kernels will share a range, other bits' sh -c "cmp -s '$tmp/f.npy' '$tmp/own.npy'; [ \$? -eq 1 ]"
exits 2 "ranges is layer or kernel, not 'channel'" 'ranges of what is none' formula "$tmp/w4a4.csv" --ranges channel
formula "$tmp/w4a4.csv" --min 4 --max 4
is 'where no bits differ, the policy is that of layers' cmp "$tmp/f.csv" "$tmp/w4a4.csv"
formula "$tmp/w4a4.csv" --min 3 --max 5
is 'bits stay within their limits' test "$(of_layers | awk '$3 < 3 || $4 > 5 && $4 != 8' | wc -l)" -eq 0
"$BIN/ddpg-step" uniform -n $net -b w1a4 -o "$tmp/w1a4.csv"
formula "$tmp/w1a4.csv"
is 'a layer below the limits is in them' test "$(of_layers | grep -c ' 1 1$')" -eq 4
exits 2 'min and --max are 1 to 8, not 5 and 4' 'limits that are none' formula "$tmp/w4a4.csv" --min 5 --max 4
exits 1 "$tmp/none.npz" 'weights that are not there' "$autoq" formula -n $net -w "$tmp/none.npz" -p "$tmp/w4a4.csv" -K "$tmp/x.npy" -o "$tmp/x"
exits 1 "6 layers, where data/networks/resnet-18.csv has 21" 'a policy of another network' "$autoq" formula -n data/networks/resnet-18.csv -w "$tmp/w.npz" -p "$tmp/w4a4.csv" \
	-K "$tmp/x.npy" -o "$tmp/x"

# --- searches ------------------------------------------------------------------------------------------
"$BIN/extract-features" -n $large -o "$tmp/features.npy"
printf 'images,top1,top5,loss\n1000,91.5,99.5,0.25\n' >"$tmp/full.csv"
machine=hwmodels/bismo-edge.conf
"$BIN/simulate-bismo" -n $large -m $machine -o "$tmp/costs.csv"
agents=experiments/agents
# settings that learn in no time
small() {
	sed 's/^\(hidden_.\) .*/\1 = 16/; s/^\(high\|low\)_updates .*/\1_updates = 3/; s/^batch .*/batch = 8/; s/^noise_constant .*/noise_constant = 2/
		s/^kernels_per_step .*/kernels_per_step = 0/' "$agents/$1.conf" >"$tmp/$1.conf"
}
# problem CONF RUN: what all verbs of a run are told
problem() {
	printf '%s ' -n $large -t "$tmp/costs.csv" -m $machine -c "$1" -b "${budget:-latency-w4a4}" -r "$2" -F "$tmp/full.csv"
}
# act CONF RUN K OUT [OPTION...]: OUT.policy.csv, OUT.kernels.npy
act() {
	conf=$1 run=$2 k=$3 out=$4; shift 4
	# shellcheck disable=SC2046        # words
	"$autoq" act $(problem "$conf" "$run") -w "$tmp/large.npz" -f "$tmp/features.npy" -s 1 -k "$k" -o "$out.policy.csv" \
		-K "$out.kernels.npy" "$@"
}
# accuracy POLICY: a score that falls with the bits taken away
accuracy() {
	awk -F, 'NR > 1 { loss += (NR % 5 + 1) * 4 ^ (4 - $2) + (NR % 3 + 1) * 4 ^ (4 - $3) }
		END { x = 90 - loss / 20; if (x < 10) x = 10
		      printf "images,top1,top5,loss\n1000,%.3f,99,%.5f\n", x, 0.3 + loss / 100 }' "$1"
}
# grow CONF RUN FROM TO: propose and score
grow() {
	mkdir -p "$2"
	for k in $(seq "$3" "$4"); do
		e=$(printf '%s/%04d' "$2" "$k")
		act "$1" "$2" "$k" "$e" || return 1
		accuracy "$e.policy.csv" >"$e.score.csv"
	done
}
# same_run RUN RUN K: the same policies and kernels, 1 to K
same_run() {
	for i in $(seq 1 "$3"); do
		for what in policy.csv kernels.npy; do
			cmp "$(printf '%s/%04d' "$1" "$i").$what" "$(printf '%s/%04d' "$2" "$i").$what" || return 1
		done
	done
}
# total PATH: its cycles, by the simulator
total() {
	"$BIN/simulate-bismo" -n $large -m $machine -p "$1.policy.csv" -k "$1.kernels.npy" -o "$tmp/total.csv" &&
		sed -n 's/^total,,,\([0-9]*\),.*/\1/p' "$tmp/total.csv"
}
"$autoq" uniform -n $large -b w4a4 -o "$tmp/u.policy.csv" -K "$tmp/u.kernels.npy"
is 'uniform: the same bits for every kernel' cmp "$tmp/u.policy.csv" "$tmp/large.csv"
most=$(total "$tmp/u")
within() {
	for i in $(seq 1 "$2"); do
		[ "$(total "$(printf '%s/%04d' "$1" "$i")")" -le "$most" ] || return 1
	done
}
# kinds PATH: how many widths there are among kernels
kinds() { tail -c +129 "$1.kernels.npy" | od -An -v -tu1 -w1 | sort -u | wc -l; }
for agent in kernels kernel-random autoq autoq-paper autoq-flat autoq-formula autoq-kept-goals autoq-unshaped; do
	small $agent
	is "$agent: six episodes" grow "$tmp/$agent.conf" "$tmp/$agent" 1 6
	is '  within the budget, by the simulator' within "$tmp/$agent" 6
	is '  kernels of a layer differ' test "$(kinds "$tmp/$agent/0006")" -gt 2
	is '  three episodes' grow "$tmp/$agent.conf" "$tmp/$agent-3" 1 3
	rm -f "$tmp/$agent-3/agent.npz"
	is '  and three more, without what was kept' grow "$tmp/$agent.conf" "$tmp/$agent-3" 4 6
	is '  are those of six at once' same_run "$tmp/$agent" "$tmp/$agent-3" 6
done
is 'the first is uniform, without a kernel apart' cmp "$tmp/kernels/0001.kernels.npy" "$tmp/u.kernels.npy"
act "$tmp/kernels.conf" "$tmp/kernels" 4 "$tmp/4"
"$BIN/simulate-bismo" -n $large -m $machine -p "$tmp/4.policy.csv" -k "$tmp/4.kernels.npy" -o "$tmp/4.csv"
is 'every fourth of kernels.conf has the bits of its layers' test "$(sed '1d;$d' "$tmp/4.csv" | cut -d, -f2 | grep -c '\.')" -eq 0

# kept WHAT COMMAND...: the command damages agent.npz; episode 6 must not notice
kept() {
	what=$1; shift
	act "$tmp/autoq.conf" "$tmp/autoq" 6 "$tmp/6" && "$@"
	is "agent.npz $what: still an answer" act "$tmp/autoq.conf" "$tmp/autoq" 6 "$tmp/6"
	is '  the same to the byte' cmp "$tmp/6.kernels.npy" "$tmp/autoq/0006.kernels.npy"
}
kept missing rm "$tmp/autoq/agent.npz"
kept 'cut short' truncate -s 1000 "$tmp/autoq/agent.npz"
kept 'of another agent' cp "$tmp/autoq-flat/agent.npz" "$tmp/autoq/agent.npz"
kept 'with a byte changed' sh -c "printf X | dd of='$tmp/autoq/agent.npz' bs=1 seek=4000 conv=notrunc 2>/dev/null"

# of_run VERB OPTION...
of_run() {
	verb=$1; shift
	# shellcheck disable=SC2046        # words
	"$autoq" "$verb" $(problem "$tmp/${its_conf:-kernels}.conf" "$tmp/${its_run:-kernels}") -k 6 "$@"
}
is 'best: an episode with its kernels' of_run best -o "$tmp/best.policy.csv" -K "$tmp/best.kernels.npy"
found=$(for i in 1 2 3 4 5 6; do cmp -s "$tmp/best.kernels.npy" "$tmp/kernels/000$i.kernels.npy" && cmp -s "$tmp/best.policy.csv" "$tmp/kernels/000$i.policy.csv" && echo $i; done | head -n 1)
is '  of the least loss' test "$(for i in 1 2 3 4 5 6; do echo "$(sed -n '2s/.*,//p' "$tmp/kernels/000$i.score.csv") $i"; done | sort -k1,1g -k2,2n | sed -n '1s/.* //p')" = "$found"
is 'trace: costs are those of the simulator' of_run trace -o "$tmp/trace.csv"
by_hand() { "$BIN/simulate-bismo" -n $large -m $machine -p "$tmp/kernels/0006.policy.csv" -k "$tmp/kernels/0006.kernels.npy" -o "$tmp/c.csv" && sed -n 's/^total,,,[0-9]*,\([^,]*\),.*/\1/p' "$tmp/c.csv"; }
is '  to the last digit' test "$(sed -n 's/^6,[^,]*,[^,]*,[^,]*,\([^,]*\),.*/\1/p' "$tmp/trace.csv")" = "$(by_hand)"
sed 's/^reward .*/reward = logarithms/; s/^target .*/target = top1/' "$tmp/autoq.conf" >"$tmp/log.conf"
its_conf=log its_run=autoq
is 'the reward of logarithms' of_run trace -o "$tmp/trace.csv"
is '  is that of the accuracy' awk -F, 'NR > 1 && ($2 - log($4 / 100)) ^ 2 > 1e-9 { bad = 1 } END { exit bad || NR != 7 }' "$tmp/trace.csv"
its_conf='' its_run=''

# Without a budget: latency and energy are in the reward.
free() {
	machine=hwmodels/bitfusion.conf budget=accuracy-guaranteed
	mv "$tmp/costs.csv" "$tmp/bismo.csv"
	"$BIN/simulate-bitfusion" -n $large -m $machine -o "$tmp/costs.csv"
	grow "$tmp/$1.conf" "$tmp/free-$1" 1 3
	failed=$?
	mv "$tmp/bismo.csv" "$tmp/costs.csv"
	machine=hwmodels/bismo-edge.conf budget=''
	return $failed
}
for agent in kernels autoq; do is "$agent: a search without a budget" free $agent; done

# What others put into a run is looked at.
changed() { rm -rf "$tmp/changed" && cp -r "$tmp/kernels" "$tmp/changed" && rm -f "$tmp/changed/agent.npz"; }
refuses() {             # refuses TEXT WHAT: episode 7 of the changed run
	exits 1 "$1" "$2" act "$tmp/kernels.conf" "$tmp/changed" 7 "$tmp/x"
}
changed; rm "$tmp/changed/0003.kernels.npy"
refuses 'changed/0003.kernels.npy' 'a missing companion is named'
changed; cp "$tmp/f.npy" "$tmp/changed/0003.kernels.npy"
refuses 'changed/0003.kernels.npy: expected uint8 \[[0-9]*\], the output channels of all layers' 'kernels of another network'
changed; cp "$tmp/u.kernels.npy" "$tmp/changed/0003.kernels.npy"
refuses "0003.kernels.npy: the widest channel of layer" 'kernels of another policy'
changed; printf '\11' | dd of="$tmp/changed/0003.kernels.npy" bs=1 seek=150 conv=notrunc 2>/dev/null
refuses "0003.kernels.npy: element 22, channel .* of layer .* is 9 bits; expected 1..8" '9 bits of a kernel'
changed; printf '\2' | dd of="$tmp/changed/0003.kernels.npy" bs=1 seek=130 conv=notrunc 2>/dev/null
refuses "0003.kernels.npy: channel 2 of layer 'conv1' has 2 bits, where the layer is fixed at 8" 'other bits of a fixed layer'
changed; "$autoq" uniform -n $large -b w8a8 -o "$tmp/changed/0003.policy.csv" -K "$tmp/changed/0003.kernels.npy"
refuses '0003.policy.csv is over the budget of this search' 'a policy over the budget'
exits 1 'sensitivity.conf: agent sensitivity chooses bits of layers, as ddpg-step does' 'an agent of layers' act $agents/sensitivity.conf "$tmp/kernels" 1 "$tmp/x"
exits 1 'kernels.conf: agent kernel-sensitivity chooses bits of kernels, as autoq-step does' '... and of kernels, to ddpg-step' "$BIN/ddpg-step" act -n $large \
	-t "$tmp/costs.csv" -c $agents/kernels.conf -b latency-w4a4 -r "$tmp/kernels" -F "$tmp/full.csv" -f "$tmp/features.npy" -s 1 -k 1 -o "$tmp/x"
cp hwmodels/bismo-edge.conf "$tmp/tpu-edge.conf"; machine=$tmp/tpu-edge.conf
exits 1 "tpu-edge.conf: no kind of accelerator is called 'tpu'" 'an accelerator of no kind' act "$tmp/kernels.conf" "$tmp/kernels" 1 "$tmp/x"
machine=hwmodels/bismo-edge.conf
sed 's/^llc .*/llc = formula/' "$tmp/autoq-flat.conf" >"$tmp/edited.conf"
exits 1 'edited.conf: llc = formula, where .levels = 1. has no goals' 'goals without a level that gives them' act "$tmp/edited.conf" "$tmp/kernels" 1 "$tmp/x"
exits 2 "kernels.npy is missing" 'a policy without its kernels' "$autoq" uniform -n $large -b w4a4 -o "$tmp/x"
is 'nothing is left behind by what failed' test ! -e "$tmp/x.policy.csv" -a ! -e "$tmp/x.kernels.npy"
# settings of opponents differ from autoq.conf in what their names say
differs() {
	said() { sed -n 's/^\([a-z0-9_]*\) *= *\([^ ]*\).*/\1=\2/p' "$agents/$1.conf" | sort; }
	said autoq >"$tmp/a"; said "$1" >"$tmp/b"
	[ "$(comm -13 "$tmp/a" "$tmp/b" | cut -d= -f1 | paste -sd' ' -)" = "$2" ]
}
is 'the flat agent: one level' differs autoq-flat 'levels low_updates'
is 'bits by the formula: no low level' differs autoq-formula 'llc low_updates'
is 'kept goals: none is relabelled' differs autoq-kept-goals relabelled
is 'unshaped: no accuracy in the reward of the low level' differs autoq-unshaped 'zeta_first zeta_last'
finish
