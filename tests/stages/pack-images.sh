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

exits 1 '2 images from 9 on are asked for, where train has 10' 'no more than there are' \
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
exits 1 '4 images from 0 on are asked for, where .*l.csv has 3' 'no more than are listed' "$pack" --list "$l" --take 4 --crop 9 -o "$tmp/x"
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
exits 1 '4 folders, fewer than --classes 5' 'nor fewer, whose labels would be others' \
	"$pack" --folders "$tmp/tree" --crop 16 --classes 5 -o "$tmp/x"
ln -s none "$tmp/tree/a-class"
exits 1 'cannot read .*tree/a-class' 'a link to no folder' "$pack" --folders "$tmp/tree" --crop 16 -o "$tmp/x"
rm "$tmp/tree/a-class"
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

# --- CIFAR-10 as PNG files: the same images of many colours, once as records and once as rows
cifar_images() {        # cifar_images bin|png FIRST N: image i has label 3 i % 10; PNG rows begin with their filter: none
	awk -v layout="$1" -v first="$2" -v n="$3" '
		function value(i, p, colour) { return (37 * i + 7 * p + 101 * colour + int(p * p / 11)) % 256 }
		BEGIN { for (i = first; i < first + n; i++) {
			printf "\\%03o", layout == "bin" ? 3 * i % 10 : 0
			for (x = 0; x < 3072; x++)
				printf "\\%03o", layout == "bin" ? value(i, x % 1024, int(x / 1024)) : \
					value(i, int(x / 3), x % 3)
		} }' >"$tmp/escaped"
	printf "$(cat "$tmp/escaped")"
}
labels() {              # labels FIRST N: of the same images, as JSON
	awk -v first="$1" -v n="$2" 'BEGIN { for (i = 0; i < n; i++) printf "%s%d", i ? "," : "[", 3 * (first + i) % 10
		print "]" }'
}
be32() { printf "$(printf '\\%03o' $(($1 >> 24 & 255)) $(($1 >> 16 & 255)) $(($1 >> 8 & 255)) $(($1 & 255)))"; }
chunk() {               # chunk TYPE: of a PNG, with the CRC-32 that gzip computes
	{ printf '%s' "$1"; cat; } >"$tmp/chunk"
	be32 $(($(wc -c <"$tmp/chunk") - 4))
	cat "$tmp/chunk"
	be32 "$(gzip -nc <"$tmp/chunk" | tail -c 8 | od -A n -N 4 -t u4 | tr -d ' ')"
}
adler32() {
	od -A n -v -t u1 "$1" | awk 'BEGIN { a = 1 } END { printf "%.0f", b * 65536 + a }
		{ for (i = 1; i <= NF; i++) { a = (a + $i) % 65521; b = (b + a) % 65521 } }'
}
png() {                 # png WIDTH HEIGHT: of rows of RGB, a filter before each; gzip deflates them
	cat >"$tmp/rows"
	printf '\211PNG\r\n\032\n'
	{ be32 "$1"; be32 "$2"; printf '\010\002\000\000\000'; } | chunk IHDR
	{ printf '\170\001'; gzip -nc <"$tmp/rows" | tail -c +11 | head -c -8
		be32 "$(adler32 "$tmp/rows")"; } | chunk IDAT
	chunk IEND </dev/null
}
mkdir "$tmp/bin" "$tmp/png"
first=0
for i in 1 2 3 4 5; do
	cifar_images bin $first $i >"$tmp/bin/data_batch_$i.bin"
	cifar_images png $first $i | png 1024 $i >"$tmp/png/data_batch_$i.png"
	first=$((first + i))
done
cifar_images bin 15 2 >"$tmp/bin/test_batch.bin"
cifar_images png 15 2 | png 1024 2 >"$tmp/png/test_batch.png"
labels 0 15 >"$tmp/png/train_lables.json"
labels 15 2 >"$tmp/png/test_lables.json"
for part in train test; do
	"$pack" --cifar10 "$tmp/bin" --part $part -o "$tmp/$part-bin.npz"
	exits 0 '' "PNG files, $part" "$pack" --cifar10 "$tmp/png" --part $part -o "$tmp/$part-png.npz"
	is '... have the images of the records' cmp "$tmp/$part-bin.npz" "$tmp/$part-png.npz"
done
is 'labels of all batches in a row' test "$(member "$tmp/train-png.npz" labels 128 d4)" = \
	' 0 3 6 9 2 5 8 1 4 7 0 3 6 9 2 '
is 'labels of the test' test "$(member "$tmp/test-png.npz" labels 128 d4)" = ' 5 8 '
printf ' [ 5,\r\n\t8 ]\n\n' >"$tmp/png/test_lables.json"
exits 0 '' 'labels with white space' "$pack" --cifar10 "$tmp/png" --part test -o "$tmp/spaced.npz"
is '... are the same' cmp "$tmp/spaced.npz" "$tmp/test-png.npz"
cp -r "$tmp/bin" "$tmp/both" && cp "$tmp/png/"data* "$tmp/both" && : >"$tmp/both/train_lables.json"
exits 0 '' 'records, where both are there' "$pack" --cifar10 "$tmp/both" --part train -o "$tmp/both.npz"

wrong() {       # wrong TEXT PATTERN COMMAND: in a copy of the PNG files, from where the others are
	rm -rf "$tmp/bad"
	cp -r "$tmp/png" "$tmp/bad"
	(cd "$tmp/bad" && eval "$3")
	exits 1 "$tmp/bad/*$2" "$1" "$pack" --cifar10 "$tmp/bad" --part train -o "$tmp/x"
	is '... in one line' test "$("$pack" --cifar10 "$tmp/bad" --part train -o "$tmp/x" 2>&1 | wc -l)" -eq 1
}
{ head -c 200 "$tmp/png/data_batch_3.png"; printf X; tail -c +202 "$tmp/png/data_batch_3.png"; } >"$tmp/damaged.png"
{ printf '\000'; head -c 3069 /dev/zero; } | png 1023 1 >"$tmp/narrow.png"
wrong 'a PNG cut short' 'data_batch_3.png: PNG cut short' 'head -c 2000 ../png/data_batch_3.png >data_batch_3.png'
wrong 'a damaged PNG' 'data_batch_3.png: IDAT: ' 'cp ../damaged.png data_batch_3.png'
wrong 'no PNG' 'data_batch_3.png: neither a JPEG nor a PNG' 'cp train_lables.json data_batch_3.png'
wrong 'an empty PNG' 'data_batch_3.png: an empty file' ': >data_batch_3.png'
wrong 'rows of another length' 'data_batch_3.png: 1023 x 1 pixels; expected rows of 1024, one for each image' \
	'cp ../narrow.png data_batch_3.png'
wrong 'one image less' 'train_lables.json: 15 labels of 14 images' 'cp data_batch_1.png data_batch_2.png'
wrong 'one label less' 'train_lables.json: 14 labels of 15 images' \
	'sed s/,2]/]/ ../png/train_lables.json >train_lables.json'
wrong 'one label more' 'train_lables.json: 16 labels of 15 images' \
	'sed s/]/,2]/ ../png/train_lables.json >train_lables.json'
for case in '[0,3,10]|label 10 of image 2 is not in 0..9' '[-1]|label -1 of image 0 is not in 0..9' \
	'[0,99999999999999999999999]|label 99999999999999999999 of image 1 is not in 0..9' \
	'|not a JSON array of labels' '{"labels":[1]}|not a JSON array' \
	'[]|byte 1: expected a label, 0 to 9' '[0,]|byte 3: expected a label' '[0,|byte 3: expected a label' \
	'[0,"1"]|byte 3: expected a label' '[0,-]|byte 3: expected a label' \
	'[0;1]|byte 2: expected , or \] behind a label' '[1.5]|byte 2: expected , or' '[0,1|byte 4: expected , or' \
	'[0] 1|byte 4: more behind the array'; do
	wrong "labels that are '${case%%|*}'" "train_lables.json: ${case#*|}" "printf %s '${case%%|*}' >train_lables.json"
done
wrong 'no labels' 'train_lables.json: No such file' 'rm train_lables.json'
wrong 'neither layout' ': neither data_batch_1.bin .* nor data_batch_1.png' \
	'rm data_batch_1.png'
wrong 'a batch is missing' 'data_batch_4.png: No such file' 'rm data_batch_4.png'

is 'what failed left nothing behind' test -z "$(find "$tmp" -name 'x*' ! -path "$tmp/tree/*")"
finish
