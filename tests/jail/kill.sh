#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# sbx killed by SIGKILL at random moments of a run that writes through its
# overlay and forks: nothing is left, SBX_TEST_KILLS times (500).
# shellcheck disable=SC2317 # functions are called by name
. "$srcdir/tests/tap/tap.sh"
. "$srcdir/tests/jail/lib.sh"

kills=${SBX_TEST_KILLS:-$(few 500 60)}
[ "$(id -u)" -ne 0 ] || kills=$((kills / 2))
jail_setup
# A name of its own: it is how what is left of a jail would be found, PID 1
# (which is a fork of it) included.
name=sbx$$k
mv "$sbx" "$jail_bin/$name"
sbx=$jail_bin/$name

jail_processes() {
	grep -l -x "$name" /proc/[0-9]*/comm 2>/dev/null
}
nothing_runs() {
	[ -z "$(jail_processes)" ] && no_process_with "$mark"
}
cgroups() {
	find /sys/fs/cgroup -type d -name '*sbx*' 2>/dev/null | sort
}

# The first runs of all, side by side: each may make the state directory.
test_first_runs() {
	refused=
	i=0
	while [ $i -lt 25 ]; do
		rm -rf "$home/.local/state/sbx"
		in_ws "$sbx" run -- true >"$tmp/one" 2>&1 </dev/null &
		one=$!
		in_ws "$sbx" run -- true >"$tmp/other" 2>&1 </dev/null &
		wait $one || refused="$refused $(cat "$tmp/one")"
		wait $! || refused="$refused $(cat "$tmp/other")"
		i=$((i + 1))
	done
	is "$refused" "" "$who: first runs side by side all start"
}

for who in $whos; do
	become "$who"
	test_first_runs
	mark="98761.$$"
	cgroups_before=$(cgroups)
	mkdir -p "$area/ws/old"
	echo old >"$area/ws/old/file"
	[ "$who" != user ] || chown -R "$test_uid" "$area/ws"
	listing "$area/ws" >"$tmp/before"
	run in_ws "$jail_bin/storm" "$kills" 2 30000 "$sbx" run -- sh -c "
		i=0
		while [ \$i -lt 20 ]; do
			sleep $mark &
			mkdir d\$i; echo \$i >d\$i/f; echo new >old/file
			rm -f old/file; i=\$((i + 1))
		done
		wait"
	is "$out" "killed $kills ended 0" "$who: all were killed by SIGKILL" ||
		diag "$(tail -n 5 "$tmp/.err")"
	until_true 10 nothing_runs
	ok $? "$who: no process is left" ||
		diag "$(jail_processes)" "$(processes_with "$mark")"
	! grep -q -F "$area" /proc/self/mountinfo
	ok $? "$who: no mount is left"
	listing "$area/ws" >"$tmp/after"
	cmp -s "$tmp/before" "$tmp/after"
	ok $? "$who: the tree is as it was" ||
		diag "$(diff "$tmp/before" "$tmp/after" | head -n 20)"

	jail -- true
	is "$status" 0 "$who: the next run starts" || diag "$err_out"
	state=$home/.local/state/sbx
	is "$(find "$state/live" -mindepth 1 2>/dev/null | head -n 5)" "" \
		"$who: it has swept what the killed ones left"
	run as "$sbx" discard --all
	is "$status" 0 "$who: their changes can be dropped" || diag "$err_out"
	is "$(find "$state/live" "$state/kept" -mindepth 1 2>/dev/null |
		head -n 5)" "" "$who: the state directory has none of them then"
	[ "$(cgroups)" = "$cgroups_before" ]
	ok $? "$who: no cgroup is left" || diag "$(cgroups)"
done
done_testing
