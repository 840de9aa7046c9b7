/* SPDX-License-Identifier: Apache-2.0 */
/* Removing a tree that a hostile guest has written. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rootfs/overlay/changes.h"
#include "runtime/base/cleanup.h"
#include "runtime/base/sys.h"

/*
 * How this works. A tree can be deeper than a path is long and than there are
 * descriptors. So it is walked down a few levels only: below them a directory
 * that is not empty is moved up to the top, and is emptied when its turn comes.
 */

#define MAX_DEPTH 16 /* levels walked down, each a descriptor */

struct removal {
	int top;	 /* the directory that is emptied */
	uint64_t moved;	 /* names of those moved up */
	bool progress;	 /* something went in this pass */
	int first_errno; /* the first that could not go */
};

static bool is_dot(const char *name)
{
	return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

static int remember(struct removal *rm, int code)
{
	if (!rm->first_errno)
		rm->first_errno = code;
	return -1;
}

/* Open a directory for emptying it: its mode is made to let us. O_PATH and
 * /proc, so that no link is followed. */
static int open_dir(int dirfd, const char *name, uint64_t resolve)
{
	_autofd int path = sys_openat2(
		dirfd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0,
		resolve);
	struct stat st;
	char link[40];

	if (path < 0 || fstat(path, &st) < 0)
		return -1;
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", path);
	if ((st.st_mode & 0700) != 0700 && chmod(link, 0700) < 0)
		return -1;
	return openat(path, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Move a directory to the top. The guest may have taken some of the names. */
static int move_up(struct removal *rm, int dirfd, const char *name)
{
	char up[40];

	do {
		(void)snprintf(up, sizeof(up), ".sbx-rm-%" PRIu64, rm->moved++);
		if (renameat(dirfd, name, rm->top, up) == 0) {
			rm->progress = true;
			return 0;
		}
	} while (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR);
	return remember(rm, errno);
}

static int empty(struct removal *rm, int fd, unsigned depth);

/* Remove a name of dirfd and what is below it, as deep as we go. */
static int remove_name(struct removal *rm, int dirfd, const char *name,
		       unsigned depth)
{
	int fd;

	if (unlinkat(dirfd, name, 0) == 0 ||
	    unlinkat(dirfd, name, AT_REMOVEDIR) == 0) {
		rm->progress = true;
		return 0;
	}
	if (errno != ENOTEMPTY && errno != EEXIST)
		return remember(rm, errno);
	/* a directory is also moved only by those who may write to it */
	fd = open_dir(dirfd, name, RESOLVE_NO_XDEV);
	if (fd < 0)
		return remember(rm, errno);
	if (depth == MAX_DEPTH) {
		close_fd(&fd);
		return move_up(rm, dirfd, name);
	}
	(void)empty(rm, fd, depth + 1);
	if (unlinkat(dirfd, name, AT_REMOVEDIR) == 0)
		rm->progress = true;
	return 0;
}

/* One pass over a directory, whose descriptor is taken. Returns how many names
 * it saw, or -1. */
static int empty(struct removal *rm, int fd, unsigned depth)
{
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *d;
	int n = 0;

	if (!dir) {
		(void)remember(rm, errno);
		close_fd(&fd);
		return -1;
	}
	while ((d = readdir(dir)))
		if (!is_dot(d->d_name)) {
			(void)remove_name(rm, dirfd(dir), d->d_name, depth);
			n++;
		}
	(void)closedir(dir);
	return n;
}

int ovl_remove_tree(int dirfd, const char *name, struct sbx_err *err)
{
	struct removal rm = { .top = -1 };
	int left;

	if (unlinkat(dirfd, name, 0) == 0 ||
	    unlinkat(dirfd, name, AT_REMOVEDIR) == 0)
		return 0;
	if (errno != ENOTEMPTY && errno != EEXIST)
		return sbx_fail(err, errno, "remove '%s'", name);
	rm.top = open_dir(dirfd, name, 0);
	if (rm.top < 0)
		return sbx_fail(err, errno, "remove '%s'", name);
	do {
		rm.progress = false;
		rm.first_errno = 0;
		left = empty(&rm,
			     openat(rm.top, ".",
				    O_RDONLY | O_DIRECTORY | O_CLOEXEC),
			     0);
	} while (left > 0 && rm.progress);
	close_fd(&rm.top);
	if (unlinkat(dirfd, name, AT_REMOVEDIR) == 0)
		return 0;
	return sbx_fail(err, rm.first_errno ? rm.first_errno : errno,
			"remove '%s'", name);
}
