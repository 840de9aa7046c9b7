# SPDX-License-Identifier: Apache-2.0
# seccomp.allow and seccomp.deny, from the policy file to the program inside.
. "$srcdir/tests/tap/tap.sh"

HOME=$tmp
export HOME
mkdir "$tmp/work" && cd "$tmp/work" || exit 99

# said LISTS: what "policy check" says of such a file
said() {
	printf 'version: 1\nseccomp: %s\n' "$1" >"$tmp/p.yaml"
	run "$SBX" policy check "$tmp/p.yaml"
	err_out=${err_out##*p.yaml:}
}

said '{allow: [ptrace, keyctl], deny: [getpriority]}'
is "$status" 0 "check: names of system calls"
said '{allow: [mout]}'
is "$status:$err_out" "125:2:19: seccomp.allow[0]: unknown system call 'mout'; did you mean mount?" \
	"check: a name that nobody knows"
said '{allow: [ptrace, umount2]}'
is "$status:$err_out" "125:2:27: seccomp.allow[1]: 'umount2' cannot be allowed: it changes the tree that holds the jail" \
	"check: what holds the jail cannot be allowed"
said '{deny: [execve]}'
is "$status:$err_out" "125:2:18: seccomp.deny[0]: 'execve' cannot be denied: the jail itself needs it" \
	"check: what the jail needs cannot be denied"

run "$SBX" run --dry-run -- true
has "$out" "it takes hold of a process that did not ask" \
	"dry-run: the filter is described"
run "$SBX" run --dry-run --set seccomp.deny='[getpriority]' -- true
has "$out" "denied by the policy: getpriority" "dry-run: and the policy's part"

# nice(1) asks for its priority by getpriority(2)
run "$SBX" run --quiet -- nice
is "$status:$out" "0:0" "run: a call that is allowed"
run "$SBX" run --quiet --set seccomp.deny='[getpriority]' -- nice
isnt "$status" 0 "run: is refused where the policy says so"
has "$err_out" "Operation not permitted" "run: as not permitted"
done_testing
