#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Ways out of a jail, tried in jails of several policies, as root and as an
# ordinary user, on a host full of secrets and open doors (plant.c). First
# without any jail: there each must succeed, or it would show nothing inside.
# shellcheck disable=SC2317 # functions are called by name
. "$srcdir/tests/tap/tap.sh"
. "$srcdir/tests/jail/lib.sh"

jail_setup

# each_class LABEL: one result for each class of probes in $area/out
each_class() {
	grep -a ': ' "$area/out" >"$tmp/lines"
	sed 's,/.*,,' "$tmp/lines" | sort -u >"$tmp/classes"
	while read -r class; do
		grep -a "^$class/" "$tmp/lines" >"$tmp/class"
		total=$(grep -c . "$tmp/class")
		grep -a -v ': held' "$tmp/class" >"$tmp/bad"
		[ ! -s "$tmp/bad" ]
		ok $? "$1: $class: nothing gets out" ||
			diag "$(cat "$tmp/bad") ($total tried)"
	done <"$tmp/classes"
}

# inside LABEL WANT ARGS...: all probes in a jail; at least WANT of them
inside() {
	label="$who, $1"
	want=$2
	shift 2
	plant "$@"
	each_class "$label"
	grep -q -a '^end of probes' "$area/out" &&
		[ "$(grep -c -a -e ': held' -e ': ESCAPED' "$area/out")" \
			-ge "$want" ]
	ok $? "$label: all probes were tried" ||
		diag "status $status" "$(tail -n 3 "$area/err")"
	! grep -q TOUCHED "$area/report" && grep -q intact "$area/report"
	ok $? "$label: the host is as it was" ||
		diag "$(grep TOUCHED "$area/report")"
	! grep -q -a 'SBX-PROBE-' "$area/out" "$area/err"
	ok $? "$label: no secret in what came out"
}

# Only Landlock from ABI 9 on can keep a bound directory's sockets out of reach;
# sbx-policy(5) says so. An overlay always does.
socket_in_workspace() {
	plant "$sbx" run --quiet --policy "$area/rw.yaml" \
		--report "$area/report.json" -- \
		./probe --only socket/path-in-workspace @ctx
	if [ "$(jq .landlock_abi <"$area/report.json")" -ge 9 ]; then
		want='held'
	else
		want='ESCAPED connected'
	fi
	has "$(cat "$area/out")" "path-in-workspace: $want" \
		"$who, writable workspace: its sockets, by Landlock's ABI"
}

for who in $whos; do
	become "$who"
	write_policies
	plant ./probe --bare @ctx @init
	grep -a -v -e ': open' -e '^end of' -e '^before' -e '^MARK$' \
		"$area/out" >"$tmp/bad"
	[ ! -s "$tmp/bad" ] && [ "$(grep -c -a ': open' "$area/out")" -gt 80 ]
	ok $? "$who, without a jail: every probe gets out" ||
		diag "$(cat "$tmp/bad")"
	grep -q TOUCHED "$area/report"
	ok $? "$who, without a jail: it is noticed outside"

	inside 'default policy' 250 "$sbx" run -- ./probe @ctx
	# A directory of the host that is bound as it is has a path there, and
	# mountinfo(5) tells it. For the socket see below.
	inside 'writable workspace' 250 \
		"$sbx" run --policy "$area/rw.yaml" -- ./probe @ctx \
		--not '@(leak/mountinfo|socket/path-in-workspace)'
	socket_in_workspace
	inside 'root inside' 250 \
		"$sbx" run --policy "$area/root.yaml" -- ./probe @ctx
	# There the loopback and the interfaces are the host's by intent.
	inside 'network of the host' 230 \
		"$sbx" run --policy "$area/hostnet.yaml" -- \
		./probe --not 'net/*' @ctx
	inside 'thin filter: PID 1' 15 \
		"$sbx" run --policy "$area/thin.yaml" -- \
		./probe --only 'init/*' @ctx
	inside 'thin filter: processes' 6 \
		"$sbx" run --policy "$area/thin.yaml" -- \
		./probe --only 'host-process/*' @ctx
	inside 'thin filter: keys, files' 50 \
		"$sbx" run --policy "$area/thin.yaml" -- \
		./probe --only '[fir]*/*' @ctx
	inside 'terminal' 250 "$jail_bin/onpty" \
		"$sbx" run -- ./probe @ctx
done

done_testing
