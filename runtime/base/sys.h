/* SPDX-License-Identifier: Apache-2.0 */
/* System calls that the C library of Debian 12 has no wrapper for. */
#ifndef SBX_BASE_SYS_H
#define SBX_BASE_SYS_H

#include <errno.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* openat2(2): -1 and errno, like the calls that have a wrapper. */
static inline int sys_openat2(int dirfd, const char *path, uint64_t flags,
			      uint64_t mode, uint64_t resolve)
{
	struct open_how how = {
		.flags = flags,
		.mode = mode,
		.resolve = resolve,
	};

	return (int)syscall(SYS_openat2, dirfd, path, &how, sizeof(how));
}

/*
 * A call of at most three arguments that leaves errno alone: the result or
 * -errno. For a process that shares its memory, errno included, with another
 * that runs at the same time; SYS_RAW says whether this machine has it.
 */
#if defined(__x86_64__)
#define SYS_RAW 1
static inline long sys_raw(long nr, long a, long b, long c)
{
	long r;

	__asm__ volatile("syscall"
			 : "=a"(r)
			 : "a"(nr), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return r;
}
#elif defined(__aarch64__)
#define SYS_RAW 1
static inline long sys_raw(long nr, long a, long b, long c)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;

	__asm__ volatile("svc 0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2)
			 : "memory");
	return x0;
}
#else
#define SYS_RAW 0
static inline long sys_raw(long nr, long a, long b, long c)
{
	long r = syscall(nr, a, b, c);

	return r < 0 ? -errno : r;
}
#endif

#endif
