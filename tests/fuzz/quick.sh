#!/bin/sh
# quick.sh - every fuzz target over its seeds and mutations of them: seconds, and the same every time.
export ASAN_OPTIONS=detect_leaks=0
runs=20000 failed=0
for seeds in tests/fuzz/seeds/*; do
	name=${seeds##*/}
	if "${BIN%/bin}/fuzz/$name" $runs "$seeds"/*; then
		echo "ok - $name: $runs mutations"
	else
		failed=1
		echo "not ok - $name, after one of $runs mutations; the input is in fuzz-crash"
	fi
done
exit $failed
