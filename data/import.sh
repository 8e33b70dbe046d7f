#!/bin/sh
# import.sh NET IMAGES INSERT IMPORT... - data/networks/NET.csv and data/weights/NET.npz by the command
# IMPORT; a network without batch norm gets some by the command INSERT, which looks at IMAGES.
#
#	data/import.sh net-fashion data/fashion/train.npz BIN/insert-batch-norm BIN/import-onnx -i net.onnx
set -eu
net=$1 images=$2 insert=$3; shift 3
mkdir -p data/weights
new=data/weights/$net.new.$$
trap 'rm -f "$new".*' EXIT
trap 'exit 1' HUP INT TERM

"$@" -n "$new.csv" -w "$new.npz"
# column `norm` of the network's table
if awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "norm") norm = i }
            $norm == "yes" { found = 1 } END { exit !found }' "$new.csv"; then
	mv "$new.npz" "data/weights/$net.npz"
	mv "$new.csv" "data/networks/$net.csv"
else
	# more than one word, where there is WRAP
	$insert -n "$new.csv" -w "$new.npz" -d "$images" \
		--network-out "data/networks/$net.csv" --weights-out "data/weights/$net.npz"
fi
