#!/bin/sh
# lock.sh - experiments/rules/lock.sh: who may search in a folder of results
. tests/shell.inc
lock=$PWD/experiments/rules/lock.sh
file=$tmp/lock
# what the lock answers process $1
answer() { "$lock" "$file" "$1"; }
says()   { [ "$(answer "$1")" = "$2" ]; }

sleep 60 & other=$!
sleep 60 & third=$!
trap 'kill "$other" "$third" 2>/dev/null || :; rm -rf "$tmp"' EXIT

is "a lock that nobody has is taken"                    says "$other" ""
is "... and names the holder"                           grep -q "^$other " "$file"
is "another process is told who has it"                 says "$third" "$other"
is "... and takes nothing"                              grep -q "^$other " "$file"
is "the holder may ask again"                           says "$other" ""
kill "$other"; wait "$other" 2>/dev/null || :
is "of a holder that is gone it is taken"               says "$third" ""
echo "$third 1" >"$file"
is "... also where its number is another's now"         says $$ ""
is "what the holder runs may pass"                      sh -c "[ -z \"\$('$lock' '$file' \$\$)\" ]"
is "... and does not take the lock from it"             grep -q "^$$ " "$file"
is "what runs the holder may not"                       sh -c "(exec sleep 60) & '$lock' '$file.2' \$!; [ \"\$('$lock' '$file.2' \$\$)\" = \$! ]; rc=\$?; kill \$!; exit \$rc"
: >"$file"
is "an empty file is nobody's"                          says "$third" ""
exits 2 "" "a folder that cannot be written is told" sh -c "'$lock' /nonexistent/lock $$ 2>/dev/null"
# a name with spaces and parentheses, as /proc has it
cp "$(command -v sleep)" "$tmp/a b) c"; "$tmp/a b) c" 60 & odd=$!
is "a process may be called anything"                   sh -c "'$lock' '$file.3' $odd; [ \"\$('$lock' '$file.3' $third)\" = $odd ]"
kill "$odd"
finish
