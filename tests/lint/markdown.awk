# markdown.awk - the code, links and headings of Markdown files, a line each:
#   FILE <tab> LINE <tab> KIND <tab> TEXT     KIND: span, command (a line of a code block), link, heading,
#                                             here (a line that a block writes into a file)
# A fenced block counts as commands where it says so (```sh); other fences hold output.

function emit(kind, text) {
	gsub(/\t/, " ", text)
	print FILENAME "\t" FNR "\t" kind "\t" text
}
# a line of a block; lines that end in a backslash go together
function command(text) {
	sub(/^[ \t]+/, "", text)
	if (text ~ /\\$/) {
		sub(/\\$/, "", text)
		pending = pending text
		return
	}
	emit("command", pending text)
	pending = ""
}
# spans of code and links of a line of prose; a span may go on in the next line
function prose(text,    n, part, i, rest) {
	n = split(text, part, "`")
	for (i = 1; i <= n; i++) {
		if (in_span) {
			span = span part[i]
			if (i < n) {
				emit("span", span)
				in_span = 0
			} else {
				span = span " "
			}
		} else {
			rest = part[i]
			while (match(rest, /\]\([^) ]+\)/)) {
				emit("link", substr(rest, RSTART + 2, RLENGTH - 3))
				rest = substr(rest, RSTART + RLENGTH)
			}
			if (i < n) {
				in_span = 1
				span = ""
			}
		}
	}
}

FNR == 1 { fence = ""; in_span = 0; pending = ""; is_blank = 1; in_list = 0; in_block = 0; in_here = "" }
fence != "" {
	if ($0 ~ /^[ \t]*```/) {
		fence = ""
	} else if (fence == "sh") {
		# what is written into a file is no command
		if (in_here != "") {
			if ($0 == in_here)
				in_here = ""
			else
				emit("here", $0)
		} else {
			if (match($0, /<<-?'?[A-Z]+/)) {
				in_here = substr($0, RSTART, RLENGTH)
				gsub(/[^A-Z]/, "", in_here)
			}
			command($0)
		}
	}
	next
}
/^[ \t]*```/ {
	fence = $0
	gsub(/[` \t]/, "", fence)
	if (fence == "")
		fence = "output"
	in_span = 0
	next
}
/^[ \t]*$/ { is_blank = 1; in_span = 0; next }
/^(    |\t)/ && !in_list && (is_blank || in_block) { in_block = 1; is_blank = 0; command($0); next }
{
	in_block = 0
	pending = ""
	if ($0 ~ /^[ \t]*([-*]|[0-9]+\.) /)
		in_list = 1
	else if ($0 !~ /^[ \t]/)
		in_list = 0
	is_blank = 0
}
/^#+ / {
	text = $0
	sub(/^#+ +/, "", text)
	emit("heading", text)
	in_span = 0
}
{ prose($0) }
