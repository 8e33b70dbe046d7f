#!/bin/sh
. tests/shell.inc
features=$BIN/extract-features
net=data/networks/mobilenet-v1.csv

usual "$features"
refuses_outputs "$features" -n $net

# row LAYER: the ten numbers of a layer, to four digits
row() {
	tail -c $((28 * 40)) "$tmp/f.npy" | od -A n -v -t f4 -w40 | sed -n "$1p" |
		awk '{ for (i = 1; i <= 10; i++) printf "%.4f ", $i }'
}

exits 0 '' 'features are written without a word' "$features" -n $net -o "$tmp/f.npy"
is 'float32 [28][10]' grep -q -a "'descr': '<f4', 'fortran_order': False, 'shape': (28, 10)" "$tmp/f.npy"
is '28 rows of 40 bytes' test "$(wc -c <"$tmp/f.npy")" -eq $((128 + 28 * 40))
#  k, c_in 3..1024, c_out 32..1024, s_kernel 1..3, s_stride 0..2, s_feat 49..50176, n_params 288..1048576, i_dw
is 'first convolution' test "$(row 1)" = \
	'0.0000 0.0000 0.0000 1.0000 1.0000 1.0000 0.0005 0.0000 0.0000 0.0000 '
is 'depthwise, 32 channels of 112 x 112' test "$(row 2)" = \
	'0.0370 0.0284 0.0000 1.0000 0.5000 0.2493 0.0000 1.0000 0.0000 0.0000 '
is 'linear: kernel 1, stride 0, a vector of 1024' test "$(row 28)" = \
	'1.0000 1.0000 0.9758 0.0000 0.0000 0.0195 0.9766 0.0000 0.0000 0.0000 '
is 'all in 0..1' sh -c "tail -c $((28 * 40)) '$tmp/f.npy' | od -A n -v -t f4 | tr -s ' ' '\n' |
	awk '\$1 != \"\" && !(\$1 >= 0 && \$1 <= 1) { exit 1 }'"

cat >"$tmp/same.csv" <<'EOF'
name,op,inputs,channels,size,stride,pad,groups,bias,norm,activation,bits
image,input,,4,8,,,,,,,
c1,conv,image,4,3,1,1,1,no,yes,relu,8
c2,conv,c1,4,3,1,1,1,no,yes,relu,8
EOF
"$features" -n "$tmp/same.csv" -o "$tmp/same.npy"
is 'a column that is the same everywhere becomes 1, or 0 where it is 0' test \
	"$(tail -c 80 "$tmp/same.npy" | od -A n -v -t f4 -w80 | tr -s ' ')" = ' 0 1 1 1 1 1 1 0 0 0 1 1 1 1 1 1 1 0 0 0'

exits 1 "$tmp/none.csv" 'names a network that is not there' "$features" -n "$tmp/none.csv" -o "$tmp/x"
printf 'name,op\n' >"$tmp/bad.csv"
exits 1 "$tmp/bad.csv" 'names a network that is none' "$features" -n "$tmp/bad.csv" -o "$tmp/x"
is 'what failed left nothing behind' test -z "$(find "$tmp" -name 'x*')"
finish
