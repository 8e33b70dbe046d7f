#!/bin/sh
# tool.sh TOOL FILE FINDINGS [FLAG...] - what format, cppcheck or tidy finds in a C file: a line each, into FINDINGS.
# tool.sh versions FILE FLAGS - the tools' versions, the flags and this script, into FILE if they changed.
#
# Beside FINDINGS of cppcheck and tidy lies FINDINGS.d, the headers that they depend on.  Exit 1 if a tool is missing.
set -eu

version() { # of clang-format or clang-tidy or cppcheck: 14.0.6
	"$1" --version | sed -n 's/^.*[vV]ersion \([0-9.]*\).*/\1/p; s/^Cppcheck \([0-9.]*\).*/\1/p' | head -n 1
}
needs() {
	command -v "$1" >/dev/null || { echo "lint: $1 is missing: make deps-dev" >&2; exit 1; }
}

if [ "$1" = versions ]; then
	for t in clang-format clang-tidy cppcheck shellcheck; do
		needs $t
	done
	{
		for t in clang-format clang-tidy cppcheck; do
			echo "$t $(version $t)"
		done
		echo "$3"
		cksum <"$0"
	} >"$2.new"
	if cmp -s "$2" "$2.new"; then rm "$2.new"; else mv "$2.new" "$2"; fi
	exit 0
fi

tool=$1 file=$2 out=$3
shift 3
new=$out.new
raw=$out.raw
trap 'rm -f "$new" "$raw"' EXIT
status=0
case $tool in
format)
	clang-format --dry-run -Werror "$file" >"$raw" 2>&1 || status=$?
	grep -E '^[^ ]+:[0-9]+:[0-9]+: (error|warning):' "$raw" | sed 's/: error: code should be.*/: not as clang-format writes it/' >"$new" || true
	;;
cppcheck)
	cc "$@" -MM -MT "$out" -MP -MF "$out.d" "$file"
	# the macros: cppcheck drops the keyword, and protobuf's headers ask for a version
	cppcheck --std=c11 --quiet --enable=warning,performance,portability --error-exitcode=9 \
		--suppressions-list=tests/lint/cppcheck --template='{file}:{line}: {severity}: {message} [{id}]' \
		"$@" '-D_Noreturn=__attribute__((noreturn))' \
		-DPROTOBUF_C_VERSION_NUMBER=1999999 -DPROTOBUF_C_MIN_COMPILER_VERSION=0 "$file" >"$raw" 2>&1 || status=$?
	grep -E ': (error|warning|performance|portability|style): ' "$raw" >"$new" || true
	;;
tidy)
	cc "$@" -MM -MT "$out" -MP -MF "$out.d" "$file" 2>/dev/null
	clang-tidy --quiet "$file" -- "$@" >"$raw" 2>&1 || status=$?
	grep -E ':[0-9]+:[0-9]+: (error|warning):' "$raw" |
		sed "s#^$PWD/##; s/,-warnings-as-errors\]/]/" | sort -u >"$new" || true
	;;
esac
[ $status -le 128 ] || { echo "lint: $file: $tool was killed" >&2; exit 1; } # says nothing of the file
[ $status -eq 0 ] || [ -s "$new" ] ||
	echo "$file:1: $tool ended with exit $status: $(tail -n 1 "$raw")" >"$new"
mv "$new" "$out"
