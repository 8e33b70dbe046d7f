#!/bin/sh
# vary.sh CONF VARIANT OUT - the settings CONF with the changes that VARIANT names, as OUT.
#
#	experiments/rules/vary.sh experiments/training/search-fashion.conf epochs-2+learning_rate-0.002 OUT
#
# A change is KEY-VALUE, as names of files have no `=`; several have a + between.  Only keys that CONF has.
set -eu
conf=$1 variant=$2 out=$3
[ -r "$conf" ] || { echo "cannot read $conf" >&2; exit 1; }
trap 'rm -f "$out.new"' EXIT
awk -v conf="$conf" -v variant="$variant" '
function refuse(text) {
	print variant ": " text >"/dev/stderr"
	refused = 1
	exit 1
}
BEGIN {
	n = split(variant, change, "+")
	if (variant == "" || variant ~ /^[+]|[+]$/)
		refuse("expected KEY-VALUE, several with + between")
	for (i = 1; i <= n; i++) {
		at = index(change[i], "-")
		key = substr(change[i], 1, at - 1)
		if (key == "" || at == length(change[i]))
			refuse("expected KEY-VALUE, not \"" change[i] "\"")
		if (key in value)
			refuse("changes " key " twice")
		value[key] = substr(change[i], at + 1)
		order[i] = key
	}
}
{
	key = $0
	sub(/^[ \t]*/, "", key)
	if (!sub(/[ \t]*=.*/, "", key) || !(key in value)) {
		print
		next
	}
	print key " = " value[key]
	has[key]
}
END {
	for (i = 1; i <= n && !refused; i++)
		if (!(order[i] in has))
			refuse(conf " has no key " order[i])
}' "$conf" >"$out.new"
mv "$out.new" "$out"
