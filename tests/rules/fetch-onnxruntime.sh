#!/bin/sh
# fetch-onnxruntime.sh - tests/bench/onnxruntime/fetch.sh: which onnxruntime is compared with.  npm, node and python3 are
# scripts here.
. tests/shell.inc
mkdir -p "$tmp/bin" "$tmp/none"
for tool in sh dirname grep mkdir rm tail sed head cat; do ln -s "$(command -v $tool)" "$tmp/none/$tool"; done
program() { printf '#!/bin/sh\n%s\n' "$2" >"$tmp/bin/$1"; chmod +x "$tmp/bin/$1"; }
fetch() { PYTHON=$tmp/bin/python3 PATH=$tmp/bin:$PATH tests/bench/onnxruntime/fetch.sh "$tmp/modules"; }
says() { [ "$(fetch)" = "$1" ]; }
# has VERSION: what npm would have fetched
has() {
	for p in node common; do
		mkdir -p "$tmp/modules/onnxruntime-$p" && printf '{\n  "version": "%s"\n}\n' "$1" >"$tmp/modules/onnxruntime-$p/package.json"
	done
}

program python3 'exit 1'
program node 'exit 0'
program npm 'echo "npm ERR! no such host" >&2; exit 1'
exits 1 'onnxruntime-common@1.30.0: npm pack: no such host; Debian 13 has python3-onnxruntime$' 'what npm says is told' fetch
is '... in a line'                              [ "$(fetch 2>&1 | wc -l)" -eq 1 ]
program python3 '[ "$2" = "import onnxruntime" ]'
is "without npm's it is Python's"               says python3
has 1.29.0
is 'another version is not taken for it'        says python3
has 1.30.0
is 'what is there is not fetched again'         says node
is '... and all of its version is used'         [ "$(fetch 2>&1)" = node ]
program node '[ "$1" = --version ] && echo v0.1; exit 1'
program python3 'exit 1'
exits 1 'onnxruntime-node@1.30.0 does not run by this node, v0.1$' 'a library that does not run here is named' fetch
is '... in a line'                              [ "$(fetch 2>&1 | wc -l)" -eq 1 ]
exits 1 "^no onnxruntime to compare with: install Debian's npm, or (Debian 13) python3-onnxruntime$" \
	'without node and Python it is said what to install' \
	env PATH="$tmp/none" PYTHON="$tmp/bin/python3" tests/bench/onnxruntime/fetch.sh "$tmp/modules"
finish
