# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034,SC2317
# What the jail's end-to-end tests share: source it after tap.sh.
#
#   for who in $whos; do become $who; as "$sbx" run -- true; done
#
# $whos      "root user" where root runs the suite, else "self"
# become     sets $who, $area (a directory of its own), $home
# as CMD...  runs it as $who with a small environment; standard input as is
# $sbx       a copy of the program that an ordinary user can read
#
# The state directory of the runs is $home/.local/state/sbx.

jail_bin=$tmp/bin
sbx=$jail_bin/sbx
test_uid=${SBX_TEST_UID:-54321}
if [ "$(id -u)" -eq 0 ]; then whos='root user'; else whos=self; fi

# few MANY SOME: SOME under emulation, which is twenty times slower
few() {
	[ -n "${SBX_VM-}" ] && echo "$2" || echo "$1"
}

# A program out of the build tree, where libtool may have left a wrapper.
jail_copy() {
	case $(head -c 2 "$1") in
	'#!') cp "$(dirname "$1")/.libs/$(basename "$1")" "$2" ;;
	*) cp "$1" "$2" ;;
	esac
}

jail_setup() {
	chmod 755 "$tmp"
	mkdir "$jail_bin" "$tmp/lib"
	jail_copy "$SBX" "$sbx" || exit 99
	for f in "$builddir"/.libs/libsbx.so*; do
		[ ! -e "$f" ] || cp -P "$f" "$tmp/lib"
	done
	for f in probe plant hog onpty tty storm race; do
		[ ! -e "$builddir/tests/jail/$f" ] ||
			cp "$builddir/tests/jail/$f" "$jail_bin/$f"
	done
	chmod -R a+rX "$jail_bin" "$tmp/lib"
	for who in $whos; do
		mkdir "$tmp/$who" "$tmp/$who/home" "$tmp/$who/ws"
		mkdir -p "$tmp/$who/home/.local/state"
		chmod 700 "$tmp/$who/home"
		[ "$who" != user ] ||
			chown -R "$test_uid:$test_uid" "$tmp/$who"
	done
}

become() {
	who=$1
	area=$tmp/$who
	home=$area/home
}

as() {
	[ "$who" != user ] ||
		set -- setpriv --reuid="$test_uid" --regid="$test_uid" \
			--clear-groups --inh-caps=-all "$@"
	# A shell starts background jobs with these ignored.
	env -i --default-signal=INT,QUIT HOME="$home" PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin \
		LD_LIBRARY_PATH="$tmp/lib" ASAN_OPTIONS="${ASAN_OPTIONS-}" \
		UBSAN_OPTIONS="${UBSAN_OPTIONS-}" "$@"
}

# in_ws CMD...: as $who, from the workspace
in_ws() {
	(cd "$area/ws" && as "$@")
}

# jail ARGS...: sbx run from the workspace; $out, $err_out, $status
jail() {
	run in_ws "$sbx" run "$@"
}

# Everything of a tree that a program could have changed, a line a file. After
# the tree there may be conditions for find.
listing() {
	find "$@" -printf '%p %y %m %U:%G %s %T@ %C@ %n %l\n' | LC_ALL=C sort
}

# until_true SECONDS CMD...: poll, since a loaded machine is slow
until_true() {
	until_end=$(($(date +%s) + $1))
	shift
	until "$@"; do
		[ "$(date +%s)" -lt "$until_end" ] || return 1
		sleep 0.05
	done
}

# Processes whose command line has the text, by number. Not this shell's.
processes_with() {
	for p in /proc/[0-9]*/cmdline; do
		{ tr '\0' ' ' <"$p" | grep -q -F -e "$1"; } 2>/dev/null ||
			continue
		p=${p#/proc/}
		echo "${p%/cmdline}"
	done
}

no_process_with() {
	[ -z "$(processes_with "$1")" ]
}

# merge LABEL: the results of a TAP program that was run() become ours
merge() {
	sed -n 's/^\(not ok\|ok\) [0-9]* - /\1:/p' "$tmp/.out" >"$tmp/.merge"
	while IFS= read -r merge_line; do
		case $merge_line in
		ok:*) ok 0 "$1: ${merge_line#ok:}" ;;
		*) ok 1 "$1: ${merge_line#not ok:}" || : ;;
		esac
	done <"$tmp/.merge"
	[ -z "$err_out" ] || printf '%s\n' "$err_out" >&2
	grep -q "^1\\.\\.$(grep -c . "$tmp/.merge")\$" "$tmp/.out"
	ok $? "$1: it got to its end" || diag "status $status"
}

# ---- a rich host and the policies that its secrets are kept by --------------

# plant CMD...: run it in the rich host; out, err, report lie in $area
plant() {
	rm -f "$area/out" "$area/err" "$area/report"
	cp "$jail_bin/probe" "$area/ws/probe"
	as "$jail_bin/plant" "$area" "$area/report" -- "$@" </dev/null
	status=$?
}

policy() {
	cat >"$area/$1.yaml"
	[ "$who" != user ] || chown "$test_uid" "$area/$1.yaml"
}

write_policies() {
	policy rw <<-'END'
	version: 1
	mounts:
	  - {host: ., guest: /workspace, access: rw}
	END
	policy root <<-'END'
	version: 1
	user: {id: root}
	END
	policy hostnet <<-'END'
	version: 1
	network: {mode: host}
	END
	# Without the filter in the way, the layer below has to hold.
	policy thin <<-'END'
	version: 1
	seccomp:
	  allow: [ptrace, process_vm_readv, process_vm_writev, kcmp,
	    pidfd_getfd, keyctl, add_key, request_key, name_to_handle_at,
	    syslog, sethostname, setdomainname, settimeofday, quotactl]
	END
}
