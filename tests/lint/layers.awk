# SPDX-License-Identifier: Apache-2.0
# layers.awk TABLE FILE...: report includes that tests/lint/layers forbids.

FILENAME == ARGV[1] {
	if (/^[^#]/) {
		folder = $1
		$1 = ""
		allowed[folder] = $0 " "
	}
	next
}

FNR == 1 {
	mine = folder_of(FILENAME)
	if (mine == "")
		complain("its folder is not in tests/lint/layers")
}

/^#[ \t]*include[ \t]/ {
	target = $0
	sub(/^#[ \t]*include[ \t]*/, "", target)
	angle = target ~ /^</
	target = substr(target, 2)
	sub(/[>"].*$/, "", target)
	if (target ~ /^sbx\//)
		kind = "public"
	else if (angle || target == "config.h")
		next	# the C library's and others'
	else
		kind = target
	if (!may(kind))
		complain(mine " may not include " target)
}

function folder_of(path, best, f) {
	best = ""
	for (f in allowed)
		if (index(path, f "/") == 1 && length(f) > length(best))
			best = f
	return best
}

function may(kind, n, i, word) {
	if (kind == "public" && mine == "runtime/include")
		return 1
	if (index(kind, mine "/") == 1)
		return 1
	n = split(allowed[mine], word, " ")
	for (i = 1; i <= n; i++)
		if (kind == word[i] || index(kind, word[i] "/") == 1)
			return 1
	return 0
}

function complain(text) {
	print FILENAME ":" FNR ": " text
	bad = 1
}

END {
	exit bad
}
