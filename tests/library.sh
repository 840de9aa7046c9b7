#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# libsbx as another project uses it: installed, found by pkg-config, linked.
# shellcheck source=tests/tap/tap.sh
. "$srcdir/tests/tap/tap.sh"

root=$tmp/root
(unset MAKEFLAGS MFLAGS MAKELEVEL
make -s -C "$builddir" install DESTDIR="$root" prefix=/usr) >"$tmp/log" 2>&1
ok $? "make install" || diag "$(tail -n 20 "$tmp/log")"
lib=$(dirname "$(find "$root" -name libsbx.so)")
[ -d "$lib/pkgconfig" ]
ok $? "pkg-config file beside the library"

export PKG_CONFIG_SYSROOT_DIR="$root" PKG_CONFIG_PATH="$lib/pkgconfig"
run pkg-config --modversion sbx
is "$out" "$("$SBX" --version | sed -n '1s/.* //p')" \
	"pkg-config and the program know the same version"
# --define-variable: the configured prefix is not this test's
flags="$(pkg-config --define-variable=prefix=/usr --cflags --libs sbx)"

cat >"$tmp/use.c" <<'END'
#include <sbx/sbx.h>
#include <sbx/version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	struct sbx_policy_source src = { .cwd = argv[1] };
	struct sbx_policy *p = NULL;
	struct sbx_err err = { 0 };
	char *text = NULL;
	int r;

	if (argc != 2)
		return 99;
	src.text = "{version: 1, limits: {pids: 7}}";
	src.text_len = strlen(src.text);
	r = sbx_policy_load(&src, &p, &err);
	if (r == 0)
		r = sbx_policy_show(p, SBX_YAML, &text, &err);
	puts(r == 0 ? text : err.msg);
	free(text);
	sbx_policy_free(p);
	src.text = "{version: 1, limits: {pidz: 7}}";
	p = NULL;
	if (sbx_policy_load(&src, &p, &err) < 0)
		puts(err.msg);
	return r != 0;
}
END
# shellcheck disable=SC2086 # lists of words
$CC -Wall -Wextra -Werror -o "$tmp/use" "$tmp/use.c" $flags >"$tmp/log" 2>&1
ok $? "a program of another project builds" || diag "$(cat "$tmp/log")"
run env LD_LIBRARY_PATH="$lib" "$tmp/use" "$tmp"
is "$status" 0 "and runs"
has "$out" "pids: 7" "it reads and shows a policy"
has "$out" "pidz: unknown key" "it is told what is wrong with another"

done_testing
