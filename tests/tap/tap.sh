# SPDX-License-Identifier: Apache-2.0
# The Test Anything Protocol for tests written in POSIX shell: source it.
#
#   . "$srcdir/tests/tap/tap.sh"
#   run cmd args...              # sets $out, $err_out (files' text), $status
#   is "$status" 0 "it ends well"
#   has "$out" "text" "it says so"
#   done_testing
#
# $SBX is the program, $tmp a directory of this test that is removed at exit.

tap_count=0
tap_failed=0
tmp=$(mktemp -d "${TMPDIR:-/tmp}/sbx-test.XXXXXX") || exit 99
tap_cleanup=
trap 'eval "$tap_cleanup"; chmod -R u+rwX "$tmp" 2>/dev/null; rm -rf "$tmp"' EXIT
trap 'exit 99' INT TERM HUP

# ok STATUS NAME: passes where STATUS is 0
ok() {
	tap_count=$((tap_count + 1))
	if [ "$1" -eq 0 ]; then
		printf 'ok %d - %s\n' "$tap_count" "$2"
	else
		printf 'not ok %d - %s\n' "$tap_count" "$2"
		tap_failed=$((tap_failed + 1))
		return 1
	fi
}

diag() {
	printf '%s\n' "$*" | sed 's/^/# /' >&2
}

is() {
	[ "$1" = "$2" ]
	ok $? "$3" || {
		diag "got '$1', want '$2'"
		return 1
	}
}

isnt() {
	[ "$1" != "$2" ]
	ok $? "$3" || {
		diag "got '$1'"
		return 1
	}
}

has() {
	case "$1" in *"$2"*) true ;; *) false ;; esac
	ok $? "$3" || {
		diag "got '$1' without '$2'"
		return 1
	}
}

hasnt() {
	case "$1" in *"$2"*) false ;; *) true ;; esac
	ok $? "$3" || {
		diag "got '$1' with '$2'"
		return 1
	}
}

# run CMD...: both outputs and the status; standard input is empty
run() {
	"$@" >"$tmp/.out" 2>"$tmp/.err" </dev/null
	status=$?
	out=$(cat "$tmp/.out")
	err_out=$(cat "$tmp/.err")
}

skip() {
	tap_count=$((tap_count + 1))
	printf 'ok %d - %s # SKIP %s\n' "$tap_count" "$1" "$2"
}

done_testing() {
	printf '1..%d\n' "$tap_count"
	[ "$tap_failed" -eq 0 ]
	exit $?
}
