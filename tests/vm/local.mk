# The suite in a VM with cgroup v2: make check-vm [VM_LEGS=...] [TESTS=...]
EXTRA_DIST += \
	%D%/boot.bash %D%/check.bash %D%/common.bash %D%/kernel.bash \
	%D%/legs %D%/qemu.bash %D%/root.bash %D%/rows.awk \
	%D%/refused.sh \
	%D%/guest/initrd-init %D%/guest/job %D%/guest/sbx-vm.service \
	%D%/guest/sbx-vm.target %D%/guest/step

# What makes sense nowhere else.
VM_TESTS = tests/vm/refused.sh

check-vm: check-build
	@VM_LEGS='$(VM_LEGS)' bash $(srcdir)/tests/vm/check.bash \
		'$(srcdir)' '$(builddir)' $(TESTS) $(VM_TESTS)
.PHONY: check-vm
