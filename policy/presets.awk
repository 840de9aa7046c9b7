# SPDX-License-Identifier: Apache-2.0
# From preset files to the rows of presets.c: name, summary (the comment on the
# first line) and text.
function escape(s) {
	gsub(/["\\]/, "\\\\&", s)
	return s
}
FNR == 1 {
	if (NR > 1)
		print "\t},"
	name = FILENAME
	sub(/.*\//, "", name)
	sub(/\.yaml$/, "", name)
	summary = $0
	sub(/^# */, "", summary)
	printf "\t{ \"%s\", \"%s\",\n", name, escape(summary)
}
{
	printf "\t  \"%s\\n\"\n", escape($0)
}
END {
	print "\t},"
}
