#!/bin/sh
# numbers.sh - do changed numbers without a raised revision stand out?  Golden numbers and revisions of a copy are changed.
. tests/shell.inc
case $BIN in /*) ;; *) BIN=$PWD/$BIN ;; esac
numbers=${BIN%/bin}/tests/numbers
golden=tests/golden/numbers.csv
root=$PWD
mkdir -p "$tmp/tree/tests/golden" && cd "$tmp/tree" || exit 1
cp -r "$root/stages" . && ln -s "$root/data" "$root/hwmodels" .
fresh() { cp "$root/$golden" $golden; rm -r stages; cp -r "$root/stages" .; }
other() { sed -i "s/^\($1,[0-9]*,[^,]*\),[^,]*/\1,77/" $golden; }           # MODULE: its golden numbers
raise() { sed -i 's/^#define REVISION .*/#define REVISION 9/' "$(ls stages/lib/*/"$1.c")"; }
# says LINE: a failure with this line, and as many complaints as said
says() {
	if "$numbers" >"$tmp/said"; then return 1; fi
	grep -q "^# $1" "$tmp/said" && [ "$(grep -c '^not ok' "$tmp/said")" = "$2" ] || { grep -v '^ok' "$tmp/said" >&2; return 1; }
}

fresh;                       is 'numbers are what they were'                             "$numbers"
revision=$(sed -n 's/^#define REVISION \([0-9]*\).*/\1/p' stages/lib/model/quantizer.c)
other quantizer;             is 'changed numbers ask for a revision and say where'       says "numbers of quantizer changed, its REVISION is still $revision: raise it in stages/lib/model/quantizer.c, then make golden-numbers" 1
exits 1 "numbers of quantizer changed, its REVISION is still $revision" 'golden numbers are not made over that' "$numbers" --write
other net;                   is '... what computes by it is not blamed'                  says 'numbers of net changed, by those of quantizer that it uses' 2
raise quantizer;             is 'a raised revision asks for golden numbers'              says "stages/lib/model/quantizer.c has REVISION 9, golden numbers are those of $revision: make golden-numbers" 2
is '... which can be made'                                                               sh -c "'$numbers' --write >made && mv made $golden && '$numbers'"
fresh; sed -i '/^kmeans,/d' $golden; is 'a module without golden numbers is told'        says 'stages/lib/model/kmeans.c has no golden numbers yet: make golden-numbers' 1
fresh; sed -i 's/^\(kmeans,[0-9]*\),centroids of 2 bits: size/\1,centroids of nothing/' $golden
is '... and a number that is not computed any more'                                      says 'numbers of kmeans changed' 1
fresh; sed -i '/^kmeans,.*centroids of 2 bits: size/d' $golden
is '... and one more asks for golden numbers alone'                                      says '1 numbers of kmeans are new: make golden-numbers' 1
is '... which can be made'                                                               sh -c "'$numbers' --write >made && mv made $golden && '$numbers' && grep -q '^kmeans,.*centroids of 2 bits: size' $golden"
fresh; raise fusion;         is 'a revision alone asks for golden numbers too'           says 'stages/lib/model/fusion.c has REVISION 9' 1
cd "$root" || exit 1

# every module with a revision is looked at, but those whose numbers only a whole program makes, which tests/stages compare
apart='kind-table simulator fold import export filelist pack cifar idx claims measures ranking search agent-mixed'
covered() {
	for f in $(grep -l '^#define REVISION' stages/lib/*/*.c); do
		name=$(basename "$f" .c)
		case " $apart " in *" $name "*) continue ;; esac
		grep -q "^$name," $golden || { echo "$f: REVISION, but no numbers in tests/numbers" >&2; return 1; }
	done
}
is 'numbers of all modules with a revision are looked at' covered
finish
