# SPDX-License-Identifier: Apache-2.0
# pins.awk tests/skips LEGS: LEGS has lines "leg passed failed skipped". Print
# each with a word on whether it is as pinned: at least so many passed, no
# more were skipped, and no leg is missing.

FILENAME == ARGV[1] {
	if (/^[^#]/) {
		passes[$1] = $2
		skips[$1] = $3
	}
	next
}

{
	seen[$1] = 1
	text = sprintf("%-16s %5d passed %3d failed %3d skipped", $1, $2, $3, $4)
	if (!($1 in passes))
		text = text "  NOT AS PINNED: no line in tests/skips"
	else if ($2 + 0 < passes[$1] + 0)
		text = text "  NOT AS PINNED: at least " passes[$1] " pass"
	else if ($4 + 0 > skips[$1] + 0)
		text = text "  NOT AS PINNED: at most " skips[$1] " are skipped"
	print text
}

END {
	for (leg in passes)
		if (!(leg in seen))
			print leg "  NOT AS PINNED: the leg did not run"
}
