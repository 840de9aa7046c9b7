#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# sbx run at a terminal (tty.c), as root and as an ordinary user.
# shellcheck disable=SC2317 # functions are called by name
. "$srcdir/tests/tap/tap.sh"
. "$srcdir/tests/jail/lib.sh"

jail_setup
for who in $whos; do
	become "$who"
	run in_ws "$jail_bin/tty" "$sbx"
	merge "$who"
	until_true 20 no_process_with 'sleep 98765'
	ok $? "$who: nothing lives on after the hangup"
done
done_testing
