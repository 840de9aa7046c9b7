#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run-one.sh COMMAND...: run a test with a time limit ($TEST_SECONDS, else 300).
# What it prints goes through a file: a process that a broken test leaves
# behind would hold a pipe open for ever. Such processes are ended with it.
seconds=${TEST_SECONDS:-300}
log=$(mktemp) || exit 99
trap 'rm -f "$log"' EXIT
timeout -k 10 "$seconds" "$@" >"$log" 2>&1 </dev/null &
group=$! # timeout leads a process group of its own
trap 'kill -KILL -- "-$group"; exit 99' INT TERM HUP
wait "$group"
status=$?
kill -KILL -- "-$group" 2>/dev/null
cat "$log"
if [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
	echo "# it took more than $seconds s and was killed" >&2
fi
exit "$status"
