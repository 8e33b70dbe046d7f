#!/bin/sh
. tests/shell.inc
pack=$BIN/pack-images

# A data set of 10 training and 4 test images of 2 x 3 pixels: image i has pixels 10 i .. 10 i + 5 and label i % 3.
set_of() {
	awk -v n="$1" 'BEGIN {
		printf "\\000\\000\\010\\003\\000\\000\\000\\%03o\\000\\000\\000\\002\\000\\000\\000\\003", n
		for (i = 0; i < n; i++) for (p = 0; p < 6; p++) printf "\\%03o", 10 * i + p }' >"$tmp/escaped"
	printf "$(cat "$tmp/escaped")" >"$tmp/set/$2-images-idx3-ubyte"
	awk -v n="$1" 'BEGIN { printf "\\000\\000\\010\\001\\000\\000\\000\\%03o", n
		for (i = 0; i < n; i++) printf "\\%03o", i % 3 }' >"$tmp/escaped"
	printf "$(cat "$tmp/escaped")" >"$tmp/set/$2-labels-idx1-ubyte"
}
mkdir "$tmp/set"
set_of 10 train
set_of 4 t10k

# member FILE NAME: its bytes behind the header
member() {
	unzip -p "$1" "$2.npy" | tail -c "+$((1 + $3))" | od -A n -v -t "$4" | tr -s ' \n' ' '
}

usual "$pack"
refuses_outputs "$pack" --idx "$tmp/set" --part train
exits 2 'train or test' '--part takes two words' "$pack" -i "$tmp/set" -p validation -o "$tmp/x"
exits 2 'a seed, 0 or more' 'a seed is not negative' "$pack" -i "$tmp/set" -p train -s -2 -o "$tmp/x"

exits 0 '' 'a part is written without a word' "$pack" -i "$tmp/set" -p train -o "$tmp/all.npz"
is 'a sound archive' unzip -tq "$tmp/all.npz"
is 'labels, in the order of the file' test "$(member "$tmp/all.npz" labels 128 d4)" = ' 0 1 2 0 1 2 0 1 2 0 '
is 'classes' test "$(member "$tmp/all.npz" classes 128 d4)" = ' 3 '
is 'pixels of the last image' test "$(member "$tmp/all.npz" images $((128 + 54)) u1)" = ' 90 91 92 93 94 95 '
is 'mean: 47.5 / 255' test "$(member "$tmp/all.npz" mean 128 f4)" = ' 0.18627451 '

"$pack" -i "$tmp/set" -p train -f 8 -o "$tmp/end.npz"
is 'the last two' test "$(member "$tmp/end.npz" images 128 u1)" = ' 80 81 82 83 84 85 90 91 92 93 94 95 '
"$pack" -i "$tmp/set" -p test -o "$tmp/test.npz"
is 'test images' test "$(member "$tmp/test.npz" labels 128 d4)" = ' 0 1 2 0 '
for part in end test; do
	for name in mean std classes; do
		is "$part: $name of all training images" test \
			"$(member "$tmp/$part.npz" $name 128 x4)" = "$(member "$tmp/all.npz" $name 128 x4)"
	done
done

"$pack" -i "$tmp/set" -p train -s 5 -t 7 -o "$tmp/first.npz"
"$pack" -i "$tmp/set" -p train -s 5 -f 7 -o "$tmp/rest.npz"
"$pack" -i "$tmp/set" -p train -s 5 -o "$tmp/shuffled.npz"
"$pack" -i "$tmp/set" -p train -s 6 -o "$tmp/other.npz"
whole=$(member "$tmp/shuffled.npz" images 128 u1)
is 'parts of one permutation make the whole' test \
	"$(member "$tmp/first.npz" images 128 u1)$(member "$tmp/rest.npz" images 128 u1 | cut -c2-)" = "$whole"
is 'every image once' test "$(printf '%s' "$whole" | tr ' ' '\n' | sort -n)" = \
	"$(member "$tmp/all.npz" images 128 u1 | tr ' ' '\n' | sort -n)"
is 'shuffled' test "$whole" != "$(member "$tmp/all.npz" images 128 u1)"
is 'another seed, another order' test "$whole" != "$(member "$tmp/other.npz" images 128 u1)"
"$pack" -i "$tmp/set" -p train -s 5 -o "$tmp/again.npz"
is 'the same twice' cmp "$tmp/shuffled.npz" "$tmp/again.npz"

cp -r "$tmp/set" "$tmp/gz"
gzip "$tmp/gz/"*
"$pack" -i "$tmp/gz" -p train -o "$tmp/gz.npz"
is 'packed files give the same' cmp "$tmp/all.npz" "$tmp/gz.npz"

exits 1 'images 9 to 10 are asked for, where train has 10' 'no more than there are' \
	"$pack" -i "$tmp/set" -p train -f 9 -t 2 -o "$tmp/x"
exits 1 'where train has 10' 'from beyond the end' "$pack" -i "$tmp/set" -p train -f 10 -o "$tmp/x"
exits 1 'asked for' 'from before the start' "$pack" -i "$tmp/set" -p train -f -1 -o "$tmp/x"
exits 1 "no $tmp/none/train-images-idx3-ubyte.gz; .make deps. installs" 'names what is missing' \
	"$pack" -i "$tmp/none" -p train -o "$tmp/x"

damage() {      # damage TEXT PATTERN COMMAND...: on a copy of the data set
	text=$1 pattern=$2; shift 2
	rm -rf "$tmp/bad"
	cp -r "$tmp/set" "$tmp/bad"
	(cd "$tmp/bad" && "$@")
	exits 1 "$pattern" "$text" "$pack" -i "$tmp/bad" -p test -o "$tmp/x"
}
damage 'an empty file' 'train-labels-idx1-ubyte: not an IDX file' sh -c ': >train-labels-idx1-ubyte'
damage 'a file cut short' 't10k-images-idx3-ubyte: IDX of 5 bytes' sh -c \
	'head -c 21 t10k-images-idx3-ubyte >a && mv a t10k-images-idx3-ubyte'
damage 'more labels than images' '10 labels of 4 images' cp train-labels-idx1-ubyte t10k-labels-idx1-ubyte
damage 'images where labels belong' 'labels of 4 images' cp t10k-images-idx3-ubyte t10k-labels-idx1-ubyte
damage 'a .gz cut short' 'train-images-idx3-ubyte.gz: gzip data damaged' sh -c \
	'gzip train-images-idx3-ubyte && head -c 40 train-images-idx3-ubyte.gz >a && mv a train-images-idx3-ubyte.gz'
is 'what failed left nothing behind' test -z "$(find "$tmp" -name 'x*')"

# --- which source, and what belongs to it
exits 2 'none of --list' 'a source is needed' "$pack" -o "$tmp/x"
exits 2 'more than one of --list' 'one source only' "$pack" -i "$tmp/set" --list "$tmp/l.csv" -p test -o "$tmp/x"
exits 2 'train or test' 'IDX has parts' "$pack" -i "$tmp/set" -o "$tmp/x"
exits 2 'part is of --idx' 'lists have none' "$pack" --list "$tmp/l.csv" -p test -o "$tmp/x"
exits 2 'are of --list and --folders' 'IDX is not cropped' "$pack" -i "$tmp/set" -p test --crop 2 -o "$tmp/x"
exits 2 '0 to 65500' 'a crop is not negative' "$pack" --list "$tmp/l.csv" --crop -1 -o "$tmp/x"
exits 2 'stop or skip' '--broken takes two words' "$pack" --list "$tmp/l.csv" --broken mend -o "$tmp/x"
exits 2 'go together' 'categories need a seed' "$pack" --list "$tmp/l.csv" --categories 2 -o "$tmp/x"
exits 2 '--mean and --std go together' 'a mean needs a deviation' "$pack" --list "$tmp/l.csv" --mean 0,0,0 -o "$tmp/x"
for wrong in 0.5,0.5 0.5,0.5,0.5,0.5 0.5,x,0.5 0.5,nan,0.5 0.5,2,0.5 ''; do
	exits 2 '--mean wants 3 numbers' "a mean of '$wrong'" \
		"$pack" --list "$tmp/l.csv" --mean "$wrong" --std 1,1,1 -o "$tmp/x"
done
exits 2 '--std wants 1 number ' 'a deviation is not 0' "$pack" -i "$tmp/set" -p test --mean 0.5 --std 0 -o "$tmp/x"

# --- lists
pictures=$PWD/tests/golden/pictures
mkdir "$tmp/list"
for name in noise.png 420.jpg cmyk.jpg; do ln -s "$pictures/$name" "$tmp/list/$name"; done
printf 'path,label\nnoise.png,2\n420.jpg,0\n%s,2\n' "$tmp/list/cmyk.jpg" >"$tmp/list/l.csv"
l=$tmp/list/l.csv
refuses_outputs "$pack" --list "$l" --crop 16
exits 0 '' 'a list is packed without a word' "$pack" --list "$l" --resize 20 --crop 16 -o "$tmp/list.npz"
is 'a sound archive, with sizes of 64 bits' unzip -tq "$tmp/list.npz"
is 'labels of the list' test "$(member "$tmp/list.npz" labels 128 d4)" = ' 2 0 2 '
is 'the largest label and one are the classes' test "$(member "$tmp/list.npz" classes 128 d4)" = ' 3 '
is 'one image after the other' test "$(unzip -p "$tmp/list.npz" images.npy | wc -c)" = $((128 + 3 * 16 * 16 * 3))
is 'pixels as Pillow has them' test \
	"$(member "$tmp/list.npz" images 128 x1 | cut -c -2304)" = \
	"$(member tests/golden/pictures.npz noise.png-20-16 128 x1 | cut -c -2304)"
is 'read as x / 127.5 - 1' test "$(member "$tmp/list.npz" mean 128 f4 | tr -s ' ')" = ' 0.5 0.5 0.5 '
OMP_NUM_THREADS=1 "$pack" --list "$l" --resize 20 --crop 16 -o "$tmp/list1.npz"
is 'the same by one thread' cmp "$tmp/list.npz" "$tmp/list1.npz"
"$pack" --list "$l" --crop 16 --classes 1000 --mean 0.485,.456,0 --std 1,0.5,0.25 --shuffle 1 -o "$tmp/given.npz"
is 'given mean' test "$(member "$tmp/given.npz" mean 128 f4 | tr -s ' ')" = ' 0.485 0.456 0 '
is 'given deviation' test "$(member "$tmp/given.npz" std 128 f4)" = ' 1 0.5 0.25 '
is 'given classes' test "$(member "$tmp/given.npz" classes 128 d4)" = ' 1000 '
"$pack" --list "$l" --crop 16 --shuffle 1 --from 1 --take 1 -o "$tmp/one.npz"
is 'the second of a permutation' test "$(member "$tmp/one.npz" images 128 u1)" = \
	"$(member "$tmp/given.npz" images $((128 + 768)) u1 | cut -c "-$(member "$tmp/one.npz" images 128 u1 | wc -c)")"
exits 1 'l.csv: line 2: .*label' 'a label beyond the classes' "$pack" --list "$l" --crop 16 --classes 2 -o "$tmp/x"
exits 1 '420.jpg: 34 x 21 pixels, where .*noise.png has 53 x 37; --crop' 'images differ in size' \
	"$pack" --list "$l" -o "$tmp/x"
exits 1 'noise.png: 53 x 37 pixels, less than the crop of 40' 'an image smaller than the crop' \
	"$pack" --list "$l" --crop 40 -o "$tmp/x"
exits 1 'asked for, where .*l.csv has 3' 'no more than are listed' "$pack" --list "$l" --take 4 --crop 9 -o "$tmp/x"
exits 1 'cannot read .*none.csv' 'no such list' "$pack" --list "$tmp/none.csv" -o "$tmp/x"

# --- broken pictures
head -c 700 "$pictures/420.jpg" >"$tmp/list/cut.jpg"
head -c 3000 "$pictures/noise.png" >"$tmp/list/cut.png"
echo text >"$tmp/list/text.jpg"
: >"$tmp/list/empty.png"
printf 'path,label\ncut.jpg,0\nnoise.png,1\ncut.png,2\n420.jpg,3\ntext.jpg,4\nempty.png,5\nabsent.png,6\n' >"$tmp/list/b.csv"
b=$tmp/list/b.csv
exits 1 'list/cut.jpg: Premature end of JPEG file' 'a broken picture stops' "$pack" --list "$b" --crop 16 -o "$tmp/x"
exits 0 '5 of 7 pictures are broken and left out' 'or is counted' \
	"$pack" --list "$b" --crop 16 --broken skip -o "$tmp/skipped.npz"
"$pack" --list "$b" --crop 16 --broken skip -o "$tmp/skipped.npz" 2>"$tmp/said"
for words in 'cut.jpg: Premature end' 'cut.png: PNG cut short' 'text.jpg: neither a JPEG' 'empty.png: an empty' \
	'absent.png: No such file'; do
	is "named: $words" grep -q "warning: .*/list/$words" "$tmp/said"
done
is 'labels without the broken' test "$(member "$tmp/skipped.npz" labels 128 d4)" = ' 1 3 '
is 'images without the broken' test "$(unzip -p "$tmp/skipped.npz" images.npy | wc -c)" = $((128 + 2 * 768))
exits 1 'all of 1 pictures are broken' 'nothing is left' \
	"$pack" --list "$b" --take 1 --broken skip --crop 16 -o "$tmp/x"

# --- folders and categories
for class in b a d c; do mkdir -p "$tmp/tree/$class"; done
ln -s "$pictures/grey.png" "$tmp/tree/a/2.PNG"
ln -s "$pictures/noise.png" "$tmp/tree/a/1.JPEG"
ln -s "$pictures/420.jpg" "$tmp/tree/b/x.jpeg"
ln -s "$pictures/444.jpg" "$tmp/tree/c/x.jpg"
ln -s "$pictures/bits1.png" "$tmp/tree/d/x.png"
echo >"$tmp/tree/a/notes.txt"
echo >"$tmp/tree/notes.txt"
exits 0 '' 'folders are packed' "$pack" --folders "$tmp/tree" --crop 16 -o "$tmp/tree.npz"
is 'a class for each' test "$(member "$tmp/tree.npz" labels 128 d4)" = ' 0 0 1 2 3 '
printf 'path,label\na/1.JPEG,0\na/2.PNG,0\nb/x.jpeg,1\nc/x.jpg,2\nd/x.png,3\n' >"$tmp/tree/l.csv"
"$pack" --list "$tmp/tree/l.csv" --crop 16 -o "$tmp/listed.npz"
is 'as a list of them' cmp "$tmp/tree.npz" "$tmp/listed.npz"
drawn() { "$pack" --folders "$tmp/tree" --crop 16 --categories "$1" --categories-seed "$2" -o "$tmp/drawn.npz" &&
	member "$tmp/drawn.npz" labels 128 d4; }
is 'all categories, whatever the seed' test "$(drawn 4 9)" = ' 0 0 1 2 3 '
is 'two categories keep their labels' test "$(drawn 2 1 | tr ' ' '\n' | sed '/^$/d' | sort -u | wc -l)" -eq 2
is 'and all classes' test "$(member "$tmp/drawn.npz" classes 128 d4)" = ' 4 '
cp "$tmp/drawn.npz" "$tmp/drawn1.npz"
drawn 2 1 >/dev/null
is 'the same twice' cmp "$tmp/drawn.npz" "$tmp/drawn1.npz"
is 'other seeds, other categories' test "$(for i in 1 2 3 4 5 6; do drawn 1 $i >/dev/null
	member "$tmp/drawn.npz" images 128 u1; echo; done | sort -u | wc -l)" -gt 1
exits 1 '5 categories are asked for, where there are 4' 'no more categories than there are' \
	"$pack" --folders "$tmp/tree" --crop 16 --categories 5 --categories-seed 1 -o "$tmp/x"
exits 1 '4 folders, more than --classes 3' 'no more folders than classes' \
	"$pack" --folders "$tmp/tree" --crop 16 --classes 3 -o "$tmp/x"
mkdir "$tmp/tree/empty"
exits 1 'tree/empty: no .jpg, .jpeg or .png' 'an empty folder is named' "$pack" --folders "$tmp/tree" --crop 16 -o "$tmp/x"
exits 1 'cannot read .*none' 'no such directory' "$pack" --folders "$tmp/none" --crop 16 -o "$tmp/x"

# --- CIFAR: records of one image each, red 1, green 2, blue 3, but the last pixel has the label thrice
cifar_record() {        # LABEL...: the last is the one that counts
	printf '\\%03o' "$@"
	shift $(($# - 1))
	awk -v l="$1" 'BEGIN { for (c = 1; c <= 3; c++) for (i = 0; i < 1024; i++) printf "\\%03o", i < 1023 ? c : l }'
}
mkdir "$tmp/cifar"
for i in 1 2 3 4 5; do printf "$(cifar_record $i)" >"$tmp/cifar/data_batch_$i.bin"; done
printf "$(cifar_record 9)$(cifar_record 0)" >"$tmp/cifar/test_batch.bin"
exits 0 '' 'CIFAR-10' "$pack" --cifar10 "$tmp/cifar" --part train -o "$tmp/c10.npz"
is 'five batches' test "$(member "$tmp/c10.npz" labels 128 d4)" = ' 1 2 3 4 5 '
is 'ten classes' test "$(member "$tmp/c10.npz" classes 128 d4)" = ' 10 '
is 'colours side by side' test "$(member "$tmp/c10.npz" images $((128 + 3066)) u1 | cut -d ' ' -f 2-13)" = \
	'1 2 3 1 1 1 1 2 3 1 2 3'
"$pack" --cifar10 "$tmp/cifar" --part test --from 1 -o "$tmp/c10t.npz" 2>"$tmp/said"
is 'its test images' test "$(member "$tmp/c10t.npz" labels 128 d4)" = ' 0 '
printf "$(cifar_record 7 99)" >"$tmp/cifar/train.bin"
printf "$(cifar_record 3 42)" >"$tmp/cifar/test.bin"
"$pack" --cifar100 "$tmp/cifar" --part test --mean 0,0,0 --std 1,1,1 -o "$tmp/c100.npz"
is 'CIFAR-100, fine labels' test "$(member "$tmp/c100.npz" labels 128 d4)" = ' 42 '
printf "$(cifar_record 10)" >"$tmp/cifar/data_batch_3.bin"
exits 1 'data_batch_3.bin: label 10 of record 0 is not in 0..9' 'a wrong label' \
	"$pack" --cifar10 "$tmp/cifar" --part train -o "$tmp/x"
head -c 3000 "$tmp/cifar/test.bin" >"$tmp/cifar/data_batch_3.bin"
exits 1 'data_batch_3.bin: 3000 bytes; expected records of 3073' 'a batch cut short' \
	"$pack" --cifar10 "$tmp/cifar" --part test -o "$tmp/x"
is 'what failed left nothing behind' test -z "$(find "$tmp" -name 'x*' ! -path "$tmp/tree/*")"
finish
