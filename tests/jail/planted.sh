#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What a program leaves in the workspace for the caller's own tools to run, and
# what a hostile checkout brings along to steer the mounts. The host's tree is as
# it was, no marker appears, no mount point is created in it.
# shellcheck disable=SC2317 # functions are called by name
. "$srcdir/tests/tap/tap.sh"
. "$srcdir/tests/jail/lib.sh"

jail_setup

new_repository() {
	repo=$area/repo
	rm -rf "$repo"
	mkdir "$repo" "$repo/src"
	echo one >"$repo/src/file"
	echo secret >"$area/beside"
	ln "$area/beside" "$repo/linked"
	cp "$jail_bin/hog" "$repo/tool"
	[ "$who" != user ] || chown -R "$test_uid:$test_uid" "$repo" \
		"$area/beside"
	cat >"$tmp/make-repo" <<-'END'
	git init -q . && git config user.email a@example.invalid &&
	git config user.name a && git add -A && git commit -q -m one
	END
	in_repo sh "$tmp/make-repo" </dev/null >/dev/null 2>&1
}

in_repo() {
	(cd "$repo" && as "$@")
}

# What an agent might write. $1 is where a marker would be put.
attack_script() {
	cat <<-'END'
	mark=$1
	for h in pre-commit post-commit post-checkout post-index-change \
		fsmonitor-watchman reference-transaction; do
		printf '#!/bin/sh\ntouch %s\n' "$mark" >.git/hooks/$h
		chmod 755 .git/hooks/$h
	done
	git config core.fsmonitor "touch $mark; false"
	git config core.hooksPath /workspace/hooks
	git config core.pager "touch $mark; cat"
	git config core.sshCommand "touch $mark"
	git config alias.status "!touch $mark"
	git config filter.x.clean "touch $mark; cat"
	echo '* filter=x' >.gitattributes
	mv .git .git-old 2>/dev/null
	cp -r .git-old .git 2>/dev/null
	git init -q sub/repo
	printf '#!/bin/sh\ntouch %s\n' "$mark" >sub/repo/.git/hooks/pre-commit
	mkdir -p .vscode .claude .idea .devcontainer .github/workflows
	for f in .bashrc .profile .envrc .npmrc .mcp.json .vscode/tasks.json \
		.claude/settings.json .idea/x.xml .devcontainer/d.json \
		.github/workflows/x.yml .sbx.yaml sbx.yaml .sbxrc Makefile \
		.ripgreprc .gdbinit .gitmodules; do
		echo "touch $mark" >$f
	done
	ln -s /etc/passwd planted-link
	ln -sf ../beside planted-up
	rm -f src/file
	ln -s ../../beside src/file
	mkfifo planted-fifo
	truncate -s 4T planted-sparse
	touch "$(printf 'esc-\033[2J-\n-\001')"
	cp tool planted-suid && chmod 6755 planted-suid
	echo overwritten >linked
	chmod 777 . src
	d=deep
	i=0
	while [ $i -lt 100 ]; do d=$d/d; i=$((i + 1)); done
	mkdir -p $d
	find . | wc -l
	END
}

test_left_files() {
	new_repository
	mark=$area/marker
	attack_script >"$tmp/attack.sh"
	listing "$repo" >"$tmp/before"
	listing "$home" -path '*/.local' -prune -o >"$tmp/home-before"
	run in_repo "$sbx" run --report "$area/report.json" -- \
		sh -c "$(cat "$tmp/attack.sh")" attack "$mark"
	is "$status" 0 "$who: the attack runs" || diag "$err_out"
	[ "${out:-0}" -gt 150 ] 2>/dev/null
	ok $? "$who: the attack wrote its files" || diag "$out" "$err_out"
	listing "$repo" >"$tmp/after"
	cmp -s "$tmp/before" "$tmp/after"
	ok $? "$who: the tree is as it was, to the inode's times" ||
		diag "$(diff "$tmp/before" "$tmp/after" | head -n 20)"
	listing "$home" -path '*/.local' -prune -o >"$tmp/home-after"
	cmp -s "$tmp/home-before" "$tmp/home-after"
	ok $? "$who: the home is as it was" ||
		diag "$(diff "$tmp/home-before" "$tmp/home-after")"
	is "$(cat "$area/beside")" secret \
		"$who: a file linked from outside is as it was"
	run in_repo git status --porcelain
	is "$out" "" "$who: git status is empty"
	run in_repo git commit -q --allow-empty -m two
	is "$status" 0 "$who: the caller commits" || diag "$err_out"
	run in_repo git log --oneline
	[ ! -e "$mark" ]
	ok $? "$who: no hook, filter or setting of the program was run"
	jq -e '.changes.count > 50' <"$area/report.json" >/dev/null
	ok $? "$who: the report lists the changes"
	hasnt "$(cat "$area/report.json")" "$(printf '\033')" \
		"$who: the report has no control character of a name"
	hasnt "$err_out" "$(printf '\033')" "$who: nor has what sbx says"
}

# Nothing in the workspace may configure sbx.
test_repository_settings() {
	new_repository
	for f in .sbx.yaml sbx.yaml .sbx/policy.yaml .sbxrc sbx.json; do
		mkdir -p "$repo/$(dirname "$f")"
		printf 'version: 1\nnetwork: {mode: host}\n' >"$repo/$f"
	done
	run in_repo "$sbx" run --quiet -- sh -c 'grep -c : /proc/net/dev'
	is "$out" 1 "$who: a policy in the checkout is not obeyed"
}

# no_secret NAME: with $area/p.yaml; refused or resolved inside, never shown
no_secret() {
	listing "$area/hidden" >"$tmp/before"
	run in_repo "$sbx" run --quiet --policy "$area/p.yaml" -- sh -c \
		'find / -name TOP-SECRET 2>/dev/null; echo looked'
	hasnt "$out" TOP-SECRET "$who: $1: the secret is not shown"
	case $status in
	125) isnt "$err_out" "" "$who: $1: refused, and says why" ;;
	*) has "$out" looked "$who: $1: the jail runs without it" ;;
	esac
	listing "$area/hidden" >"$tmp/after"
	cmp -s "$tmp/before" "$tmp/after"
	ok $? "$who: $1: the host is as it was"
}

test_planted_links() {
	new_repository
	mkdir -p "$area/hidden/in" "$repo/real"
	touch "$area/hidden/TOP-SECRET" "$area/hidden/in/TOP-SECRET"
	ln -s "$area/hidden" "$repo/link"
	ln -s "$area/hidden/TOP-SECRET" "$repo/link-to-file"
	ln -s / "$repo/slash"
	[ "$who" != user ] ||
		chown -R -h "$test_uid" "$area/hidden" "$repo"
	# root's own links in its own directory are root's; not so these
	[ "$who" != root ] || chown -R -h "$test_uid" "$repo"
	for access in ro rw overlay; do
		policy p <<-END
		version: 1
		mounts:
		  - {host: $repo/link, guest: /data, access: $access}
		END
		no_secret "a link as the source ($access)"
		policy p <<-END
		version: 1
		mounts:
		  - {host: $repo/link/in, guest: /data, access: $access}
		END
		no_secret "a link above the source ($access)"
	done
	policy p <<-END
	version: 1
	mounts:
	  - {host: $repo/link-to-file, guest: /data/f, access: ro}
	END
	no_secret 'a link to a file as the source'
	policy p <<-END
	version: 1
	mounts:
	  - {host: $repo/slash$area/hidden, guest: /data, access: ro}
	END
	no_secret 'a link to the root above the source'
	for access in ro rw overlay; do
		policy p <<-END
		version: 1
		mounts:
		  - {host: $repo, guest: /workspace, access: $access}
		  - {host: $repo/src, guest: /workspace/link/in, access: ro}
		END
		no_secret "a link on the way to a target ($access)"
	done
}

# A root directory that brings its own /dev, /proc, /etc, /tmp as links.
test_planted_root() {
	for name in dev proc etc tmp sys workspace usr; do
		base=$area/base
		rm -rf "$base"
		mkdir -p "$base/bin" "$area/hidden/null"
		cp "$jail_bin/probe" "$base/bin/probe"
		ln -s "$area/hidden" "$base/$name"
		mkdir -p "$base/lib"
		[ "$who" != user ] ||
			chown -R -h "$test_uid" "$base" "$area/hidden"
		policy p <<-END
		version: 1
		rootfs: {base: $base}
		END
		listing "$area/hidden" >"$tmp/before"
		listing "$base" >"$tmp/base-before"
		run in_repo "$sbx" run --quiet --policy "$area/p.yaml" -- \
			/bin/probe --only 'file/beside*' \
			"beside=$area/hidden/TOP-SECRET"
		case $status in
		0) has "$out" 'held' "$who: root with a planted /$name: held" ;;
		125) isnt "$err_out" "" \
			"$who: root with a planted /$name: refused" ;;
		*) is "$status" 0 "$who: root with a planted /$name" ||
			diag "$out" "$err_out" ;;
		esac
		listing "$area/hidden" >"$tmp/after"
		cmp -s "$tmp/before" "$tmp/after"
		ok $? "$who: root with a planted /$name: the host is as it was"
		listing "$base" >"$tmp/base-after"
		cmp -s "$tmp/base-before" "$tmp/base-after"
		ok $? "$who: root with a planted /$name: so is the root" ||
			diag "$(diff "$tmp/base-before" "$tmp/base-after")"
	done
}

# Mounts over paths that the workspace does not have: no mount point is made.
test_litter() {
	for access in ro rw overlay; do
		new_repository
		policy p <<-END
		version: 1
		mounts:
		  - {host: $repo, guest: /workspace, access: $access}
		  - {host: $repo/src, guest: /workspace/node_modules/cache,
		     access: ro}
		  - {host: $repo/src/file, guest: /workspace/.env, access: ro}
		  - {host: $repo/src, guest: /workspace/src, access: ro}
		END
		listing "$repo" >"$tmp/before"
		run in_repo "$sbx" run --quiet --policy "$area/p.yaml" -- \
			ls /workspace/src
		listing "$repo" >"$tmp/after"
		cmp -s "$tmp/before" "$tmp/after"
		ok $? "$who: $access: no mount point in the tree" ||
			diag "$(diff "$tmp/before" "$tmp/after")"
		case $status in
		0) has "$out" file "$who: $access: the mounts are there" ;;
		*) is "$status" 125 "$who: $access: refused" &&
			has "$err_out" /workspace "$who: $access: says where" ;;
		esac
		run in_repo git status --porcelain
		is "$out" "" "$who: $access: git status is empty"
	done
}

for who in $whos; do
	become "$who"
	test_left_files
	test_repository_settings
	test_planted_links
	test_planted_root
	test_litter
done
done_testing
