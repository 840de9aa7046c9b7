#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A host that forbids what a jail needs: sbx says so in words that name the
# reason, and the doctor names the command that mends it; that command is then
# taken at its word. $SBX_VM_LEG says how the host forbids it (tests/vm/legs).
# shellcheck source=tests/tap/tap.sh disable=SC2317
. "$srcdir/tests/tap/tap.sh"
chmod 755 "$tmp"
mkdir -p "$tmp/bin" "$tmp/home/work"
chown -R user: "$tmp/home"
printf '#!/bin/sh\nexec "$@"\n' >"$tmp/bin/sudo"
chmod +x "$tmp/bin/sudo"

as_user() {
	(cd "$tmp/home/work" && runuser -u user -- env HOME="$tmp/home" "$@")
}

# check the doctor's word for what is missing, and the mending command
doctor_says() { # doctor_says NAME FOUND
	run as_user "$SBX" doctor
	is "$status" 1 "doctor: status 1"
	has "$(printf '%s\n' "$out" | grep "^  MISSING  $1 ")" "$2" \
		"doctor: $1: $2"
	remedy=$(printf '%s\n' "$out" | sed -n "/^  MISSING  $1 /,/^  [a-zA-Z]/{
		s/^ *mend it: //p;}" | head -n 1)
	isnt "$remedy" "" "doctor: has a remedy"
}

run_says() { # run_says TEXT
	run as_user "$SBX" run -- true
	is "$status" 125 "run: status 125"
	has "$err_out" "$1" "run: $1"
	is "$(printf '%s\n' "$err_out" | grep -c .)" "${2:-2}" \
		"run: that, and where to look"
}

mended_by() {
	env PATH="$tmp/bin:$PATH" sh -c "$1" >"$tmp/log" 2>&1
	ok $? "the remedy can be taken" || diag "$1: $(cat "$tmp/log")"
	run as_user "$SBX" run -- sh -c 'exit 9'
	is "$status" 9 "and then a jail is made" || diag "$err_out"
	run as_user "$SBX" doctor
	is "$status" 0 "and the doctor is content" || diag "$out"
}

case $SBX_VM_LEG in
no-userns)
	doctor_says "user namespaces" "user.max_user_namespaces = 0"
	run_says "user.max_user_namespaces"
	mended_by "$remedy"
	;;
no-clone)
	doctor_says "user namespaces" "kernel.unprivileged_userns_clone = 0"
	run_says "this host forbids unprivileged user namespaces"
	mended_by "$remedy"
	;;
no-caps) # as Ubuntu 24.04 does it, but for its sysctl, that no Debian has
	printf 'profile sbx-forbidden %s {\n %s\n}\n' "$SBX" \
		'file, mount, umount, pivot_root, network, unix, signal, ptrace,
		deny capability,' >"$tmp/profile"
	apparmor_parser -r "$tmp/profile"
	ok $? "a profile that denies capabilities is loaded"
	run as_user "$SBX" doctor
	is "$status" 1 "doctor: status 1"
	has "$out" "MISSING  user namespaces" "doctor: user namespaces"
	run_says "see: sbx doctor"
	mended_by "apparmor_parser -R $tmp/profile"
	;;
old-kernel)
	doctor_says "kernel" "mount_setattr(2)"
	has "$remedy" "Linux 5.12" "doctor: the kernel that would do"
	run_says "sbx needs Linux 5.12 or newer" 1
	;;
*)
	ok 1 "no such case: $SBX_VM_LEG"
	;;
esac
done_testing
