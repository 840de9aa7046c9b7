#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# exec.sh TEST: what prove runs for each test file, from the build directory.
# shellcheck disable=SC2154 # make gives srcdir and builddir
test=${1#"$srcdir/"}
case $test in
*.sh) exec sh "$srcdir/$test" ;;
*) exec "$builddir/$test" ;;
esac
