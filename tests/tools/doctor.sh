# SPDX-License-Identifier: Apache-2.0
# sbx doctor: that what it says of this host is so, and of worse ones too.
. "$srcdir/tests/tap/tap.sh"

HOME=$tmp/home
export HOME
mkdir "$HOME"

run "$SBX" doctor
text=$out
doctor=$status
has "$text" "user namespaces" "a line for user namespaces"
"$SBX" run --no-tty -- true >/dev/null 2>&1 </dev/null
jails=$?
is "$((doctor == 0))" "$((jails == 0))" \
	"it says jails run where they do, and only there"
is "$(find "$HOME/.local/state/sbx" -mindepth 1 -name 'doctor*')" "" \
	"nothing of its tries is left"
run "$SBX" doctor --json
is "$status" "$doctor" "--json has the same status"
has "$out" '"name": "user namespaces", "health": "' "and the same checks"
has "$out" '], "jails": ' "and its verdict"
hasnt "$text" "$(printf '\033')" "no colours in a pipe"

# A kernel setting that forbids user namespaces, in a user namespace of ours.
if unshare -Ur true 2>/dev/null; then
	run unshare -Ur sh -c \
		'echo 0 >/proc/sys/user/max_user_namespaces && exec "$SBX" doctor'
	is "$status" 1 "without user namespaces: status 1"
	has "$out" "MISSING  user namespaces" "without user namespaces: named"
	has "$out" "echo 'user.max_user_namespaces = 15000' | " \
		"without user namespaces: the command that mends it"
	has "$out" "Jails cannot run on this host yet" "and the verdict"
	run unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_user_namespaces &&
		exec "$SBX" run -- true'
	is "$status" 125 "without user namespaces: a run is refused"
	has "$err_out" "user.max_user_namespaces" "and says why"
	has "$err_out" "see: sbx doctor" "and where to find what to do"
	run unshare -Ur sh -c \
		'echo 0 >/proc/sys/user/max_net_namespaces && exec "$SBX" doctor'
	has "$out" "user.max_net_namespaces = 15000" \
		"without network namespaces: the command that mends it"
else
	skip "a setting that forbids user namespaces" \
		"no user namespace to set it in"
fi
HOME=/proc run env -u XDG_STATE_HOME "$SBX" doctor
has "$out" "weaker   copy-on-write on disk" "a state directory that cannot be"
has "$out" "XDG_STATE_HOME=" "and what to do about it"
done_testing
