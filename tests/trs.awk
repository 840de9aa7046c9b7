# SPDX-License-Identifier: Apache-2.0
# trs.awk -v leg=LEG -v file=TEST TRS LOG: the results that automake's driver
# left, as rows "RESULT leg file name", separated by tabs. The driver keeps
# neither name nor reason of what was skipped: the log has them.

FILENAME == ARGV[2] {
	if (/^SKIP: /) {
		sub(/^SKIP: [^ ]+ ?/, "")
		row("SKIP", $0)
	}
	next
}

/^:test-result: / {
	result = $2
	sub(/^:test-result: [A-Z]+ ?/, "")
	if (result == "ERROR" || result == "XPASS")
		result = "FAIL"
	n++
	if (result != "SKIP")
		row(result, $0)
}

function row(result, name) {
	sub(/^[0-9]+ -? ?/, "", name)
	gsub(/\t/, " ", name)
	print result "\t" leg "\t" file "\t" name
}

END {
	if (!n)
		print "FAIL\t" leg "\t" file "\tgives a result"
}
