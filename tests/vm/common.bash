# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the test VM's scripts share: the cache, and apt for any Debian suite.

set -eu -o pipefail
# shellcheck disable=SC2034 # those who source this file use it
vm_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
vm_cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/sbx-vm

say() {
	echo "vm: $*" >&2
}

die() {
	say "$*"
	exit 1
}

# The first 16 digits of the hash of standard input.
digest() {
	sha256sum | cut -c1-16
}

# cached NAME KEY BUILDER [ARG...]: the directory that BUILDER filled, in
# $ret_dir. It is built where the cache has none of this key, under a temporary
# name that is then renamed; concurrent callers wait for one another.
cached() {
	local name=$1 dir=$vm_cache/$1-$2 start=$SECONDS
	shift 2
	# shellcheck disable=SC2034 # our caller reads it
	ret_dir=$dir
	mkdir -p "$vm_cache"
	if [ -d "$dir" ]; then
		touch "$dir"
		return
	fi
	(
		flock 9
		[ ! -d "$dir" ] || exit 0
		say "building $name (kept in $vm_cache)"
		tmp=$(mktemp -d "$vm_cache/tmp.XXXXXX")
		trap 'rm -rf "$tmp"' EXIT
		mkdir "$tmp/out" "$tmp/work"
		cd "$tmp/work"
		"$@" "$tmp/out"
		mv "$tmp/out" "$dir"
		say "built $name in $((SECONDS - start)) s"
	) 9>"$vm_cache/lock-$name"
	[ -d "$dir" ] || die "$name: not built"
	prune "$name"
}

# Earlier builds of the same thing that nobody has used for a day.
prune() {
	find "$vm_cache" -maxdepth 1 -type d -name "$1-*" -mmin +1440 \
		-exec rm -rf {} +
}

host_suite() {
	sed -n 's/^VERSION_CODENAME=//p' /etc/os-release
}

# Where this host gets Debian from; all suites lie beside one another there.
archive_uri() {
	# shellcheck disable=SC2016 # apt's own variables
	apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(CODENAME)' \
		'Created-By: Packages' |
		awk -v suite="$(host_suite)" \
			'$2 == "Debian" && $3 == suite { print $1; exit }'
}

keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# use_suite SUITE: from here on apt works on that suite alone, with a state of
# its own in the current directory; the host's own is left as it is.
use_suite() {
	local uri dir=$PWD/apt
	uri=$(archive_uri)
	[ -n "$uri" ] || die "no Debian archive known here: run apt-get update"
	mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
	echo "deb [signed-by=$keyring] $uri $1 main" >"$dir/sources.list"
	cat >"$dir/apt.conf" <<-END
		Dir::Etc::SourceList "$dir/sources.list";
		Dir::Etc::SourceParts "/nonexistent";
		Dir::State::Lists "$dir/lists";
		Dir::State::status "/dev/null";
		Dir::Cache "$dir/cache";
		Acquire::Languages "none";
		Acquire::Retries "3";
		APT::Sandbox::User "root";
	END
	export APT_CONFIG=$dir/apt.conf
	apt-get update -qq >&2 || die "no suite $1 at this host's archive"
}

# make_image DIR FILE MEGABYTES: an ext4 that every kernel we boot can read.
make_image() {
	truncate -s "$3M" "$2"
	mke2fs -q -t ext4 -m 0 -E root_owner=0:0,nodiscard \
		-O ^has_journal,^metadata_csum,^resize_inode -d "$1" "$2" >&2
}
