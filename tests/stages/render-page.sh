#!/bin/sh
# render-page.sh - tables and figures on one page, with whatever characters they hold.
. tests/shell.inc
render=$BIN/render-page
page=$tmp/out/page.html
mkdir -p "$tmp/out/figures"

printf 'Table 1: a & b\n\nname  <x>\nfc    1.5\n\nmean\n' >"$tmp/t.txt"
printf 'name,"ms, ""mean"""\nb<1>,-2.5e-3\nc,\n' >"$tmp/t.csv"
echo '<svg xmlns="http://www.w3.org/2000/svg"/>' >"$tmp/out/figures/f1.svg"
printf 'Bits < 8 & more.\nSeed 1.\n' >"$tmp/out/figures/f1.caption.txt"
printf '%s\n' kind,path "text,$tmp/t.txt" "table,$tmp/t.csv" "figure,$tmp/out/figures/f1.svg" >"$tmp/list.csv"
run() { "$render" -l "$tmp/list.csv" -o "$page" --title 'All "of" <it>' "$@"; }
has() { grep -qF "$1" "$page"; }

usual "$render"
printf '%s\n' kind,path "text,$tmp/t.txt" >"$tmp/short.csv"
refuses() { "$render" -l "$tmp/short.csv" --title T "$@"; }
refuses_outputs refuses
exits 0 '' 'a page is written without a word' run
is 'its title is escaped' has '<title>All &quot;of&quot; &lt;it&gt;</title>'
is 'the first line of a text is its heading' has '<h2>Table 1: a &amp; b</h2>'
is 'the rest stays as it is' has 'name  &lt;x&gt;'
is 'and keeps its empty lines' test "$(sed -n '/^<pre>/,/^<\/pre>/p' "$page" | wc -l)" -eq 6
is 'names of a table' has '<tr><th>name</th><th>ms, &quot;mean&quot;</th></tr>'
is 'its numbers stand on the right' has '<tr><td>b&lt;1&gt;</td><td class="number">-2.5e-3</td></tr>'
is 'an empty cell stays empty' has '<tr><td>c</td><td></td></tr>'
is 'a picture is linked from the folder of the page' has '<img src="figures/f1.svg"'
is 'with its caption' has '<figcaption><b>f1</b>: Bits &lt; 8 &amp; more.'
is 'they come in the order of the list' test "$(grep -n '<h2>\|<table>\|<figure>' "$page" | cut -d: -f2 | cut -c1-4 | tr '\n' ' ')" = '<h2> <div <fig '
cp "$page" "$tmp/before.html"; run
is 'the same twice' cmp "$page" "$tmp/before.html"

# xmllint, where it is installed, reads it as HTML without a complaint
if command -v xmllint >/dev/null; then
	exits 0 '' 'tags are closed' sh -c "sed 's/<\(figure\|figcaption\)>/<div>/g; s/<.\(figure\|figcaption\)>/<\/div>/g' '$page' | xmllint --html --noout -"
fi

fails() {       # fails PATTERN TEXT LINE: a list with this line
	printf '%s\n' kind,path "$3" >"$tmp/bad.csv"
	exits 1 "$1" "$2" "$render" -l "$tmp/bad.csv" -o "$tmp/out/x.html" --title T
}
fails "bad.csv: line 2: kind 'chart'; expected text, table or figure" 'an unknown kind' "chart,$tmp/t.txt"
fails "cannot read $tmp/none.txt" 'names a table that is not there' "text,$tmp/none.txt"
fails "none.svg" 'names a figure that is not there' "figure,$tmp/out/none.svg"
fails 't.txt. is no .svg' 'a figure is an .svg' "figure,$tmp/out/t.txt"
fails 'does not lie below the folder of the page' 'a figure elsewhere' "figure,$tmp/f2.svg"
fails 'does not lie below the folder of the page' 'nor by a way around' "figure,$tmp/out/../f2.svg"
cp "$tmp/out/figures/f1.svg" "$tmp/out/figures/f2.svg"
fails 'does not lie below the folder of the page' 'nor by a longer one' "figure,$tmp/out/figures/../../f2.svg"
fails 'cannot read .*f2.caption.txt' 'a figure without a caption' "figure,$tmp/out/figures/f2.svg"
: >"$tmp/empty.txt"
fails 'empty.txt: expected a heading' 'a text of nothing' "text,$tmp/empty.txt"
echo kind,path >"$tmp/bad.csv"
exits 1 'bad.csv: nothing to show' 'an empty list' "$render" -l "$tmp/bad.csv" -o "$tmp/out/x.html" --title T
printf '%s\n' kind,file "text,$tmp/t.txt" >"$tmp/bad.csv"
exits 1 "no column 'path'" 'a list without paths' "$render" -l "$tmp/bad.csv" -o "$tmp/out/x.html" --title T
is 'what failed left nothing behind' test -z "$(find "$tmp/out" -name 'x*')"
finish
