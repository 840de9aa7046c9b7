/* SPDX-License-Identifier: Apache-2.0 */
/* A root's directories, files and links, kept for the next start. */
#include "runtime/jail/mould.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "rootfs/overlay/changes.h"
#include "runtime/base/cleanup.h"
#include "runtime/base/io.h"
#include "runtime/base/sys.h"

/*
 * How this works. Making the forty names of a root takes longer than all of its
 * mounts. They are the same in every start of the same policy, so they are
 * kept: STATE/roots/KEY, KEY being a hash of every step that makes a name. A
 * start that finds it binds it, read-only like all the rest, in place of
 * making them; one that does not makes them on the tmpfs as ever, and leaves a
 * mould behind once the program runs.
 *
 * It is never written to, only made under another name and renamed. It is the
 * caller's own and private, and no guest ever sees the state directory. One
 * from before the machine was started is made anew: a crash may have emptied
 * its files. Each plan holds a shared lock, so that none is removed in use: a
 * mount point's removal would take the mounts of a jail away. Where the path
 * to it leads through a link, there is none.
 */

#define MAX_MOULDS 16
#define UNFINISHED ".new"
#define DIR_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

static bool makes_name(const struct jail_op *op)
{
	return op->kind == JAIL_OP_DIR || op->kind == JAIL_OP_FILE ||
	       op->kind == JAIL_OP_LINK;
}

/* Steps up to the first READONLY are the tree's. */
static size_t tree_end(const struct jail_plan *plan)
{
	size_t i = 0;

	while (i < plan->n_ops && plan->ops[i].kind != JAIL_OP_READONLY)
		i++;
	return i;
}

/* FNV-1a, on two lanes with different starts. */
static void hash(uint64_t h[2], const void *data, size_t len)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < len; i++) {
		h[0] = (h[0] ^ p[i]) * 0x100000001b3u;
		h[1] = (h[1] ^ p[i] ^ 0x5c) * 0x100000001b3u;
	}
}

static void key_of(const struct jail_plan *plan, char *ret, size_t size)
{
	uint64_t h[2] = { 0xcbf29ce484222325u, 0x84222325cbf29ce4u };
	const struct jail_op *op;

	for (size_t i = 0; i < tree_end(plan); i++) {
		op = &plan->ops[i];
		if (!makes_name(op))
			continue;
		hash(h, &op->kind, sizeof(op->kind));
		hash(h, &op->mode, sizeof(op->mode));
		hash(h, op->dst, strlen(op->dst) + 1);
		if (op->text)
			hash(h, op->text, strlen(op->text) + 1);
	}
	(void)snprintf(ret, size, "%016" PRIx64 "%016" PRIx64, h[0], h[1]);
}

/* Whether it was made since the machine was started. */
static bool is_of_this_boot(const struct stat *st)
{
	struct timespec now, up;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)clock_gettime(CLOCK_BOOTTIME, &up);
	return st->st_ctim.tv_sec > now.tv_sec - up.tv_sec;
}

static bool is_usable(const struct stat *st)
{
	return st->st_uid == geteuid() && st->st_nlink &&
	       !(st->st_mode & (S_IWGRP | S_IWOTH)) && is_of_this_boot(st);
}

/* Open it and hold it against removal. -ENOENT: it is to be made, others: it
 * cannot be used. */
static int hold(const char *path, struct stat *ret)
{
	_autofd int fd = sys_openat2(AT_FDCWD, path,
				     O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0,
				     RESOLVE_NO_SYMLINKS);

	if (fd < 0 || flock(fd, LOCK_SH | LOCK_NB) < 0 || fstat(fd, ret) < 0)
		return -errno;
	return is_usable(ret) ? take_fd(&fd) : -ENOENT;
}

int mould_plan(struct jail_plan *plan, const struct jail_host *host,
	       struct sbx_err *err)
{
	char key[40];
	struct stat st;

	/* the host's resolver file changes with its network */
	if (!host->state_dir || plan->pol->rootfs.base == POL_BASE_DIR ||
	    plan->pol->network.mode == POL_NET_HOST)
		return 0;
	key_of(plan, key, sizeof(key));
	if (asprintf(&plan->mould, "%s/roots/%s", host->state_dir, key) < 0) {
		plan->mould = NULL;
		return sbx_fail(err, ENOMEM, "plan");
	}
	plan->mould_fd = hold(plan->mould, &st);
	if (plan->mould_fd >= 0) {
		plan->mould_dev = st.st_dev;
		plan->mould_ino = st.st_ino;
	} else if (plan->mould_fd != -ENOENT) {
		free(take(plan->mould));
	}
	return 0;
}

bool mould_missing(const struct jail_plan *plan)
{
	return plan->mould && !plan->mould_ino;
}

static int make_name(int dirfd, const struct jail_op *op)
{
	const char *path = op->dst + 1;
	_autofd int fd = -1;

	if (op->kind == JAIL_OP_DIR)
		return mkdirat(dirfd, path, 0700) < 0 ||
				       fchmodat(dirfd, path, op->mode, 0) < 0
			       ? -errno
			       : 0;
	if (op->kind == JAIL_OP_LINK)
		return symlinkat(op->text, dirfd, path) < 0 ? -errno : 0;
	fd = openat(dirfd, path,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || fchmod(fd, op->mode) < 0)
		return -errno;
	return io_write_all(fd, op->text, strlen(op->text));
}

static int make_tree(const struct jail_plan *plan, int roots)
{
	_autofd int dir = -1;
	int r = 0;

	if (mkdirat(roots, UNFINISHED, 0700) < 0)
		return -errno;
	dir = openat(roots, UNFINISHED, DIR_FLAGS);
	if (dir < 0 || fchmod(dir, 0755) < 0)
		return -errno;
	for (size_t i = 0; i < tree_end(plan) && r == 0; i++)
		if (makes_name(&plan->ops[i]))
			r = make_name(dir, &plan->ops[i]);
	return r;
}

/* Remove one that no run holds. */
static int remove_unused(int roots, const char *name, struct sbx_err *err)
{
	_autofd int fd = openat(roots, name, DIR_FLAGS);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0)
		return 0;
	return ovl_remove_tree(roots, name, err);
}

/* Policies come and go, and with them their moulds. */
static int prune(int roots, const char *keep, struct sbx_err *err)
{
	int fd = openat(roots, ".", DIR_FLAGS), r = 0;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *d;
	size_t n = 0;

	if (!dir) {
		close_fd(&fd);
		return sbx_fail(err, errno, "kept roots");
	}
	while ((d = readdir(dir)) && r == 0)
		if (d->d_name[0] != '.' && strcmp(d->d_name, keep) &&
		    ++n >= MAX_MOULDS)
			r = remove_unused(roots, d->d_name, err);
	(void)closedir(dir);
	return r;
}

int mould_make(const struct jail_plan *plan, int statefd, struct sbx_err *err)
{
	const char *key = strrchr(plan->mould, '/') + 1;
	_autofd int roots = -1;
	int r;

	if (mkdirat(statefd, "roots", 0700) < 0 && errno != EEXIST)
		return sbx_fail(err, errno, "make 'roots' for kept roots");
	roots = openat(statefd, "roots", DIR_FLAGS);
	if (roots < 0)
		return sbx_fail(err, errno, "kept roots");
	if (flock(roots, LOCK_EX | LOCK_NB) < 0)
		return 0;
	r = ovl_remove_tree(roots, UNFINISHED, err);
	if (r < 0 && r != -ENOENT)
		return r;
	/* one of an earlier boot, or broken */
	r = remove_unused(roots, key, err);
	if (r < 0 && r != -ENOENT)
		return r;
	r = make_tree(plan, roots);
	if (r < 0)
		return sbx_fail(err, -r, "make a root to keep");
	if (renameat2(roots, UNFINISHED, roots, key, RENAME_NOREPLACE) < 0 &&
	    errno != EEXIST)
		return sbx_fail(err, errno, "keep a root");
	return prune(roots, key, err);
}
