#!/bin/sh
# fetch-npm.sh - data/fetch-npm.sh: a package is there whole and right, or not at all.  npm is a script here.
. tests/shell.inc
mkdir -p "$tmp/bin" "$tmp/none" "$tmp/package"
echo one >"$tmp/package/one"; tar -czf "$tmp/good.tgz" -C "$tmp" package
sha256=$(sha256sum <"$tmp/good.tgz" | cut -d ' ' -f 1)
npm() { printf '#!/bin/sh\n%s\n' "$1" >"$tmp/bin/npm"; chmod +x "$tmp/bin/npm"; }
fetch() { PATH=$tmp/bin:$PATH data/fetch-npm.sh thing@1.0.0 "$@" 'another way'; }

npm "[ \"\$*\" = 'pack --ignore-scripts thing@1.0.0' ] && cp '$tmp/good.tgz' thing-1.0.0.tgz && echo thing-1.0.0.tgz"
is "a package is fetched and unpacked"          fetch "$sha256" "$tmp/thing"
is "... whole"                                  diff -r "$tmp/thing" "$tmp/package"
is "... and nothing beside it"                  test ! -e "$tmp/thing.new"
is "an older one is replaced"                   sh -c "touch '$tmp/thing/two'; PATH='$tmp/bin':\$PATH data/fetch-npm.sh thing@1.0.0 $sha256 '$tmp/thing'; [ ! -e '$tmp/thing/two' ]"
exits 1 "thing@1.0.0: thing-1.0.0.tgz has SHA-256 $sha256, expected 0123" "one of another checksum is refused" fetch 0123 "$tmp/bad"
is "... and not kept"                           test ! -e "$tmp/bad" -a ! -e "$tmp/bad.new"
npm 'printf "npm ERR! code ENOTFOUND\nnpm ERR! there is no such host\nnpm ERR! and more\n" >&2; exit 1'
exits 1 'npm pack: there is no such host; another way$' "what npm says is told in a line" fetch "$sha256" "$tmp/bad"
is "... and nothing is kept"                    test ! -e "$tmp/bad" -a ! -e "$tmp/bad.new"
npm 'head -c 100 /dev/urandom >thing-1.0.0.tgz; echo thing-1.0.0.tgz; exit 1'
exits 1 'SHA-256' "half a package is refused" fetch "$sha256" "$tmp/bad"
for tool in sh dirname; do ln -s "$(command -v $tool)" "$tmp/none/$tool"; done
exits 1 "npm is missing: install Debian's npm; another way$" "without npm it is said what to install" \
	env PATH="$tmp/none" data/fetch-npm.sh thing@1.0.0 "$sha256" "$tmp/bad" 'another way'
exits 1 "npm is missing: install Debian's npm$" "... and nothing else where there is no other way" \
	env PATH="$tmp/none" data/fetch-npm.sh thing@1.0.0 "$sha256" "$tmp/bad"
finish
