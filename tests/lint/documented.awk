# SPDX-License-Identifier: Apache-2.0
# documented.awk HEADER...: each function that a public header declares has a
# comment before it; functions declared one after the other, without an empty
# line between them, may share one.

FNR == 1 {
	commented = 0
	depth = 0
}

/^[ \t]*$/ {
	commented = 0
}

/\*\/[ \t]*$/ {
	commented = 1
	next
}

depth == 0 && /^[a-z].*[a-z_0-9]\(/ && !/^(extern|typedef)/ {
	if (!commented) {
		print FILENAME ":" FNR ": no comment says what it does: " $0
		bad = 1
	}
}

{
	depth += gsub(/{/, "{") - gsub(/}/, "}")
	if (/extern "C" {/)
		depth--
	if (depth < 0)
		depth = 0
}

END {
	exit bad
}
