#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# kernel.bash SUITE: print the directory that holds vmlinux, initrd,
# modules.ext4 and release of that Debian suite's kernel.
# shellcheck source=tests/vm/common.bash
. "$(dirname "$0")/common.bash"

suite=$1
package=linux-image-cloud-amd64

# Modules that a jail's tests may want; hardware's are left out.
wanted='^kernel/(arch|crypto|fs|lib|net|security|block|mm)/|^kernel/drivers/(virtio|block|char|net/[^/]*\.ko)'
unwanted='net/(wireless|mac80211|bluetooth)/'
# What lies between the initrd and the root disk.
boot_modules='virtio_pci virtio_blk virtio_console crc32c_generic ext4'

# The ELF inside a bzImage: QEMU starts it at once, where the bzImage would
# unpack itself under emulation first. The boot protocol's header says where
# the packed kernel lies; its last four bytes are its size.
unpack_kernel() {
	local setup offset length
	setup=$(od -An -tu1 -j497 -N1 "$1")
	offset=$(od -An -tu4 -j584 -N4 "$1")
	length=$(od -An -tu4 -j588 -N4 "$1")
	tail -c +$(((setup + 1) * 512 + offset + 1)) "$1" |
		head -c $((length - 4)) >packed || true
	case $(od -An -tx1 -N4 packed | tr -d ' ') in
	02214c18) lz4 -dcq <packed ;;
	fd377a58) xz -dcq --single-stream <packed ;;
	28b52ffd) zstd -dcq <packed ;;
	*) return 1 ;;
	esac
}

copy_modules() {
	local from=$1 to=$2
	mkdir -p "$to"
	(cd "$from" && find kernel -name '*.ko*' |
		grep -E "$wanted" | grep -vE "$unwanted" |
		tar -cf - -T -) | tar -xf - -C "$to"
	cp "$from"/modules.{builtin,order} "$to/"
	if [ -e "$from/modules.builtin.modinfo" ]; then
		cp "$from/modules.builtin.modinfo" "$to/"
	fi
}

make_initrd() {
	local release=$1 m file
	mkdir -p initrd/{bin,dev,proc,sys,root,modules}
	cp "$(command -v busybox)" initrd/bin/busybox
	install -m 755 "$vm_dir/guest/initrd-init" initrd/init
	for m in $boot_modules; do
		modprobe -d "$PWD/tree" -S "$release" --show-depends "$m" \
			2>/dev/null || true # built in, or not in this one
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >list
	while read -r file; do
		m=$(basename "$file")
		m=${m%.ko*}.ko
		case $file in
		*.xz) xz -dc "$file" ;;
		*.zst) zstd -dcq "$file" ;;
		*) cat "$file" ;;
		esac >"initrd/modules/$m"
		echo "$m" >>initrd/modules/list
	done <list
	(cd initrd && find . | cpio -o -H newc -R 0:0 --quiet)
}

build() {
	local out=$1 from release file size
	local -a debs
	use_suite "$suite"
	mapfile -t debs < <(apt-cache depends --recurse --important "$package" |
		grep -E '^linux-(image|binary|modules|base)-[0-9]' | sort -u)
	[ ${#debs[@]} -gt 0 ] || die "$suite has no $package"
	apt-get -qq download "${debs[@]}" >&2
	for file in ./*.deb; do
		dpkg-deb -x "$file" unpacked
	done
	from=$(find unpacked/lib/modules unpacked/usr/lib/modules -mindepth 1 \
		-maxdepth 1 -type d 2>/dev/null | head -n 1) || true
	[ -n "$from" ] || die "no modules in ${debs[*]}"
	release=${from##*/}
	copy_modules "$from" "tree/lib/modules/$release"
	depmod -b tree "$release"
	size=$(du -sm tree | cut -f1)
	make_image tree/lib/modules "$out/modules.ext4" $((size * 5 / 4 + 24))
	make_initrd "$release" >"$out/initrd"
	file=unpacked/boot/vmlinuz-$release
	[ -e "$file" ] || file=$from/vmlinuz
	unpack_kernel "$file" >"$out/vmlinux" || cp "$file" "$out/vmlinux"
	echo "$release" >"$out/release"
}

key=$(cat "$0" "$vm_dir/common.bash" "$vm_dir/guest/initrd-init" | digest)
cached "kernel-$suite" "$key" build
echo "$ret_dir"
