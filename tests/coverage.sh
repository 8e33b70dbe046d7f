#!/bin/sh
# coverage.sh OBJ - the lines that tests reached, by gcov: of each file below nine tenths, of each room, of programs and of all.
# OBJ is the folder of objects of MODE=coverage, where running programs left their counts.
set -eu
obj=$1
find "$obj/stages" -name '*.gcno' | LC_ALL=C sort | while read -r notes; do
	file=${notes#"$obj"/}
	file=${file%.gcno}.c
	[ -e "$file" ] || continue              # of a file that was deleted
	gcov -n -o "${notes%/*}" "$notes" 2>/dev/null | awk -v file="$file" '
		$1 == "File" { is_it = index($0, "'\''" file "'\''") }
		is_it && sub(/^Lines executed:/, "") { split($0, x, /% of /); print file, int(x[1] * x[2] / 100 + 0.5), x[2]; is_it = 0 }'
done | awk '
	function show(what, hit, all) { printf "  %-36s %6d of %6d lines  %5.1f %%\n", what, hit, all, all ? 100 * hit / all : 0 }
	{
		room = $1
		sub(/\/[^\/]*$/, "", room)
		if (!(room in total)) order[++rooms] = room
		hit[room] += $2; total[room] += $3; all_hit += $2; all += $3
		if ($2 < 0.9 * $3) { if (!few++) print "below nine tenths:"; show($1, $2, $3) }
	}
	END {
		if (!all) { print "no line was counted: run make coverage"; exit 1 }
		print "rooms:"
		for (i = 1; i <= rooms; i++) show(order[i], hit[order[i]], total[order[i]])
		show("all", all_hit, all)
	}'
