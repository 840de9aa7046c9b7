# SPDX-License-Identifier: Apache-2.0
# sbx run as a person sees it: status, messages, reports, kept changes.
. "$srcdir/tests/tap/tap.sh"

HOME=$tmp/home
export HOME
mkdir "$HOME" "$tmp/work"
cd "$tmp/work" || exit 99
tap_cleanup='"$SBX" discard --all --quiet'
echo before >old

sbx() {
	run "$SBX" run --no-tty "$@"
}

# Status
sbx -- sh -c 'echo out; echo err >&2; exit 7'
is "$status:$out" "7:out" "the program's status and output are its own"
has "$err_out" "err" "and its standard error"
sbx true
is "$status:$out:$err_out" "0::" "a quiet program is quiet, -- is optional"
sbx sh -c 'kill -KILL $$'
is "$status" 137 "a signal is 128 and its number"
sbx no-such-command-at-all
is "$status" 127 "no such command: 127"
has "$err_out" "sbx: 'no-such-command-at-all'" "and it is named"
sbx /etc/passwd
is "$status" 126 "not executable: 126"
sbx --set limits.time=200ms -- sleep 100
is "$status" 124 "out of time: 124"
has "$err_out" "limits.time" "the key that ended it is named"
sbx --set limits.tiem=1 -- true
is "$status" 125 "a bad assignment: 125"
printf 'version: 1\nlimits: {memroy: 1G}\n' >bad.yaml
sbx --policy bad.yaml -- true
is "$status" 125 "a bad policy: 125"
has "$err_out" "bad.yaml:2:" "and where it is bad"

# Changes
sbx -q -- sh -c 'echo new >new; echo after >>old'
is "$err_out" "" "--quiet says nothing of changes"
is "$(cat old):$(ls)" "before:bad.yaml
old" "the host's files are as they were"
sbx -- sh -c 'echo new >new; rm old; echo x >>bad.yaml'
has "$err_out" "sbx: 3 files changed (kept as " "changes are told"
id=$(printf '%s\n' "$err_out" | sed -n 's/.*kept as \([a-z0-9]*\)).*/\1/p')
has "$err_out" "see: sbx changes $id, drop: sbx discard $id" \
	"with the commands to go on"
run "$SBX" changes "$id"
is "$out" "M  /workspace/bad.yaml
A  /workspace/new
D  /workspace/old" "changes lists each file"
run "$SBX" changes
has "$out" "$id" "changes lists the run"
run "$SBX" changes --json
has "$out" "\"id\": \"$id\"" "as JSON too"
run "$SBX" changes "$id" --json
has "$out" "{\"change\": \"modified\", \"path\": \"bad.yaml\"" "its files too"
run "$SBX" discard "$id"
is "$status:$out" "0:1 dropped" "discard drops it"
run "$SBX" changes "$id"
is "$status" 125 "and it is gone"
run "$SBX" discard nonesuch
is "$status:$out" "125:0 dropped" "discard of what is not there"
run "$SBX" discard --all
is "$status:$out" "0:1 dropped" "discard --all drops the rest"
sbx --discard -- touch new
is "$err_out" "" "--discard leaves nothing to tell"
run "$SBX" changes
is "$out" "" "and nothing kept"
sbx -- sh -c 'touch "$(printf "a\033[2Jb\nc")"'
id=$(printf '%s\n' "$err_out" | sed -n 's/.*kept as \([a-z0-9]*\)).*/\1/p')
run "$SBX" changes "$id"
is "$out" 'A  /workspace/a\x1b[2Jb\x0ac' "names from a jail are shown harmless"
sbx -- sh -c 'mkdir d && touch d/f'
case $err_out in *"2 files changed"* | *"1 file changed"*) true ;; *) false ;; esac
ok $? "a directory with a file is told"
run "$SBX" discard --all --quiet
is "$out" "" "discard --quiet"

# Reports
sbx --discard --report r.json -- sh -c 'echo hello; touch new'
is "$out:$status" "hello:0" "a report to a file"
has "$(cat r.json)" '"cause": "exit"' "the report tells the cause"
has "$(cat r.json)" '"path": "new"' "and the changed file"
is "$(find . -name '.report*')" "" "nothing else is left beside it"
sbx --report - -- printf 'hello\n'
is "$(printf '%s\n' "$out" | head -n 2)" "hello
{" "a report behind the output"
"$SBX" run --report /dev/fd/3 -- echo hello >o 3>three </dev/null
is "$(cat o):$(head -c 1 three)" "hello:{" "a report to a descriptor"
sbx --report no/such/dir/r.json -- touch ran
is "$status" 125 "a report that cannot be written"
hasnt "$err_out" "changed" "is noticed before the program starts"
has "$err_out" "sbx: report 'no/such/dir/r.json': No such file" "and named"

sbx --policy bad.yaml --report failed.json -- true
is "$status" 125 "a run that does not come about"
has "$(cat failed.json)" '"cause": "setup"' "has a report that says so"
has "$(cat failed.json)" '"message": "bad.yaml:2:' "and why"

# Dry run
sbx --dry-run -- touch ran
is "$status" 0 "--dry-run ends well"
has "$out" "/workspace" "and prints the plan"
run "$SBX" changes
is "$out" "" "and starts nothing"
sbx --dry-run --json -- true
has "$out" "{" "--dry-run --json"

# Words and streams
sbx -- printf '%s|' a 'b c' '' --policy
is "$out" "a|b c||--policy|" "arguments arrive as they are"
echo input | "$SBX" run -- cat >o
is "$(cat o)" input "standard input arrives"
"$SBX" run -- yes 2>e | head -n 1 >o
is "$(cat o):$(cat e)" "y:" "a reader that goes away is no drama"
sbx --verbose -- true
has "$err_out" "sbx: ended by exit, status 0" "--verbose says how it ended"
sbx --set env.set.X=y -- sh -c 'echo "$X"'
is "$out" y "--set reaches the policy"
sbx -p offline -- true
is "$status" 0 "a preset by its name"

run "$SBX" run --tty -- touch ran
is "$status" 125 "--tty without a terminal is refused"
has "$err_out" "terminal on standard input" "and says why"

# Signals
"$SBX" run -- sh -c 'trap "echo got; exit 3" TERM; echo ready >&2
	while :; do sleep 0.1; done' >o 2>e </dev/null &
pid=$!
n=0
until grep -q ready e || [ $((n += 1)) -gt 300 ]; do sleep 0.1; done
kill -TERM "$pid"
wait "$pid"
is "$?:$(cat o)" "3:got" "SIGTERM is passed on and the status kept"
( trap '' HUP; exec "$SBX" run -- sh -c 'echo ready >&2; sleep 1' ) 2>e &
pid=$!
n=0
until grep -q ready e || [ $((n += 1)) -gt 300 ]; do sleep 0.1; done
kill -HUP "$pid"
wait "$pid"
is "$?" 0 "a signal that was ignored stays ignored, as under nohup"
done_testing
