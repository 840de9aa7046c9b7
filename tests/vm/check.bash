#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# check.bash SRCDIR BUILDDIR TEST...: run test files of a finished build in the
# VM, by the table in tests/vm/legs, and print TAP. $VM_LEGS selects legs.
#
# A file that failed is run once more, in a VM of its own. Where it passes then
# its results count and BUILDDIR/tests/vm/flaky names it. BUILDDIR/tests/vm/rows
# has a line for each result: RESULT, leg, file, name.
# shellcheck source=tests/vm/common.bash
. "$(dirname "$0")/common.bash"

srcdir=$(cd "$1" && pwd) builddir=$(cd "$2" && pwd)
shift 2
tests=("$@")
out=$builddir/tests/vm
suite=bookworm    # of the root file system
boot_seconds=1800 # for one VM
mkdir -p "$out"

no_vm() {
	[ -z "${CI:-}" ] || die "$1"
	echo "1..0 # SKIP $1"
	exit 0
}

for need in qemu-system-x86_64 mmdebstrap mke2fs busybox cpio depmod; do
	command -v "$need" >/dev/null ||
		no_vm "$need is missing (build-aux/packages.debian, role vm)"
done
[ "$(id -u)" = 0 ] || no_vm "building the VM's image needs root"

# The rows of the table that were asked for.
legs() {
	local leg rest
	grep -v '^#' "$vm_dir/legs" | while read -r leg rest; do
		case " ${VM_LEGS:-$leg} " in
		*" $leg "*) echo "$leg $rest" ;;
		esac
	done
}

selected() { # selected FILE PATTERNS
	local pattern
	set -f
	for pattern in $2; do
		# shellcheck disable=SC2254 # it is a pattern
		case $1 in $pattern) return 0 ;; esac
	done
	return 1
}

# steps KERNEL: what the guest's job is to do, all of it
steps() {
	local leg kernel user sysctls seconds patterns file
	legs | while read -r leg kernel user sysctls seconds patterns; do
		[ "$kernel" = "$1" ] || continue
		for file in "${tests[@]}"; do
			selected "$file" "$patterns" || continue
			printf '%s\t%s\t%s\t%s\t%s\n' \
				"$leg" "$user" "$seconds" "$sysctls" "$file"
		done
	done
}

# The trees as the guest sees them, below /job; without the steps.
pack_trees() {
	local dir=$work/job
	mkdir -p "$dir/log" "$dir/src" "$dir/build"
	tar -C "$srcdir" -cf - --exclude-vcs --exclude='./build*' \
		--exclude=./autom4te.cache . | tar -C "$dir/src" -xf - --no-same-owner
	tar -C "$srcdir" -cf - build-aux | tar -C "$dir/src" -xf - --no-same-owner
	tar -C "$builddir" -cf - --exclude='*.o' --exclude='*.lo' \
		--exclude='*.a' --exclude='*.log' --exclude='*.trs' \
		--exclude=.deps . | tar -C "$dir/build" -xf - --no-same-owner
	cat >"$dir/env" <<-'END'
		export SBX=/job/build/sbx builddir=/job/build srcdir=/job/src
		export SBX_VM=1
	END
}

# run_steps KERNEL STEPS-FILE ROUND: boot, and add to the rows
run_steps() {
	local qemu kernel root output=$out/$3-$1.log
	qemu=$("$vm_dir/qemu.bash")
	kernel=$("$vm_dir/kernel.bash" "$1")
	root=$("$vm_dir/root.bash" "$suite")
	cp "$2" "$work/job/steps"
	tar -C "$work" -cf "$work/job.tar" --owner=0 --group=0 job
	say "kernel $(cat "$kernel/release"): $(wc -l <"$2") test files"
	"$vm_dir/boot.bash" "$qemu" "$kernel" "$root" "$work/job.tar" "$output" \
		"$boot_seconds" || true
	# The first line of every step that the output lacks is a failure too.
	awk -f "$vm_dir/rows.awk" "$2" "$output"
}

# failed ROWS STEPS: those steps in which something failed
failed() {
	awk -F '\t' 'NR == FNR { if ($1 == "FAIL") bad[$2, $3] = 1; next }
		($1, $5) in bad' "$1" "$2"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
: >"$out/rows"
: >"$out/flaky"
pack_trees
for kernel in $(legs | awk '!seen[$2]++ { print $2 }'); do
	steps "$kernel" >"$work/steps"
	[ -s "$work/steps" ] || continue
	run_steps "$kernel" "$work/steps" first >"$work/rows"
	failed "$work/rows" "$work/steps" >"$work/again"
	if [ -s "$work/again" ]; then
		say "once more: $(cut -f1,5 "$work/again" | paste -sd ';')"
		run_steps "$kernel" "$work/again" second >"$work/rows2"
		"$vm_dir/../flaky.bash" "$work/rows" "$work/rows2" \
			"$work/merged" >>"$out/flaky"
		mv "$work/merged" "$work/rows"
	fi
	cat "$work/rows" >>"$out/rows"
done

awk -F '\t' '{
	name = $4
	if ($1 == "SKIP") sub(/ # SKIP/, " # SKIP", name)
	printf "%sok %d - vm:%s %s: %s\n", $1 == "FAIL" ? "not " : "", NR,
		$2, $3, name
	failed += $1 == "FAIL"
} END { printf "1..%d\n", NR; exit failed != 0 }' "$out/rows"
