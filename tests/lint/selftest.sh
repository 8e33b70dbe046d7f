#!/bin/sh
# selftest.sh - do the checks of `make lint` fail where they should?  Each runs in a small tree of its own, with one
# fault; and the walls between the rooms stand in the tree that there is.  The tools themselves are not needed.
. tests/shell.inc
root=$PWD
tree=$tmp/tree

# a tree in which nothing is wrong
plant() {
	rm -rf "$tree"
	mkdir -p "$tree/tests" "$tree/stages/lib/core" "$tree/stages/lib/io" "$tree/stages/lib/model"
	cp -r "$root/tests/lint" "$tree/tests/lint"
	rm -f "$tree"/tests/lint/*.md
	printf '%s\n' '#define REVISION 1' '#include "core/base.h"' '#include "io/csv.h"' \
		"static const struct opt options[] = { { 'n', \"network\", OPT_PATH } };" >"$tree/stages/count-layers.c"
	for module in core/base io/csv io/npz model/graph; do
		echo "#include \"$module.h\"" >"$tree/stages/lib/$module.c"
		echo 'int x;' >"$tree/stages/lib/$module.h"
	done
	echo '#include "core/base.h"' >>"$tree/stages/lib/io/csv.c"
	printf '%s\n' 'SEEDS := 1' 'help:' '	@echo $(SEEDS) $(table3.hw)' 'table3: stages/count-layers.c' >"$tree/Makefile"
	printf '%s\n' '# A tree' '' 'Run `make table3 SEEDS=3`, read `stages/count-layers.c` and [this](#a-tree).' '' \
		'    count-layers -n net.csv' >"$tree/README.md"
	printf '%s\n' '#!/bin/sh' 'echo "$1"' >"$tree/tests/run.sh"
	chmod +x "$tree/tests/run.sh"
}
# check NAME: of the planted tree; to standard error, where `exits` looks
check() {
	(cd "$tree" && "tests/lint/$1.sh" >&2)
}
# finds CHECK PATTERN TEXT: the fault that was planted, and no other
finds() {
	exits 1 "$2" "$3" check "$1"
	plant
}
add() {
	mkdir -p "$(dirname "$tree/$1")"
	printf '%s\n' "$2" >>"$tree/$1"
}

plant
for c in rooms documents text size; do
	exits 0 '^# ' "$c finds nothing in a tree without faults" check $c
done

# --- walls -------------------------------------------------------------------------------------------
is 'the walls between the rooms stand' tests/lint/rooms.sh
add stages/lib/core/base.c '#include "model/graph.h"'
finds rooms '^stages/lib/core/base.c:2: core includes "model/graph.h": tests/lint/rooms allows nothing but itself' 'a wall that is crossed'
add stages/lib/io/npz.h '#include "model/graph.h"'
finds rooms '^stages/lib/io/npz.h:2: io includes "model/graph.h": tests/lint/rooms allows core$' 'a wall that a header crosses'
add stages/lib/io/csv.h '#include "io/npz.h"'
add stages/lib/io/npz.c '#include "io/csv.h"'
finds rooms 'modules include each other in a circle:.* io/npz' 'two modules that include each other'
add tests/lint/rooms 'attic  core model'
sed 's/^model .*/model core io attic/' "$tree/tests/lint/rooms" >"$tmp/rooms" && mv "$tmp/rooms" "$tree/tests/lint/rooms"
finds rooms '^tests/lint/rooms: rooms include each other in a circle:' 'a table that goes in a circle'
add tests/lint/rooms 'attic  cellar'
finds rooms '^tests/lint/rooms: attic: cellar: there is no such room' 'a room that the table does not have'
add stages/lib/attic/old.c 'int x;'
finds rooms "^stages/lib/attic/old.c:1: a file in no known room" 'a folder that is no room'
add stages/lib/loose.c 'int x;'
finds rooms '^stages/lib/loose.c:1: a file outside the rooms' 'a file outside the rooms'
add stages/count-layers.c '#include "other.c"'
finds rooms '^stages/count-layers.c:5: includes "other.c"' 'a program that includes another'
add stages/count-layers.c '#include "base.h"'
finds rooms 'expected "ROOM/NAME.h"' 'an include without its room'
add stages/count-layers.c '#include "core/gone.h"'
finds rooms 'stages/lib/core/gone.h is not there' 'a header that is not there'
add stages/lib/io/npz-inner.h 'int y;'
add stages/lib/model/graph.c '#include "io/npz-inner.h"'
finds rooms 'an inner header is for the room io alone' "another room's inner header"

# --- documents ---------------------------------------------------------------------------------------
add README.md 'Then `make tabel4`.'
finds documents '^README.md:6: make tabel4: there is no such target' 'a misspelt target'
add README.md 'Then `make table3 SEDS=3`.'
finds documents 'no rule reads SEDS' 'a misspelt setting'
add README.md 'Then `make table3 table3.hw=edge table3.rival=ddpg`.'
finds documents 'no rule reads a setting that ends in .rival' "a table's misspelt setting"
add README.md '    count-layer -n net.csv'
finds documents '^README.md:6: count-layer: expected a program' 'a misspelt program in a block'
add README.md 'See `count-layerz`.'
finds documents '`count-layerz`: stands nowhere in the tree' 'a misspelt program among words'
add README.md 'Then `count-layers --netwrok x`.'
finds documents 'stages/count-layers.c has no such option' 'a misspelt option'
add README.md 'See `stages/count-leyers.c`.'
finds documents '`stages/count-leyers.c`: no file of the tree' 'a misspelt path'
add README.md 'See [there](docs/NONE.md).'
finds documents 'there is no docs/NONE.md' 'a link to nothing'
add README.md 'See [there](#nothing).'
finds documents 'README.md has no such heading' 'a link to no heading'

# --- text and size -----------------------------------------------------------------------------------
add rules.mk "# $(printf '%0110d' 0)"
finds text '^rules.mk:1: 112 columns' 'a wide line'
add stages/lib/io/csv.c 'int y; '
finds text '^stages/lib/io/csv.c:3: blanks at the end' 'a trailing blank'
printf 'x' >>"$tree/README.md"
finds text '^README.md:1: no newline' 'a file without an end'
add Makefile '# http''s:/''/registry.example.com/package'
finds text 'an address of registry.example.com' 'an address that is not listed'
sed '/REVISION/d' "$tree/stages/count-layers.c" >"$tmp/c" && cp "$tmp/c" "$tree/stages/count-layers.c"
finds text '^stages/count-layers.c:1: a program without' 'a program without a revision'
add stages/lib/io/csv.c '#define REVISION two'
finds text '^stages/lib/io/csv.c:3: a revision is' 'a revision that is no number'
add stages/lib/io/csv.c '/* Of the above. */'
finds text '^stages/lib/io/csv.c:3: a comment that begins with no subject' 'a comment that begins in the middle'
{ printf 'int f(void)\n{\n'; yes '	;' | head -n 61; printf '}\n'; } >>"$tree/stages/lib/io/csv.c"
finds size '^stages/lib/io/csv.c:4: a function of 61 lines' 'a long function'
yes '' | head -n 250 >>"$tree/stages/count-layers.c"
finds size '^stages/count-layers.c:250: a program of 254 lines' 'a long program'
yes '' | head -n 400 >>"$tree/stages/lib/io/npz.c"
finds size '^stages/lib/io/npz.c:400: a module of 401 lines' 'a long module'
finish
