#!/bin/sh
# lock.sh FILE PID - take the lock FILE for process PID, or print the process that holds it.
#
#	experiments/rules/lock.sh results/.rev/lock 4711
#
# FILE has the holder and when that began, as its number may be another's later: the lock of a process that is
# gone, killed or not, is none.  What the holder itself runs may pass, as a make within its recipes.  flock is
# held while we look, no longer.
set -u
file=$1 me=$2

# state, parent, ..., of a process: what follows its name in /proc/PID/stat, which may have spaces
status()   { sed 's/^.*) //' "/proc/$1/stat" 2>/dev/null; }
began()    { status "$1" | awk '$1 != "Z" { print $20 }'; }
parent()   { status "$1" | cut -d ' ' -f 2; }
# is process $1 or one that runs it the process $2?
is_under() {
	p=$1
	while [ "${p:-0}" -gt 0 ]; do
		[ "$p" != "$2" ] || return 0
		p=$(parent "$p")
	done
	return 1
}

exec 9>>"$file" || exit 1
flock 9
read -r holder since <"$file"
if [ "${holder:-}" ] && [ "$(began "$holder")" = "$since" ]; then
	is_under "$me" "$holder" || echo "$holder"
else
	echo "$me $(began "$me")" >"$file"
fi
