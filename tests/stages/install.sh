#!/bin/sh
# install.sh - make install, uninstall and compile_commands.json, into a scratch directory.
. tests/shell.inc
unset MAKEFLAGS MFLAGS MAKELEVEL
mode=$(basename "$(dirname "$BIN")")
programs=$(cd stages && ls ./*.c | sed 's|^\./||; s|\.c$||')
there() { (cd "$tmp/root" && find . ! -type d | sed 's|^\./||' | sort); }

is 'make install' make MODE="$mode" DESTDIR="$tmp/root" PREFIX=/opt/haq install
for p in $programs; do echo "opt/haq/bin/haq-$p"; done >"$tmp/expected"
for p in $programs; do echo "opt/haq/share/man/man1/haq-$p.1"; done >>"$tmp/expected"; LC_ALL=C sort -o "$tmp/expected" "$tmp/expected"
is 'installs every program and its page, and nothing else' sh -c "(cd '$tmp/root' && find . ! -type d | sed 's|^\./||' | LC_ALL=C sort) | diff - '$tmp/expected'"
is 'programs run from there' "$tmp/root/opt/haq/bin/haq-quantize" --version
is 'pages bear the names of the programs' sh -c "! grep -L '^haq.*' '$tmp'/root/opt/haq/share/man/man1/*.1 | grep . && grep -q '^.TH HAQ..DDPG..STEP 1' '$tmp/root/opt/haq/share/man/man1/haq-ddpg-step.1'"
# groff-base
warnings() { for page in "$tmp"/root/opt/haq/share/man/man1/*.1; do groff -man -ww -b -z "$page" || echo "$page"; done 2>&1; }
is 'and groff has no warning about them' test "$(warnings)" = ''
groff -man -Tascii -P-cbou "$tmp/root/opt/haq/share/man/man1/haq-ddpg-step.1" >"$tmp/page"
is 'a page has the verbs' grep -q 'uniform' "$tmp/page"
is '... and their options' grep -q -e '--full-precision' "$tmp/page"
: >"$tmp/root/opt/haq/bin/haq-of-another"
is 'make uninstall' make MODE="$mode" DESTDIR="$tmp/root" PREFIX=/opt/haq uninstall
is 'removes these, and nothing else' test "$(there)" = opt/haq/bin/haq-of-another

[ ! -e compile_commands.json ] || mv compile_commands.json "$tmp/old.json"
is 'make compile_commands.json' make MODE="$mode" compile_commands.json
is 'has an entry for every source' test "$(grep -c '"file": ' compile_commands.json)" = "$(ls stages/*.c stages/lib/*/*.c tests/*/*.c | wc -l)"
is '... each on a line, between brackets, separated by commas' \
	awk 'NR == 1 { good = $0 == "[" } /^\{.*\},$/ { n++ } /^\{.*\}$/ { last = NR } END { exit !(good && $0 == "]" && last == NR - 1 && n == NR - 3) }' compile_commands.json
[ ! -e "$tmp/old.json" ] || mv "$tmp/old.json" compile_commands.json
finish
