#!/bin/sh
. tests/shell.inc
. tests/tiny.inc
finetune=$BIN/finetune

usual "$finetune"
conf "$tmp/f.conf"
conf "$tmp/none.conf" epochs=0
refuses_outputs "$finetune" -n $net -d "$tmp/train.npz" -c "$tmp/none.conf" -s 1

tune() {        # tune OUT SEED OPTION...
	out=$1 with=$2; shift 2
	"$finetune" -n $net -d "$tmp/train.npz" -c "$tmp/f.conf" -s "$with" -o "$out" "$@"
}
exits 0 '' 'trains from nothing without a word' tune "$tmp/a.npz" 1
is 'a sound archive' unzip -tq "$tmp/a.npz"
tune "$tmp/b.npz" 1
is 'the same seed, the same bytes' cmp "$tmp/a.npz" "$tmp/b.npz"
OMP_NUM_THREADS=2 tune "$tmp/b.npz" 1
is 'two threads, the same bytes' cmp "$tmp/a.npz" "$tmp/b.npz"
OMP_NUM_THREADS=3 tune "$tmp/b.npz" 1
is 'more threads than parts of a batch, the same bytes' cmp "$tmp/a.npz" "$tmp/b.npz"
tune "$tmp/b.npz" 2
is 'another seed, other weights' differ "$tmp/a.npz" "$tmp/b.npz"

"$BIN/finetune" -n $net -d "$tmp/train.npz" -c "$tmp/none.conf" -s 1 -o "$tmp/start.npz"
"$BIN/finetune" -n $net -d "$tmp/train.npz" -c "$tmp/none.conf" -s 9 -w "$tmp/start.npz" -o "$tmp/same.npz"
is 'no epochs leave the weights as they were' cmp "$tmp/start.npz" "$tmp/same.npz"
loss_of() {
	"$BIN/evaluate" -n $net -w "$1" -d "$tmp/train.npz" -o "$tmp/score.csv"
	sed -n '2s/.*,//p' "$tmp/score.csv"
}
is 'training lowers the loss' less "$(loss_of "$tmp/a.npz")" "$(loss_of "$tmp/start.npz")"

conf "$tmp/f.conf" learn_clips=yes
quant
exits 0 '' 'trains quantized without a word' tune "$tmp/a.npz" 1 -w "$tmp/q.npz" -p "$tmp/w4a4.csv"
OMP_NUM_THREADS=2 tune "$tmp/b.npz" 1 -w "$tmp/q.npz" -p "$tmp/w4a4.csv"
is 'quantized, two threads, the same bytes' cmp "$tmp/a.npz" "$tmp/b.npz"
is 'ranges learn where they are told to' differ_member fc.activation_clip "$tmp/a.npz" "$tmp/q.npz"
conf "$tmp/f.conf"
tune "$tmp/b.npz" 1 -w "$tmp/q.npz" -p "$tmp/w4a4.csv"
is 'and stay where not' same_member fc.activation_clip "$tmp/b.npz" "$tmp/q.npz"

conf "$tmp/f.conf" storage=bfloat16
exits 0 '' 'keeps numbers in 16 bits without a word' tune "$tmp/a.npz" 1 -w "$tmp/q.npz" -p "$tmp/w4a4.csv"
OMP_NUM_THREADS=2 tune "$tmp/c.npz" 1 -w "$tmp/q.npz" -p "$tmp/w4a4.csv"
is 'in 16 bits, two threads, the same bytes' cmp "$tmp/a.npz" "$tmp/c.npz"
is 'in 16 bits, other numbers than in 32' differ "$tmp/a.npz" "$tmp/b.npz"
conf "$tmp/f.conf"

conf "$tmp/f.conf" crop=3
tune "$tmp/b.npz" 1
conf "$tmp/f.conf"
tune "$tmp/a.npz" 1
is 'images off their centre give other weights' differ "$tmp/a.npz" "$tmp/b.npz"
conf "$tmp/f.conf" label_smoothing=0.1
tune "$tmp/b.npz" 1
is 'so do smoothed labels' differ "$tmp/a.npz" "$tmp/b.npz"
for change in init_gain=0.5 momentum=0.8 nesterov=yes weight_decay=1e-2 decay_batch_norm=no schedule=constant warmup=0 flip=no cutout=8; do
	conf "$tmp/f.conf" $change
	tune "$tmp/b.npz" 1
	is "so does $change" differ "$tmp/a.npz" "$tmp/b.npz"
done
conf "$tmp/f.conf" crop=2
tune "$tmp/a.npz" 1
conf "$tmp/f.conf" crop=2 border=reflect
tune "$tmp/b.npz" 1
is 'and what lies outside of an image' differ "$tmp/a.npz" "$tmp/b.npz"
# one step, by which the switches tell themselves
one="images=64 momentum=1 warmup=0 schedule=constant"
conf "$tmp/f.conf" $one nesterov=yes learning_rate=0.0625 weight_decay=0
tune "$tmp/a.npz" 1
conf "$tmp/f.conf" $one nesterov=no learning_rate=0.125 weight_decay=0
tune "$tmp/b.npz" 1
is "a first step is twice as long, Nesterov's momentum being 1" cmp "$tmp/a.npz" "$tmp/b.npz"
conf "$tmp/f.conf" $one learning_rate=0.125 weight_decay=0.5 decay_batch_norm=no
tune "$tmp/a.npz" 1
is 'gamma does not decay where batch norm does not' same_member b1.pw.gamma "$tmp/a.npz" "$tmp/b.npz"
is 'but weights do' differ_member b1.pw.weight "$tmp/a.npz" "$tmp/b.npz"
sed 's/^image,input,,1,28/image,input,,1,24/' $net >"$tmp/smaller.csv"
conf "$tmp/f.conf" crop=2
exits 0 '' 'a network may read less than the whole image' "$finetune" -n "$tmp/smaller.csv" -d "$tmp/train.npz" -c "$tmp/f.conf" -s 1 -o "$tmp/a.npz"
OMP_NUM_THREADS=2 "$finetune" -n "$tmp/smaller.csv" -d "$tmp/train.npz" -c "$tmp/f.conf" -s 1 -o "$tmp/b.npz"
is 'cut at random, two threads, the same bytes' cmp "$tmp/a.npz" "$tmp/b.npz"

# interrupted, anywhere: it goes on from its last checkpoint
conf "$tmp/f.conf" epochs=3 images=256 crop=2
tune "$tmp/a.npz" 1
rm "$tmp/c.npz"
tune "$tmp/b.npz" 1 --checkpoint "$tmp/c.npz" --checkpoint-seconds 0
is 'checkpoints change nothing' cmp "$tmp/a.npz" "$tmp/b.npz"
is 'and are gone at the end' test ! -e "$tmp/c.npz"
interrupted() {         # interrupted OUT OPTION...: by kill -9, once it has a checkpoint; longer training where it was done by then
	out=$1; shift
	for epochs in 12 48 192 768; do
		sed -i "s/^epochs = .*/epochs = $epochs/" "$tmp/f.conf"
		rm -f "$out" "$tmp/c.npz"
		"$finetune" -n $net -d "$tmp/train.npz" -c "$tmp/f.conf" -s 1 -o "$out" --checkpoint "$tmp/c.npz" --checkpoint-seconds 0 "$@" &
		pid=$!                  # of the program itself, not of a shell around it
		while [ ! -e "$tmp/c.npz" ] && kill -0 $pid 2>/dev/null; do
			sleep 0.01
		done
		kill -9 $pid 2>/dev/null
		wait $pid 2>/dev/null
		[ ! -e "$tmp/c.npz" ] || [ -e "$out" ] || return 0
	done
	return 1
}
rm -f "$tmp/b.npz"
conf "$tmp/f.conf" epochs=12 images=256 crop=2
is 'killed in the middle' interrupted "$tmp/b.npz"
cp "$tmp/c.npz" "$tmp/kept.npz"
is 'a checkpoint can be evaluated' "$BIN/evaluate" -n $net -w "$tmp/c.npz" -d "$tmp/train.npz" -o "$tmp/score.csv"
tune "$tmp/b.npz" 1 --checkpoint "$tmp/c.npz" --verbose --log "$tmp/log" 2>"$tmp/err"
is 'says that it goes on' grep -q 'goes on from step [0-9]* of [0-9]*' "$tmp/err"
is 'and into a log as well' grep -q 'goes on from step [0-9]* of [0-9]*' "$tmp/log"
tune "$tmp/a.npz" 1
is 'an interrupted training ends with the same bytes' cmp "$tmp/a.npz" "$tmp/b.npz"
begins_anew() {         # begins_anew WHAT SEED OPTION...
	what=$1; shift
	cp "$tmp/kept.npz" "$tmp/c.npz"
	exits 0 'c.npz: of another training; begun anew' "$what begins anew" tune "$tmp/b.npz" "$@" --checkpoint "$tmp/c.npz"
}
"$BIN/pack-images" -i $idx -p train -s 1 -t 639 -o "$tmp/fewer.npz"
begins_anew 'training by another seed' 2
begins_anew 'training from weights' 1 -w "$tmp/start.npz"
cp "$tmp/kept.npz" "$tmp/c.npz"
exits 0 'c.npz: of another training; begun anew' 'training on other images begins anew' \
	"$finetune" -n $net -d "$tmp/fewer.npz" -c "$tmp/f.conf" -s 1 -o "$tmp/b.npz" --checkpoint "$tmp/c.npz"
conf "$tmp/f.conf" epochs=2 images=256 crop=2
tune "$tmp/a.npz" 1
begins_anew 'training by other settings' 1
is 'from its beginning' cmp "$tmp/a.npz" "$tmp/b.npz"
cp "$tmp/a.npz" "$tmp/c.npz"
exits 1 'c.npz is no checkpoint, and would be replaced' 'replaces nothing but checkpoints' tune "$tmp/b.npz" 1 --checkpoint "$tmp/c.npz"
is 'and leaves it' cmp "$tmp/a.npz" "$tmp/c.npz"
exits 2 '--output and --checkpoint are the same file' 'keeps checkpoints beside the outcome' tune "$tmp/none.npz" 1 --checkpoint "$tmp/none.npz"
exits 2 '--output and --checkpoint are the same file' 'by whatever name' tune "$tmp/none.npz" 1 --checkpoint "$tmp/./none.npz"
exits 2 '--output and --log are the same file' 'and no log in its place' tune "$tmp/none.npz" 1 --log "$tmp/none.npz"
printf 'images = 0\n' >"$tmp/notes"
exits 1 'notes is no checkpoint, and would be replaced' 'replaces no file of another kind' tune "$tmp/none.npz" 1 --checkpoint "$tmp/notes"
is 'it is still there' grep -q images "$tmp/notes"
damaged "$tmp/kept.npz" >"$tmp/c.npz"
exits 0 'c.npz: .*; begun anew' 'so does one whose checkpoint is damaged' tune "$tmp/b.npz" 1 --checkpoint "$tmp/c.npz"
is 'from its beginning too' cmp "$tmp/a.npz" "$tmp/b.npz"
rm -f "$tmp/kept.npz"
conf "$tmp/f.conf" epochs=12 images=256 learn_clips=yes storage=bfloat16
rm -f "$tmp/b.npz"
is 'a quantized one, killed' interrupted "$tmp/b.npz" -w "$tmp/q.npz" -p "$tmp/w4a4.csv"
tune "$tmp/b.npz" 1 --checkpoint "$tmp/c.npz" -w "$tmp/q.npz" -p "$tmp/w4a4.csv"
tune "$tmp/a.npz" 1 -w "$tmp/q.npz" -p "$tmp/w4a4.csv"
is 'ends with the same bytes' cmp "$tmp/a.npz" "$tmp/b.npz"
conf "$tmp/f.conf"

# --- how ranges learn: PACT's gradient or LSQ's, those of weights too
q() { out=$1; shift; tune "$out" 1 -w "$tmp/q.npz" -p "$tmp/w4a4.csv" "$@"; }
conf "$tmp/f.conf" learn_clips=yes
q "$tmp/a.npz"
conf "$tmp/f.conf" learn_clips=yes clip_gradient=lsq
q "$tmp/b.npz"
is 'LSQ has other ranges than PACT' differ_member b1.pw.activation_clip "$tmp/a.npz" "$tmp/b.npz"
is 'those of weights stay' same_member b1.pw.weight_clip "$tmp/b.npz" "$tmp/q.npz"
conf "$tmp/f.conf" learn_weight_clips=yes
q "$tmp/b.npz"
is '... until they learn' differ_member b1.pw.weight_clip "$tmp/b.npz" "$tmp/q.npz"
OMP_NUM_THREADS=2 q "$tmp/c.npz"
is '... with two threads, the same bytes' cmp "$tmp/b.npz" "$tmp/c.npz"
"$BIN/quantize" -n $net -w "$tmp/w.npz" -p "$tmp/w4a4.csv" -a "$tmp/h.npz" --ranges kernel -o "$tmp/kernels.npz"
tune "$tmp/c.npz" 1 -w "$tmp/kernels.npz" -p "$tmp/w4a4.csv"
is 'and so do those of kernels' differ_member b1.pw.weight_clip "$tmp/c.npz" "$tmp/kernels.npz"
# kernels of 3 and 4 bits in turn, and 8 in the first layer and the last
awk 'BEGIN { for (k = 0; k < 90; k++) printf "%c", (k < 8 || k >= 80 ? 8 : 3 + k % 2) }' | npy_bytes "$tmp/bits.npy" 90
"$BIN/quantize" -n $net -w "$tmp/w.npz" -p "$tmp/w4a4.csv" -k "$tmp/bits.npy" -a "$tmp/h.npz" --ranges layer -o "$tmp/shared.npz"
tune "$tmp/c.npz" 1 -w "$tmp/shared.npz" -p "$tmp/w4a4.csv" -k "$tmp/bits.npy"
is 'and the one of kernels of different bits' differ_member b1.pw.weight_clip "$tmp/c.npz" "$tmp/shared.npz"
tune "$tmp/b.npz" 1 -w "$tmp/shared.npz" -p "$tmp/w4a4.csv"
is '... otherwise than that of equal bits' differ_member b1.pw.weight_clip "$tmp/b.npz" "$tmp/c.npz"

# --- statistics of batch norms: frozen, or taken anew
conf "$tmp/f.conf"
q "$tmp/a.npz"
conf "$tmp/f.conf" freeze_statistics=1
q "$tmp/b.npz"
is 'frozen statistics stay' same_member b1.dw.mean "$tmp/b.npz" "$tmp/q.npz"
is '... while gamma learns' differ_member b1.dw.gamma "$tmp/b.npz" "$tmp/q.npz"
conf "$tmp/f.conf" freeze_statistics=0.3
q "$tmp/b.npz"
is 'frozen for the last steps, they are others than running ones' differ_member b1.dw.mean "$tmp/a.npz" "$tmp/b.npz"
is '... and than those of the beginning' differ_member b1.dw.mean "$tmp/b.npz" "$tmp/q.npz"
conf "$tmp/f.conf" statistics_images=640
exits 0 '' 'statistics are taken anew without a word' q "$tmp/b.npz"
is '... of weights that are as they were' same_member b1.dw.weight "$tmp/a.npz" "$tmp/b.npz"
is '... and means that are not' differ_member b1.dw.mean "$tmp/a.npz" "$tmp/b.npz"
OMP_NUM_THREADS=2 q "$tmp/c.npz"
is '... with two threads, the same bytes' cmp "$tmp/b.npz" "$tmp/c.npz"
conf "$tmp/f.conf" statistics_images=640 epochs=0
q "$tmp/b.npz"
tune "$tmp/c.npz" 2 -w "$tmp/q.npz" -p "$tmp/w4a4.csv"
is 'of all images, whatever their order, they are the same to rounding' test "$(loss_of "$tmp/b.npz" | cut -c1-5)" = "$(loss_of "$tmp/c.npz" | cut -c1-5)"
conf "$tmp/f.conf" statistics_images=39 epochs=0
exits 0 'statistics of 38 images' 'images are shared evenly' q "$tmp/b.npz" --verbose
conf "$tmp/f.conf" statistics_images=9 epochs=0
exits 0 'statistics of 9 images' 'fewer than that as they are' q "$tmp/b.npz" --verbose
# with a rate of 1 and a step in each image they lag behind: they are those of other weights
conf "$tmp/f.conf" learning_rate=0.5 schedule=constant warmup=0 epochs=12 momentum=0.95
tune "$tmp/b.npz" 1 2>"$tmp/err"
is 'a network that is not what it was in training is told' grep -q "b.npz: the loss of its training images is [0-9.]* as they are evaluated, [0-9.]* in training" "$tmp/err"
conf "$tmp/f.conf" learning_rate=0.5 schedule=constant warmup=0 epochs=12 momentum=0.95 statistics_images=640
exits 0 '' 'with new statistics it is what it was' tune "$tmp/b.npz" 1

# --- a teacher
"$BIN/quantize" -n $net -w "$tmp/w.npz" -p "$tmp/w4a4.csv" --codebook -o "$tmp/book.npz"
conf "$tmp/f.conf" distillation=0.5
q "$tmp/b.npz" --teacher "$tmp/w.npz"
is 'what a teacher answers is learnt' differ "$tmp/a.npz" "$tmp/b.npz"
OMP_NUM_THREADS=2 q "$tmp/c.npz" --teacher "$tmp/w.npz"
is '... with two threads, the same bytes' cmp "$tmp/b.npz" "$tmp/c.npz"
exits 1 'f.conf: distillation = 0.5 needs --teacher' 'distillation wants a teacher' q "$tmp/x"
conf "$tmp/f.conf"
exits 1 'f.conf: distillation = 0 makes no use of --teacher' 'a teacher wants distillation' q "$tmp/x" --teacher "$tmp/w.npz"
conf "$tmp/f.conf" distillation=0.5
exits 1 'book.npz: weights with a codebook; expected a teacher in full precision' 'a codebook is no teacher' q "$tmp/x" --teacher "$tmp/book.npz"
conf "$tmp/f.conf" distillation=1 epochs=3 images=256
tune "$tmp/b.npz" 1 -w "$tmp/q.npz" -p "$tmp/w4a4.csv" --teacher "$tmp/w.npz"
tune "$tmp/c.npz" 1 -w "$tmp/q.npz" -p "$tmp/w4a4.csv" --teacher "$tmp/w.npz" --checkpoint "$tmp/t.npz" --checkpoint-seconds 0
is 'checkpoints change nothing of it' cmp "$tmp/b.npz" "$tmp/c.npz"
conf "$tmp/f.conf"

# --- codebooks
exits 0 '' 'trains a codebook without a word' tune "$tmp/a.npz" 1 -w "$tmp/book.npz"
OMP_NUM_THREADS=2 tune "$tmp/c.npz" 1 -w "$tmp/book.npz"
is 'a codebook, two threads, the same bytes' cmp "$tmp/a.npz" "$tmp/c.npz"
is 'values stay shared' test "$(unzip -p "$tmp/a.npz" b1.pw.weight.npy | tail -c $((16 * 8 * 4)) | od -A n -v -t f4 -w4 | sort -u | wc -l)" -eq 16
is 'and by the same weights' same_member b1.pw.cluster "$tmp/a.npz" "$tmp/book.npz"
is 'values learn' differ_member b1.pw.weight "$tmp/a.npz" "$tmp/book.npz"
conf "$tmp/f.conf" statistics_images=640
tune "$tmp/b.npz" 1 -w "$tmp/book.npz"
is 'statistics of a codebook are taken anew' differ_member b1.pw.mean "$tmp/a.npz" "$tmp/b.npz"
is '... without another value' same_member b1.pw.weight "$tmp/a.npz" "$tmp/b.npz"
conf "$tmp/f.conf"

fails() {
	pattern=$1 text=$2; shift 2
	exits 1 "$pattern" "$text" with "$finetune" "-n $net -d $tmp/train.npz -c $tmp/f.conf -s 1 -o $tmp/x" "$@"
}
conf "$tmp/bad.conf" shards=3
fails '3 shards do not divide a batch of 64' 'shards divide a batch' -c "$tmp/bad.conf"
conf "$tmp/bad.conf" batch=1024
fails 'a batch of 1024 needs more than 640 images' 'a batch is not larger than all images' -c "$tmp/bad.conf"
conf "$tmp/bad.conf" learning_rate=10 warmup=0 weight_decay=1 epochs=20
fails 'the loss is not finite at step [0-9]* of 200: lower learning_rate in' 'says when training diverges' -c "$tmp/bad.conf"
sed 's/^momentum/momentun/' "$tmp/f.conf" >"$tmp/bad.conf"
fails "bad.conf.*momentun" 'names a key misspelt' -c "$tmp/bad.conf"
grep -v '^flip' "$tmp/f.conf" >"$tmp/bad.conf"
fails "bad.conf.*flip" 'names a key that is missing' -c "$tmp/bad.conf"
fails "layer 'conv1' has no clipping range: run quantize" 'no policy without ranges' -w "$tmp/start.npz" -p "$tmp/w4a4.csv"
fails 'book.npz: weights with a codebook have their bits already' 'no policy for a codebook' -w "$tmp/book.npz" -p "$tmp/w4a4.csv"
bad_inputs fails "$tmp/q.npz"
bad_images fails
is 'what failed left nothing behind' test -z "$(find "$tmp" -name 'x*')"
finish
