#!/bin/sh
# run.sh MODE TEST... - run tests one after the other and count: cmocka's cases in programs, lines
# `ok ...` and `not ok ...` in scripts.  Ends with `N passed, N failed`; exit 1 if any failed.
set -u
mode=$1; shift
export BIN="build/$mode/bin" CMOCKA_MESSAGE_OUTPUT=tap ASAN_OPTIONS=detect_leaks=0:exitcode=99 UBSAN_OPTIONS=exitcode=99      # not 1, as of bad input
passed=0 failed=0
out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT
trap 'exit 1' HUP INT TERM
for t in "$@"; do
	"./$t" >"$out" 2>&1 </dev/null; rc=$?
	p=$(grep -c '^ok ' "$out"); f=$(grep -c '^not ok ' "$out")
	[ $((p + f)) -gt 0 ] || { f=1; echo "no test ran" >>"$out"; }
	[ "$rc" -eq 0 ] || [ "$f" -gt 0 ] || f=1
	passed=$((passed + p)) failed=$((failed + f))
	printf '  %-5s %-40s %3d passed, %d failed\n' TEST "$t" "$p" "$f"
	[ "$f" -eq 0 ] || grep -v '^ok ' "$out"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
