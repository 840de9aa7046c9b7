#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every limit, reached on purpose: what ends the run, what the report says, and
# that only the jail is hurt. Where the host delegates no cgroup the watchdog
# holds them; the report tells who did.
# shellcheck disable=SC2016,SC2317 # functions are called by name, text runs inside
. "$srcdir/tests/tap/tap.sh"
. "$srcdir/tests/jail/lib.sh"

jail_setup

field() {
	jq -r ".$1" <"$report" 2>&1
}

# stops WANT-STATUS WANT-CAUSE KEY=VALUE COMMAND...
stops() {
	name="$who: $3: $4 $5 $6"
	rm -f "$report"
	want=$1
	cause=$2
	set_key=$3
	shift 3
	jail --quiet --report "$report" --set "limits.$set_key" \
		--set limits.time=60s -- "$@"
	is "$status" "$want" "$name: exit status" ||
		diag "$out" "$err_out" "$(cat "$report")"
	is "$(field cause)" "$cause" "$name: cause" || diag "$(cat "$report")"
}

# What the report says of a limit: key, then the field
limit() {
	jq -r ".limits[] | select(.key == \"limits.$1\") | .$2" <"$report"
}

test_memory() {
	stops 137 oom memory=64M ./hog memory 256
	is "$(limit memory reached)" true "$who: memory: marked as reached"
	isnt "$(limit memory enforced_by)" "" "$who: memory: by whom"
	has "$err_out" limits.memory "$who: memory: the key is named"
	stops 137 oom memory=64M ./hog memory-each 24 4
	stops 137 oom memory=64M ./hog memfd 256
	stops 137 oom memory=64M ./hog file 256 /dev/shm/fill
	stops 0 exit memory=256M ./hog file 32 /tmp/fill
}

test_tmpfs() {
	stops 51 exit tmp=16M ./hog file 64 /tmp/fill
	has "$out" "No space left" "$who: /tmp is full at its size"
	stops 51 exit tmp=16M ./hog file 64 /dev/shm/fill
	has "$out" "No space left" "$who: /dev/shm is full at its size"
}

# An rlimit stands behind the watchdog, with room for 16, but root is free of
# it; a cgroup binds root as well.
bound() {
	[ "$(field cgroup.how)" != none ] && room=0 || room=16
	[ "$who" != root ] || [ "$room" -eq 0 ] || room=100000
	[ "$1" -le $(($2 + room)) ]
}

test_processes() {
	stops 137 pids pids=40 ./hog fork 500
	made=$(echo "$out" | sed -n 's/^made //p')
	bound "${made:-0}" 40
	ok $? "$who: pids: no more than the limit" || diag "$out"
	stops 137 pids pids=64 ./hog bomb
	bound "$(field usage.pids_peak)" 64
	ok $? "$who: a fork bomb stays within the limit" ||
		diag "$(field usage.pids_peak)"
	until_true 10 no_process_with './hog bomb'
	ok $? "$who: nothing of the bomb lives on"
}

test_cpu() {
	stops 152 cpu cpu_time=1s ./hog spin 30000 1
	stops 152 cpu cpu_time=1s ./hog spin 30000 3
	[ "$(field usage.cpu_us)" -lt 6000000 ]
	ok $? "$who: cpu_time: it is stopped near to it" ||
		diag "$(field usage)"
	# Two processes that each want a whole core, for 5 s, with half of one.
	jail --quiet --report "$report" --set limits.cpu=0.5 -- \
		./hog spin 5000 2
	is "$status" 0 "$who: cpu: it runs" || diag "$err_out"
	used=$(field usage.cpu_us)
	wall=$(field usage.wall_us)
	[ "$used" -gt 0 ] && [ $((used * 1000 / wall)) -le 600 ]
	ok $? "$who: cpu: it gets about half a core" ||
		diag "$used of $wall us"
}

test_time() {
	stops 124 timeout time=1s ./hog fork 0
	stops 124 idle idle=1s ./hog fork 0
	jail --quiet --report "$report" --set limits.idle=3s -- sh -c \
		'for i in 1 2 3 4 5 6 7 8; do echo $i; sleep 0.5; done'
	is "$status" 0 "$who: idle: output keeps it alive"
	jail --quiet --set limits.time=1s -- sh -c 'echo partial; sleep 60'
	is "$status" 124 "$who: time: exit status"
	is "$out" partial "$who: time: what it printed is there"
	jail --quiet --set limits.time=1s -- sh -c \
		'trap "" TERM INT HUP; while :; do sleep 1; done'
	is "$status" 124 "$who: time: signals ignored do not help"
}

test_output() {
	stops 137 output output=1M ./hog print 64
	[ "${#out}" -ge 1048576 ] && [ "${#out}" -le 1048577 ]
	ok $? "$who: output: as much as the limit came out" || diag "${#out}"
	is "$(field usage.output_cut)" true "$who: output: it says it was cut"
	stops 0 exit output=2M ./hog print 1
}

test_files() {
	stops 0 exit open_files=64 ./hog open 500
	[ "$(echo "$out" | sed -n 's/^opened //p')" -lt 64 ]
	ok $? "$who: open_files: no more than the limit" || diag "$out"
	stops 51 exit file_size=4M ./hog file 64 ./big
	has "$out" "File too large" "$who: file_size: refused beyond it"
	stops 137 disk disk=16M ./hog file 4000 ./big
	[ ! -e "$area/ws/big" ]
	ok $? "$who: the workspace is as it was"
}

test_enforce() {
	jail --quiet --report "$report" --set limits.memory=64M -- true
	isnt "$(limit memory enforced_by)" null "$who: a limit has a holder"
	how=$(field cgroup.how)
	jail --set limits.enforce=cgroup -- true
	if [ "$how" = none ]; then
		is "$status" 125 "$who: enforce: cgroup is refused without one"
		has "$err_out" limits.enforce "$who: enforce: it names the key"
	else
		is "$status" 0 "$who: enforce: cgroup works" || diag "$err_out"
		is "$err_out" "" "$who: enforce: and says nothing"
	fi
}

for who in $whos; do
	become "$who"
	report=$area/report.json
	cp "$jail_bin/hog" "$area/ws/hog"
	test_memory
	test_tmpfs
	test_processes
	test_cpu
	test_time
	test_output
	test_files
	test_enforce
done
done_testing
