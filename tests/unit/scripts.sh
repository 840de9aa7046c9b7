#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The scripts that judge: what CI counts, and what lint lets pass.
# shellcheck source=tests/tap/tap.sh
. "$srcdir/tests/tap/tap.sh"
tests=$srcdir/tests

# ---- vm/rows.awk: a VM's output, as rows --------------------------------

printf 'l\troot\t9\t-\ta.t\nl\troot\t9\t-\tb.t\n' >"$tmp/steps"
rows() { # rows OUTPUT: the rows, separated by ";"
	printf '%b' "$1" >"$tmp/output"
	awk -f "$tests/vm/rows.awk" "$tmp/steps" "$tmp/output" 2>/dev/null |
		tr '\t\n' ' ;'
}
b='@begin l b.t\nok 1 - x\n1..1\n@end 0 1\n'
is "$(rows "@begin l a.t\nok 1 - x\n1..1\n@end 0 1\n$b")" \
	'PASS l a.t x;PASS l b.t x;' 'rows: what passed'
is "$(rows "@begin l a.t\nnot ok 1 - x\n1..1\n@end 1 1\n$b")" \
	'FAIL l a.t x;PASS l b.t x;' 'rows: what failed'
is "$(rows "@begin l a.t\nok 1 - x # SKIP no\n1..1\n@end 0 1\n$b")" \
	'SKIP l a.t x # SKIP no;PASS l b.t x;' 'rows: what was skipped'
is "$(rows "@begin l a.t\n1..0 # SKIP no\n@end 0 1\n$b")" \
	'SKIP l a.t # SKIP no;PASS l b.t x;' 'rows: a whole file skipped'
is "$(rows "@begin l a.t\nok 1 - x\n1..2\n@end 0 1\n$b")" \
	'PASS l a.t x;FAIL l a.t runs 2 tests as planned;PASS l b.t x;' \
	'rows: a test that did not run is a failure'
is "$(rows "@begin l a.t\nok 1 - x\n@end 124 9\n$b")" \
	'PASS l a.t x;FAIL l a.t prints a plan;PASS l b.t x;' \
	'rows: no plan is a failure'
is "$(rows "@begin l a.t\nok 1 - x\n1..1\n@end 139 1\n$b")" \
	'PASS l a.t x;FAIL l a.t ends with status 0, not 139;PASS l b.t x;' \
	'rows: a crash at the end is a failure'
is "$(rows '@begin l a.t\nok 1 - x\n1..1\n@end 0 1\n@begin l b.t\nok 1 - x\n')" \
	'PASS l a.t x;PASS l b.t x;FAIL l b.t runs to its end in the VM;' \
	'rows: a VM that died is a failure of what had not ended'
is "$(rows '')" \
	'FAIL l a.t runs to its end in the VM;FAIL l b.t runs to its end in the VM;' \
	'rows: and of what had not begun'

# ---- trs.awk: what automake's driver left --------------------------------

trs() {
	printf '%b' "$1" >"$tmp/a.trs"
	case $1 in
	*SKIP*) echo 'SKIP: a.sh 2 - y # SKIP no' ;;
	esac >"$tmp/a.log"
	awk -v leg=l -v file=a.sh -f "$tests/trs.awk" "$tmp/a.trs" \
		"$tmp/a.log" | tr '\t\n' ' ;'
}
is "$(trs ':test-result: PASS 1 - x\n:test-result: SKIP\n')" \
	'PASS l a.sh x;SKIP l a.sh y # SKIP no;' 'trs: passed and skipped'
is "$(trs ':test-result: ERROR - missing test plan\n')" \
	'FAIL l a.sh - missing test plan;' 'trs: an error is a failure'
is "$(trs '')" 'FAIL l a.sh gives a result;' 'trs: no result is a failure'

# ---- flaky.bash: a second run ---------------------------------------------

printf 'PASS\tl\ta\tx\nFAIL\tl\tb\tx\nFAIL\tl\tc\tx\n' >"$tmp/first"
printf 'PASS\tl\tb\tx\nFAIL\tl\tc\tx\n' >"$tmp/again"
is "$("$tests/flaky.bash" "$tmp/first" "$tmp/again" "$tmp/merged")" \
	'l b: x' 'flaky: named where the second run passed'
is "$(tr '\t\n' ' ;' <"$tmp/merged")" \
	'PASS l a x;PASS l b x;FAIL l c x;' 'flaky: failing twice is failing'
: >"$tmp/again"
is "$("$tests/flaky.bash" "$tmp/first" "$tmp/again" "$tmp/merged")" '' \
	'flaky: nothing without a second run'
is "$(tr '\t\n' ' ;' <"$tmp/merged")" \
	'PASS l a x;FAIL l b x;FAIL l c x;' 'flaky: then the first counts'

# ---- pins.awk: nothing can vanish -----------------------------------------

printf '# leg\na 3 1\nb 1 0\n' >"$tmp/pins"
pins() {
	printf '%b' "$1" >"$tmp/legs"
	awk -f "$tests/pins.awk" "$tmp/pins" "$tmp/legs" | grep -c 'NOT AS PINNED'
}
is "$(pins 'a 3 0 1\nb 2 0 0\n')" 0 'pins: as pinned, or better'
is "$(pins 'a 2 0 1\nb 2 0 0\n')" 1 'pins: fewer pass'
is "$(pins 'a 3 0 2\nb 2 0 0\n')" 1 'pins: more are skipped'
is "$(pins 'a 3 0 0\n')" 1 'pins: a leg is gone'
is "$(pins 'a 3 0 0\nb 1 0 0\nc 1 0 0\n')" 1 'pins: a leg is not listed'

# ---- lint ------------------------------------------------------------------

mkdir -p "$tmp/tree/runtime/base" "$tmp/tree/tools" "$tmp/tree/rootfs/overlay"
cd "$tmp/tree" || exit 99
layers() { # layers FILE INCLUDE
	printf '#include %s\n' "$2" >"$1"
	awk -f "$tests/lint/layers.awk" "$tests/lint/layers" "$1"
}
is "$(layers runtime/base/a.c '"runtime/base/b.h"')" '' 'layers: own folder'
is "$(layers runtime/base/a.c '<stdio.h>')" '' 'layers: the C library'
is "$(layers rootfs/overlay/a.c '"policy/policy.h"')" '' 'layers: one header'
has "$(layers rootfs/overlay/a.c '"policy/schema.h"')" \
	'rootfs/overlay may not include policy/schema.h' 'layers: and no other'
has "$(layers runtime/base/a.c '"policy/policy.h"')" \
	'runtime/base may not include' 'layers: upwards'
is "$(layers tools/a.c '<sbx/sbx.h>')" '' 'layers: tools and the public headers'
has "$(layers tools/a.c '"runtime/base/buf.h"')" \
	'tools may not include' 'layers: tools and the inside'

documented() {
	printf '%b' "$1" >a.h
	awk -f "$tests/lint/documented.awk" a.h
}
is "$(documented '/* Does x. */\nint x(void);\nint y(void);\n')" '' \
	'documented: one comment for two in a row'
has "$(documented '/* Does x. */\nint x(void);\n\nint y(void);\n')" 'a.h:4' \
	'documented: none'
is "$(documented 'extern "C" {\n/* Is a. */\nstruct a {\n\tint (*f)(void);\n};\n')" \
	'' 'documented: a member is no function'

done_testing
