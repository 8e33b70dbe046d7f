#!/bin/sh
# collapse.sh - how often does the last finetuning of a small network end far below what its loss promised?
#
#	tests/bench/collapse.sh BIN WEIGHTS_OF_EACH SEEDS_OF_EACH [KEY=VALUE]... >runs.csv
#
# Small depthwise networks on Fashion-MNIST are where it happens: most pixels are one constant background, whose value
# may lie at a border of a quantizer of few bits, so that a slight change of statistics turns many of them over.  So
# many draws of weights of each network are finetuned by final-fashion.conf with these changes, so many seeds each, at
# 8/8 bits with a depthwise layer that reads 2, 3 or 4.  A row is a run: what evaluation makes of the training images
# beside what training made of them, and the top-1 of the test images.  collapse.awk sums them up.
#
# From the environment, with defaults: COLLAPSE_NETS and COLLAPSE_BITS, some of those below.
set -eu
bin=$1 draws=$2 seeds=$3
shift 3
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
header=name,op,inputs,channels,size,stride,pad,groups,bias,norm,activation,bits
images=data/fashion

# a residual around a depthwise layer, at two widths, and a chain of two such layers
residual() {
	printf '%s\n' $header image,input,,1,28,,,,,,, "c1,conv,image,$1,3,2,1,1,no,yes,relu6,8" \
		"dw,conv,c1,$1,3,1,1,$1,no,yes,relu6,search" "pw,conv,dw,$1,1,1,0,1,no,yes,none,search" \
		'add,add,c1 pw,,,,,,,,none,' 'c2,conv,add,32,3,2,1,1,no,yes,relu,search' mean,average,c2,,,,,,,,, \
		fc,linear,mean,10,,,,,yes,,,8
}
chain() {
	printf '%s\n' $header image,input,,1,28,,,,,,, c1,conv,image,8,3,2,1,1,no,yes,relu6,8 \
		dw,conv,c1,8,3,1,1,8,no,yes,relu6,search p1,conv,dw,16,1,1,0,1,no,yes,relu6,search \
		d2,conv,p1,16,3,2,1,16,no,yes,relu6,search p2,conv,d2,32,1,1,0,1,no,yes,relu6,search \
		mean,average,p2,,,,,,,,, fc,linear,mean,10,,,,,yes,,,8
}
residual 16 >"$tmp/residual-16.csv"
residual 8 >"$tmp/residual-8.csv"
chain >"$tmp/chain.csv"
cp experiments/training/final-fashion.conf "$tmp/final.conf"
for change in "$@"; do
	grep -q "^${change%%=*} " "$tmp/final.conf" || { echo "collapse.sh: $change: final-fashion.conf has no ${change%%=*}" >&2; exit 1; }
	sed -i "s/^${change%%=*} .*/${change%%=*} = ${change#*=}/" "$tmp/final.conf"
done

# run NET DRAW BITS SEED
run() (
	net=$tmp/$1.csv policy=$tmp/$1-$3.csv at=$tmp/$1-$2
	"$bin/finetune" -n "$net" -w "$at-$3.npz" -p "$policy" -d $images/train.npz -c "$tmp/final.conf" -s "$4" \
		-o "$at.tuned.npz" --verbose 2>"$tmp/said"
	promised=$(sed -n 's/.* steps of .*, loss \([0-9.]*\),.*/\1/p' "$tmp/said")
	for part in tune test; do
		"$bin/evaluate" -n "$net" -w "$at.tuned.npz" -p "$policy" -d $images/$part.npz -o "$tmp/$part.csv"
	done
	warned=$(grep -c warning: "$tmp/said" || :)
	echo "$1,$2,$3,$4,$promised,$(sed -n '2s/.*,//p' "$tmp/tune.csv"),$(sed -n '2s/^[0-9]*,\([0-9.]*\),.*/\1/p' "$tmp/test.csv"),$warned"
)

echo network,draw,bits,seed,training_loss,evaluated_loss,test_top1,warned
for net in ${COLLAPSE_NETS:-residual-16 residual-8 chain}; do
	for draw in $(seq "$draws"); do
		at=$tmp/$net-$draw
		"$bin/finetune" -n "$tmp/$net.csv" -d $images/train.npz -c experiments/training/train-tiny-fashion.conf \
			-s "$draw" -o "$at.npz"
		"$bin/calibrate" -n "$tmp/$net.csv" -w "$at.npz" -d $images/tune.npz -o "$at.histograms.npz"
		for bits in ${COLLAPSE_BITS:-2 3 4}; do
			"$bin/ddpg-step" uniform -n "$tmp/$net.csv" -b w8a8 -o "$tmp/$net-$bits.csv"
			sed -i "s/^dw,8,8/dw,8,$bits/" "$tmp/$net-$bits.csv"
			"$bin/quantize" -n "$tmp/$net.csv" -w "$at.npz" -p "$tmp/$net-$bits.csv" \
				-a "$at.histograms.npz" --clip mse -o "$at-$bits.npz"
			for seed in $(seq "$seeds"); do
				run $net "$draw" $bits "$seed"
			done
		done
	done
done
