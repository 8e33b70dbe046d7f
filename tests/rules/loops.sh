#!/bin/sh
# loops.sh - is each marked loop of the files that are compiled at several levels (LOOPS of stages.mk) made of vectors
# there?  A loop that a compiler turns into branches or calls computes the same, several times slower.  The compiler says
# it of release's flags, whatever MODE: loops.awk reads that.  For aarch64 by clang, where there is one.
. tests/shell.inc
out=$tmp/out; mkdir -p "$out/include/gnu"
: >"$out/include/gnu/stubs-32.h"        # of a C library for another machine, which has nothing that is needed here

# --- what make would run, changed to say what became vectors: $out/FILE.LEVEL.cmd to .s and .report ---

# commands LEVEL: adds what the compiler needs to the lines of standard input; with an empty LEVEL their own.  They have
# -g, and need it: without, gcc may report a loop at a line of what was inlined into it.
commands() {
	while read -r line; do
		file=${line##* } level=${line#*-DCPU_THIS=} stem=${line##*/}
		level=${1:-${level%% *}} stem=${stem%.c}
		line="${line%% -MMD *} -w -S -o $out/$stem.$level.s $file"
		case $line in
		clang*) line="$line -Rpass=loop-vectorize -Rpass-missed=loop-vectorize 2>$out/$stem.$level.report" ;;
		*)      line="$line --param vect-epilogues-nomask=0 -fopt-info-vec-optimized-missed=$out/$stem.$level.report" ;;
		esac
		printf '%s\n' "$line" >"$out/$stem.$level.cmd"
		echo "$file $level" >>"$out/compiled"
	done
}
make -n -B V=1 MODE=release build/release/obj/libhaq.a 2>"$tmp.err" | grep -e ' -DCPU_THIS=' >"$out/lines"
[ -s "$out/lines" ] || { echo 'make compiles no loops:' >&2; cat "$tmp.err" >&2; exit 1; }
commands '' <"$out/lines"
if command -v clang >/dev/null; then
	here="-isystem $out/include -isystem /usr/include/$(clang -print-multiarch 2>/dev/null || uname -m)"
	sed -n "s|^[^ ]* \(.*-DCPU_THIS=\)base |clang --target=aarch64-linux-gnu $here \1base |p" "$out/lines" |
		sed 's/ -fopenmp / -fopenmp-simd /' | commands neon
else
	echo "skipped: loops of aarch64: clang is missing (make deps-dev)"
fi
printf '%s\n' "$out"/*.cmd | xargs -n 1 -P "$(nproc)" sh 2>"$tmp.err" || :

# --- all loops of a file, at a level ---

least() {
	case $1 in
	v3) echo 32 ;;
	v4) echo 64 ;;
	*)  echo 16 ;;
	esac
}
are_vectors() { awk -v least="$(least "$2")" -f tests/rules/loops.awk "$1" "$3" >&2; }

# Depthwise convolutions are vectors by their types: no arithmetic of narrower ones, nor of single numbers but at the
# ends of a loop over channels.
wide() {
	case $2 in
	v3) full='%ymm' some='%[xz]mm' ;;
	v4) full='%zmm' some='%[xy]mm' ;;
	*)  full='%xmm|[.]4s' some='%[yz]mm|[.]2s' ;;
	esac
	awk -v full="$full" -v some="$some" -v level="$2" '
		/^[a-z_][a-z_0-9.]*:/ { name = $1 }
		/^\t(v?(mul|add|fmadd[0-9]*)ps|f(mul|add|mla)\tv)/ && $0 ~ full { n++; next }
		/^\t(v?(mul|add|fmadd[0-9]*)ps|f(mul|add|mla)\tv)/ && $0 ~ some { print level ": " name $0; bad = 1 }
		/^\t(v?(mul|add|fmadd[0-9]*)ss|f(mul|add|madd)\ts)/ && name !~ /weights/ { print level ": " name $0; bad = 1 }
		END {
			if (n < 50) print level ": " n + 0 " operations of whole registers, expected 50 or more"
			exit bad || n < 50
		}' "$1" >&2
}

# The products of pointwise.h are a level's own instructions; levels below AVX2 have none.
products() {
	case $2 in
	v3) full='%ymm' some='%[xz]mm' ;;
	v4) full='%zmm' some='%[xy]mm' ;;
	*)  full='no' some='%[xyz]mm' ;;
	esac
	awk -v full="$full" -v some="$some" -v level="$2" '
		/^\tvpmadd(ubsw|wd)/ && $0 ~ full { n++; next }
		/^\tvpmadd(ubsw|wd)/ && $0 ~ some { print level ": " $0; bad = 1 }
		END {
			if (full != "no" && n < 30) print level ": " n + 0 " products of whole registers, expected 30 or more"
			exit bad || (full != "no" && n < 30)
		}' "$1" >&2
}

while read -r file level; do
	stem=${file##*/} stem=${stem%.c}
	case $stem in
	pointwise-sums) is "$stem at $level multiplies whole registers" products "$out/$stem.$level.s" "$level"; continue ;;
	pointwise) continue ;; # prepares weights, no loop of it is hot
	depthwise) is "$stem at $level computes with whole registers" wide "$out/$stem.$level.s" "$level" ;;
	esac
	is "$stem at $level: marked loops are vectors" are_vectors "$file" "$level" "$out/$stem.$level.report"
done <"$out/compiled"
is 'there are such files, at all levels' [ "$(wc -l <"$out/compiled")" -ge 6 ]

# compared MODULE: tests/unit/levels.c calls each function that there is at several levels
compared() {
	sed -n 's/^CPU_LEVELS(\(.*\));$/\1/p' "stages/lib/engine/$1.h" >"$tmp/names"
	[ -s "$tmp/names" ] || { echo "$1.h: no CPU_LEVELS" >&2; return 1; }
	missing=0
	while read -r name; do
		grep -qw "$name" tests/unit/levels.c || { echo "$name" >&2; missing=1; }
	done <"$tmp/names"
	return $missing
}
for module in ops bytes depthwise; do is "results of $module.h are compared between levels" compared $module; done

# --- does the test notice? ---

# noticed TEXT FILE SED LEVEL PATTERN: FILE changed so is found to have a loop that is no vector
noticed() {
	text=$1 file=stages/lib/engine/$2 level=$4 pattern=$5 stem=${2%.c}
	sed "$3" "$file" >"$tmp/$2"
	cmp -s "$file" "$tmp/$2" && { echo "$2: nothing to change by $3" >&2; exit 1; }
	sed "s|$file|$tmp/$2|; s|$out/|$tmp/|g" "$out/$stem.$level.cmd" >"$tmp/cmd"
	sh "$tmp/cmd"
	exits 1 "$tmp/$2:[0-9]*: $pattern" "$text" are_vectors "$tmp/$2" "$level" "$tmp/$stem.$level.report"
}
last=$(tail -n 1 "$out/lines"); last=${last#*-DCPU_THIS=}; last=${last%% *}     # the highest level that is compiled
noticed 'a call in a loop is noticed' bytes.c 's/= half_of(x\[i\], half)/= __builtin_tanf(x[i])/' "$last" '3 of 3 times it did not'
printf 'sum_n:\n\tmulss\t%%xmm0, %%xmm1\n' | cat "$out/depthwise.base.s" - >"$tmp/one.s"
exits 1 '^base: sum_n:' 'arithmetic of single numbers in depthwise convolutions is noticed' wide "$tmp/one.s" base
exits 1 '^v3: 0 operations of whole registers' '... and of registers that are not whole' wide "$out/depthwise.base.s" v3
exits 1 '^v3: 0 products of whole registers' 'products that are missing are noticed' products "$out/pointwise-sums.base.s" v3
noticed 'a lost mark is noticed' bytes.c '/pragma/d' "$last" 'no loop is marked'
finish
