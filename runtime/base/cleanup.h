/* SPDX-License-Identifier: Apache-2.0 */
/* Cleanup by attribute, and handing ownership on. Host-side code only. */
#ifndef SBX_BASE_CLEANUP_H
#define SBX_BASE_CLEANUP_H

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/*
 * Close at scope exit; negative descriptors are left alone; errno is kept. One
 * that is only held open counts as used.
 */
#define _autofd __attribute__((cleanup(cleanup_fd), unused))
/* free(3) at scope exit. */
#define _autofree __attribute__((cleanup(cleanup_free)))
/* NAME_free() at scope exit; NAME must have DEFINE_AUTO(NAME). */
#define _auto(name) __attribute__((cleanup(name##_auto_free)))

#define DEFINE_AUTO(name)                                    \
	static inline void name##_auto_free(struct name **p) \
	{                                                    \
		name##_free(*p);                             \
	}

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Give the value away: the variable becomes NULL, the old value is returned. */
#define take(p)                           \
	({                                \
		__auto_type take_v = (p); \
		(p) = NULL;               \
		take_v;                   \
	})

static inline int take_fd(int *fd)
{
	int v = *fd;

	*fd = -1;
	return v;
}

/* Close if open, set to -1, keep errno. */
static inline void close_fd(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
	errno = saved;
}

static inline void cleanup_fd(int *fd)
{
	close_fd(fd);
}

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

/* A programming error: stop. Never for what a caller can cause. */
#define BUG_ON(cond)                      \
	do {                              \
		if (cond)                 \
			__builtin_trap(); \
	} while (0)

#endif
