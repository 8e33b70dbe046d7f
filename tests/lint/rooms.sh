#!/bin/sh
# rooms.sh - do the walls between the rooms of stages/lib stand?  The table is tests/lint/rooms.
#
# A finding is `FILE:LINE: what: which rule`:
#   - a module includes a room that its own room's list does not name
#   - an include that names no room, or a header that is not there
#   - NAME-inner.h is included from another room than its own
#   - a program includes another program; a .c file is included
#   - a file of stages/lib lies in no room of the table
#   - rooms, or modules (NAME.c with NAME.h) of one room, include each other in a circle
# Exit 1 if there are any.
set -eu
. tests/lint/lint.inc
table=tests/lint/rooms
[ -r $table ] || { echo "$table: the table of rooms is missing"; exit 1; }

files 'stages/*.c' 'stages/*.h' >"$tmp/files"
# FILE:LINE:HEADER of every #include "..."; system headers have no walls
tr '\n' '\0' <"$tmp/files" | xargs -0 awk '
	/^[ \t]*#[ \t]*include[ \t]*"/ {
		header = $0
		sub(/^[^"]*"/, "", header)
		sub(/".*/, "", header)
		print FILENAME "\t" FNR "\t" header
	}' >"$tmp/includes"

awk -v table=$table '
	BEGIN { FS = "\t" }
	FILENAME == table {
		line = $0
		sub(/#.*/, "", line)
		n = split(line, word, " ")
		if (n) {
			is_room[word[1]] = 1
			list[word[1]] = ""
			for (i = 2; i <= n; i++) {
				may[word[1], word[i]] = 1
				list[word[1]] = list[word[1]] " " word[i]
				is_generated[word[i]] = word[i] ~ /\.h$/
				asked[word[1] ": " word[i]] = word[i]
			}
		}
		next
	}
	!checked++ {
		for (a in asked)
			if (!is_generated[asked[a]] && !is_room[asked[a]])
				print table ": " a ": there is no such room"
	}
	FILENAME ~ /files$/ {
		is_file[$1] = 1
		if ($1 !~ /^stages\/lib\//)
			next
		n = split($1, part, "/")
		if (n == 3)
			print $1 ":1: a file outside the rooms: expected stages/lib/ROOM/NAME, ROOM of " table
		else if (n > 4 || !is_room[part[3]])
			print $1 ":1: a file in no known room: " table " has no '\''" part[3] "'\''" (n > 4 ? " with folders" : "")
		next
	}
	{
		at = $1 ":" $2 ": "
		from = $1 ~ /^stages\/lib\// ? $1 : ""
		split(from, part, "/")
		from = part[3]
		if ($3 ~ /\.c$/ || $3 ~ /\.\./) {
			print at "includes \"" $3 "\": only headers are included, as \"ROOM/NAME.h\""
			next
		}
		if (is_generated[$3]) {
			if (from != "" && !((from, $3) in may))
				print at from " includes \"" $3 "\": " table " does not allow it"
			next
		}
		if (split($3, to, "/") != 2 || !is_room[to[1]]) {
			print at "includes \"" $3 "\": expected \"ROOM/NAME.h\" with a room of " table
			next
		}
		if (!is_file["stages/lib/" $3])
			print at "includes \"" $3 "\": stages/lib/" $3 " is not there"
		if (to[2] ~ /-inner\.h$/ && to[1] != from)
			print at "includes \"" $3 "\": an inner header is for the room " to[1] " alone"
		if (from != "" && from != to[1] && !((from, to[1]) in may))
			print at from " includes \"" $3 "\": " table " allows" (list[from] == "" ? " nothing but itself" : list[from])
	}' $table "$tmp/files" "$tmp/includes" >>"$tmp/findings"

# circle WHERE EDGES WHAT: a finding for each circle; tsort names the members
circle() {
	tsort "$2" 2>&1 >/dev/null | awk -v where="$1" -v what="$3" '
		function tell() { if (members != "") print where ": " what " include each other in a circle:" members; members = "" }
		/contains a loop/ { tell(); next }
		{ sub(/^tsort: /, ""); members = members " " $0 }
		END { tell() }'
}
awk '{ sub(/#.*/, "") } NF { for (i = 2; i <= NF; i++) if ($i !~ /\.h$/) print $1, $i }' $table >"$tmp/edges"
circle $table "$tmp/edges" rooms >>"$tmp/findings"
awk -F '\t' '
	$1 ~ /^stages\/lib\// && $3 ~ /\// {
		from = $1
		to = $3
		sub(/^stages\/lib\//, "", from)
		sub(/\.[ch]$/, "", from)
		sub(/\.h$/, "", to)
		sub(/-inner$/, "", from) # NAME-inner.h belongs to NAME
		sub(/-inner$/, "", to)
		if (from != to)
			print from, to
	}' "$tmp/includes" | sort -u >"$tmp/edges"
circle stages/lib "$tmp/edges" modules >>"$tmp/findings"
report "$(wc -l <"$tmp/includes") includes of $(wc -l <"$tmp/files") files"
