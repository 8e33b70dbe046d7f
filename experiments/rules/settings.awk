# settings.awk - of settings files `key = value   # reason`: FILE|key=value|key=value, a file a line.
FNR == 1 { printf "%s%s", separator, FILENAME; separator = "\n" }
{
	sub(/#.*/, "")
	gsub(/[ \t\r]*=[ \t\r]*/, "=")
	gsub(/^[ \t\r]+|[ \t\r]+$/, "")
	gsub(/[ \t\r]+/, "_")      # a word for make; no program takes such a line
	if ($0 != "")
		printf "|%s", $0
}
END { print "" }
