#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# boot.bash QEMU KERNEL ROOT JOB.TAR OUTPUT SECONDS: start a VM of the given
# directories (from qemu.bash, kernel.bash and root.bash), write what its job
# says to OUTPUT and its console to OUTPUT.console. 0 where the job came to its
# end. The disks are snapshots: nothing that a job does stays.
# shellcheck source=tests/vm/common.bash
. "$(dirname "$0")/common.bash"

qemu=$1 kernel=$2 root=$3 job=$4 output=$5 limit=$6
options="console=ttyS0 quiet panic=-1 psi=1 mitigations=off nokaslr audit=0
random.trust_cpu=on net.ifnames=0 systemd.unit=sbx-vm.target
systemd.show_status=0"

scratch=$(mktemp -d)
vm=
trap '[ -z "$vm" ] || kill "$vm"; rm -rf "$scratch"' EXIT
trap 'exit 1' INT TERM HUP

args=()
disk() {
	args+=(-drive "if=none,format=raw,snapshot=on,cache=unsafe,id=$1,file=$2"
		-device "virtio-blk-pci,drive=$1")
}
disk root "$root/root.ext4"
disk modules "$kernel/modules.ext4"
disk job "$job"

: >"$output"
status=0
# la57 off: five-level page tables only cost emulation.
TMPDIR=$scratch timeout -k 5 "$limit" "$qemu/qemu-system-x86_64" \
	-nodefaults -no-user-config -display none -no-reboot \
	-machine pc -accel tcg,thread=multi -cpu max,la57=off -smp 2 -m 1536 \
	-nic none -kernel "$kernel/vmlinux" -initrd "$kernel/initrd" \
	-append "${options//$'\n'/ }" "${args[@]}" \
	-chardev "file,id=console,path=$output.console" \
	-serial chardev:console -device virtio-serial-pci \
	-chardev "file,id=tap,path=$output" \
	-device virtserialport,chardev=tap,name=sbx.tap \
	</dev/null 2>"$output.qemu" &
vm=$!
wait "$vm" || status=$?
vm=
if ! grep -q '^@done ' "$output"; then
	say "the VM did not finish (QEMU's status $status); its console ends:"
	tail -n 15 "$output.console" | tr -d '\r' >&2
	cat "$output.qemu" >&2
	exit 1
fi
