#!/bin/sh
# vary.sh - experiments/rules/vary.sh: settings with changes that a file's name says
. tests/shell.inc
vary=experiments/rules/vary.sh
conf=experiments/training/search-fashion.conf
said() { awk -f experiments/rules/settings.awk "$1" | tr '|' '\n' | sed 1d | sort; }
# differs KEY=VALUE...: all that the changed settings say is what they said, but for these
differs() {
	said "$tmp/out.conf" >"$tmp/new" && said $conf | comm -13 - "$tmp/new" >"$tmp/changed"
	printf '%s\n' "$@" | sort | cmp - "$tmp/changed" && [ "$(wc -l <"$tmp/new")" = "$(said $conf | wc -l)" ]
}
$vary $conf epochs-2 "$tmp/out.conf"
is 'one key, the others as they are'            differs epochs=2
$vary $conf epochs-3+learning_rate-0.002+images-256 "$tmp/out.conf"
is 'several'                                    differs epochs=3 learning_rate=0.002 images=256
$vary $conf storage-float32 "$tmp/out.conf"
is 'a word'                                     differs storage=float32
$vary $conf weight_decay-1e-5 "$tmp/out.conf"
is 'a value with a dash'                        differs weight_decay=1e-5
printf '\trate=1 # fast\nerate = 2\n' >"$tmp/in.conf"
$vary "$tmp/in.conf" rate-7 "$tmp/odd.conf"
is 'however it is spaced, and no longer name'   test "$(said "$tmp/odd.conf" | tr '\n' ' ')" = 'erate=2 rate=7 '
is 'comments of other keys stay'                grep -q '^images .*# all' "$tmp/out.conf"
rm "$tmp/out.conf"
exits 1 "epoch-2: $conf has no key epoch" 'a key that is none' $vary $conf epoch-2 "$tmp/out.conf"
exits 1 "epochs-2+rate-1: $conf has no key rate" '... among others' $vary $conf epochs-2+rate-1 "$tmp/out.conf"
exits 1 'epochs-2+epochs-3: changes epochs twice' 'a key twice' $vary $conf epochs-2+epochs-3 "$tmp/out.conf"
for v in epochs epochs- -2 epochs-2+ +epochs-2 epochs-2++flip-no ''; do
	exits 1 "$v: expected KEY-VALUE" "no change: $v" $vary $conf "$v" "$tmp/out.conf"
done
exits 1 "cannot read $tmp/none.conf" 'settings that are not there' $vary "$tmp/none.conf" epochs-2 "$tmp/out.conf"
exits 2 'none/out.conf' 'a folder that is not there' $vary $conf epochs-2 "$tmp/none/out.conf"
is 'nothing is left behind'                     test -z "$(find "$tmp" -name '*out.conf*')"
finish
