#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# root.bash SUITE: print the directory that holds root.ext4, a Debian of that
# suite with systemd and two ordinary users.
# shellcheck source=tests/vm/common.bash
. "$(dirname "$0")/common.bash"

suite=$1
list=$vm_dir/../../build-aux/packages.debian
packages=$(awk '$1 == "build" || $1 == "test" || $1 == "guest" {
	print $2 }' "$list" |
	sort -u | paste -sd,)

# Units that wait for hardware that is not there, or do what nobody needs.
masked="
apparmor.service console-getty.service dev-hugepages.mount dev-mqueue.mount
e2scrub_reap.service kmod-static-nodes.service ldconfig.service
modprobe@.service sys-fs-fuse-connections.mount sys-kernel-debug.mount
sys-kernel-tracing.mount systemd-binfmt.service systemd-firstboot.service
systemd-hwdb-update.service systemd-journal-catalog-update.service
systemd-journal-flush.service systemd-machine-id-commit.service
systemd-modules-load.service systemd-networkd.service systemd-pstore.service
systemd-random-seed.service systemd-remount-fs.service
systemd-resolved.service systemd-sysusers.service systemd-timesyncd.service
systemd-tmpfiles-setup-dev.service systemd-udev-settle.service
systemd-udev-trigger.service systemd-udevd.service
systemd-udevd-control.socket systemd-udevd-kernel.socket
systemd-update-done.service systemd-update-utmp.service"

# The packages alone: slow, and seldom made again.
build_base() {
	local dir
	local -a exclude=()
	for dir in doc info locale man; do
		exclude+=("--dpkgopt=path-exclude=/usr/share/$dir/*")
	done
	TMPDIR=$PWD mmdebstrap --quiet --mode=root --variant=essential \
		--include="$packages" --aptopt='Acquire::Languages "none"' \
		--aptopt='Acquire::Retries "3"' \
		--dpkgopt=force-unsafe-io "${exclude[@]}" "$suite" "$1/base.tar" \
		"deb [signed-by=$keyring] $(archive_uri) $suite main" >&2
}

# user NAME ID: an account that can log in
add_user() {
	echo "$1:x:$2:$2::/home/$1:/bin/bash" >>root/etc/passwd
	echo "$1:*:19000:0:99999:7:::" >>root/etc/shadow
	echo "$1:x:$2:" >>root/etc/group
	install -d -o "$2" -g "$2" "root/home/$1"
}

build() {
	local unit units=root/etc/systemd/system
	mkdir root
	tar -xf "$base/base.tar" -C root --exclude='./dev/*'
	echo sbxvm >root/etc/hostname
	printf '127.0.0.1 localhost sbxvm\n::1 localhost\n' >root/etc/hosts
	echo 0123456789abcdef0123456789abcdef >root/etc/machine-id
	: >root/etc/fstab
	rm -f root/etc/resolv.conf
	# user has what most people have; bare has no subordinate ids
	add_user user 1000
	add_user bare 1001
	echo user:100000:65536 | tee root/etc/subuid >root/etc/subgid
	install -D /dev/null root/var/lib/systemd/linger/user
	install -D /dev/null root/var/lib/systemd/linger/bare
	install -d "$units/user@.service.d" root/usr/lib/sbx-vm root/modules
	printf '[Service]\nDelegate=cpu cpuset io memory pids\n' \
		>"$units/user@.service.d/delegate.conf"
	rm -rf root/usr/lib/modules
	ln -s /modules root/usr/lib/modules
	install -m 755 "$vm_dir"/guest/{job,step} root/usr/lib/sbx-vm/
	install -m 644 "$vm_dir"/guest/sbx-vm.{target,service} "$units/"
	for unit in $masked; do
		ln -sf /dev/null "$units/$unit"
	done
	rm -rf root/var/cache/apt/* root/var/lib/apt/lists/*
	make_image root "$1/root.ext4" 3072
}

cached "base-$suite" "$(echo "$packages" | digest)" build_base
base=$ret_dir
key=$({
	echo "$base"
	cat "$0" "$vm_dir/common.bash" "$vm_dir"/guest/*
} | digest)
cached "root-$suite" "$key" build
echo "$ret_dir"
