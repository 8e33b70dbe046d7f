#!/bin/sh
# uses.sh - which modules a program uses, and their revisions in its stamp: of a tree of a few lines.
. tests/shell.inc
uses=$PWD/stages/uses.sh
real=$(cat stages/lib/*/*.c | wc -l)
mkdir -p "$tmp/tree/stages/lib/low" "$tmp/tree/stages/lib/high"
cd "$tmp/tree" || exit 1

# file NAME LINE...: its lines, under stages/
file() { name=$1; shift; printf '%s\n' "$@" >"stages/$name"; }
file one.c '#include "high/sum.h"' '#include <math.h>' '#define REVISION 3 /* raise */'
file two.c '#include "low/base.h"' '#define REVISION 1'
file none.c '#include "high/sum.h"'
file lib/low/base.h '/* nothing */'
file lib/low/base.c '#include "low/base.h"' '#define REVISION 1'
file lib/low/lone.c '#include "low/inner.h"' '#define REVISION 1'
file lib/low/inner.h 'int inner;'
file lib/high/sum.h '#include "low/base.h"'
file lib/high/sum.c '#include "high/sum.h"' '#include "low/inner.h"' '#define REVISION 1'
file lib/high/sum-part.c '#include "high/sum.h"' '#define REVISION 1'
file lib/high/sum-int8.h '#include "high/sum.h"'
file lib/high/sum-int8.c '#include "high/sum-int8.h"' '#define REVISION 1'

stamps() { "$uses" revisions stages/*.c | tr '\n' ' '; }
# raised FILE EXPECTED: what the stamps are while FILE has revision 2
raised() {
	cp "stages/$1" "$tmp/keep"
	sed -i 's/^#define REVISION 1/#define REVISION 2/' "stages/$1"
	got=$(stamps)
	cp "$tmp/keep" "stages/$1"
	[ "$got" = "$2 " ] || { echo "$got" >&2; return 1; }
}
is 'where no module was raised, a program states its own revision'     test "$(stamps)" = 'one:3 two:1 '
is 'a module counts for whoever includes its header, far or near'      raised lib/low/base.c 'one:3,base=2 two:1,base=2'
is 'a part without a header of its own counts with the module it names' raised lib/high/sum-part.c 'one:3,sum-part=2 two:1'
is 'one with its own header does not'                                  raised lib/high/sum-int8.c 'one:3 two:1'
is 'what has neither counts with a header of its room that it includes' raised lib/low/lone.c 'one:3,lone=2 two:1'
sed -i 's/REVISION 1/REVISION 12/' stages/lib/high/sum.c stages/lib/low/base.c
is 'several are sorted by name'                                        test "$(stamps)" = 'one:3,base=12,sum=12 two:1,base=12 '
is 'sources are those of the modules used'                             test "$("$uses" sources stages/two.c)" = stages/lib/low/base.c
is '... however they are reached'                                      test "$("$uses" sources stages/one.c | wc -l)" = 4
cd "$OLDPWD" || exit 1

# This tree: what makes numbers states a revision, and each revision is in the stamp of some program
silent='base cli conf cpu manual progress threads csv npz policy cifar idx buffers checkpoint onednn history write proto import score histograms features text-table escape hash trace agent agent-conf kept results cost-grid net-tile tensor policy-json duration pace trial pointwise recipe results-text kind step'
stated() {
	for f in stages/lib/*/*.h; do
		name=$(basename "$f" .h)
		case " $silent " in *" $name "*) continue ;; esac
		[ ! -e "${f%.h}.c" ] || grep -q '^#define REVISION [0-9]' "${f%.h}.c" || { echo "${f%.h}.c states no REVISION, and is not among those that make no numbers" >&2; return 1; }
	done
}
# ... those that make none, or are part of one that does
is 'modules that make numbers state their revision' stated
"$uses" sources stages/*.c >"$tmp/used"
is 'every revision reaches a program' sh -c "! ( grep -l '^#define REVISION' stages/lib/*/*.c | grep -v -x -F -f '$tmp/used' >&2 )"
fast() {
	from=$(date +%s%N)
	for i in 1 2 3 4 5 6 7 8 9 10; do "$uses" revisions stages/*.c >/dev/null; done
	to=$(date +%s%N)
	[ $(((to - from) / 10000000)) -lt 500 ]         # milliseconds each, on whatever machine; 20 on a quiet one
}
is "this is asked at every make: of $real lines in a moment" fast
finish
