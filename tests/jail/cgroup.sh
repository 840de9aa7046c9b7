#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Limits held by a cgroup that the service manager, or somebody, has left to us.
# shellcheck disable=SC2317 # some are called by name
. "$srcdir/tests/tap/tap.sh"

report=$tmp/report
export XDG_STATE_HOME="$tmp/state"
cd "$tmp" || exit 99
mkdir work && cd work || exit 99

# field NAME: a number or string of the report's JSON
field() {
	sed -n "s/^ *\"$1\": //p" "$report" | head -n 1 |
		sed 's/,$//; s/^"//; s/"$//'
}

sandbox() {
	rm -f "$report"
	run "$SBX" run --quiet --report "$report" "$@"
}

# within SECONDS CMD...: it becomes true
within() {
	left=$(($1 * 10))
	shift
	until "$@"; do
		left=$((left - 1))
		[ "$left" -gt 0 ] || return 1
		sleep 0.1
	done
}

gone() {
	[ ! -e "/sys/fs/cgroup$1" ]
}

no_cgroup_of_ours() {
	[ -z "$(find /sys/fs/cgroup -type d -name 'sbx-[0-9]*' 2>/dev/null)" ]
}

# manager ARGS...: systemd-run of our own service manager
manager() {
	if [ "$(id -u)" -eq 0 ]; then
		systemd-run --quiet --collect "$@"
	else
		systemd-run --user --quiet --collect "$@"
	fi
}

test_none() {
	run "$SBX" run --set limits.enforce=cgroup -- true
	is "$status" 125 "enforce: where there is none, nothing runs"
	has "$err_out" limits.enforce "enforce: the key is named"
	is "$(echo "$err_out" | wc -l)" 1 "enforce: in one line"
}

test_enforce() {
	sandbox --set limits.enforce=cgroup -- true
	is "$status" 0 "enforce: all that the policy asks for is there" ||
		diag "$err_out"
}

test_memory() {
	sandbox --set limits.memory=64M --set limits.swap=0 -- \
		sh -c 'head -c 300M /dev/zero | tail -c 300M >/dev/null; echo on'
	is "$status" 137 "memory: killed"
	is "$(field cause)" oom "memory: the cause"
	is "$out" "" "memory: the whole jail dies, not one of it"
	[ "$(field memory_peak)" -le 67108864 ]
	ok $? "memory: never more than the limit" || diag "$(cat "$report")"
	gone "$path"
	ok $? "memory: the cgroup is gone"
}

test_pids() {
	# shellcheck disable=SC2016 # for the shell in the jail
	sandbox --set limits.pids=40 --set limits.time=60s -- \
		sh -c 'i=0; while [ $i -lt 200 ]; do sleep 60 & i=$((i+1)); done'
	is "$(field cause)" pids "pids: the cause"
	[ "$(field pids_peak)" = null ] || [ "$(field pids_peak)" -le 40 ]
	ok $? "pids: never more than the limit" || diag "$(cat "$report")"
	sandbox --set limits.pids=40 -- sh -c 'sleep 0 & wait; echo fine'
	is "$out" fine "pids: a few are no trouble"
}

# A machine that has no half a core to spare proves nothing: try again.
test_cpu() {
	for try in 1 2 3 4; do
		sandbox --set limits.cpu=0.5 --set limits.time=5s -- \
			sh -c '(while :; do :; done) & while :; do :; done'
		cpu=$(field cpu_us) wall=$(field wall_us)
		[ $((cpu * 100)) -lt $((wall * 45)) ] || break
		diag "try $try: $cpu of $wall us"
	done
	is "$status" 124 "cpu: it runs until its time is over"
	[ $((cpu * 100)) -ge $((wall * 45)) ] &&
		[ $((cpu * 100)) -le $((wall * 55)) ]
	ok $? "cpu: half a core, within a tenth" || diag "$(cat "$report")"
}

test_io() {
	case $(cat "/sys/fs/cgroup${path%/*}/cgroup.controllers" 2>/dev/null) in
	*io*) ;;
	*)
		skip "io: writes are held back" "the io controller is not ours"
		return
		;;
	esac
	start=$(date +%s)
	sandbox --set limits.io_write=1M -- \
		dd if=/dev/zero of=x bs=1M count=5 conv=fsync
	is "$status" 0 "io: what is held back goes on" || diag "$err_out"
	[ $(($(date +%s) - start)) -ge 3 ]
	ok $? "io: writes are held back"
}

# The limits' holder dies: nothing is left that could outlive it.
test_sigkill() {
	"$SBX" run --quiet -- sh -c 'echo up; exec sleep 300' >"$tmp/up" 2>&1 &
	pid=$!
	within 30 grep -q up "$tmp/up"
	ok $? "SIGKILL: a jail is running"
	kill -9 "$pid"
	wait "$pid" 2>/dev/null
	within 20 no_cgroup_of_ours
	ok $? "SIGKILL of sbx leaves no cgroup" ||
		diag "$(find /sys/fs/cgroup -name 'sbx-[0-9]*' 2>/dev/null)"
}

test_two() {
	"$SBX" run --quiet -- sh -c 'sleep 2; echo one' >"$tmp/one" 2>&1 &
	sandbox -- echo two
	is "$out" two "two at once: the second"
	wait
	is "$(cat "$tmp/one")" one "two at once: the first"
}

# A unit whose cgroup was left to the program in it.
test_unit() {
	run manager --scope -p Delegate=yes --unit "sbx-test-$$.scope" \
		"$SBX" run --quiet --report "$report" -- echo in a unit
	is "$out" "in a unit" "a delegated unit: it runs there" ||
		diag "$err_out"
	has "$(field path)" "/sbx-test-$$.scope/sbx-" \
		"a delegated unit: and its jail lies in the unit"
	run manager --scope -p Delegate=yes \
		sh -c '"$@"; :' sh "$SBX" run --quiet --report "$report" -- true
	is "$(field how)" systemd \
		"a delegated unit with others in it: a scope of our own"
}

# Who has made a cgroup by hand names it.
test_named() {
	# shellcheck disable=SC2016 # for the shell in the scope
	run manager --scope -p Delegate=yes sh -c '
		own=/sys/fs/cgroup$(sed -n "s/^0:://p" /proc/self/cgroup)
		mkdir "$own/shell" "$own/jails" &&
			echo $$ >"$own/shell/cgroup.procs" &&
			echo "+memory +pids" >"$own/cgroup.subtree_control" &&
			SBX_CGROUP=$own/jails "$@" &&
			rmdir "$own/jails"' \
		sh "$SBX" run --quiet --report "$report" -- echo named
	is "$out" named "SBX_CGROUP: it runs" || diag "$err_out"
	is "$status" 0 "SBX_CGROUP: and leaves the directory empty" ||
		diag "$err_out"
	has "$(field path)" /jails/sbx- "SBX_CGROUP: the jail lies in it"
	SBX_CGROUP=/proc run "$SBX" run -- true
	is "$status" 125 "SBX_CGROUP: what is no cgroup is an error"
	has "$err_out" SBX_CGROUP "SBX_CGROUP: and is named"
}

unset SBX_CGROUP
sandbox -- true
is "$status" 0 "a run with the default limits" || diag "$err_out"
path=$(field path)
if [ "$(field how)" = none ]; then
	test_none
	skip "limits are held by a cgroup" "$(field why_not)"
	done_testing
fi
diag "$(field how) $path"
gone "$path"
ok $? "the cgroup is gone when the run is over"
has "$(cat "$report")" '"enforced_by": "cgroup"' "the report says who holds them"
test_enforce
test_memory
test_pids
test_cpu
test_io
test_sigkill
test_two
test_unit
test_named
done_testing
