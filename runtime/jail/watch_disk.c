/* SPDX-License-Identifier: Apache-2.0 */
/* What overlay uppers take on disk: a walk that can be left and taken up. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/io.h"
#include "runtime/base/sys.h"
#include "runtime/jail/watch.h"

/*
 * How this works. Only a file system with quotas could tell at once; so all
 * files are looked at, again and again, and what was found so far is added up.
 * The tree is made by the guest while we walk it. Each directory is opened
 * below its parent's descriptor without following links, and is compared with
 * nothing: whatever moves while we look is counted where it is met, or in the
 * next round. Files with several names count once for each name while there is
 * a walk under way, which a hard link can only make larger; they are divided by
 * their number of links.
 *
 * A tree can be deeper than we hold descriptors, and a directory can deny us
 * its list (mode 000 with files held open in it). What cannot be looked into is
 * bounded by what the file system has lost since the run began: others use the
 * disk too, but they do not make directories in here that we may not read.
 */

#define MAX_DEPTH 128

struct level {
	int fd;
	DIR *dir;
};

struct watch_disk {
	int *roots;
	unsigned n_roots, next;
	struct level stack[MAX_DEPTH];
	unsigned depth;
	uint64_t sum;	 /* of the round under way */
	uint64_t last;	 /* of the last whole round */
	bool blind;	 /* something was not to be seen in this round */
	bool was_blind;	 /* or in the last one */
	uint64_t free_0; /* bytes free in the file system at the beginning */
};

static uint64_t free_bytes(int fd)
{
	struct statvfs v;

	return fstatvfs(fd, &v) < 0 ? 0 : v.f_bfree * (uint64_t)v.f_frsize;
}

void watch_disk_free(struct watch_disk *d)
{
	if (!d)
		return;
	while (d->depth)
		(void)closedir(d->stack[--d->depth].dir);
	for (unsigned i = 0; i < d->n_roots; i++)
		close_fd(&d->roots[i]);
	free(d->roots);
	free(d);
}

DEFINE_AUTO(watch_disk)

int watch_disk_new(struct watch_disk **ret, int rundir, unsigned n_uppers,
		   struct sbx_err *err)
{
	_auto(watch_disk) struct watch_disk *d = calloc(1, sizeof(*d));
	char name[32];

	if (d)
		d->roots = calloc(n_uppers + 1, sizeof(*d->roots));
	if (!d || !d->roots)
		return sbx_fail(err, ENOMEM, "disk limit");
	for (unsigned i = 0; i < n_uppers; i++) {
		(void)snprintf(name, sizeof(name), "%u/upper", i);
		d->roots[i] =
			openat(rundir, name,
			       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (d->roots[i] < 0)
			return sbx_fail(err, errno, "disk limit: %s", name);
		d->n_roots++;
	}
	d->free_0 = n_uppers ? free_bytes(d->roots[0]) : 0;
	*ret = take(d);
	return 0;
}

/* Go down into a directory; what we may not list leaves us blind. */
static void push(struct watch_disk *d, int dirfd, const char *name)
{
	int fd = sys_openat2(
		dirfd, name,
		O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0,
		RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV | RESOLVE_BENEATH);
	DIR *dir = NULL;

	if (fd >= 0 && d->depth < MAX_DEPTH)
		dir = fdopendir(fd);
	if (!dir) {
		/* gone meanwhile: nothing to be seen */
		d->blind |= fd >= 0 || (errno != ENOENT && errno != ENOTDIR);
		close_fd(&fd);
		return;
	}
	d->stack[d->depth++] = (struct level){ fd, dir };
}

static void look_at(struct watch_disk *d, const char *name)
{
	int dirfd = d->stack[d->depth - 1].fd;
	struct stat st;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
	    fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	if (S_ISDIR(st.st_mode)) {
		d->sum += (uint64_t)st.st_blocks * 512;
		push(d, dirfd, name);
	} else {
		d->sum += (uint64_t)st.st_blocks * 512 /
			  (st.st_nlink ? st.st_nlink : 1);
	}
}

/* The next entry. False where the round is over. */
static bool walk(struct watch_disk *d)
{
	struct dirent *e;

	if (!d->depth) {
		if (d->next == d->n_roots)
			return false;
		push(d, d->roots[d->next++], ".");
		return true;
	}
	e = readdir(d->stack[d->depth - 1].dir);
	if (e)
		look_at(d, e->d_name);
	else
		(void)closedir(d->stack[--d->depth].dir);
	return true;
}

static void end_round(struct watch_disk *d)
{
	d->last = d->sum;
	d->was_blind = d->blind;
	d->sum = 0;
	d->blind = false;
	d->next = 0;
}

/* What is taken, as far as is known. */
static uint64_t known(const struct watch_disk *d)
{
	uint64_t sum = d->sum > d->last ? d->sum : d->last, now, lost;

	if (!d->blind && !d->was_blind)
		return sum;
	now = free_bytes(d->roots[0]);
	lost = d->free_0 > now ? d->free_0 - now : 0;
	return lost > sum ? lost : sum;
}

bool watch_disk_step(struct watch_disk *d, uint64_t budget_us, uint64_t limit)
{
	uint64_t end = io_now_ns() + budget_us * 1000;

	do {
		for (int i = 0; i < 64; i++)
			if (!walk(d)) {
				end_round(d);
				return known(d) > limit;
			}
	} while (io_now_ns() < end && d->sum <= limit);
	return known(d) > limit;
}
