#!/bin/sh
# report.sh FOLDER FINDINGS... - says what the tools found, runs the checks of the whole tree, and counts:
# one test a tool, one a check.  Ends with `N passed, N failed`; exit 1 if any failed.
set -u
folder=$1; shift
house=14        # the version of clang-format that the tree is written with: Debian 12's
passed=0 failed=0
out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT
trap 'exit 1' HUP INT TERM

# one STATUS NAME TEXT: a line of the report
one() {
	if [ "$1" -eq 0 ]; then passed=$((passed + 1)); word=passed; else failed=$((failed + 1)); word=FAILED; fi
	printf '  %-5s %-12s %-6s %s\n' LINT "$2" "$word" "$3"
}

for tool in format cppcheck tidy; do
	for f in "$@"; do
		case $f in *.$tool) echo "$f" ;; esac
	done >"$out.list"
	tr '\n' '\0' <"$out.list" | xargs -0 cat >"$out"
	n=$(wc -l <"$out") files=$(wc -l <"$out.list")
	rm -f "$out.list"
	case $tool in
	format) version=$(sed -n 's/^clang-format //p' "$folder/tools") ;;
	tidy) version=$(sed -n 's/^clang-tidy //p' "$folder/tools") ;;
	*) version=$(sed -n 's/^cppcheck //p' "$folder/tools") ;;
	esac
	if [ $tool = format ] && [ "${version%%.*}" -ne $house ] && [ "$n" -gt 0 ]; then
		one 0 $tool "$files files, $n places that $version writes otherwise than the house's $house: not counted"
		continue
	fi
	one "$((n > 0))" $tool "$files files, $n findings ($version)"
	cat "$out"
done
for check in rooms documents text size shell; do
	"tests/lint/$check.sh" >"$out" 2>&1
	status=$?
	one "$status" $check "$(sed -n 's/^# //p' "$out"), $(grep -cv '^# ' "$out") findings"
	grep -v '^# ' "$out"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
