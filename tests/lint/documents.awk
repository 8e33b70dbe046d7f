# documents.awk - the rules of documents.sh, over what markdown.awk found.  -v tmp=FOLDER: the lists to look things up in.

function load(name, into,    line) {
	while ((getline line <(tmp "/" name)) > 0)
		into[line] = 1
	close(tmp "/" name)
}
function say(text) {
	print $1 ":" $2 ": " text
}
function is_placeholder(word) {
	return word ~ /(^|[^A-Za-z0-9])[A-Z][A-Z0-9]*($|[^A-Za-z0-9])/ || word ~ /\.\.\.|[*<>$]|…/
}
# does a pattern of make, or a folder of one, fit the path?
function is_made(path,    p, at, head, tail, name) {
	if (path in target)
		return 1
	for (p in pattern) {
		at = index(p, "%")
		head = substr(p, 1, at - 1)
		tail = substr(p, at + 1)
		if (length(path) > length(head) + length(tail) && substr(path, 1, length(head)) == head &&
		    substr(path, length(path) - length(tail) + 1) == tail)
			return 1
	}
	return 0
}
function is_there(path,    t) {
	sub(/^\.\//, "", path)
	if (path ~ /\/$/) {
		if (path in folder)
			return 1
		for (t in target)
			if (index(t, path) == 1)
				return 1
		return 0
	}
	if (path in tracked || (path "/") in folder || is_made(path))
		return 1
	for (t in tracked) # table3 of table3.csv and table3.txt
		if (index(t, path ".") == 1)
			return 1
	# what a phony target writes: the file's name stands in some rule
	return path ~ /^(results|build|data)\// && is_known(base(path))
}
function base(path) {
	sub(/.*\//, "", path)
	return path
}
# a word of the tree, or a part of one: write_pj of read_write_pj
function is_known(word,    w, at, before, after) {
	if (word in known || word in target || ($1, word) in here)
		return 1
	for (w in known) {
		at = index(w, word)
		if (!at)
			continue
		before = at == 1 ? "" : substr(w, at - 1, 1)
		after = substr(w, at + length(word), 1)
		if (before ~ /^[_.+-]?$/ && after ~ /^[_.+-]?$/)
			return 1
	}
	return 0
}
function matches_something(glob,    regex, t) {
	regex = glob
	gsub(/[.+^$()|]/, "\\\\&", regex)
	gsub(/\*/, "[^/]*", regex)
	gsub(/\?/, "[^/]", regex)
	regex = "(^|/)" regex "$"
	for (t in tracked)
		if (t ~ regex)
			return 1
	for (t in target)
		if (t ~ regex)
			return 1
	return 0
}
function make_command(text,    n, word, i, name, w) {
	n = split(text, word, " ")
	for (i = 2; i <= n; i++) {
		w = word[i]
		if (w ~ /^-/ || w == "")
			continue
		if (w ~ /^[#;&|)]/ || w ~ /^[0-9]*>/)
			return
		stop = sub(/[;,)]+$/, "", w)
		if (w ~ /=/) {
			name = w
			sub(/[:?+]?=.*/, "", name)
			if (name ~ /\./ && !is_placeholder(name)) {
				sub(/.*\./, "", name)
				if (!(name in suffix))
					say("make " w ": no rule reads a setting that ends in ." name)
			} else if (!(name in setting) && !(name in tool_setting)) {
				say("make " w ": no rule reads " name)
			}
		} else if (!is_placeholder(w) && !(w in target) && !(w in tracked) && !is_made(w) && !(($1, w) in here)) {
			say("make " w ": there is no such target")
		}
		if (stop)
			return
	}
}
function program(name, text,    n, word, i, w) {
	n = split(text, word, " ")
	if (has_verbs[name] && n > 1 && word[2] ~ /^[a-z][a-z-]*$/ && !((name, word[2]) in option))
		say(name " " word[2] ": stages/" name ".c has no such verb")
	for (i = 2; i <= n; i++) {
		w = word[i]
		if (w ~ /^[|;&>]/)
			return
		sub(/=.*/, "", w)
		sub(/[,;.)]+$/, "", w)
		if (w !~ /^(-[A-Za-z]|--[a-z][a-z0-9-]*)$/)
			continue
		if (!((name, w) in option) && !(w in common))
			say(name " " w ": stages/" name ".c has no such option")
	}
}
# a command line: `;`, `&&` and `|` begin the next one, NAME=VALUE may stand before it
function commands(text, is_block,    n, part, i, one, first, second) {
	gsub(/"[^"]*"|'[^']*'/, "QUOTED", text)
	gsub(/&&|\|\|/, ";", text)
	n = split(text, part, /[;|]/)
	for (i = 1; i <= n; i++) {
		one = part[i]
		sub(/^[ ($]+/, "", one)
		while (one ~ /^[A-Za-z_]+=[^ ]* +[^ ]/)
			sub(/^[^ ]+ +/, "", one)
		sub(/^sudo +/, "", one)
		first = one
		sub(/ .*/, "", first)
		second = one
		if (!sub(/^[^ ]+ +/, "", second))
			second = ""
		if (first ~ /^(\.\/)?build\/.*\/bin\//)
			sub(/.*\//, "", first)
		if (first == "make")
			make_command(one)
		else if (first in stage)
			program(first, one)
		else if (first ~ /^[a-z][a-z0-9_]*(-[a-z0-9]+)*$/ && second ~ /^--?[A-Za-z]/ && !(first in tool))
			say(first ": expected a program, stages/" first ".c, or a tool of tests/lint/foreign")
	}
}
function span_word(word,    bare) {
	if (word ~ /^--[a-z0-9-]+/) {
		sub(/=.*/, "", word)
		if (!(word in any_option) && !(word in common) && !(word in foreign))
			say("`" word "`: no program has this option")
		return
	}
	if (word ~ /\*/ && word ~ /^[A-Za-z0-9_*.\/-]+$/ && word ~ /[a-z]/ && word !~ /[A-Z][A-Z]/) {
		if (!matches_something(word) && !(word in foreign))
			say("`" word "`: no file of the tree, and nothing that make makes")
		return
	}
	if (word ~ /[(){},|=]/) # paths by the handful, expressions
		return
	if (is_placeholder(word) || word in foreign)
		return
	if (word ~ /\// && word ~ /^[A-Za-z0-9_.\/+-]+$/) {
		if (word ~ /^\// || word ~ /^[0-9.]+\/[0-9.]+$/) # a user's own folder; bits
			return
		# relative to the tree, or to the folder of the document
		bare = $1
		sub(/[^\/]*$/, "", bare)
		if (!is_there(word) && !is_there(bare word))
			say("`" word "`: no file of the tree, and nothing that make makes")
		return
	}
	if (word ~ /^[a-z][A-Za-z0-9_.+-]*$/) {
		sub(/[._-]+$/, "", word)
		bare = word # NAME.SETTING, as rules read it
		sub(/.*\./, "", bare)
		if (word ~ /\./ && bare in suffix && bare !~ /^(conf|mk|c|h|sh|csv|npz|npy|json|txt|svg|md|py|gp)$/)
			return
		# budgets, checksums
		if (word ~ /^[a-z]+-w[1-8](a[1-8])?([+][a-z-]+)?$/ || word ~ /^[0-9a-f]+$/)
			return
		if (!is_known(word))
			say("`" word "`: stands nowhere in the tree")
	}
}
function slug(text) {
	text = tolower(text)
	gsub(/[^a-z0-9 _-]/, "", text)
	gsub(/ /, "-", text)
	return text
}
function link(to, here,    path, anchor, at, n, part, i, k, out) {
	if (to ~ /^[a-z]+:/)
		return
	at = index(to, "#")
	path = at ? substr(to, 1, at - 1) : to
	anchor = at ? substr(to, at + 1) : ""
	if (path == "") {
		path = here
	} else {
		sub(/[^\/]*$/, "", here)
		n = split(here path, part, "/")
		k = 0
		for (i = 1; i <= n; i++) {
			if (part[i] == "..")
				k--
			else if (part[i] != ".")
				out[++k] = part[i]
		}
		path = ""
		for (i = 1; i <= k; i++)
			path = path (i > 1 ? "/" : "") out[i]
	}
	if (!is_there(path))
		say("link to " to ": there is no " path)
	else if (anchor != "" && !((path, anchor) in heading))
		say("link to " to ": " path " has no such heading")
}

BEGIN {
	FS = "\t"
	load("targets", target)
	load("paths", tracked)
	load("words", known)
	load("settings", setting)
	for (t in target)
		if (t ~ /%/ && t !~ /^%/)
			pattern[t] = 1
		else if (t ~ /^%\.[a-z]/)
			pattern[t] = 1
	for (p in tracked) {
		if (p ~ /^stages\/[^\/]*\.c$/) {
			name = p
			gsub(/^stages\/|\.c$/, "", name)
			stage[name] = 1
		}
		n = split(p, part, "/")
		path = ""
		for (i = 1; i < n; i++) {
			path = path part[i] "/"
			folder[path] = 1
		}
	}
	for (s in setting)
		if (s ~ /\./) {
			sub(/.*\./, "", s)
			suffix[s] = 1
		}
	# make and the shell read these, OpenMP the last
	split("MAKEFLAGS CC CFLAGS PREFIX DESTDIR OMP_WAIT_POLICY OMP_NUM_THREADS", w, " ")
	for (i in w)
		tool_setting[w[i]] = 1
	split("--help --version --verbose --log", w, " ")
	for (i in w)
		common[w[i]] = 1
	while ((getline line <(tmp "/options")) > 0) {
		split(line, field, " ")
		name = field[1]
		is_own = name ~ /^stages\/[^\/]*\.c$/
		gsub(/^.*\/|\.[ch]$/, "", name)
		if (field[2] == "(verbs)") {
			has_verbs[name] = 1
		} else {
			any_option[field[2]] = 1
			if (is_own)
				option[name, field[2]] = 1
			else if (field[2] ~ /^-/)
				common[field[2]] = 1
		}
	}
	while ((getline line <"tests/lint/foreign") > 0) {
		if (line ~ /^#/ || line == "")
			continue
		if (split(line, field, " ") > 1 && field[1] == "tool")
			tool[field[2]] = 1
		else
			foreign[field[1]] = 1
	}
	while ((getline line <(tmp "/code")) > 0) {
		split(line, field, "\t")
		if (field[3] == "heading") {
			anchor = slug(field[4])
			heading[field[1], anchor] = 1
		} else if (field[3] == "here") {
			n = split(field[4], word, " ")
			for (i = 1; i <= n; i++)
				here[field[1], word[i]] = 1
		}
	}
}
$3 == "command" { commands($4) }
$3 == "span" && $4 ~ /^[^ ]+$/ { span_word($4) }
$3 == "span" && $4 ~ / / { commands($4) }
$3 == "link" { link($4, $1) }
