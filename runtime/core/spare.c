/* SPDX-License-Identifier: Apache-2.0 */
/* Run directories ready for use: taking, giving back, emptying. */
#include "runtime/core/spare.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "rootfs/overlay/changes.h"
#include "runtime/base/cleanup.h"
#include "runtime/core/rundir.h"

#define DIR_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define USED "0/work/work"
/* As many as starts are likely to overlap. */
#define MAX_SPARES 4

static bool exists(int dirfd, const char *path)
{
	return faccessat(dirfd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* What one pass over the spare directories carries along. */
struct pass {
	int state, spare;
	char *id;	/* of the one that was taken */
	int taken;	/* its descriptor, or -1 */
	unsigned ready; /* seen so far */
	int r;
	struct sbx_err *err;
};

/* fn gets each spare that is nobody else's, locked; false ends the pass. */
static void each(int state, struct pass *p,
		 bool (*fn)(struct pass *p, int *fd, const char *id))
{
	const struct dirent *d;
	bool go_on = true;
	struct stat st;
	DIR *dir;

	p->state = state;
	p->spare = openat(state, "spare", DIR_FLAGS);
	dir = p->spare < 0 ? NULL : fdopendir(p->spare);
	if (!dir) {
		close_fd(&p->spare);
		return;
	}
	while (go_on && (d = readdir(dir))) {
		_autofd int fd = -1;

		if (d->d_name[0] == '.')
			continue;
		fd = openat(p->spare, d->d_name, DIR_FLAGS);
		/* who had it before may have removed it */
		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 &&
		    fstat(fd, &st) == 0 && st.st_nlink > 0)
			go_on = fn(p, &fd, d->d_name);
	}
	(void)closedir(dir);
}

static bool take_ready(struct pass *p, int *fd, const char *id)
{
	if (strlen(id) >= 16 || exists(*fd, USED) || !exists(*fd, "0/upper"))
		return true;
	strcpy(p->id, id);
	p->taken = take_fd(fd);
	return false;
}

int spare_take(int state, int *ret_home, char id[16])
{
	struct pass p = { .id = id, .taken = -1 };

	each(state, &p, take_ready);
	if (p.taken < 0)
		return -ENOENT;
	*ret_home = openat(state, "spare", DIR_FLAGS);
	if (*ret_home < 0)
		close_fd(&p.taken);
	return *ret_home < 0 ? -ENOENT : p.taken;
}

int spare_put(int state, int home, int run, const char *id)
{
	_autofd int spare = -1;

	/* never mounted, or more than one layer: not worth the care */
	if (!exists(run, USED) || exists(run, "1"))
		return -EINVAL;
	spare = openat(state, "spare", DIR_FLAGS);
	if (spare < 0 && errno == ENOENT &&
	    (mkdirat(state, "spare", 0700) == 0 || errno == EEXIST))
		spare = openat(state, "spare", DIR_FLAGS);
	if (spare < 0 || renameat(home, id, spare, id) < 0)
		return -errno;
	return 0;
}

/* No extended attribute but the one by which the kernel knows an overlay again,
 * and which a guest cannot name. */
static bool has_no_xattr(int upper)
{
	static const char own[] = "user.overlay.uuid";
	char list[sizeof(own)];
	ssize_t n = flistxattr(upper, list, sizeof(list));

	return n == 0 ||
	       (n == sizeof(own) && memcmp(list, own, sizeof(own)) == 0);
}

static int file_flags(int fd)
{
	int flags = 0;

	return ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0 ? 0 : flags;
}

/* Nothing that a guest can do to its empty directory has been done to it. */
static bool is_untouched(int upper, int work)
{
	struct stat a, b;

	return fstat(upper, &a) == 0 && fstat(work, &b) == 0 &&
	       a.st_mode == b.st_mode && a.st_gid == b.st_gid &&
	       has_no_xattr(upper) && file_flags(upper) == file_flags(work) &&
	       futimens(upper, NULL) == 0;
}

static int renew_upper(int layer, int work)
{
	_autofd int upper = openat(layer, "upper", DIR_FLAGS);
	struct stat st;
	int r;

	if (upper >= 0 && is_untouched(upper, work))
		return 0;
	r = ovl_remove_tree(layer, "upper", NULL);
	if (r == 0 && (fstat(work, &st) < 0 ||
		       mkdirat(layer, "upper", st.st_mode & 07777) < 0 ||
		       fchmodat(layer, "upper", st.st_mode & 07777, 0) < 0))
		r = -errno;
	return r;
}

/* The mark of use goes last. */
static int make_ready(int fd)
{
	_autofd int layer = openat(fd, "0", DIR_FLAGS);
	_autofd int work = layer < 0 ? -1 : openat(layer, "work", DIR_FLAGS);
	int r;

	if (layer < 0 || work < 0)
		return -errno;
	r = renew_upper(layer, work);
	return r == 0 ? ovl_remove_tree(work, "work", NULL) : r;
}

static bool tend_one(struct pass *p, int *fd, const char *id)
{
	if (rundir_rescue(p->state, p->spare, *fd, id))
		return true;
	if (p->ready >= MAX_SPARES ||
	    (exists(*fd, USED) && make_ready(*fd) < 0))
		(void)ovl_remove_tree(p->spare, id, NULL);
	else
		p->ready++;
	return true;
}

void spare_tend(int state)
{
	struct pass p = { 0 };

	each(state, &p, tend_one);
}

static bool drop_one(struct pass *p, int *fd, const char *id)
{
	int r = ovl_remove_tree(p->spare, id, p->err);

	if (r < 0)
		p->r = r;
	return true;
}

int spare_drop(int state, struct sbx_err *err)
{
	struct pass p = { .err = err };

	each(state, &p, drop_one);
	return p.r;
}
