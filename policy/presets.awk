# SPDX-License-Identifier: Apache-2.0
# From preset files to the rows of presets.c: { name, summary, text }. The
# summary is the comment on a file's first line.
FNR == 1 {
	if (NR > 1)
		print "\t},"
	name = FILENAME
	sub(/.*\//, "", name)
	sub(/\.yaml$/, "", name)
	summary = $0
	sub(/^# */, "", summary)
	gsub(/["\\]/, "\\\\&", summary)
	printf "\t{ \"%s\", \"%s\",\n", name, summary
}
{
	gsub(/["\\]/, "\\\\&")
	printf "\t  \"%s\\n\"\n", $0
}
END {
	print "\t},"
}
