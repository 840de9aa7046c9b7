#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# qemu.bash: print the directory that holds a qemu-system-x86_64 that boots
# every kernel we test. QEMU 7.2 of Debian 12 now and then runs stale code
# when a guest kernel patches itself, and a third of the 6.12 boots end so;
# the backports' QEMU does not. It is unpacked into the cache, beside the
# host's own, whose libraries it shares.
# shellcheck source=tests/vm/common.bash
. "$(dirname "$0")/common.bash"

# shellcheck disable=SC2016 # dpkg's own variables
version=$(dpkg-query -Wf '${Version}' qemu-system-x86)

build() {
	local deb out=$1
	if dpkg --compare-versions "$version" ge 1:9; then
		ln -s "$(command -v qemu-system-x86_64)" "$out/qemu-system-x86_64"
		return
	fi
	use_suite "$(host_suite)-backports"
	apt-get -qq download qemu-system-x86 qemu-system-common \
		qemu-system-data seabios >&2
	for deb in ./*.deb; do
		dpkg-deb -x "$deb" "$out/x"
	done
	rm -rf "$out"/x/usr/share/{doc,man} "$out"/x/usr/share/qemu/edk2*
	if ldd "$out/x/usr/bin/qemu-system-x86_64" | grep 'not found' >&2; then
		die "the backports' QEMU wants other libraries than the host's"
	fi
	cat >"$out/qemu-system-x86_64" <<-'END'
		#!/bin/sh
		usr=$(dirname "$(realpath "$0")")/x/usr
		QEMU_MODULE_DIR=$usr/lib/x86_64-linux-gnu/qemu
		export QEMU_MODULE_DIR
		exec "$usr/bin/qemu-system-x86_64" -L "$usr/share/qemu" \
			-L "$usr/share/seabios" "$@"
	END
	chmod +x "$out/qemu-system-x86_64"
}

cached qemu "$({
	cat "$0" "$vm_dir/common.bash"
	echo "$version"
} | digest)" build
echo "$ret_dir"
