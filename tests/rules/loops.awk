# loops.awk - awk -v least=BYTES -f loops.awk FILE.c REPORT: whether each loop of FILE.c that is marked `#pragma omp simd`
# became vectors of at least so many bytes, by what gcc or clang reported when FILE.c was compiled:
#
#	gcc     -fopt-info-vec-optimized-missed=REPORT --param vect-epilogues-nomask=0
#	clang   -Rpass=loop-vectorize -Rpass-missed=loop-vectorize
#
# A loop is compiled once for each call that it is inlined into, and each of these has a report.  A finding is
# `FILE.c:LINE: text`; exit 1 if any.  Loops without a mark may stay as they are, but a report of some that did not become
# vectors at a line that has no loop is a finding, too: whose it is nobody knows.

function finding(line, text) {
	print source ":" line ": " text
	failed = 1
}

# --- the source: marked loops, their lines from the mark to the end of the statement ---

FNR == NR && /^[ \t]*#pragma omp simd/ {
	from[++marks] = FNR
	is_open = 1
	end = ""
}
FNR == NR {
	source = FILENAME
}
FNR == NR && is_open {
	last[marks] = FNR
	if (/double/)
		has_doubles[marks] = 1
	if (end == "" && /^[ \t]*for \(/) {
		match($0, /^[ \t]*/)
		end = substr($0, 1, RLENGTH) "}"
	}
	# what has no brace at the end of a line before a semicolon there is one statement
	if (/\{$/)
		has_brace = 1
	if (has_brace ? $0 == end : /;$/)
		is_open = has_brace = 0
}
FNR == NR { next }

# --- the report ---

function mark_of(file, line,    m) {
	for (m = 1; file == source && m <= marks; m++)
		if (line >= from[m] && line <= last[m])
			return m
	return 0
}

# Whether that line is in a function with loops, at or below the first of them.
function is_loop(file, line,    i, t, found) {
	for (i = 1; i <= line && (getline t <file) > 0; i++)
		found = t == "{" ? 0 : found || t ~ /(for|while) \(/
	close(file)
	return found
}

function missed(file, line,    m) {
	m = mark_of(file, line)
	if (m) {
		seen[m]++
		scalar[m]++
	} else if (!is_loop(file, line))
		finding(line, "a loop did not become vectors, reported at " file ":" line)
}

function became(file, line, bytes,    m) {
	m = mark_of(file, line)
	if (!m)
		return
	seen[m]++
	if (bytes < least && (!narrow[m] || bytes < narrow[m]))
		narrow[m] = bytes
}

{ split($0, place, ":") }
/ optimized: loop vectorized using [0-9]+ byte vectors/ {
	match($0, /using [0-9]+/)
	became(place[1], place[2] + 0, substr($0, RSTART + 6, RLENGTH - 6) + 0)
}
/ missed: couldn't vectorize loop/ { missed(place[1], place[2] + 0) }
/ missed: *not vectorized: / {
	m = mark_of(place[1], place[2] + 0)
	if (m) { # the last of several tries
		why[m] = $0
		sub(/.*not vectorized: /, ": ", why[m])
		sub(/\.$/, "", why[m])
	}
}
/ remark: vectorized loop \(vectorization width: [0-9]+/ {
	match($0, /width: [0-9]+/)
	m = mark_of(place[1], place[2] + 0)
	became(place[1], place[2] + 0, substr($0, RSTART + 7, RLENGTH - 7) * (has_doubles[m] ? 8 : 4))
}
/ remark: loop not vectorized/ { missed(place[1], place[2] + 0) }

END {
	if (!marks)
		finding(1, "no loop is marked")
	for (m = 1; m <= marks; m++)
		if (!seen[m])
			finding(from[m] + 1, "the compiler reported nothing of this loop")
		else if (scalar[m])
			finding(from[m] + 1, scalar[m] " of " seen[m] " times it did not become vectors" why[m])
		else if (narrow[m])
			finding(from[m] + 1, "vectors of " narrow[m] " bytes, where registers have " least)
	exit failed
}
