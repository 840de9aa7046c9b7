/* SPDX-License-Identifier: Apache-2.0 */
/* Puts the measurement's seccomp filter together as a binary search. */
#include "tests/bench/filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#error "the floor's filter knows x86-64 and aarch64"
#endif

#define FOREIGN_ABI 0x40000000u
#define NEW_NAMESPACES                                               \
	(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | \
	 CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP)

/* Where a call's number leads. The last four are returns. */
enum target { SOCKET, CLONE, IOCTL, PERSONALITY, ALLOW, EPERM_, ENOSYS_, KILL };
enum { N_TARGETS = KILL + 1 };

struct rule {
	unsigned nr;
	enum target to;
};

static const struct rule rules[] = {
	{ SYS_ioctl, IOCTL },
	{ SYS_socket, SOCKET },
	{ SYS_clone, CLONE },
	{ SYS_ptrace, EPERM_ },
	{ SYS_syslog, EPERM_ },
	{ SYS_personality, PERSONALITY },
#ifdef __x86_64__
	{ SYS_uselib, EPERM_ },
	{ SYS_ustat, EPERM_ },
	{ SYS_sysfs, EPERM_ },
	{ SYS_modify_ldt, EPERM_ },
	{ SYS__sysctl, EPERM_ },
	{ SYS_ioperm, EPERM_ },
	{ SYS_iopl, EPERM_ },
#endif
	{ SYS_vhangup, EPERM_ },
	{ SYS_pivot_root, EPERM_ },
	{ SYS_adjtimex, EPERM_ },
	{ SYS_chroot, EPERM_ },
	{ SYS_acct, EPERM_ },
	{ SYS_settimeofday, EPERM_ },
	{ SYS_mount, EPERM_ },
	{ SYS_umount2, EPERM_ },
	{ SYS_swapon, EPERM_ },
	{ SYS_swapoff, EPERM_ },
	{ SYS_reboot, EPERM_ },
	{ SYS_sethostname, EPERM_ },
	{ SYS_setdomainname, EPERM_ },
	{ SYS_init_module, EPERM_ },
	{ SYS_delete_module, EPERM_ },
	{ SYS_quotactl, EPERM_ },
	{ SYS_nfsservctl, EPERM_ },
	{ SYS_lookup_dcookie, EPERM_ },
	{ SYS_clock_settime, EPERM_ },
	{ SYS_mbind, EPERM_ },
	{ SYS_set_mempolicy, EPERM_ },
	{ SYS_get_mempolicy, EPERM_ },
	{ SYS_kexec_load, EPERM_ },
	{ SYS_add_key, EPERM_ },
	{ SYS_request_key, EPERM_ },
	{ SYS_keyctl, EPERM_ },
	{ SYS_migrate_pages, EPERM_ },
	{ SYS_unshare, EPERM_ },
	{ SYS_move_pages, EPERM_ },
	{ SYS_perf_event_open, EPERM_ },
	{ SYS_fanotify_init, EPERM_ },
	{ SYS_name_to_handle_at, EPERM_ },
	{ SYS_open_by_handle_at, EPERM_ },
	{ SYS_clock_adjtime, EPERM_ },
	{ SYS_setns, EPERM_ },
	{ SYS_process_vm_readv, EPERM_ },
	{ SYS_process_vm_writev, EPERM_ },
	{ SYS_kcmp, EPERM_ },
	{ SYS_finit_module, EPERM_ },
	{ SYS_kexec_file_load, EPERM_ },
	{ SYS_bpf, EPERM_ },
	{ SYS_userfaultfd, EPERM_ },
	{ SYS_io_uring_setup, ENOSYS_ },
	{ SYS_io_uring_enter, ENOSYS_ },
	{ SYS_io_uring_register, ENOSYS_ },
	{ SYS_open_tree, EPERM_ },
	{ SYS_move_mount, EPERM_ },
	{ SYS_fsopen, EPERM_ },
	{ SYS_fsconfig, EPERM_ },
	{ SYS_fsmount, EPERM_ },
	{ SYS_fspick, EPERM_ },
	{ SYS_clone3, ENOSYS_ },
	{ SYS_pidfd_getfd, EPERM_ },
	{ SYS_process_madvise, EPERM_ },
	{ SYS_mount_setattr, EPERM_ },
	{ SYS_quotactl_fd, EPERM_ },
	{ SYS_memfd_secret, EPERM_ },
};
enum { N_RULES = sizeof(rules) / sizeof(*rules) };

struct builder {
	struct sock_filter *insns;
	unsigned short n;
	unsigned short at[N_TARGETS]; /* where each target lies */
	struct rule sorted[N_RULES];
};

static void emit(struct builder *b, unsigned code, unsigned k, unsigned jt,
		 unsigned jf)
{
	b->insns[b->n++] = (struct sock_filter){
		.code = (unsigned short)code,
		.jt = (unsigned char)jt,
		.jf = (unsigned char)jf,
		.k = k,
	};
}

static void load(struct builder *b, size_t offset)
{
	emit(b, BPF_LD | BPF_W | BPF_ABS, (unsigned)offset, 0, 0);
}

/* Compare; yes and no are targets. */
static void test(struct builder *b, unsigned op, unsigned k, enum target yes,
		 enum target no)
{
	unsigned next = b->n + 1u;

	emit(b, BPF_JMP | op | BPF_K, k, b->at[yes] - next, b->at[no] - next);
}

/* Compare; go on where it does not hold. */
static void test_else_next(struct builder *b, unsigned op, unsigned k,
			   enum target yes)
{
	emit(b, BPF_JMP | op | BPF_K, k, b->at[yes] - (b->n + 1u), 0);
}

static void search(struct builder *b, size_t lo, size_t hi)
{
	size_t mid = lo + (hi - lo + 1) / 2;

	if (lo == hi) {
		test(b, BPF_JEQ, b->sorted[lo].nr, b->sorted[lo].to, ALLOW);
		return;
	}
	/* the left half takes 2n - 1 instructions */
	emit(b, BPF_JMP | BPF_JGE | BPF_K, b->sorted[mid].nr,
	     (unsigned)(2 * (mid - lo) - 1), 0);
	search(b, lo, mid - 1);
	search(b, mid, hi);
}

static void by_argument(struct builder *b)
{
	const size_t arg0 = offsetof(struct seccomp_data, args[0]);
	const size_t arg1 = offsetof(struct seccomp_data, args[1]);

	load(b, arg0);
	test_else_next(b, BPF_JEQ, AF_UNIX, ALLOW);
	test_else_next(b, BPF_JEQ, AF_INET, ALLOW);
	test_else_next(b, BPF_JEQ, AF_INET6, ALLOW);
	test(b, BPF_JEQ, AF_NETLINK, ALLOW, EPERM_);
	load(b, arg0);
	test(b, BPF_JSET, NEW_NAMESPACES, EPERM_, ALLOW);
	load(b, arg1);
	test_else_next(b, BPF_JEQ, TIOCSTI, EPERM_);
	test(b, BPF_JEQ, TIOCLINUX, EPERM_, ALLOW);
	load(b, arg0);
	test(b, BPF_JEQ, 0, ALLOW, EPERM_);
}

static void sort(struct rule *v, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct rule r = v[i];
		size_t j = i;

		for (; j && v[j - 1].nr > r.nr; j--)
			v[j] = v[j - 1];
		v[j] = r;
	}
}

unsigned short filter_build(struct sock_filter *insns)
{
	enum { TREE = 4, ARGS = TREE + 2 * N_RULES - 1, RETS = ARGS + 12 };
	static const unsigned rets[] = {
		SECCOMP_RET_ALLOW,
		SECCOMP_RET_ERRNO | EPERM,
		SECCOMP_RET_ERRNO | ENOSYS,
		SECCOMP_RET_KILL_PROCESS,
	};
	struct builder b = {
		.insns = insns,
		.at = { ARGS, ARGS + 5, ARGS + 7, ARGS + 10, RETS, RETS + 1,
			RETS + 2, RETS + 3 },
	};

	memcpy(b.sorted, rules, sizeof(rules));
	sort(b.sorted, N_RULES);
	load(&b, offsetof(struct seccomp_data, arch));
	emit(&b, BPF_JMP | BPF_JEQ | BPF_K, ARCH, 0, RETS + 3 - 2);
	load(&b, offsetof(struct seccomp_data, nr));
	test_else_next(&b, BPF_JGE, FOREIGN_ABI, KILL);
	search(&b, 0, N_RULES - 1);
	by_argument(&b);
	for (size_t i = 0; i < sizeof(rets) / sizeof(*rets); i++)
		emit(&b, BPF_RET | BPF_K, rets[i], 0, 0);
	return b.n;
}
