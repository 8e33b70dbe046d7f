#!/bin/sh
# archive.sh OUT NAME LINE... - pack what was made under OUT as OUT/archive.tar.gz, a folder NAME.
#
#	CC=cc PACKAGES='gcc make' experiments/rules/archive.sh results haq-fashion 'profile   fashion'
#
# MANIFEST has the LINEs, then revision, compiler, libraries (of PACKAGES) and CPU; SHA256SUMS is for
# `sha256sum -c`.  The same results make the same bytes: names are sorted, dates and owners left out.
set -eu
out=$1 name=$2; shift 2
export LC_ALL=C
new=$out/.archive folder=$out/.archive/$name
rm -rf "$new"
trap 'rm -rf "$new"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$folder/results" "$folder/data"

# not scratch, nor what others made
(cd "$out" && find . \( -path ./.archive -o -path ./reference -o -path ./.rev \) -prune -o -type f \
	\( -name '*.policy.csv' -o -name '*.kernels.npy' -o -name '*.score.csv' -o -name '*.brief.csv' -o -name '*.cost.csv' -o -name '*.reward.csv' \
	-o -name '*.roofline.csv' -o -name '*.trace.csv' -o -name layers.csv -o -name kernels.csv -o -name paper.html \
	-o -path './tables/*' -o -path './figures/*' \) ! -name '*.new' -print) >"$new/list"
[ -s "$new/list" ] || { echo "nothing was made under $out yet" >&2; exit 1; }
tar -C "$out" -cf "$new/files.tar" -T "$new/list"
tar -C "$folder/results" -xf "$new/files.tar"
cp -r experiments hwmodels "$folder/"
cp -r data/networks "$folder/data/"

{
	[ $# -eq 0 ] || printf '%s\n' "$@"
	echo "revision  $(git describe --always --dirty 2>/dev/null || echo unknown)"
	echo "compiler  $(${CC:-cc} --version | head -n 1)"
	echo "debian    $(cat /etc/debian_version 2>/dev/null)"
	echo "cpu       $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)"
	# shellcheck disable=SC2086        # words
	dpkg-query -W -f 'library   ${Package} ${Version}\n' ${PACKAGES:-} 2>/dev/null || :
} >"$folder/MANIFEST"
(cd "$folder" && find . -type f | sort | xargs sha256sum) >"$new/sums"
mv "$new/sums" "$folder/SHA256SUMS"
(cd "$folder" && sha256sum --quiet -c SHA256SUMS)

tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=u+rwX,go+rX,go-w -C "$new" \
	-cf "$new/all.tar" "$name"
gzip -9n "$new/all.tar"
mv "$new/all.tar.gz" "$out/archive.tar.gz"
echo "$out/archive.tar.gz $(wc -c <"$out/archive.tar.gz") bytes"
