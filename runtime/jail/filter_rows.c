/* SPDX-License-Identifier: Apache-2.0 */
/* The default profile: which system calls a jail refuses, and why. */
#include "runtime/jail/filter.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/ptrace.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/socket.h>

#include "runtime/base/cleanup.h"
#include "runtime/jail/filter_numbers.h"

#define NAME(n)               \
	{                     \
#n, __SNR_##n \
	}

static const struct filter_name new_names[] = {
	NAME(cachestat),	 NAME(fchmodat2),
	NAME(map_shadow_stack),	 NAME(futex_wake),
	NAME(futex_wait),	 NAME(futex_requeue),
	NAME(statmount),	 NAME(listmount),
	NAME(lsm_get_self_attr), NAME(lsm_set_self_attr),
	NAME(lsm_list_modules),	 NAME(mseal),
	NAME(setxattrat),	 NAME(getxattrat),
	NAME(listxattrat),	 NAME(removexattrat),
	NAME(open_tree_attr),	 NAME(file_getattr),
	NAME(file_setattr),	 NAME(listns),
	NAME(rseq_slice_yield),	 { NULL, 0 },
};

/* Values that Debian 12's headers lack, or that need a header of too much. */
#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif
#define FAMILY_INET AF_INET, AF_INET6
#define SOCK_TYPE_BITS 0xf
#define NEW_NAMESPACES                                                 \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | \
	 CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)
#define QUERY 0xffffffff

#ifdef __s390__
#define CLONE_FLAGS_ARG 1
#else
#define CLONE_FLAGS_ARG 0
#endif

#define COUNT(...) (sizeof((uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t))
#define MASKED(a, m, t, ...)                                                   \
	{                                                                      \
		.n = COUNT(__VA_ARGS__), .arg = (a), .mask = (m), .test = (t), \
		.v = { __VA_ARGS__ }                                           \
	}
#define IN(a, ...) MASKED(a, 0, FILTER_IN, __VA_ARGS__)
#define NOT_IN(a, ...) MASKED(a, 0, FILTER_NOT_IN, __VA_ARGS__)
#define ANY_BIT(a, bits) MASKED(a, 0, FILTER_ANY_BIT, (bits))

#define ROW(n, e, c, w, ...)                                            \
	{                                                               \
		.nr = __SNR_##n, .name = #n, .error = (e), .core = (c), \
		.why = (w), .cond = {                                   \
			__VA_ARGS__                                     \
		}                                                       \
	}
/* CORE rows hold the jail together; DENY rows may be allowed by a policy. */
#define CORE(n, e, w) ROW(n, e, true, w, { 0 })
#define CORE_IF(n, e, w, ...) ROW(n, e, true, w, __VA_ARGS__)
#define DENY(n, e, w) ROW(n, e, false, w, { 0 })
#define DENY_IF(n, e, w, ...) ROW(n, e, false, w, __VA_ARGS__)

#define MOUNTS "it changes the tree that holds the jail"
#define NAMESPACES "new namespaces bring back power over the kernel"
#define MODULES "it loads code into the kernel"
#define CLOCK "it sets the host's clock"
#define KEYS "the kernel's keys are not the jail's"
#define MEMORY "it reads and writes the memory of others"
#define NUMA "it moves memory of others between nodes"
#define PORTS "it opens the machine's ports"
#define GONE "no program has needed it for many years"
#define URING "it makes calls that no filter sees"
#define LSM "security modules are the host's"
#define QUOTA "quotas are the host's"
#define NAMES "the host's name is not the jail's"

static const struct filter_row rows[] = {
	/* The tree of mounts, old and new interface. */
	CORE(mount, EPERM, MOUNTS),
	CORE(umount, EPERM, MOUNTS),
	CORE(umount2, EPERM, MOUNTS),
	CORE(pivot_root, EPERM, MOUNTS),
	CORE(chroot, EPERM, MOUNTS),
	CORE(fsopen, ENOSYS, MOUNTS),
	CORE(fsconfig, ENOSYS, MOUNTS),
	CORE(fsmount, ENOSYS, MOUNTS),
	CORE(fspick, ENOSYS, MOUNTS),
	CORE(move_mount, ENOSYS, MOUNTS),
	CORE(open_tree, ENOSYS, MOUNTS),
	CORE(open_tree_attr, ENOSYS, MOUNTS),
	CORE(mount_setattr, ENOSYS, MOUNTS),
	DENY(statmount, ENOSYS, "programs read /proc/self/mountinfo instead"),
	DENY(listmount, ENOSYS, "programs read /proc/self/mountinfo instead"),

	/* Namespaces. The flags of clone3 lie in memory, where no filter can
	 * look; the C library falls back to clone. */
	CORE(setns, EPERM, "it enters other namespaces"),
	CORE_IF(unshare, EPERM, NAMESPACES,
		ANY_BIT(0, NEW_NAMESPACES | CLONE_NEWTIME)),
	CORE_IF(clone, EPERM, NAMESPACES,
		ANY_BIT(CLONE_FLAGS_ARG, NEW_NAMESPACES)),
	CORE(clone3, ENOSYS, "its flags cannot be checked; clone remains"),
	DENY(listns, ENOSYS, "namespaces are the host's"),

	/* Code in the kernel, another kernel. */
	CORE(init_module, EPERM, MODULES),
	CORE(finit_module, EPERM, MODULES),
	CORE(delete_module, EPERM, MODULES),
	CORE(create_module, EPERM, MODULES),
	CORE(query_module, EPERM, MODULES),
	CORE(get_kernel_syms, EPERM, MODULES),
	CORE(bpf, EPERM, MODULES),
	CORE(kexec_load, EPERM, "it replaces the kernel"),
	CORE(kexec_file_load, EPERM, "it replaces the kernel"),
	CORE(reboot, EPERM, "it stops the machine"),

	/* Files past every mount and every path. */
	CORE(open_by_handle_at, EPERM, "it opens files outside the jail"),
	DENY(name_to_handle_at, EPERM, "handles name files past the mounts"),
	DENY(fanotify_init, EPERM, "it watches whole file systems"),

	/* The terminal: characters pushed into it are typed to its owner. The
	 * line disciplines are old drivers that a name loads. */
	CORE_IF(ioctl, EPERM, "it types into the terminal's owner's shell",
		IN(1, TIOCSTI, 0x541c /* TIOCLINUX */, TIOCSETD)),

	/* Others' processes. PTRACE_TRACEME stays, so a debugger can start the
	 * program that it debugs. */
	DENY_IF(ptrace, EPERM, "it takes hold of a process that did not ask",
		IN(0, PTRACE_ATTACH, PTRACE_SEIZE)),
	DENY(process_vm_readv, EPERM, MEMORY),
	DENY(process_vm_writev, EPERM, MEMORY),
	DENY(pidfd_getfd, EPERM, "it takes descriptors of others"),
	DENY(kcmp, EPERM, "it compares the kernel's addresses"),

	/* Large and often broken parts of the kernel. */
	DENY(io_uring_setup, ENOSYS, URING),
	DENY(io_uring_enter, ENOSYS, URING),
	DENY(io_uring_register, ENOSYS, URING),
	DENY(userfaultfd, ENOSYS, "it stops the kernel where it pleases"),
	DENY(memfd_secret, ENOSYS, "memory that nobody can account for"),
	DENY(perf_event_open, EPERM, "it measures what others do"),
	DENY(add_key, ENOSYS, KEYS),
	DENY(request_key, ENOSYS, KEYS),
	DENY(keyctl, ENOSYS, KEYS),
	DENY(mbind, EPERM, NUMA),
	DENY(move_pages, EPERM, NUMA),
	DENY(migrate_pages, EPERM, NUMA),
	DENY(set_mempolicy_home_node, ENOSYS, NUMA),
	DENY(modify_ldt, EPERM, "old segments, for 16-bit programs"),
	DENY(vm86, ENOSYS, "old segments, for 16-bit programs"),
	DENY(vm86old, ENOSYS, "old segments, for 16-bit programs"),
	/* gdb and setarch -R switch address randomization off. A 32-bit
	 * personality is of no use where 32-bit entries are closed. */
	DENY_IF(personality, EPERM, "other systems' habits, weaker checks",
		NOT_IN(0, PER_LINUX, ADDR_NO_RANDOMIZE, QUERY)),
	DENY(lsm_get_self_attr, ENOSYS, LSM),
	DENY(lsm_set_self_attr, ENOSYS, LSM),
	DENY(lsm_list_modules, ENOSYS, LSM),

	/* The machine. */
	CORE(acct, EPERM, "it writes a file for the host"),
	CORE(swapon, EPERM, "swap is the host's"),
	CORE(swapoff, EPERM, "swap is the host's"),
	CORE(iopl, EPERM, PORTS),
	CORE(ioperm, EPERM, PORTS),
	CORE(pciconfig_iobase, EPERM, PORTS),
	CORE(pciconfig_read, EPERM, PORTS),
	CORE(pciconfig_write, EPERM, PORTS),
	DENY(syslog, EPERM, "the kernel's log is the host's"),
	DENY(quotactl, EPERM, QUOTA),
	DENY(quotactl_fd, EPERM, QUOTA),
	DENY(settimeofday, EPERM, CLOCK),
	DENY(stime, EPERM, CLOCK),
	DENY(clock_settime, EPERM, CLOCK),
	DENY(clock_settime64, EPERM, CLOCK),
	DENY(adjtimex, EPERM, CLOCK),
	DENY(clock_adjtime, EPERM, CLOCK),
	DENY(clock_adjtime64, EPERM, CLOCK),
	DENY(sethostname, EPERM, NAMES),
	DENY(setdomainname, EPERM, NAMES),
	DENY(vhangup, EPERM, "it hangs up a terminal"),

	/* Sockets: local ones, the internet's two usual kinds, and questions
	 * about routes. A raw socket could forge and overhear. */
	DENY_IF(socket, EAFNOSUPPORT, "not a family that a build needs",
		NOT_IN(0, AF_UNIX, AF_INET, AF_INET6, AF_NETLINK)),
	DENY_IF(socket, EPROTONOSUPPORT, "of netlink only routes",
		IN(0, AF_NETLINK), NOT_IN(2, NETLINK_ROUTE)),
	DENY_IF(socket, EPERM, "it forges and overhears packets",
		IN(0, FAMILY_INET),
		MASKED(1, SOCK_TYPE_BITS, FILTER_NOT_IN, SOCK_STREAM,
		       SOCK_DGRAM)),
	DENY_IF(socket, EPROTONOSUPPORT, "not TCP, UDP or ping",
		IN(0, FAMILY_INET),
		NOT_IN(2, IPPROTO_IP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP,
		       IPPROTO_ICMPV6)),
	DENY_IF(socketpair, EAFNOSUPPORT, "not a family that a build needs",
		NOT_IN(0, AF_UNIX)),

	/* Left over from the past. */
	DENY(uselib, ENOSYS, GONE),
	DENY(ustat, ENOSYS, GONE),
	DENY(sysfs, ENOSYS, GONE),
	DENY(_sysctl, ENOSYS, GONE),
	DENY(nfsservctl, ENOSYS, GONE),
	DENY(getpmsg, ENOSYS, GONE),
	DENY(putpmsg, ENOSYS, GONE),
	DENY(afs_syscall, ENOSYS, GONE),
	DENY(tuxcall, ENOSYS, GONE),
	DENY(security, ENOSYS, GONE),
	DENY(vserver, ENOSYS, GONE),
	DENY(lookup_dcookie, ENOSYS, GONE),
	DENY(remap_file_pages, ENOSYS, GONE),
	DENY(bdflush, ENOSYS, GONE),
};

static const char *const needed[] = {
	"access",
	"arch_prctl",
	"brk",
	"chdir",
	"clock_gettime",
	"clone",
	"close",
	"close_range",
	"dup",
	"dup2",
	"dup3",
	"epoll_create1",
	"epoll_ctl",
	"epoll_pwait",
	"epoll_wait",
	"execve",
	"execveat",
	"exit",
	"exit_group",
	"faccessat",
	"fchdir",
	"fcntl",
	"fstat",
	"fstatfs",
	"futex",
	"getdents64",
	"getegid",
	"geteuid",
	"getgid",
	"getpid",
	"getppid",
	"getrandom",
	"gettid",
	"getuid",
	"ioctl",
	"kill",
	"lseek",
	"mmap",
	"mprotect",
	"mremap",
	"munmap",
	"newfstatat",
	"open",
	"openat",
	"openat2",
	"pidfd_open",
	"pipe2",
	"poll",
	"ppoll",
	"prctl",
	"pread64",
	"prlimit64",
	"read",
	"readlink",
	"readlinkat",
	"readv",
	"recvfrom",
	"recvmsg",
	"restart_syscall",
	"rseq",
	"rt_sigaction",
	"rt_sigpending",
	"rt_sigprocmask",
	"rt_sigreturn",
	"rt_sigsuspend",
	"rt_sigtimedwait",
	"sendmsg",
	"sendto",
	"set_robust_list",
	"set_tid_address",
	"setpgid",
	"setsid",
	"sigaltstack",
	"signalfd4",
	"stat",
	"statfs",
	"statx",
	"tgkill",
	"umask",
	"uname",
	"vfork",
	"wait4",
	"waitid",
	"write",
	"writev",
	"clock_nanosleep",
	"nanosleep",
};

const struct filter_row *filter_rows(size_t *ret_n)
{
	*ret_n = ARRAY_LEN(rows);
	return rows;
}

void filter_defaults(struct filter_set *ret)
{
	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].nr >= 0 && rows[i].nr <= FILTER_NEWEST)
			ret->v[rows[i].nr] = rows[i].cond[0].n
						     ? FILTER_ARGS
						     : (uint16_t)rows[i].error;
}

const struct filter_name *filter_new_names(void)
{
	return new_names;
}

bool filter_needed(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(needed); i++)
		if (strcmp(needed[i], name) == 0)
			return true;
	return false;
}
