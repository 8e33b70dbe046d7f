#!/bin/sh
# settings.sh - experiments/rules/settings.awk: what settings files say
. tests/shell.inc
says() { awk -f experiments/rules/settings.awk "$@"; }
printf '# a comment\nbatch = 64    # code\n\n  rate=1e-4\r\nschedule\t=\tcosine # a = b\n#off = 1' >"$tmp/a.conf"
printf 'batch=64\nrate=1e-4\nschedule=cosine\n' >"$tmp/b.conf"
: >"$tmp/empty.conf"; printf 'one two = 3\n' >"$tmp/odd.conf"
is "keys and values, without the rest"          test "$(says "$tmp/a.conf")" = "$tmp/a.conf|batch=64|rate=1e-4|schedule=cosine"
is "a file a line"                              test "$(says "$tmp/a.conf" "$tmp/b.conf" | wc -l)" = 2
is "files that say the same are the same"       test "$(says "$tmp/a.conf" | cut -d '|' -f 2-)" = "$(says "$tmp/b.conf" | cut -d '|' -f 2-)"
is "an empty one says nothing, of no other"     test "$(says "$tmp/empty.conf" "$tmp/b.conf")" = "$(says "$tmp/b.conf")"
is "what no program reads is still a word"      test "$(says "$tmp/odd.conf")" = "$tmp/odd.conf|one_two=3"
is "of all that there are, each is one word"    sh -c "[ \$(awk -f experiments/rules/settings.awk experiments/*/*.conf hwmodels/*.conf | wc -w) = \$(ls experiments/*/*.conf hwmodels/*.conf | wc -l) ]"
finish
