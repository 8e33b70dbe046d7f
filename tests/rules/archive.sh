#!/bin/sh
# archive.sh - experiments/rules/archive.sh: what is packed, and that the same results make the same bytes
. tests/shell.inc
archive="experiments/rules/archive.sh $tmp/out haq-mine"
mkdir -p "$tmp/out/net/hw/budget/seed-1" "$tmp/out/tables" "$tmp/out/.rev" "$tmp/out/reference"
echo bits >"$tmp/out/net/hw/budget/seed-1/best-0002.policy.csv"
echo one >"$tmp/out/tables/table.csv"
for f in net/agent.npz net/hw/0001.policy.csv.new .rev/x.score.csv reference/y.score.csv; do echo no >"$tmp/out/$f"; done
unpacked=$tmp/unpacked/haq-mine
in_it() (cd "$unpacked" && "$@")

is "an archive is made"                         env PACKAGES='' $archive 'profile   mine' 'agent     $(none) `none`'
mkdir "$tmp/unpacked"; tar -xzf "$tmp/out/archive.tar.gz" -C "$tmp/unpacked"
is "its checksums hold"                         in_it sha256sum --quiet -c SHA256SUMS
is "it has policies"                            in_it test -s results/net/hw/budget/seed-1/best-0002.policy.csv
is "... and tables"                             in_it test -s results/tables/table.csv
is "... and no scratch, nor what others made"   test "$(find "$unpacked/results" -type f | wc -l)" = 2
is "... and settings, machines and networks"    in_it ls experiments/agents/ddpg.conf hwmodels/bismo-edge.conf data/networks/tiny-fashion.csv
is "the manifest has the lines given"           in_it grep -qxF 'agent     $(none) `none`' MANIFEST
is "... and revision, compiler and CPU"         test "$(grep -c '^revision \|^compiler \|^cpu ' "$unpacked/MANIFEST")" = 3
cp "$tmp/out/archive.tar.gz" "$tmp/first"; touch "$tmp/out/tables/table.csv"; chmod 600 "$tmp/out/tables/table.csv"
PACKAGES='' $archive 'profile   mine' 'agent     $(none) `none`' >/dev/null
is "made again it is the same bytes"            cmp "$tmp/out/archive.tar.gz" "$tmp/first"
is "nothing else is left behind"                test ! -e "$tmp/out/.archive"
mkdir "$tmp/empty"
exits 1 'nothing was made' "of nothing none is made" experiments/rules/archive.sh "$tmp/empty" haq-mine
is "... nor a part of it"                       test -z "$(ls -A "$tmp/empty")"
finish
