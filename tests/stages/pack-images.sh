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
finish
