/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Probes: system calls that no build or agent needs, and other ways to enter
 * the kernel. The arguments are such that root outside a jail does no harm by
 * them; any errno but a refusal says that the call was reached.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/jail/probe.h"

#ifndef SYS_memfd_secret
#define SYS_memfd_secret 447
#endif
#ifndef SYS_quotactl_fd
#define SYS_quotactl_fd 443
#endif

/* arg: number, then the first three arguments; text: the one that is a path */
static const char *reaches(const struct ctx *c, const struct probe *p)
{
	const char *path = p->text;
	long r;

	if (path)
		r = syscall(p->arg[0], path, p->arg[1], p->arg[2], p->arg[3]);
	else
		r = syscall(p->arg[0], p->arg[1], p->arg[2], p->arg[3], 0, 0);
	if (r < 0 && refused(errno))
		return NULL;
	return say("system call %ld: %s", p->arg[0],
		   r < 0 ? strerror(errno) : "succeeded");
}

static const char *bpf_map(const struct ctx *c, const struct probe *p)
{
	union bpf_attr attr = { .map_type = BPF_MAP_TYPE_ARRAY,
				.key_size = 4,
				.value_size = 4,
				.max_entries = 1 };

	if (syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)) < 0)
		return NULL;
	return "made a map";
}

static const char *perf_event(const struct ctx *c, const struct probe *p)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE,
					.size = sizeof(attr),
					.config = PERF_COUNT_SW_TASK_CLOCK,
					.exclude_kernel = 1,
					.exclude_hv = 1 };

	if (syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0) < 0)
		return NULL;
	return "opened a counter";
}

static const char *io_uring(const struct ctx *c, const struct probe *p)
{
	char params[120] = { 0 };

	if (syscall(SYS_io_uring_setup, 1, params) < 0)
		return NULL;
	return "made a ring";
}

static const char *steal_fd(const struct ctx *c, const struct probe *p)
{
	int pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);

	if (syscall(SYS_pidfd_getfd, pidfd, 0, 0) < 0 && refused(errno))
		return NULL;
	return "reached";
}

static const char *own_memory(const struct ctx *c, const struct probe *p)
{
	char a = 1, b = 2;
	struct iovec from = { &a, 1 }, to = { &b, 1 };

	if (syscall(p->arg[0], getpid(), &to, 1, &from, 1, 0) < 0)
		return NULL;
	return "by the process itself";
}

static const char *handle(const struct ctx *c, const struct probe *p)
{
	struct {
		unsigned bytes;
		int type;
		char data[128];
	} h = { .bytes = 128 };
	int id, fd;

	if (syscall(SYS_name_to_handle_at, AT_FDCWD, "/usr", &h, &id, 0) < 0 &&
	    refused(errno))
		return NULL;
	if (!p->arg[0])
		return "made a handle";
	fd = (int)syscall(SYS_open_by_handle_at, AT_FDCWD, &h, O_RDONLY);
	return fd < 0 ? NULL : "opened a file by its handle";
}

/* "Shocker": handles made up for the first inodes of the disk. */
static const char *shocker(const struct ctx *c, const struct probe *p)
{
	struct {
		unsigned bytes;
		int type;
		uint32_t data[2];
	} h = { .bytes = 8, .type = 1 };
	int at = open("/usr", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (uint32_t ino = 2; ino < 20; ino++) {
		h.data[0] = ino;
		if (syscall(SYS_open_by_handle_at, at, &h, O_RDONLY) >= 0 ||
		    !refused(errno))
			return "open_by_handle_at was reached";
	}
	return NULL;
}

static const char *unusual_persona(const struct ctx *c, const struct probe *p)
{
	if (syscall(SYS_personality, p->arg[0]) < 0)
		return NULL;
	return "set";
}

#ifdef __x86_64__
static const char *i386_entry(const struct ctx *c, const struct probe *p)
{
	long r = p->arg[0];

	/* 20 is getpid there; 359 is socket: AF_INET, SOCK_STREAM. */
	__asm__ volatile("int $0x80"
			 : "+a"(r)
			 : "b"(2L), "c"(1L), "d"(0L)
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)r < 0 ? NULL : "the i386 entry works";
}

static const char *x32_entry(const struct ctx *c, const struct probe *p)
{
	/* Without x32 in the kernel there is ENOSYS, with it a process id. */
	return syscall(0x40000000 | p->arg[0], 0, 0, 0) < 0 ? NULL
							    : "x32 works";
}
#endif

#define CALL(n, nr, bare, ...)                  \
	{                                       \
		"call", n, reaches, bare, NULL, \
		{                               \
			nr, __VA_ARGS__         \
		}                               \
	}
#define CALL_PATH(n, nr, bare, ...)                      \
	{                                                \
		"call", n, reaches, bare, "/sbx-none/x", \
		{                                        \
			nr, __VA_ARGS__                  \
		}                                        \
	}

const struct probe probes_call[] = {
	{ "call", "bpf-map", bpf_map, BARE_MAYBE },
	CALL("bpf", SYS_bpf, BARE_MAYBE, -1, 0, 0),
	{ "call", "perf_event_open", perf_event, BARE_MAYBE },
	{ "call", "io_uring_setup", io_uring, BARE_MAYBE },
	CALL("io_uring_enter", SYS_io_uring_enter, BARE_ANY, -1, 0, 0),
	CALL("io_uring_register", SYS_io_uring_register, BARE_ANY, -1, 0, 0),
	CALL("userfaultfd", SYS_userfaultfd, BARE_ANY, 1),
	CALL("keyctl", SYS_keyctl, BARE_ANY, 0, -3, 0),
	CALL_PATH("add_key", SYS_add_key, BARE_ANY, 0, 0),
	CALL_PATH("request_key", SYS_request_key, BARE_ANY, 0, 0),
	CALL("kcmp", SYS_kcmp, BARE_MAYBE, 1, 1, 2),
	{ "call", "pidfd_getfd", steal_fd, BARE_ANY },
	{ "call",
	  "process_vm_readv",
	  own_memory,
	  BARE_ANY,
	  NULL,
	  { SYS_process_vm_readv } },
	{ "call",
	  "process_vm_writev",
	  own_memory,
	  BARE_ANY,
	  NULL,
	  { SYS_process_vm_writev } },
	{ "call", "name_to_handle_at", handle, BARE_ANY },
	{ "call", "open_by_handle_at", handle, BARE_MAYBE, NULL, { 1 } },
	{ "call", "shocker", shocker, BARE_ROOT },
	CALL("quotactl", SYS_quotactl, BARE_ANY, 0x800001, 0, 0),
	CALL("quotactl_fd", SYS_quotactl_fd, BARE_ANY, -1, 0x800001, 0),
	CALL("modify_ldt", SYS_modify_ldt, BARE_MAYBE, 0, 0, 0),
	CALL("mbind", SYS_mbind, BARE_MAYBE, 0, 0, -1),
	CALL("migrate_pages", SYS_migrate_pages, BARE_MAYBE, 0, 0, 0),
	CALL("move_pages", SYS_move_pages, BARE_MAYBE, 0, 0, 0),
	CALL("fanotify_init", SYS_fanotify_init, BARE_MAYBE, 0x200, 0),
	CALL("memfd_secret", SYS_memfd_secret, BARE_MAYBE, -1),
	CALL("syslog", SYS_syslog, BARE_MAYBE, 10, 0, 0),
	CALL("syslog-read", SYS_syslog, BARE_ROOT, 3, 0, 0),
	CALL("init_module", SYS_init_module, BARE_MAYBE, 0, 0, 0),
	CALL("finit_module", SYS_finit_module, BARE_MAYBE, -1, 0, 0),
	CALL_PATH("delete_module", SYS_delete_module, BARE_MAYBE, O_NONBLOCK),
	CALL("kexec_load", SYS_kexec_load, BARE_MAYBE, 0, -1, 0),
	CALL("kexec_file_load", SYS_kexec_file_load, BARE_MAYBE, -1, -1, 0),
	CALL("reboot", SYS_reboot, BARE_ROOT, 0, 0, 0),
	CALL_PATH("swapon", SYS_swapon, BARE_MAYBE, 0),
	CALL_PATH("swapoff", SYS_swapoff, BARE_MAYBE),
	CALL("settimeofday", SYS_settimeofday, BARE_ROOT, 0, 0, 0),
	CALL("clock_settime", SYS_clock_settime, BARE_ANY, 0, 0, 0),
	CALL_PATH("acct", SYS_acct, BARE_MAYBE),
	CALL("sethostname", SYS_sethostname, BARE_ROOT, 0, -1, 0),
	CALL("setdomainname", SYS_setdomainname, BARE_ROOT, 0, -1, 0),
	CALL("iopl", SYS_iopl, BARE_MAYBE, 3),
	CALL("ioperm", SYS_ioperm, BARE_MAYBE, 0x80, 1, 1),
	CALL_PATH("chroot", SYS_chroot, BARE_MAYBE),
	CALL("mount", SYS_mount, BARE_MAYBE, 0, 0, 0),
	CALL_PATH("umount2", SYS_umount2, BARE_ROOT, 0),
	CALL("move_mount", SYS_move_mount, BARE_ROOT, -1, 0, -1),
	CALL("fsconfig", SYS_fsconfig, BARE_ANY, -1, 0, 0),
	CALL("fsmount", SYS_fsmount, BARE_ROOT, -1, 0, 0),
	CALL("fspick", SYS_fspick, BARE_ROOT, -1, 0, 0),
	CALL("setns", SYS_setns, BARE_ANY, -1, 0),
	{ "call",
	  "personality-solaris",
	  unusual_persona,
	  BARE_ANY,
	  NULL,
	  { 0x040000d } },
	{ "call",
	  "personality-read-exec",
	  unusual_persona,
	  BARE_ANY,
	  NULL,
	  { 0x0400000 } },
#ifdef __x86_64__
	{ "abi", "i386-getpid", i386_entry, BARE_MAYBE, NULL, { 20 } },
	{ "abi", "i386-socket", i386_entry, BARE_MAYBE, NULL, { 359 } },
	{ "abi", "x32-getpid", x32_entry, BARE_MAYBE, NULL, { SYS_getpid } },
	{ "abi", "x32-open", x32_entry, BARE_MAYBE, NULL, { SYS_getppid } },
#endif
	{ 0 },
};
