# SPDX-License-Identifier: Apache-2.0
# From preset files to the tables of presets.c: what people see of each (its
# summary is the comment on the first line), and the text without its comment
# lines, which is faster to read and has everything on the same line still.
function quote(s) {
	gsub(/["\\]/, "\\\\&", s)
	return "\t  \"" s "\\n\"\n"
}
FNR == 1 {
	name[++n] = FILENAME
	sub(/.*\//, "", name[n])
	sub(/\.yaml$/, "", name[n])
	summary[n] = $0
	sub(/^# */, "", summary[n])
	gsub(/["\\]/, "\\\\&", summary[n])
}
{
	text[n] = text[n] quote($0)
	lean[n] = lean[n] quote($0 ~ /^ *#/ ? "" : $0)
}
END {
	print "static const struct sbx_preset presets[] = {"
	for (i = 1; i <= n; i++)
		printf "\t{ \"%s\", \"%s\",\n%s\t},\n", name[i], summary[i], \
			text[i]
	print "};\n\nstatic const char *const lean[] = {"
	for (i = 1; i <= n; i++)
		printf "%s\t,\n", lean[i]
	print "};"
}
