# SPDX-License-Identifier: Apache-2.0
# rows.awk STEPS OUTPUT: what a VM's job printed, as a row for each result:
# RESULT (PASS, FAIL, SKIP), leg, file, name. A file that did not run, printed
# no plan or another, or ended badly without a "not ok" has a failure named so.
# What a failing file said is shown on standard error.

BEGIN {
	FS = OFS = "\t"
}

FILENAME == ARGV[1] {
	step[++steps] = $1 SUBSEP $5
	next
}

{
	sub(/\r$/, "")
}

/^@begin / {
	split($0, word, " ")
	leg = word[2]
	file = word[3]
	at = leg SUBSEP file
	count = bad = 0
	plan = -1
	text = ""
	inside = 1
	next
}

/^@end / && inside {
	split($0, word, " ")
	inside = 0
	ran[at] = 1
	if (plan < 0 && !bad)
		row("FAIL", "prints a plan")
	else if (plan >= 0 && plan != count)
		row("FAIL", "runs " plan " tests as planned")
	if (word[2] != 0 && !bad)
		row("FAIL", "ends with status 0, not " word[2])
	if (bad)
		printf "--- vm:%s %s (%d s)\n%s", leg, file, word[3], text \
			>"/dev/stderr"
	next
}

!inside {
	next
}

{
	if (length(text) < 20000)
		text = text $0 "\n"
}

/^1\.\.[0-9]+/ {
	plan = substr($0, 4) + 0
	if (plan == 0) {
		sub(/^[^#]*/, "")
		row("SKIP", $0)
	}
}

/^(not )?ok / {
	result = /^ok/ ? "PASS" : "FAIL"
	name = $0
	sub(/^(not )?ok +[0-9]* *-? */, "", name)
	if (result == "PASS" && name ~ /# SKIP/)
		result = "SKIP"
	count++
	row(result, name)
}

function row(result, name) {
	gsub(/\t/, " ", name)
	print result, leg, file, name
	if (result == "FAIL")
		bad = 1
}

END {
	for (i = 1; i <= steps; i++) {
		if (step[i] in ran)
			continue
		split(step[i], word, SUBSEP)
		print "FAIL", word[1], word[2], "runs to its end in the VM"
	}
}
