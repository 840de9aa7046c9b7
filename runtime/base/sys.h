/* SPDX-License-Identifier: Apache-2.0 */
/* System calls that the C library of Debian 12 has no wrapper for. */
#ifndef SBX_BASE_SYS_H
#define SBX_BASE_SYS_H

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

#endif
