#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An attacker exchanges directories and links under the sources and targets of
# mounts while SBX_TEST_STARTS (480; in CI 2000) jails start: none shows what
# the link leads to, some do start, the others say why not, and nothing is
# created in the tree. As root the tree is another user's, the secret root's.
# shellcheck disable=SC2016,SC2317 # functions are called by name
. "$srcdir/tests/tap/tap.sh"
. "$srcdir/tests/jail/lib.sh"

starts=${SBX_TEST_STARTS:-$(few 480 160)}
starts=$((starts / 4 / $(echo "$whos" | wc -w)))
jail_setup
tap_cleanup='touch "$tmp/end"'

shape() {
	find "$tree" -printf '%P %y %m %U %l\n' | LC_ALL=C sort
}

lay_tree() {
	tree=$area/tree
	secret=$area/hidden
	mkdir -p "$tree/ws/sub/mnt" "$tree/ws/plain" "$tree/src" \
		"$tree/mid/in/src" "$secret/in/src"
	touch "$secret/HIT" "$secret/in/src/HIT" "$tree/src/good" \
		"$tree/mid/in/src/good"
	ln -s "$secret" "$tree/src-evil"
	ln -s "$secret" "$tree/mid-evil"
	ln -s /etc "$tree/ws/sub-evil"
	chmod 700 "$secret"
	[ "$(id -u)" -ne 0 ] || chown -R -h "$test_uid:$test_uid" "$tree"
	[ "$who" != user ] || chown -R "$test_uid" "$secret"
}

# attack ONE OTHER: as whoever the tree belongs to
attack() {
	attack_who=$who
	[ "$(id -u)" -ne 0 ] || who=user
	rm -f "$tmp/end"
	as "$jail_bin/race" swap "$1" "$2" "$tmp/end" >"$tmp/attack" 2>&1 &
	attack_job=$!
	who=$attack_who
	until_true 60 grep -q ready "$tmp/attack"
}

call_off() {
	touch "$tmp/end"
	wait "$attack_job"
	attack_status=$?
}

count() {
	echo "$out" | sed -n "s/.*$1 \\([0-9]*\\).*/\\1/p"
}

# round NAME ONE OTHER LOOK...: mounts come by standard input
round() {
	name="$who: $1"
	one=$2
	other=$3
	shift 3
	{
		printf 'version: 1\nmounts:\n'
		printf '  - {host: %s, guest: /opt/bin, access: ro}\n' \
			"$jail_bin"
		cat
	} >"$area/race.yaml"
	chmod 644 "$area/race.yaml"
	shape >"$tmp/before"
	attack "$one" "$other"
	cd "$tree/ws" || exit 99
	run as "$jail_bin/race" start "$starts" "$sbx" run --quiet \
		--policy "$area/race.yaml" -- /opt/bin/race look "$@"
	cd "$tmp" || exit 99
	call_off
	is "$attack_status" 0 "$name: the attacker was at it to the end"
	is "$(count hit)" 0 "$name: no jail shows the secret" || diag "$out"
	is "$(count other)" 0 "$name: no jail ends in another way" ||
		diag "$out" "$(sort "$tmp/.err" | uniq -c | sort -rn | head -n 5)"
	[ "$(count ok)" -gt 0 ]
	ok $? "$name: some jails start" ||
		diag "$out" "$(sort "$tmp/.err" | uniq -c | sort -rn | head -n 5)"
	shape >"$tmp/after"
	cmp -s "$tmp/before" "$tmp/after"
	ok $? "$name: nothing was created in the tree" ||
		diag "$(diff "$tmp/before" "$tmp/after" | head -n 10)"
	printf '# %s: %s\n' "$name" "$out"
}

for who in $whos; do
	become "$who"
	lay_tree
	round 'source' "$tree/src" "$tree/src-evil" /data/HIT <<-END
	  - {host: $tree/src, guest: /data, access: ro}
	END
	round 'directory above a source' "$tree/mid" "$tree/mid-evil" \
		/data/HIT <<-END
	  - {host: $tree/mid/in/src, guest: /data, access: rw}
	END
	round 'overlay source' "$tree/src" "$tree/src-evil" \
		/data/HIT <<-END
	  - {host: $tree/src, guest: /data, access: overlay}
	END
	round 'target in the workspace' "$tree/ws/sub" "$tree/ws/sub-evil" \
		/etc/mnt/good /etc/good <<-END
	  - {host: $tree/ws, guest: /workspace, access: rw}
	  - {host: $tree/src, guest: /workspace/sub/mnt, access: ro}
	END
done
done_testing
