#!/bin/sh
# documents.sh - what README.md and the other *.md tell people to type is there.
#
#   `make TARGET X=Y`         the target exists (make's own database), X is read by some rule
#   `PROGRAM --option`        stages/PROGRAM.c exists, and has the verb and the options
#   `path/to/file`            is in the tree, or is made by a rule
#   `word`                    one word as code stands somewhere in the tree outside *.md
#   [text](path#heading)      the file and its heading
#
# Words in CAPITALS, and what has `...`, `*` or `<>` in it, are placeholders.  Other tools that documents call, and
# foreign words that the tree need not know, are listed in tests/lint/foreign.  A finding is `FILE:LINE: text`; exit 1 if any.
set -eu
. tests/lint/lint.inc

files '*.md' >"$tmp/documents"
files >"$tmp/paths"
if [ -s "$tmp/documents" ]; then
	tr '\n' '\0' <"$tmp/documents" | xargs -0 awk -f tests/lint/markdown.awk >"$tmp/code"
else
	: >"$tmp/code"
fi

# targets and patterns of make, as of a command line without settings; -q: nothing is made
env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -pRrq help 2>/dev/null >"$tmp/database" || true
awk -F : '
	/^# Not a target:/ { skip = 1; next }
	/^[^#\t =][^=]*:([^=]|$)/ && !/^[^:]*=/ { if (!skip) { n = split($1, name, " "); for (i = 1; i <= n; i++) print name[i] } }
	{ skip = 0 }' "$tmp/database" | sort -u >"$tmp/targets"
grep -q '^help$' "$tmp/targets" || { echo "Makefile:1: make -p names no targets" >>"$tmp/findings"; }

# words of the rules, and of all that is not prose; the faults that selftest.sh plants are none
grep -E '(^|/)Makefile$|\.mk$' "$tmp/paths" | tr '\n' '\0' | xargs -0 grep -ohE '[A-Za-z0-9_.-]+' | sort -u >"$tmp/settings"
grep -vE '\.(md|npz|npy|png|jpg|svg|onnx|idx)$|^results/|^tests/lint/selftest.sh$' "$tmp/paths" | tr '\n' '\0' |
	xargs -0 grep -ohaE '[A-Za-z0-9_.+%-]+' | sort -u >"$tmp/words"
tr '/' '\n' <"$tmp/paths" | sort -u >>"$tmp/words"

# PROGRAM option: of its own source, or of the library's (--help, --log; what simulators share)
grep -E '^stages/.*\.[ch]$' "$tmp/paths" | tr '\n' '\0' | xargs -0 awk '
	{
		rest = $0
		while (match(rest, /('\''.'\''|[^A-Za-z0-9]0), "[a-z0-9-]+"/)) {
			piece = substr(rest, RSTART, RLENGTH)
			rest = substr(rest, RSTART + RLENGTH)
			long = piece
			gsub(/^[^"]*"|"$/, "", long)
			print FILENAME, "--" long
			if (piece ~ /^'\''/)
				print FILENAME, "-" substr(piece, 2, 1)
		}
	}
	/cli_verbs\(/ { print FILENAME, "(verbs)" }
	{ rest = $0
	  while (match(rest, /[{ ]"[a-z-]+", "/)) {
		piece = substr(rest, RSTART + 2, RLENGTH - 6)
		print FILENAME, piece
		rest = substr(rest, RSTART + RLENGTH)
	  } }' >"$tmp/options"

awk -v tmp="$tmp" -f tests/lint/documents.awk "$tmp/code" >>"$tmp/findings"
report "$(wc -l <"$tmp/code") pieces of code and links in $(wc -l <"$tmp/documents") documents"
