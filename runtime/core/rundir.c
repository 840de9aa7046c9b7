/* SPDX-License-Identifier: Apache-2.0 */
/* Where the overlays' upper layers of runs live on disk. */
#include "runtime/core/rundir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rootfs/overlay/changes.h"
#include "runtime/base/buf.h"
#include "runtime/base/cleanup.h"
#include "runtime/base/path.h"
#include "runtime/core/spare.h"

/*
 * How this works. Nothing can clean up after SIGKILL at the moment it falls,
 * so whoever comes next does. A run locks its directory (flock(2)) for as long
 * as it lives; the kernel drops the lock with the process. A directory in
 * live/ that can be locked has therefore lost its owner. Making and locking a
 * directory are two calls: a shared lock on live/ is held over both, and the
 * sweeper holds it alone.
 */

#define DIR_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

char *rundir_state_path(struct sbx_err *err)
{
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");
	_autobuf struct buf b = { 0 };
	char *path;

	if (state && state[0] == '/') {
		buf_printf(&b, "%s/sbx", state);
	} else if (home && home[0] == '/') {
		buf_printf(&b, "%s/.local/state/sbx", home);
	} else {
		(void)sbx_failx(err, ENOENT,
				"nowhere to keep an overlay's changes: set "
				"HOME or XDG_STATE_HOME to an absolute path");
		return NULL;
	}
	path = buf_take(&b);
	if (!path)
		(void)sbx_fail(err, ENOMEM, "state directory");
	return path;
}

/* mkdir -p, private to the caller. */
static int make_parents(char *path, struct sbx_err *err)
{
	for (char *p = path + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(path, 0700) < 0 && errno != EEXIST) {
			int r = sbx_fail(err, errno, "make '%s'", path);

			*p = '/';
			return r;
		}
		*p = '/';
	}
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return sbx_fail(err, errno, "make '%s'", path);
	return 0;
}

/* A directory that others may write to would let them swap what we remove. */
static int check_private(int fd, const char *path, struct sbx_err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return sbx_fail(err, errno, "'%s'", path);
	if (st.st_uid != geteuid() || (st.st_mode & (S_IWGRP | S_IWOTH)))
		return sbx_failx(err, EPERM,
				 "'%s' is not the caller's own, or others may "
				 "write to it; set XDG_STATE_HOME",
				 path);
	return 0;
}

int rundir_open_state(char **ret_path, struct sbx_err *err)
{
	_autofree char *path = rundir_state_path(err);
	_autofd int fd = -1;
	int r;

	if (!path)
		return -ENOENT;
	fd = open(path, DIR_FLAGS);
	if (fd < 0 && errno == ENOENT) {
		r = make_parents(path, err);
		if (r < 0)
			return r;
		fd = open(path, DIR_FLAGS);
	}
	if (fd < 0)
		return sbx_fail(err, errno, "state directory '%s'", path);
	r = check_private(fd, path, err);
	if (r < 0)
		return r;
	if (ret_path)
		*ret_path = take(path);
	return take_fd(&fd);
}

static int open_sub(int dirfd, const char *name, struct sbx_err *err)
{
	int fd = openat(dirfd, name, DIR_FLAGS);

	/* another first run may be faster */
	if (fd < 0 && errno == ENOENT &&
	    (mkdirat(dirfd, name, 0700) == 0 || errno == EEXIST))
		fd = openat(dirfd, name, DIR_FLAGS);
	return fd < 0 ? sbx_fail(err, errno, "state directory's '%s'", name)
		      : fd;
}

static int new_id(char id[16], struct sbx_err *err)
{
	static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
	unsigned char raw[8];

	if (getrandom(raw, sizeof(raw), 0) != sizeof(raw))
		return sbx_fail(err, errno, "random numbers");
	for (size_t i = 0; i < sizeof(raw); i++)
		id[i] = letters[raw[i] % 32];
	id[sizeof(raw)] = '\0';
	return 0;
}

static int make_locked(struct rundir *d, const char *state_path,
		       struct sbx_err *err)
{
	if (asprintf(&d->path, "%s/live/%s", state_path, d->id) < 0) {
		d->path = NULL;
		return sbx_fail(err, ENOMEM, "run directory");
	}
	if (flock(d->home, LOCK_SH) < 0)
		return sbx_fail(err, errno, "lock the state directory");
	if (mkdirat(d->home, d->id, 0700) < 0)
		return sbx_fail(err, errno, "make '%s'", d->path);
	d->fd = openat(d->home, d->id, DIR_FLAGS);
	if (d->fd < 0 || flock(d->fd, LOCK_EX | LOCK_NB) < 0)
		return sbx_fail(err, errno, "lock '%s'", d->path);
	(void)flock(d->home, LOCK_UN);
	return 0;
}

/* One that is ready, where there is one and it will do. */
static bool take_spare(struct rundir *d, const char *state_path)
{
	d->fd = spare_take(d->state, &d->home, d->id);
	if (d->fd < 0)
		return false;
	d->layered = true;
	if (asprintf(&d->path, "%s/spare/%s", state_path, d->id) < 0)
		d->path = NULL;
	return true;
}

static int make_new(struct rundir *d, const char *state_path,
		    struct sbx_err *err)
{
	int r = new_id(d->id, err);

	if (r < 0)
		return r;
	d->home = open_sub(d->state, "live", err);
	return d->home < 0 ? d->home : make_locked(d, state_path, err);
}

int rundir_open(unsigned n_uppers, struct rundir *ret, struct sbx_err *err)
{
	struct rundir d = RUNDIR_NONE;
	_autofree char *path = NULL;
	int r = 0;

	d.state = rundir_open_state(&path, err);
	if (d.state < 0)
		return d.state;
	if (n_uppers != 1 || !take_spare(&d, path))
		r = make_new(&d, path, err);
	else if (!d.path)
		r = sbx_fail(err, ENOMEM, "run directory");
	if (r < 0) {
		rundir_done(&d);
		return r;
	}
	*ret = d;
	return 0;
}

/* Whether the link says just that. */
static bool says(int dirfd, const char *name, const char *text)
{
	char now[PATH_MAX];
	ssize_t n = readlinkat(dirfd, name, now, sizeof(now));

	return n == (ssize_t)strlen(text) && memcmp(now, text, (size_t)n) == 0;
}

static int put_link(const struct rundir *d, unsigned n, const char *what,
		    const char *text, struct sbx_err *err)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "%u/%s", n, what);
	if (says(d->fd, name, text))
		return 0;
	if ((unlinkat(d->fd, name, 0) < 0 && errno != ENOENT) ||
	    symlinkat(text, d->fd, name) < 0)
		return sbx_fail(err, errno, "'%s/%s'", d->path, name);
	return 0;
}

int rundir_label(const struct rundir *d, unsigned n, const char *host,
		 const char *guest, struct sbx_err *err)
{
	int r = put_link(d, n, "host", host, err);

	return r < 0 ? r : put_link(d, n, "guest", guest, err);
}

int rundir_unlabel(const struct rundir *d, unsigned n, const char *host,
		   struct sbx_err *err)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "%u/host", n);
	if (says(d->fd, name, host) || unlinkat(d->fd, name, 0) == 0 ||
	    errno == ENOENT)
		return 0;
	return sbx_fail(err, errno, "'%s/%s'", d->path, name);
}

static int move_to_kept(int state, int live, const char *id,
			struct sbx_err *err)
{
	_autofd int kept = open_sub(state, "kept", err);

	if (kept < 0)
		return kept;
	if (renameat(live, id, kept, id) < 0)
		return sbx_fail(err, errno, "keep run %s", id);
	return 0;
}

int rundir_keep(struct rundir *d, struct sbx_err *err)
{
	int r = move_to_kept(d->state, d->home, d->id, err);
	char *old = d->path;

	if (r < 0)
		return r;
	/* STATE/live/ID or STATE/spare/ID */
	*strrchr(old, '/') = '\0';
	*strrchr(old, '/') = '\0';
	if (asprintf(&d->path, "%s/kept/%s", old, d->id) < 0)
		d->path = NULL;
	free(old);
	return d->path ? 0 : sbx_fail(err, ENOMEM, "kept run");
}

int rundir_retire(struct rundir *d, struct sbx_err *err)
{
	if (d->layered || spare_put(d->state, d->home, d->fd, d->id) == 0)
		return 0;
	return rundir_remove(d, err);
}

int rundir_remove(struct rundir *d, struct sbx_err *err)
{
	return ovl_remove_tree(d->home, d->id, err);
}

void rundir_done(struct rundir *d)
{
	close_fd(&d->fd);
	close_fd(&d->home);
	close_fd(&d->state);
	free(take(d->path));
}

/* Whether any upper layer of this run's directory holds anything. */
static bool has_changes(int run)
{
	char name[32];

	for (unsigned n = 0; n < 64; n++) {
		struct dirent *e;
		bool any = false;
		DIR *dir;
		int fd;

		(void)snprintf(name, sizeof(name), "%u/upper", n);
		fd = openat(run, name, DIR_FLAGS);
		if (fd < 0)
			return false;
		dir = fdopendir(fd);
		if (!dir) {
			(void)close(fd);
			return true;
		}
		while (!any && (e = readdir(dir)))
			any = strcmp(e->d_name, ".") && strcmp(e->d_name, "..");
		(void)closedir(dir);
		if (any)
			return true;
	}
	return false;
}

bool rundir_rescue(int state, int home, int run, const char *id)
{
	if (!has_changes(run))
		return false;
	(void)move_to_kept(state, home, id, NULL);
	return true;
}

static void sweep_one(int state, int live, const char *id)
{
	_autofd int run = openat(live, id, DIR_FLAGS);

	if (run < 0 || flock(run, LOCK_EX | LOCK_NB) < 0)
		return;
	if (!rundir_rescue(state, live, run, id))
		(void)ovl_remove_tree(live, id, NULL);
}

static void sweep_live(int state)
{
	int fd = openat(state, "live", DIR_FLAGS);
	struct dirent *e;
	DIR *dir;

	if (fd < 0)
		return;
	dir = fdopendir(fd);
	if (!dir) {
		(void)close(fd);
		return;
	}
	while ((e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		/* Only now is a lock needed, and most starts see none. */
		if (flock(fd, LOCK_EX | LOCK_NB) < 0)
			break;
		sweep_one(state, fd, e->d_name);
		(void)flock(fd, LOCK_UN);
	}
	(void)closedir(dir);
}

void rundir_sweep(int state)
{
	sweep_live(state);
	spare_tend(state);
}

int rundir_open_kept(const char *id, int *ret_kept, struct sbx_err *err)
{
	_autofd int state = -1;
	_autofd int kept = -1;
	int fd;

	if (!*id ||
	    strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789") != strlen(id))
		return sbx_failx(err, ENOENT, "no run '%s'", id);
	state = rundir_open_state(NULL, err);
	if (state < 0)
		return state;
	rundir_sweep(state);
	kept = open_sub(state, "kept", err);
	if (kept < 0)
		return kept;
	fd = openat(kept, id, DIR_FLAGS);
	if (fd < 0) {
		_autofd int live = open_sub(state, "live", NULL);

		if (live >= 0 && faccessat(live, id, F_OK, 0) == 0)
			return sbx_failx(err, EBUSY, "run %s is going on", id);
		return sbx_failx(err, ENOENT, "no run '%s' was kept", id);
	}
	*ret_kept = take_fd(&kept);
	return fd;
}
