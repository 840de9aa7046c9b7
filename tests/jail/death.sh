#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# How a run can end: exit status, cause and report of each; signals to sbx;
# processes left behind; the three streams.
# shellcheck disable=SC2317 # functions are called by name
. "$srcdir/tests/tap/tap.sh"
. "$srcdir/tests/jail/lib.sh"

jail_setup

# field NAME: of the last report
field() {
	jq -r ".$1" <"$report" 2>&1
}

# dies WANT-STATUS WANT-CAUSE NAME ARGS...: sbx run with a report
dies() {
	want=$1
	cause=$2
	name="$who: $3"
	shift 3
	rm -f "$report"
	jail --report "$report" "$@"
	is "$status" "$want" "$name: exit status" || diag "$err_out"
	is "$(field cause)" "$cause" "$name: cause" || diag "$(cat "$report")"
}

test_exits() {
	jail -- ./hog exit 0
	bad=
	for code in 1 2 3 7 63 64 99 100 101 123 124 125 126 127 128 129 200 \
		254 255; do
		jail -- ./hog exit "$code"
		[ "$status" -eq "$code" ] || bad="$bad $code:$status"
	done
	is "$bad" "" "$who: exit codes from 1 to 255 are kept"
	dies 0 exit "exit 0" -- ./hog exit 0
	is "$(field exit_code)" 0 "$who: exit 0: exit_code"
	dies 42 exit "exit 42" -- ./hog exit 42
	is "$(field exit_code)" 42 "$who: exit 42: exit_code"
	dies 127 setup "unknown command" -- no-such-command
	has "$err_out" no-such-command "$who: unknown command: it is named"
	dies 127 setup "unknown path" -- ./no/such/file
	: >"$area/ws/plain"
	[ "$who" != user ] || chown "$test_uid" "$area/ws/plain"
	dies 126 setup "not executable" -- ./plain
	has "$err_out" plain "$who: not executable: it is named"
	dies 126 setup "a directory" -- /usr
}

test_signals() {
	for sig in 1 2 3 4 6 8 9 11 13 15; do
		dies $((128 + sig)) signal "killed by signal $sig" -- \
			./hog kill "$sig"
		is "$(field signal)" "$sig" "$who: signal $sig is reported"
	done
}

# The program stands in the foreground, sbx gets the signal.
test_forwarding() {
	for row in HUP:1 INT:2 QUIT:3 USR1:10 USR2:12; do
		sig=${row%:*}
		number=${row#*:}
		in_ws "$sbx" run -- ./hog catch >"$tmp/caught" 2>&1 </dev/null &
		pid=$!
		until_true 30 grep -q ready "$tmp/caught"
		kill -s "$sig" "$(sbx_below "$pid")"
		until_true 30 grep -q "signal $number" "$tmp/caught"
		ok $? "$who: SIG$sig reaches the program" ||
			diag "$(cat "$tmp/caught")"
		kill -s TERM "$(sbx_below "$pid")"
		wait "$pid"
		is $? 60 "$who: SIGTERM after SIG$sig: its own way to end"
	done
	in_ws "$sbx" run --report "$report" -- sleep 1000 </dev/null \
		>"$tmp/caught" 2>&1 &
	pid=$!
	until_true 30 has_child "$(sbx_below "$pid")"
	until_true 30 running 'sleep 1000'
	kill -s TERM "$(sbx_below "$pid")"
	wait "$pid"
	is $? 143 "$who: SIGTERM ends a program that does not catch it"
	is "$(field cause)" killed "$who: and the cause is that"
}

running() {
	! no_process_with "$1"
}

# A background job of the shell is the subshell of in_ws; sbx is below it.
sbx_below() {
	until_true 30 sbx_found "$1"
	cat "$tmp/sbx-pid"
}
sbx_found() {
	for c in "$1" $(pgrep -P "$1") $(pgrep -P "$(pgrep -P "$1" | head -n 1)"); do
		[ "$(cat "/proc/$c/comm" 2>/dev/null)" = sbx ] || continue
		echo "$c" >"$tmp/sbx-pid"
		return 0
	done
	return 1
}
has_child() {
	[ -n "$(pgrep -P "$1")" ]
}

test_left_behind() {
	dies 5 exit "a daemon without our streams is left" -- \
		./hog daemon 0 5
	dies 5 exit "a daemon that holds our streams is left" -- \
		./hog daemon 1 5
	until_true 10 no_process_with './hog daemon'
	ok $? "$who: the daemons are gone with the end" ||
		diag "$(processes_with './hog daemon')"
	dies 3 exit "its streams closed, it lives on" -- ./hog silent 300 3
	dies 0 exit "PID 1 reaps orphans" -- ./hog orphans 200
	has "$out" "left 0" "$who: no zombie is left of 200"
	jail -- sh -c '(setsid sleep 1000 &) ; exit 9'
	is "$status" 9 "$who: a grandchild with a session of its own"
	jail -- sh -c 'kill -9 -1; exit 1'
	isnt "$status" 0 "$who: kill -9 -1 inside ends the program"
	kill -0 $$
	ok $? "$who: and nothing outside"
}

test_streams() {
	echo 'text of the caller' >"$tmp/in"
	(in_ws "$sbx" run -- cat) <"$tmp/in" >"$tmp/got" 2>&1
	is "$(cat "$tmp/got")" 'text of the caller' "$who: input from a file"
	printf 'a\0b\377c\r\n' >"$tmp/in"
	(in_ws "$sbx" run -- cat) <"$tmp/in" >"$tmp/got" 2>&1
	cmp -s "$tmp/in" "$tmp/got"
	ok $? "$who: every byte value survives"
	(in_ws "$sbx" run -- sh -c 'cat; echo end') </dev/null >"$tmp/got" 2>&1
	is "$(cat "$tmp/got")" end "$who: an empty input ends"
	(in_ws "$sbx" run -- sh -c 'cat; echo end') <&- >"$tmp/got" 2>&1
	has "$(cat "$tmp/got")" end "$who: a closed input does no harm"
	head -c 1000000 /dev/zero | (in_ws "$sbx" run -- head -c 5) >"$tmp/got"
	is "$(wc -c <"$tmp/got")" 5 "$who: a program that does not read on"
	in_ws "$sbx" run -- sh -c 'echo out; echo err >&2' </dev/null \
		>"$tmp/got" 2>"$tmp/got.err"
	is "$(cat "$tmp/got" "$tmp/got.err")" "out
err" "$who: two streams stay two"
	as "$area/ws/hog" bytes 100 | sha256sum >"$tmp/want"
	in_ws "$sbx" run -- ./hog bytes 100 </dev/null 2>&1 |
		sha256sum >"$tmp/got"
	cmp -s "$tmp/want" "$tmp/got"
	ok $? "$who: 100 MiB of output arrive as they are"
	as "$area/ws/hog" bytes 20 |
		in_ws "$sbx" run -- sh -c 'sha256sum' >"$tmp/got" 2>&1
	as "$area/ws/hog" bytes 20 | sha256sum >"$tmp/want"
	cmp -s "$tmp/want" "$tmp/got"
	ok $? "$who: 20 MiB of input arrive as they are"
	in_ws "$sbx" run -- ./hog bytes 100 </dev/null 2>/dev/null |
		head -c 10 | wc -c >"$tmp/got"
	is "$(cat "$tmp/got")" 10 "$who: a reader that leaves early"
	(in_ws "$sbx" run --quiet -- echo x) >/dev/full 2>"$tmp/got.err" \
		</dev/null
	is "$(grep -c 'core dumped' "$tmp/got.err")" 0 \
		"$who: an output that takes nothing"
}

test_setup_failure() {
	cat >"$area/bad.yaml" <<-END
	version: 1
	mounts:
	  - {host: $area/gone, guest: /data, access: ro}
	END
	chmod 644 "$area/bad.yaml"
	jail --policy "$area/bad.yaml" -- true
	is "$status" 125 "$who: a missing mount source: exit 125"
	has "$err_out" "$area/gone" "$who: a missing mount source is named"
	is "$(echo "$err_out" | wc -l)" 1 "$who: in one line"
	cat >"$area/late.yaml" <<-END
	version: 1
	workdir: /workspace/no/such/directory
	END
	chmod 644 "$area/late.yaml"
	dies 125 setup "a missing work directory" \
		--policy "$area/late.yaml" -- true
	has "$err_out" /workspace/no/such "$who: it is named"
	isnt "$(field step)" null "$who: the report names the step" ||
		diag "$(cat "$report")"
}

test_killed_supervisor() {
	mark="87651.$$"
	for how in KILL STOP; do
		in_ws "$sbx" run -- sh -c "sleep $mark & setsid sleep $mark &
			echo ready; sleep $mark" >"$tmp/caught" 2>&1 </dev/null &
		pid=$!
		until_true 30 grep -q ready "$tmp/caught"
		[ $how != STOP ] || kill -s STOP "$(sbx_below "$pid")"
		kill -s KILL "$(sbx_below "$pid")"
		wait "$pid"
		until_true 10 no_process_with "$mark"
		ok $? "$who: supervisor gone by SIG$how: all is gone" ||
			diag "$(processes_with "$mark")"
	done
}

for who in $whos; do
	become "$who"
	report=$area/report.json
	cp "$jail_bin/hog" "$area/ws/hog"
	test_exits
	test_signals
	test_forwarding
	test_left_behind
	test_streams
	test_setup_failure
	test_killed_supervisor
done
done_testing
