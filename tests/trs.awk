# SPDX-License-Identifier: Apache-2.0
# trs.awk -v leg=LEG -v file=TEST TRS: the results that automake's driver left,
# as rows "RESULT leg file name", separated by tabs.

/^:test-result: / {
	result = $2
	sub(/^:test-result: [A-Z]+ ?/, "")
	sub(/^[0-9]+ -? ?/, "")
	gsub(/\t/, " ")
	if (result == "ERROR" || result == "XPASS")
		result = "FAIL"
	print result "\t" leg "\t" file "\t" $0
	n++
}

END {
	if (!n)
		print "FAIL\t" leg "\t" file "\tgives a result"
}
