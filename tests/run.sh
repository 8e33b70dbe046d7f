#!/bin/sh
# run.sh MODE TEST... - run tests one after the other and count: cmocka's cases in programs, lines
# `ok ...` and `not ok ...` in scripts, which say what they leave out: `skipped: ...`.  Ends with `N passed, N failed`; exit 1 if any failed.
set -u
mode=$1; shift
export BIN="build/$mode/bin" CMOCKA_MESSAGE_OUTPUT=tap UBSAN_OPTIONS=exitcode=99      # not 1, as of bad input
# What owns its memory frees it: the parsers of foreign bytes, and what every program is made of.  Networks, images and
# weights stay until a program ends.
frees=' base conf csv idx npz picture kmeans quantizer statistics '
if [ "$mode" = tsan ]; then
	# the tool of LLVM's OpenMP that tells the sanitizer of barriers and locks: without it every parallel loop is a race
	omp=$(readlink -f "$(ldd "$1" | awk '$1 ~ /^libomp/ { print $3 }')")
	OMP_TOOL_LIBRARIES=${omp%/*}/libarcher.so
	[ -e "$OMP_TOOL_LIBRARIES" ] || { echo "there is no libarcher.so: install Debian's libomp-dev" >&2; exit 1; }
	export OMP_TOOL_LIBRARIES TSAN_OPTIONS=ignore_noninstrumented_modules=1:die_after_fork=0:exitcode=99
fi
passed=0 failed=0
out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT
trap 'exit 1' HUP INT TERM
for t in "$@"; do
	leaks=0
	case $t in build/*/tests/*) case $frees in *" ${t##*/} "*) leaks=1 ;; esac ;; esac
	ASAN_OPTIONS=detect_leaks=$leaks:exitcode=99 "./$t" >"$out" 2>&1 </dev/null; rc=$?
	# where tests end early (unit.h), cmocka writes `not ok N # SKIP`
	[ "$mode" != tsan ] || sed -i 's/^not ok \([0-9]* # SKIP\)/ok \1/' "$out"
	p=$(grep -c '^ok ' "$out"); f=$(grep -c '^not ok ' "$out")
	[ $((p + f)) -gt 0 ] || { f=1; echo "no test ran" >>"$out"; }
	[ "$rc" -eq 0 ] || [ "$f" -gt 0 ] || f=1
	passed=$((passed + p)) failed=$((failed + f))
	printf '  %-5s %-40s %3d passed, %d failed\n' TEST "$t" "$p" "$f"
	if [ "$f" -eq 0 ]; then grep '^skipped: ' "$out"; else grep -v '^ok ' "$out"; fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
