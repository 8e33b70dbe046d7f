#!/bin/sh
# compare.sh BIN ENGINE FOLDER TABLE.csv - evaluation beside onnxruntime's, in turns: float32 and 8-bit integers, one image
# and sixteen, one thread and all; for the networks with trained weights top-1, too.  Rows are added to TABLE.csv.
#
#	float32		the file that `export-onnx --fold` writes
#	integers	a file made of it in which onnxruntime computes in integers (models.py); ours: uniform w8a8
set -eu
bin=$1 engine=$2 folder=$3 table=$4
here=tests/bench/onnxruntime nets=${BENCH_NETS:-mobilenet-v2 mobilenet-v1 mobilenet-v2-fashion mobilenet-v1-fashion}
. tests/bench/bench.inc
python=${PYTHON:-/usr/bin/python3}
runtime=$("$here/fetch.sh" "$folder") || exit 0
case $runtime in
node) peer() { NODE_PATH=$folder node "$here/peer.js" "$@"; } ;;
*) peer() { "$python" "$here/peer.py" "$@"; } ;;
esac
models() { "$python" "$here/models.py" "$@"; }
kinds='float int8'
"$python" -c 'import onnx' 2>/dev/null || {
	kinds=float; echo 'python3-onnx is not installed: no integers and no top-1 of onnxruntime to compare with'
}

# Without VNNI the fastest kernels add pairs of products of bytes in 16 bits, and cut off what does not fit.  Weights of 7
# bits always fit, at the same speed; session.x64quantprecision would be exact with 8, at half the speed.
weight_bits=8
! grep -qs avx2 /proc/cpuinfo || grep -q vnni /proc/cpuinfo || weight_bits=7

is_trained() { [ -e "data/weights/$1.npz" ] && [ -e "data/${1##*-}/reward.npz" ]; }
integers() {    # NET: $scratch/int8.onnx, with ranges by images or, for random weights, by noise
	if is_trained "$1"; then
		models images "data/${1##*-}/tune.npz" 512 "$scratch/images"
	else
		models noise "$scratch/float.onnx" 16 "$scratch/images"
	fi
	models watch "$scratch/float.onnx" "$scratch/watch.onnx"
	peer run "$scratch/watch.onnx" "$scratch/images" 8 "$scratch/extremes"
	models int8 "$scratch/float.onnx" "$scratch/extremes" "$weight_bits" "$scratch/int8.onnx"
	peer optimize "$scratch/int8.onnx" "$scratch/optimized.onnx"
	counted=$(models count "$scratch/float.onnx" "$scratch/optimized.onnx")
	echo "  $1 in onnxruntime, weights of $weight_bits bits, values of 8, $counted"
}
# speed NET KIND WHAT BATCH STEPS
speed() {
	: >"$scratch/ours"; : >"$scratch/peer"
	for turn in $(seq "$rounds"); do
		OMP_NUM_THREADS=$threads "$engine" "data/networks/$1.csv" "$3" "$4" "$5" >>"$scratch/ours"
		peer speed "$scratch/$2.onnx" "$4" "$5" "$threads" >>"$scratch/peer"
	done
	row "$3" "$1" "$4" images/s "$(median "$scratch/ours")" onnxruntime "$(median "$scratch/peer")" \
		"$(peak "$scratch/ours")"
}
# top1 NET KIND WHAT EVALUATE-OPTION...: by our program and by onnxruntime, of the images that score an episode
top1() {
	net=$1 kind=$2 what=$3 scored=data/${1##*-}/reward.npz; shift 3
	"$bin/evaluate" -n "data/networks/$net.csv" -d "$scored" "$@" -l "$scratch/logits.npy" -o "$scratch/score.csv"
	models images "$scored" 0 "$scratch/images"
	peer run "$scratch/$kind.onnx" "$scratch/images" 50 "$scratch/logits"
	models compare "$scored" "$scratch/logits.npy" "$scratch/logits" >"$scratch/compared"
	read -r ours theirs same of <"$scratch/compared"
	row "$what" "$net" '' '%' "$ours" onnxruntime "$theirs"
	echo "  the same class on $same of $of images"
	[ "$kind" != float ] || [ $((of - same)) -le $((of / 1000)) ] || echo "  the float32 networks are NOT the same"
}
accuracy() {    # NET, of which $scratch has the files
	n=data/networks/$1.csv w=data/weights/$1.npz
	"$bin/calibrate" -n "$n" -w "$w" -d "data/${1##*-}/tune.npz" -k 512 -o "$scratch/h.npz"
	"$bin/ddpg-step" uniform -n "$n" -b w8a8 -o "$scratch/w8a8.csv"
	"$bin/quantize" -n "$n" -w "$w" -p "$scratch/w8a8.csv" -a "$scratch/h.npz" --clip mse -o "$scratch/q.npz"
	threads=
	top1 "$1" float top1-float -w "$w"
	top1 "$1" int8 top1-w8a8 -w "$scratch/q.npz" -p "$scratch/w8a8.csv"
}
# compare NET: all of it.  Steps: about a second each
compare() {
	w=data/weights/$1.npz one=300 sixteen=50
	is_trained "$1" || {
		one=20 sixteen=3 w=$scratch/random.npz
		"$engine" "data/networks/$1.csv" weights "$w"
	}
	"$bin/export-onnx" -n "data/networks/$1.csv" -w "$w" --fold -o "$scratch/float.onnx"
	[ "$kinds" = float ] || integers "$1"
	for threads in $(printf '1\n%s\n' "$all" | sort -nu); do
		for kind in $kinds; do
			what=evaluate-float; [ $kind = float ] || what=evaluate-w8a8
			speed "$1" $kind $what 1 $one
			speed "$1" $kind $what 16 $sixteen
		done
	done
	[ "$kinds" = float ] || ! is_trained "$1" || accuracy "$1"
}
all=$threads
for net in $nets; do compare "$net"; done
