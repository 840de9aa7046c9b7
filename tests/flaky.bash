#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# flaky.bash ROWS AGAIN MERGED: rows are "RESULT leg file name", separated by
# tabs. For each file in AGAIN its rows there take the place of those in ROWS;
# print "leg file: name" of the failures that a second run did not have.
set -eu
awk -F '\t' -v merged="$3" '
	NR == FNR { again[$2, $3] = 1; text = text $0 "\n"
		if ($1 == "FAIL") twice[$2, $3] = 1
		next }
	!(($2, $3) in again) { print >merged; next }
	$1 == "FAIL" && !(($2, $3) in twice) { print $2 " " $3 ": " $4 }
	END { printf "%s", text >merged }' "$2" "$1"
