/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock's numbers up to ABI 10: Debian 12's header ends at ABI 2. */
#ifndef SBX_JAIL_LANDLOCK_ABI_H
#define SBX_JAIL_LANDLOCK_ABI_H

#include <linux/landlock.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The newest ABI judged (Linux 7.2). */
#define LL_NEWEST 10

/* Rights of a file or below a directory; LANDLOCK_ACCESS_FS_* bit by bit. */
#define LL_EXECUTE (UINT64_C(1) << 0)
#define LL_WRITE_FILE (UINT64_C(1) << 1)
#define LL_READ_FILE (UINT64_C(1) << 2)
#define LL_READ_DIR (UINT64_C(1) << 3)
#define LL_REMOVE_DIR (UINT64_C(1) << 4)
#define LL_REMOVE_FILE (UINT64_C(1) << 5)
#define LL_MAKE_CHAR (UINT64_C(1) << 6)
#define LL_MAKE_DIR (UINT64_C(1) << 7)
#define LL_MAKE_REG (UINT64_C(1) << 8)
#define LL_MAKE_SOCK (UINT64_C(1) << 9)
#define LL_MAKE_FIFO (UINT64_C(1) << 10)
#define LL_MAKE_BLOCK (UINT64_C(1) << 11)
#define LL_MAKE_SYM (UINT64_C(1) << 12)
#define LL_REFER (UINT64_C(1) << 13)	    /* ABI 2: between directories */
#define LL_TRUNCATE (UINT64_C(1) << 14)	    /* ABI 3 */
#define LL_IOCTL_DEV (UINT64_C(1) << 15)    /* ABI 5 */
#define LL_RESOLVE_UNIX (UINT64_C(1) << 16) /* ABI 9: connect by path */

/* Those that make sense for something that is no directory. */
#define LL_FILE                                                    \
	(LL_EXECUTE | LL_WRITE_FILE | LL_READ_FILE | LL_TRUNCATE | \
	 LL_IOCTL_DEV | LL_RESOLVE_UNIX)

#define LL_SCOPE_ABSTRACT_SOCKET (UINT64_C(1) << 0) /* ABI 6 */
#define LL_SCOPE_SIGNAL (UINT64_C(1) << 1)	    /* ABI 6 */

/* landlock_restrict_self(2), ABI 7 */
#define LL_LOG_SAME_EXEC_OFF (1u << 0)
#define LL_LOG_SUBDOMAINS_OFF (1u << 2)

struct ll_ruleset { /* struct landlock_ruleset_attr, zeroes may follow */
	uint64_t fs, net, scoped;
};

static inline int ll_create(const struct ll_ruleset *attr, uint32_t flags)
{
	return (int)syscall(SYS_landlock_create_ruleset, attr,
			    attr ? sizeof(*attr) : 0, flags);
}

static inline int ll_add_path(int ruleset, int fd, uint64_t access)
{
	struct landlock_path_beneath_attr rule = {
		.allowed_access = access,
		.parent_fd = fd,
	};

	return (int)syscall(SYS_landlock_add_rule, ruleset,
			    LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

static inline int ll_restrict_self(int ruleset, uint32_t flags)
{
	return (int)syscall(SYS_landlock_restrict_self, ruleset, flags);
}

#endif
