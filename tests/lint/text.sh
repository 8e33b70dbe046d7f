#!/bin/sh
# text.sh - rules of text.
#
#   - no line of *.mk, Makefile, or of C is wider than 110 columns, where tabs are 8
#   - no blanks at the end of a line, no line of blanks, a newline at the end of each file
#   - addresses on the net only of hosts in tests/lint/hosts: no package registry has one there
#   - a program states its revision once, `#define REVISION n`, a module of stages/lib at most once, headers never
#   - a comment on lines of its own begins with its subject, not with `Of`
#
# What programs and other tools wrote is left alone: results/, tests/golden/, tests/fuzz/seeds/, LICENSE, tests/bench data.
# A finding is `FILE:LINE: text`; exit 1 if any.
set -eu
. tests/lint/lint.inc
most=110

files >"$tmp/all"
grep -vE '^(results|tests/golden|tests/fuzz/seeds|data/networks)/|^LICENSE$|\.(svg|png|jpg|npz|npy|csv|onnx)$' \
	"$tmp/all" >"$tmp/files"
each() { tr '\n' '\0' | xargs -0 -r "$@"; }

grep -E '(^|/)Makefile$|\.(mk|c|h)$' "$tmp/files" | each awk -v most=$most '
	length($0) * 8 > most {
		n = 0
		for (i = 1; i <= length($0); i++)
			n = substr($0, i, 1) == "\t" ? n + 8 - n % 8 : n + 1
		if (n > most)
			print FILENAME ":" FNR ": " n " columns: expected at most " most
	}' >>"$tmp/findings"
each grep -nE '[[:blank:]]+$' <"$tmp/files" /dev/null | sed 's/^\([^:]*:[0-9]*:\).*/\1 blanks at the end of the line/' >>"$tmp/findings"
while read -r f; do
	[ ! -s "$f" ] || [ -z "$(tail -c 1 "$f")" ] || echo "$f:1: no newline at the end of the file"
done <"$tmp/files" >>"$tmp/findings"

# every address's host is in the list
sed 's/ .*//; /^#/d; /^$/d' tests/lint/hosts >"$tmp/hosts"
each grep -noE '[a-z]+://[A-Za-z0-9][A-Za-z0-9.-]*' /dev/null <"$tmp/files" | awk '
	NR == FNR { is_known[$1] = 1; next }
	{
		host = $0
		sub(/.*:\/\//, "", host)
		if (!is_known[host])
			print gensub_at($0) " an address of " host ": tests/lint/hosts does not list it"
	}
	function gensub_at(s) { match(s, /:[0-9]+:/); return substr(s, 1, RSTART + RLENGTH - 1) }' "$tmp/hosts" - >>"$tmp/findings"

# what stages.mk reads with sed has one form
grep '^stages/.*\.[ch]$' "$tmp/files" | each awk '
	FNR == 1 { if (f != "") tell(); f = FILENAME; n = 0 }
	/^[ \t]*#[ \t]*define[ \t]+REVISION([ \t]|$)/ {
		n++
		if ($0 !~ /^#define REVISION [1-9][0-9]*([ \t]+\/\*.*\*\/)?$/)
			print FILENAME ":" FNR ": a revision is `#define REVISION n`, n from 1"
		if (FILENAME ~ /\.h$/)
			print FILENAME ":" FNR ": a revision belongs into a .c file"
		if (n == 2)
			print FILENAME ":" FNR ": a second revision"
	}
	function tell() { if (!n && f ~ /^stages\/[^\/]*\.c$/) print f ":1: a program without `#define REVISION n`" }
	END { tell() }' >>"$tmp/findings"

# a comment on lines of its own that begins in the middle of a sentence
grep '\.[ch]$' "$tmp/files" | each awk '
	/^[ \t]*\/\*[ \t]*(\.\.\.|[Oo]f )/ {
		sub(/^[ \t]*\/\*[ \t]*/, "")
		print FILENAME ":" FNR ": a comment that begins with no subject: " substr($0, 1, 30)
	}' >>"$tmp/findings"
report "$(wc -l <"$tmp/files") files"
