#!/bin/sh
# fetch.sh FOLDER - which onnxruntime there is to compare with: prints `node`, with its packages in FOLDER, or `python3`.
# Where there is none it says why in a line, exit 1.
#
# npm's packages hold the library and what calls it from JavaScript: 108 MB, fetched once.  Neither needs the others that
# npm would install: those serve a script that fetches what runs on graphics cards.
set -u
folder=$1 python=${PYTHON:-/usr/bin/python3}
version=1.30.0 said=
export npm_config_fetch_retries=1 npm_config_fetch_retry_mintimeout=1000

is_there() { grep -qs "\"version\": \"$version\"" "$folder/$1/package.json"; }
# fetched NAME SHA256
fetched() {
	is_there "$1" || data/fetch-npm.sh "$1@$version" "$2" "$folder/$1" "Debian 13 has python3-onnxruntime"
}
runs() {
	NODE_PATH=$folder node -e 'require("onnxruntime-node")' >/dev/null 2>&1 ||
		{ echo "onnxruntime-node@$version does not run by this node, $(node --version)" >&2; false; }
}

if command -v node >/dev/null && { is_there onnxruntime-node || command -v npm >/dev/null; }; then
	fetched onnxruntime-common 7906c439e0d3e0f4048caa23b64cdfadc0f455c377f579ce1ab2a4b778f07d5f &&
		fetched onnxruntime-node 6e3390d6b783e7be946fad629292799da28d0b42f84856e50d2c1b0383291e75 &&
		runs && echo node && exit
	said=1
fi
"$python" -c 'import onnxruntime' 2>/dev/null && echo python3 && exit
[ "$said" ] || echo "no onnxruntime to compare with: install Debian's npm, or (Debian 13) python3-onnxruntime" >&2
exit 1
