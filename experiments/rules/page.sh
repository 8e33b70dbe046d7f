#!/bin/sh
# page.sh TITLE TABLES FIGURES - an HTML page of these tables (.txt) and figures (.svg, with .caption.txt).
set -eu
escape() { sed 's/&/\&amp;/g; s/</\&lt;/g' "$1"; }
echo "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>HAQ, $1</title>"
echo '<style>body{max-width:70rem;margin:2rem auto;font-family:sans-serif}pre{overflow-x:auto;font-size:80%}img{max-width:100%}</style>'
echo "<h1>Tables and figures of HAQ, $1</h1>"
for t in $2; do echo '<pre>'; escape "$t"; echo '</pre>'; done
for f in $3; do
	name=$(basename "$f" .svg)
	printf '<figure><img src="figures/%s.svg" alt="%s"><figcaption>%s: ' "$name" "$name" "$name"
	escape "${f%.svg}.caption.txt"
	echo '</figcaption></figure>'
done
echo '</html>'
