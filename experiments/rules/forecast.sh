#!/bin/sh
# forecast.sh BIN SPEEDS JOBS CORES OUT GOALS - how long make will take, by what `make -n GOALS` prints, on standard input.
#
#	make -n table3 | experiments/rules/forecast.sh build/release/bin build/release/speed 16 16 results table3
#	table3: 12 searches of 250 episodes and 2 networks to train: about 25 min on this machine (16 jobs at once)
#
# Says nothing below two minutes.  OUT/.rev/times.csv gets what show-progress knows of networks: seconds of an episode and
# of a last finetuning.  Each network is measured once (measure-speed) for a model of CPU and for what was compiled:
#
#	SPEEDS/AMD-EPYC-7763-64-Core-Processor/mobilenet-v2-fashion-bfloat16-float32.csv     storage of finetuning, training
#
# Nothing that make makes depends on these files.
set -eu
bin=$1 speeds=$2 jobs=$3 cores=$4 out=$5 goals=$6
here=$(dirname "$0")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

# the model is a directory, however it is spelt; other kinds of CPU have no `model name`
cpu=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1 | tr -cs 'A-Za-z0-9\n' -)
cpu=${cpu:-$(uname -m)}${HAQ_CPU:+-as-$HAQ_CPU}

awk -f "$here/forecast-work.awk" >"$scratch/work"
grep -Eq '^(finetune|train) ' "$scratch/work" || exit 0

# what it says of files: images are all of these, or what the settings take of them
awk '$1 != "images" && $6 != "-" { print $6 }' "$scratch/work" | sort -u | while read -r images; do
	[ ! -e "$images" ] || echo "$images $(unzip -l "$images" labels.npy | awk '$4 == "labels.npy" { print ($1 - 128) / 4 }')"
done >"$scratch/images"
sed -n 's/^images //p' "$scratch/work" >>"$scratch/images"
sed -i '/^images /d' "$scratch/work"
# settings that are yet to be written are written here (vary.sh)
sed -n 's/^varied //p' "$scratch/work" >"$scratch/varied"
sed -i '/^varied /d' "$scratch/work"
cut -d ' ' -f 1 "$scratch/varied" >"$scratch/unwritten"
confs=$(awk '$5 != "-" { print $5 }' "$scratch/work" | grep -vxFf "$scratch/unwritten" | sort -u)
# shellcheck disable=SC2086
awk -f "$here/settings.awk" $confs >"$scratch/confs"
while read -r file conf variant; do
	"$here/vary.sh" "$conf" "$variant" "$scratch/conf"
	awk -f "$here/settings.awk" "$scratch/conf" | sed "s,^[^|]*,$file,"
done <"$scratch/varied" >>"$scratch/confs"

# storage NETWORK train|finetune: of the settings that it is trained by first
storage() {
	conf=$(awk -v n="$1" -v p="$2" '$1 == p && $3 == n { print $5; exit }' "$scratch/work")
	awk -v c="${conf:-none}" 'index($0, c "|") == 1' "$scratch/confs" | tr '|' '\n' | sed -n 's/^storage=//p'
}
mkdir -p "$speeds/$cpu"
for network in $(awk '{ print $3 }' "$scratch/work" | sort -u); do
	csv=data/networks/$network.csv finetune=$(storage "$network" finetune) train=$(storage "$network" train)
	speed=$speeds/$cpu/$network-${finetune:=bfloat16}-${train:=float32}.csv
	[ -e "$csv" ] || continue
	if [ -z "$(find "$speed" -newer "$bin/measure-speed" -newer "$csv" 2>/dev/null)" ]; then
		"$bin/measure-speed" -n "$csv" --finetune "$finetune" --train "$train" -o "$speed"
	fi
	sed "1d; s/^/$network,/" "$speed"
done >"$scratch/speeds"

awk -v jobs="$jobs" -v threads="${THREADS:-1}" -v cores="$cores" -v goals="$goals" -v times="$scratch/times" -f "$here/forecast.awk" \
	part=images "$scratch/images" part=confs "$scratch/confs" part=speeds "$scratch/speeds" part=work "$scratch/work"
mkdir -p "$out/.rev"
mv "$scratch/times" "$out/.rev/times.csv.new" && mv "$out/.rev/times.csv.new" "$out/.rev/times.csv"
