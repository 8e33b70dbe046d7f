#!/bin/sh
# size.sh - is everything small enough to be read?  The limits are here, in lines:
function_most=60     # from { to }, of any C file
stage_most=250       # stages/NAME.c
module_most=400      # stages/lib/ROOM/NAME.c
median_most=15       # of all functions of stages/
rules_most=80        # a *.mk of experiments/ and data/, with its comments
#
# (How many parameters a function may have is clang-tidy's: .clang-tidy.)  A finding is `FILE:LINE: text`; exit 1 if any.
set -eu
. tests/lint/lint.inc

files 'stages/*.c' 'stages/*.h' 'tests/*.c' 'tests/*.h' >"$tmp/files"
tr '\n' '\0' <"$tmp/files" | xargs -0 awk '
	FNR == 1 { begin = 0 }
	/^{/ { begin = FNR }
	/^}/ && begin { print FNR - begin - 1 "\t" FILENAME "\t" begin; begin = 0 }' >"$tmp/functions"
awk -F '\t' -v most=$function_most '
	$1 > most { print $2 ":" $3 ": a function of " $1 " lines: expected at most " most }' "$tmp/functions" >>"$tmp/findings"
median=$(grep -F '	stages/' "$tmp/functions" | sort -n | awk '{ n[NR] = $1 } END { print n[int((NR + 1) / 2)] + 0 }')
[ "$median" -le $median_most ] ||
	echo "stages: functions have $median lines (median): expected at most $median_most" >>"$tmp/findings"

# too_long MOST WHAT: of the files on standard input
too_long() {
	while read -r f; do
		n=$(wc -l <"$f")
		[ "$n" -le "$1" ] || echo "$f:$1: $2 of $n lines: expected at most $1"
	done >>"$tmp/findings"
}
grep '^stages/[^/]*\.c$' "$tmp/files" | too_long $stage_most 'a program'
grep '^stages/lib/.*\.c$' "$tmp/files" | too_long $module_most 'a module'
files 'experiments/*.mk' 'data/*.mk' | too_long $rules_most 'rules'
report "$(wc -l <"$tmp/functions") functions, of $median lines (median in stages)"
