#!/bin/sh
# forecast.sh - experiments/rules/forecast.sh: what it makes of a dry run, with a measure-speed of our own.
. tests/shell.inc
rules=$PWD/experiments/rules
mkdir -p "$tmp/bin" "$tmp/data/networks" "$tmp/data/set" "$tmp/conf"
cd "$tmp"
touch data/networks/a-set.csv data/networks/b-set.csv
# 100 s of an image of training, 10 s of one that is finetuned, 1 s of one that is scored; nothing else takes time
cat >bin/measure-speed <<'END'
#!/bin/sh
echo "$*" >>measured
while [ "$1" != -o ]; do shift; done
printf 'what,seconds,seconds_per_image\nstart,0,0\nquantize,0,0\nfinetune,0,10\ntrain,0,100\nevaluate,0,1\n' >"$2"
END
chmod +x bin/measure-speed
touch -d '1 minute ago' bin/measure-speed data/networks/*
printf 'images = 0\nbatch = 4\nepochs = 1\nstorage = bfloat16\n' >conf/search.conf
printf 'images = 8\nbatch = 4\nepochs = 2\nstorage = float32\n' >conf/train.conf
printf 'agent = sensitivity\n' >conf/agent.conf

# what make -n prints
pack()    { echo "bin/bin/pack-images --idx /x --take $2 -o data/set/$1.npz"; }
train()   { printf 'x/bin/finetune -n data/networks/%s.csv -d data/set/train.npz -c conf/train.conf -s 1 \\\n  -o data/weights/%s.npz\n' "$1" "$1${2:-}"; }
baseline() { echo "x/bin/evaluate -n data/networks/$1.csv -w data/weights/$1$2.npz -d data/set/reward.npz -o out/$1/${3}full-precision.score.csv"; }
episode() {     # NETWORK SEED NUMBER
	path=out/$1/hw/latency-w4a4/seed-$2/$3
	echo "x/bin/ddpg-step act -n data/networks/$1.csv -c conf/agent.conf -o $path.policy.csv"
	echo "x/bin/finetune -n data/networks/$1.csv -w $path.quant.npz -p $path.policy.csv -d data/set/tune.npz -c conf/search.conf -o $path.tuned.npz"
	echo "x/bin/evaluate -n data/networks/$1.csv -w $path.tuned.npz -p $path.policy.csv -d data/set/reward.npz -o $path.score.csv"
}
parts()   { pack train 100; pack tune 9; pack reward 20; }
# says JOBS TEXT: of what is on standard input
says()    { said=$("$rules/forecast.sh" bin speed "$1" 4 out table) || return 1; [ "$said" = "$2" ] || { echo "said: $said" >&2; return 1; }; }
with_threads() { THREADS=$1; export THREADS; shift; says "$@"; rc=$?; unset THREADS; return $rc; }
here='on this machine'

# an episode: 8 of 9 images in whole batches, 20 scored: 100 s
{ parts; echo "cc -o x/bin/finetune x/finetune.o"; episode a-set 1 0001; episode a-set 1 0002; } >plan
is 'episodes: their images in whole batches, those of rewards'  says 1 "table: 1 search of 2 episodes: about 3 min $here (1 job at once)" <plan
is '... one after the other, whatever the jobs'                 says 2 "table: 1 search of 2 episodes: about 3 min $here (2 jobs at once)" <plan
# all 9 images run forward for statistics: 30 s an episode more; by a teacher so do the 8 that are trained on, 27 s
echo 'statistics_images = 36' >>conf/search.conf
is 'statistics cost a run forward'                              says 1 "table: 1 search of 2 episodes: about 4 min $here (1 job at once)" <plan
echo 'distillation = 0.5' >>conf/search.conf
is '... and so does a teacher'                                  says 1 "table: 1 search of 2 episodes: about 5 min $here (1 job at once)" <plan
sed -i '/^statistics_images/d; /^distillation/d' conf/search.conf
is '... but threads share images'                               with_threads 2 1 '' <plan
is 'what show-progress knows of it'                             grep -qx 'a-set,100,' out/.rev/times.csv
is 'a network is measured once, as its settings say'            test "$(cat measured)" = '-n data/networks/a-set.csv --finetune bfloat16 --train float32 -o '"$(ls speed/*/a-set-*.csv)"
touch data/networks/a-set.csv; says 1 x <plan 2>/dev/null || :
is '... and again when it changed'                              test "$(wc -l <measured)" = 2
touch -d '1 minute ago' data/networks/a-set.csv
touch bin/measure-speed; sleep 0.01; says 1 x <plan 2>/dev/null || :
is '... or the programs did'                                    test "$(wc -l <measured)" = 3
says 1 x <plan 2>/dev/null || :
is '... but not else'                                           test "$(wc -l <measured)" = 3

sed -i 's/bfloat16/float32/' conf/search.conf; says 1 x <plan 2>/dev/null || :
is '... or the settings said otherwise'                         test "$(wc -l <measured)" = 4
sed -i 's/float32/bfloat16/' conf/search.conf
{ parts; episode a-set 1 0001; } >plan
is 'what takes no two minutes is not worth a word'              says 1 '' <plan
echo 'cc -o x/bin/finetune x/finetune.o' >plan
is 'nor what trains and scores nothing'                         says 1 '' <plan
{ parts; for k in 0001 0002 0003; do episode a-set 1 $k; episode a-set 2 $k; done; } >plan
is 'searches share jobs'                                        says 2 "table: 2 searches of 3 episodes: about 5 min $here (2 jobs at once)" <plan
{ parts; for k in 1 2 3 4 5 6 7 8; do episode a-set $k 0001; episode a-set $k 0002; done; } >many
is '... which are no faster than there are cores'               says 100 "table: 8 searches of 2 episodes: about 7 min $here (100 jobs at once)" <many
{ cat plan; episode a-set 2 0004; } >longer
is 'searches of several lengths'                                says 1 "table: 2 searches of 7 episodes in all: about 12 min $here (1 job at once)" <longer
# 8 images, twice: 1600 s
{ parts; train a-set; train b-set; for k in 0001 0002 0003; do episode a-set 1 $k; done; } >plan
is 'networks are trained before'                                says 2 "table: 1 search of 3 episodes and 2 networks to train: about 32 min $here (2 jobs at once)" <plan
is '... one after the other where there is one job'             says 1 "table: 1 search of 3 episodes and 2 networks to train: about 58 min $here (1 job at once)" <plan
# two seeds: each has its training of 1600 s, its baseline, 20 images of 100 s / 3, and its search
{ parts; train a-set; train a-set .seed-2; baseline a-set '' ''; baseline a-set .seed-2 seed-2.
  for k in 0001 0002 0003; do episode a-set 1 $k; episode a-set 2 $k; done; } >plan
is 'weights of each seed are trained, a job each'               says 2 "table: 2 searches of 3 episodes and 2 networks to train: about 43 min $here (2 jobs at once)" <plan
is '... and are no part of what a score takes'                  grep -qx 'a-set,100,' out/.rev/times.csv
{ parts; train a-set; train a-set .seed-2; episode a-set 1 0001; for k in 1 2 3 4 5 6 7 8 9; do episode a-set 2 000$k; done; } >plan
is 'a search waits for the weights of its seed'                 says 4 "table: 2 searches of 10 episodes in all and 2 networks to train: about 42 min $here (4 jobs at once)" <plan
{ parts; train a-set; train b-set; train a-set; train b-set; train a-set; } >plan
is 'hours and minutes'                                          says 1 "table: 2 networks to train: about 2 h 13 min $here (1 job at once)" <plan
{ parts; episode a-set 1 best-0002; episode a-set 2 best-0002; } >plan
is 'policies without a search'                                  says 1 "table: 2 policies to score: about 3 min $here (1 job at once)" <plan
is '... and what one takes'                                     grep -qx 'a-set,,100' out/.rev/times.csv
{ parts; episode a-set 1 0001; episode c-set 1 0001; episode a-set 1 0002; } >plan
is 'a network that is yet to be imported takes some time too'   says 1 "table: 1 search of 2 episodes: more than 3 min $here (1 job at once)" <plan
sed -i 's/sensitivity/ddpg/' conf/agent.conf
sed -i 's/start,0,0/start,10,0/' bin/measure-speed
{ parts; episode a-set 1 0001; } >plan
is "what DDPG's learning takes"                                 says 1 "table: 1 search of 1 episode: about 4 min $here (1 job at once)" <plan
sed -i 's/ddpg/sensitivity/' conf/agent.conf; sed -i 's/start,10,0/start,0,0/' bin/measure-speed
brief() {       # NETWORK POLICY VARIANT DRAW
	path=out/$1/hw/latency-w4a4/rank/seed-1/$2.$3.draw-$4 conf=conf/search.conf
	[ "$3" = search ] || { conf=$path.conf; echo "experiments/rules/vary.sh conf/search.conf $3 $conf"; }
	echo "x/bin/finetune -n data/networks/$1.csv -w $path.quant.npz -p x.policy.csv -d data/set/tune.npz -c $conf -s $4 -o $path.tuned.npz"
	echo "x/bin/evaluate -n data/networks/$1.csv -w $path.tuned.npz -p x.policy.csv -d data/set/reward.npz -o $path.brief.csv"
}
{ parts; for d in 1 2 3; do brief a-set drawn-01 search $d; done; } >plan
is 'brief scores of a policy, each as an episode'               says 1 "table: 3 brief scores: about 5 min $here (1 job at once)" <plan
is '... side by side, unlike episodes'                          says 3 '' <plan
{ parts; brief a-set drawn-01 epochs-3+batch-3 1; } >plan
is '... by settings that are yet to be written'                 says 1 "table: 1 brief score: about 5 min $here (1 job at once)" <plan
{ parts; for k in 1 2; do brief a-set drawn-0$k search 1; episode a-set 1 rank/seed-1/drawn-0$k; done; episode a-set 1 0001; } >plan
is '... with searches, and policies that do not wait either'    says 4 "table: 1 search of 1 episode and 2 brief scores and 2 policies to score: about 2 min $here (4 jobs at once)" <plan
is 'all is left in its place'                                   test -z "$(find out speed -name '*.new' -o -name '*.tmp*')"
cd "$OLDPWD"
finish
