#!/bin/sh
# uses.sh revisions|sources FILE.c... - what the modules of stages/lib mean for a program that includes them.  Run from the
# folder that holds stages/.
#
#	revisions   a word a program, NAME:3,quantizer=2,...  its own REVISION and, sorted, that of each module it uses
#	            where that is above 1; nothing of a program that states none
#	sources     the .c files of the modules that these files use, each once
#
# A program uses the headers it includes, and what these include.  A header ROOM/NAME.h stands for ROOM/NAME.c; for each
# ROOM/NAME-*.c without a header of its own, as net-forward.c is of net.h; and for any other .c of the room without a
# header that includes it, as npy.c is of npz-inner.h.  These use what they include, and so on.
#
# make asks at each start: one grep over the sources, one awk over the lines it finds, some 20 ms.
set -eu
what=$1; shift
programs=$*
set -- "$@" stages/lib/*/*.[ch]
{ printf '%s:\n' "$@"; grep -H -e '^#include "' -e '^#define REVISION' "$@"; } | awk -v what="$what" -v programs="$programs" '
{
	at = index($0, ":")
	file = substr($0, 1, at - 1)
	exists[file]
	split(substr($0, at + 1), word, /[ \t"]+/)
	if (word[1] == "#define")
		revision[file] = word[3]
	else if (word[1] != "")
		includes[file] = includes[file] " stages/lib/" word[2]
}

# header of a .c file: its own, that of the longest NAME- it begins with, or none
function owner(file,    name) {
	name = substr(file, 1, length(file) - 2)
	while (!(name ".h" in exists) && sub(/-[^-\/]*$/, "", name))
		;
	return name ".h" in exists ? name ".h" : ""
}

function room(file) {
	sub(/\/[^\/]*$/, "", file)
	return file
}

function own(    file, header, n, list, i) {
	for (file in exists) {
		if (file !~ /^stages\/lib\/.*\.c$/)
			continue
		if ((header = owner(file)) != "") {
			holds[header] = holds[header] " " file
			continue
		}
		n = split(includes[file], list, " ")
		for (i = 1; i <= n; i++)
			if (room(list[i]) == room(file))
				holds[list[i]] = holds[list[i]] " " file
	}
}

function visit(file,    n, list, i) {
	if (file in seen)
		return
	seen[file]
	n = split(includes[file] " " holds[file], list, " ")
	for (i = 1; i <= n; i++)
		visit(list[i])
}

function name_of(file) {
	sub(/.*\//, "", file)
	sub(/\.c$/, "", file)
	return file
}

# " a=2 b=3" of the files seen, sorted
function modules(program,    file, n, list, i, j, word, text) {
	n = 0
	for (file in seen) {
		if (file == program || revision[file] + 0 < 2)
			continue
		word = name_of(file) "=" revision[file]
		for (j = ++n; j > 1 && list[j - 1] > word; j--)
			list[j] = list[j - 1]
		list[j] = word
	}
	for (i = 1; i <= n; i++)
		text = text "," list[i]
	return text
}

END {
	own()
	count = split(programs, program, " ")
	for (p = 1; p <= count; p++) {
		if (what == "revisions")
			split("", seen)
		visit(program[p])
		if (what == "revisions" && program[p] in revision)
			print name_of(program[p]) ":" revision[program[p]] modules(program[p])
	}
	if (what == "sources")
		for (file in seen)
			if (file ~ /^stages\/lib\/.*\.c$/)
				print file
}' | LC_ALL=C sort
