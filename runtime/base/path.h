/* SPDX-License-Identifier: Apache-2.0 */
/* Paths: cleaning them as text, and opening them without being led astray. */
#ifndef SBX_BASE_PATH_H
#define SBX_BASE_PATH_H

#include <sbx/err.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * The path made absolute against base (itself absolute; may be NULL when path
 * is absolute) with `.`, `..`, repeated and trailing slashes resolved as text.
 * No file is looked at. The caller frees it; NULL: no memory.
 */
char *path_clean(const char *base, const char *path);

/* True where path is dir or lies below it. Both cleaned. */
bool path_within(const char *path, const char *dir);

/*
 * Open a host path as O_PATH for use as a mount's source. A symbolic link on
 * the way is followed only where nobody but root could have planted it: its
 * directory belongs to root and is not writable by others (and, where the
 * caller is root, is "/" itself, since a jail of root's writes as root). All
 * others are refused with a message that names the link.
 *
 * path is absolute. On success *ret_real (the caller frees it) is the path
 * with those links resolved, to be opened again with RESOLVE_NO_SYMLINKS.
 * Returns the descriptor or -errno: -ENOENT where it does not exist, -ELOOP
 * for a refused link.
 */
int path_open_trusted(const char *path, char **ret_real, struct sbx_err *err);

#endif
