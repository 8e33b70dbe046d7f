#!/bin/sh
# quick.sh - every fuzz target over its seeds and mutations of them, and import-onnx: seconds, and the same every time.
# aborting, which keeps the input
export UBSAN_OPTIONS=abort_on_error=1
# parsers free what they allocate, damaged or not; a network is kept until the program ends, or it dies of it
leaks() { case $1 in graph | import-onnx) echo detect_leaks=0 ;; *) echo detect_leaks=1 ;; esac; }
runs=20000 failed=0
for seeds in tests/fuzz/seeds/*; do
	name=${seeds##*/}
	if ASAN_OPTIONS=$(leaks "$name"):abort_on_error=1 "${BIN%/bin}/fuzz/$name" $runs "$seeds"/*; then
		echo "ok - $name: $runs mutations"
	else
		failed=1
		echo "not ok - $name, after one of $runs mutations; the input is in fuzz-crash"
	fi
done

# import-onnx dies where it cannot read on, so that each damaged file is a run of its own; it ends with a status of 0 or 1 and, but for
# warnings, with no line or one.
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
damaged=200

# damages FILE SEED: up to three lines OFFSET BYTE, the same for the same seed; offsets are drawn from all of the file
damages() {
	awk -v size="$(wc -c <"$1")" -v seed="$2" 'function draw(n) { x = (x * 16807) % 2147483647; return int(x / 2147483647 * n) }
		BEGIN { x = seed * 7919 + 1; draw(2); for (i = draw(3); i >= 0; i--) printf "%d %03o\n", draw(size), draw(256) }'
}

import_damaged() {      # NUMBER FILE
	cp "$2" "$tmp/x.onnx" && chmod u+w "$tmp/x.onnx" || return 1
	damages "$2" "$1" | while read -r at byte; do printf "\\$byte" | dd of="$tmp/x.onnx" bs=1 seek="$at" conv=notrunc 2>/dev/null; done
	ASAN_OPTIONS=$(leaks import-onnx):abort_on_error=1 "$BIN/import-onnx" -i "$tmp/x.onnx" --size 17 -n "$tmp/x.csv" -w "$tmp/x.npz" 2>"$tmp/said"; rc=$?
	[ "$rc" -le 1 ] && [ "$(grep -vc '^import-onnx: warning: ' "$tmp/said")" -eq "$rc" ]
}

i=0
set -- tests/golden/onnx/*.onnx
set -- "$@" "$@" "$@" "$@" tests/golden/onnx/damaged/*.onnx
while [ $i -lt $damaged ]; do
	i=$((i + 1))
	if ! import_damaged $i "$1"; then
		failed=1
		echo "not ok - import-onnx, damage $i to $1; the file is in fuzz-crash"
		sed 's/^/# /' "$tmp/said"
		cp "$tmp/x.onnx" fuzz-crash
		damaged=-1
	fi
	set -- "$@" "$1"
	shift
done
[ $damaged -lt 0 ] || echo "ok - import-onnx: $damaged damaged files"
exit $failed
