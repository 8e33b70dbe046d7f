#!/bin/sh
# shell.sh - scripts of the house: what dash reads, and what shellcheck has no doubt about.  tests/lint/shellcheck lists
# the doubts that are not shared, each with its reason.  A finding is `FILE:LINE: text`; exit 1 if any.
set -eu
. tests/lint/lint.inc
command -v shellcheck >/dev/null || { echo 'tests/lint/shell.sh:1: shellcheck is missing: make deps-dev'; exit 1; }

excluded=$(sed -n 's/^\(SC[0-9]*\) .*/\1/p' tests/lint/shellcheck | paste -sd , -)
files '*.sh' '*.inc' .ci/run >"$tmp/files"
while read -r f; do
	case $(head -n 1 "$f") in
	*bash) shell="bash" ;;
	*) shell="sh" ;;
	esac
	$shell -n "$f" 2>"$tmp/said" || sed "s#^#$f:1: #" "$tmp/said"
	shellcheck -s $shell -e "$excluded" -f gcc "$f" || true
	case $f in
	*.inc) ;;
	*) [ -x "$f" ] || echo "$f:1: a script that may not be run: chmod +x" ;;
	esac
done <"$tmp/files" >>"$tmp/findings"
report "$(wc -l <"$tmp/files") scripts"
