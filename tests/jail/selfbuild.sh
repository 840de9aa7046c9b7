#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The main job: sbx builds its own source in its own jail under the default
# policy; a published agent's command line starts inside one; and the tools
# that agents use every day work there.
# shellcheck disable=SC2016,SC2317 # functions are called by name, text runs inside
. "$srcdir/tests/tap/tap.sh"
. "$srcdir/tests/jail/lib.sh"

jail_setup
agent=@google/gemini-cli
agent_version=0.61.0
cache=${SBX_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sbx-test}

# The source as a tarball would have it: no build in it, times kept.
copy_source() {
	mkdir "$area/src"
	tar -C "$srcdir" --exclude=./.git --exclude='./build*' \
		--exclude='*.o' --exclude='*.lo' --exclude='*.la' \
		--exclude=.libs --exclude=.deps --exclude=./Makefile \
		--exclude=./config.status --exclude=./config.log \
		--exclude='*.log' --exclude='*.trs' --exclude=./sbx \
		-cf - . | tar -C "$area/src" -xf -
	tar -C "$srcdir" -cf - build-aux | tar -C "$area/src" -xf -
	chmod -R u+w "$area/src" # make distcheck has it read-only
	[ "$who" != user ] || chown -R "$test_uid:$test_uid" "$area/src"
}

test_self_build() {
	copy_source
	listing "$area/src" >"$tmp/before"
	cd "$area/src" || exit 99
	run as "$sbx" run --discard --report "$area/report.json" -- sh -ec '
		[ -x configure ] || ./autogen.sh >/dev/null
		mkdir build
		cd build
		../configure -q CFLAGS=-O0
		make -s -j2
		./sbx --version'
	cd "$tmp" || exit 99
	is "$status" 0 "$who: sbx builds itself in its jail" ||
		diag "$(tail -n 20 "$tmp/.err")"
	has "$out" "$(as "$sbx" --version)" "$who: what came out runs there" ||
		diag "$(tail -n 20 "$tmp/.err")"
	[ "$(jq .changes.count <"$area/report.json")" -gt 100 ]
	ok $? "$who: the report lists what it made"
	listing "$area/src" >"$tmp/after"
	cmp -s "$tmp/before" "$tmp/after"
	ok $? "$who: the source is as it was" ||
		diag "$(diff "$tmp/before" "$tmp/after" | head -n 10)"
}

# In a cache outside the tree, once; by name so that a new version comes anew.
install_agent() {
	agent_dir=$cache/agent-$agent_version
	[ ! -x "$agent_dir/node_modules/.bin/gemini" ] || return 0
	command -v npm >/dev/null || return 1
	mkdir -p "$agent_dir" || return 1
	timeout 240 npm install --silent --no-audit --no-fund --ignore-scripts \
		--omit=optional --prefix "$agent_dir" \
		"$agent@$agent_version" </dev/null >"$tmp/npm" 2>&1
}

test_agent() {
	name="$who: $agent starts in a jail"
	if ! install_agent; then
		# the registry may be in root's configuration only
		if [ -n "${CI-}" ] && [ "$(id -u)" -eq 0 ]; then
			ok 1 "$name"
			diag "$(tail -n 5 "$tmp/npm")"
		else
			skip "$name" "npm cannot install $agent"
		fi
		return
	fi
	[ -d "$tmp/agent" ] || cp -r "$agent_dir" "$tmp/agent"
	chmod -R a+rX "$tmp/agent"
	cat >"$area/agent.yaml" <<-END
	version: 1
	extends: coding-agent
	mounts:
	  - {host: $tmp/agent, guest: /opt/agent, access: ro}
	END
	chmod 644 "$area/agent.yaml"
	jail --quiet --policy "$area/agent.yaml" -- \
		/opt/agent/node_modules/.bin/gemini --version
	is "$out" "$agent_version" "$name" || diag "$status" "$err_out"
}

# tool NAME WANT SCRIPT: what the shell script prints in a default jail. A build
# machine has most of them; the others are tried where the host happens to. The
# test VM is no build machine.
tool() {
	case ${SBX_VM-}$1 in
	1* | java | gdb | python3) command -v "$1" >/dev/null || return ;;
	esac
	jail --quiet -- sh -c "$3"
	is "$out" "$2" "$who: $1: works in a jail" || diag "$status" "$err_out"
}

test_tools() {
	tool cc 42 'echo "int main(void){return 42;}" >a.c && cc a.c && ./a.out
		echo $?'
	tool make made 'printf "all:\n\t@echo made\n" >Makefile; make -j2'
	tool git 'one
 M f' 'git init -q . && git config user.email a@example.invalid &&
		git config user.name a && echo 1 >f && git add f &&
		git commit -q -m one && git log --format=%s && echo 2 >f &&
		git status --short f'
	tool git 'g' 'git init -q . && git config user.email a@example.invalid &&
		git config user.name a && mkdir d && echo 1 >d/f &&
		git add d && git commit -q -m one && git mv d/f d/g &&
		ls d'
	tool python3 '[0, 1, 4]' 'python3 -c "
import multiprocessing, tempfile, sqlite3, threading, subprocess
with tempfile.NamedTemporaryFile() as f: f.write(b\"x\")
subprocess.run([\"true\"], check=True)
lock = multiprocessing.Lock()
print([x * x for x in range(3)])"'
	tool node 3 'node -e "
const { Worker } = require(\"worker_threads\");
require(\"child_process\").execSync(\"true\");
new Worker(\"require(\\\"worker_threads\\\").parentPort.postMessage(3)\",
  { eval: true }).on(\"message\", (m) => console.log(m));"'
	tool perl 'b a' 'perl -e "print join(\" \", reverse qw(a b))"'
	tool java 'openjdk' 'java -version 2>&1 | head -n 1 | cut -d" " -f1'
	tool bash '6
done' 'bash -c "echo 1 2 3 | tr \" \" \"\\n\" |
		(s=0; while read x; do s=\$((s+x)); done; echo \$s)
		sleep 0.1 & wait; cat <(echo done)"'
	tool tar 'f' 'mkdir t; : >t/f; tar -cf t.tar t; rm -r t; tar -xf t.tar
		ls t'
	tool sort '200000' 'seq 200000 -1 1 | sort -n -S 1M -T /tmp | tail -n 1'
	tool find '3' 'mkdir -p a/b/c; find a -type d | wc -l'
	tool sed 'b' 'echo a >x; sed -i s/a/b/ x; cat x'
	tool flock 'locked' 'flock lock-file echo locked'
	tool mktemp 'yes' 'f=$(mktemp) && test -w "$f" && echo yes'
	tool id 'agent' 'id -un'
	tool gdb 'main' 'echo "int main(void){return 0;}" >a.c && cc -g a.c &&
		gdb -q -batch -ex "info address main" a.out 2>/dev/null |
		grep -o main | head -n 1'
}

for who in $whos; do
	become "$who"
	test_tools
	if [ -n "${SBX_VM-}" ] && ! command -v cc >/dev/null; then
		skip "$who: sbx builds itself in its jail" \
			'the test VM has no compiler'
		continue
	fi
	test_agent
	test_self_build
done
done_testing
