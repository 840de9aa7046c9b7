/* SPDX-License-Identifier: Apache-2.0 */
/* Reading off an overlay's upper layer what was changed. */
#include "rootfs/overlay/changes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"

/*
 * How this works. The upper layer holds what the guest wrote, in overlayfs's
 * own terms:
 * - a character device 0:0 is a whiteout: the lower name is deleted;
 * - a directory with user.overlay.opaque "y" hides the lower one altogether;
 * - a directory without it is merged with the lower one;
 * - an empty file with user.overlay.whiteout, in a directory whose opaque is
 *   "x", is a whiteout that could not be a device.
 * Redirects and metadata-only copies do not occur, since the mount forbids
 * them; where such an attribute is found nevertheless, it means nothing.
 *
 * Whoever wrote the tree may want us to hang, to run out of memory or
 * descriptors, or to look elsewhere: so names are looked at and never opened
 * unless they are directories, nothing is followed, and depth, bytes and
 * entries have bounds, beyond which the list says that it is cut. A file that
 * was opened for writing and not changed counts as modified: its times and size
 * would be the guest's word for it.
 */

#define MAX_DEPTH 200	      /* two descriptors each */
#define MAX_BYTES (64u << 20) /* of paths and names held at a time */

struct scan {
	struct ovl_changes *out;
	size_t max;
	size_t bytes; /* of paths and names */
	char *path;   /* where the walk is, relative */
	size_t len, cap;
	struct sbx_err *err;
};

/* A directory's names, each ended by NUL. */
struct names {
	char *v;
	size_t len, cap;
};

/* One directory of the walk. */
struct level {
	int upper, lower; /* lower -1: there is none, or it is hidden */
	bool opaque;	  /* the lower names that upper lacks are gone */
	bool xwhiteouts;
	int depth;
};

static bool spend(struct scan *s, size_t bytes)
{
	s->bytes += bytes;
	if (s->bytes <= MAX_BYTES)
		return true;
	s->out->truncated = true;
	return false;
}

/* Append "/name" to the path; shorten it by setting len back. */
static int push(struct scan *s, const char *name)
{
	size_t n = strlen(name), want = s->len + n + 2;
	char *p;

	if (want > s->cap) {
		p = realloc(s->path, want * 2);
		if (!p)
			return sbx_fail(s->err, ENOMEM, "list of changes");
		s->path = p;
		s->cap = want * 2;
	}
	if (s->len)
		s->path[s->len++] = '/';
	memcpy(s->path + s->len, name, n + 1);
	s->len += n;
	return 0;
}

static void pop(struct scan *s, size_t len)
{
	s->len = len;
	s->path[len] = '\0';
}

/* List s->path. 0, or 1 where the list is full. */
static int add(struct scan *s, enum ovl_change_kind kind, const struct stat *st)
{
	struct ovl_changes *out = s->out;
	struct ovl_change *v;
	size_t cap;

	if (out->n >= s->max) {
		out->truncated = true;
		return 1;
	}
	if (!spend(s, s->len + sizeof(*v)))
		return 1;
	if (out->n == out->cap) {
		cap = out->cap ? out->cap * 2 : 64;
		v = reallocarray(out->v, cap, sizeof(*v));
		if (!v)
			return sbx_fail(s->err, ENOMEM, "list of changes");
		out->v = v;
		out->cap = cap;
	}
	v = &out->v[out->n];
	*v = (struct ovl_change){ .kind = kind, .path = strdup(s->path) };
	if (!v->path)
		return sbx_fail(s->err, ENOMEM, "list of changes");
	if (st && kind != OVL_DELETED) {
		v->mode = st->st_mode;
		v->size = S_ISREG(st->st_mode) ? (uint64_t)st->st_size : 0;
	}
	out->n++;
	return 0;
}

static int read_names(struct scan *s, int dirfd, struct names *ret)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *d;
	char *p;
	size_t n;

	if (!dir) {
		close_fd(&fd);
		return sbx_fail(s->err, errno, "read '%s'", s->path);
	}
	while ((d = readdir(dir))) {
		n = strlen(d->d_name) + 1;
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		if (!spend(s, n))
			break;
		if (ret->len + n > ret->cap) {
			p = realloc(ret->v, (ret->len + n) * 2);
			if (!p)
				break;
			ret->v = p;
			ret->cap = (ret->len + n) * 2;
		}
		memcpy(ret->v + ret->len, d->d_name, n);
		ret->len += n;
	}
	(void)closedir(dir);
	return 0;
}

static void names_done(struct scan *s, struct names *n)
{
	s->bytes -= n->len < s->bytes ? n->len : s->bytes;
	free(n->v);
}

/* The value of a one-letter attribute, or NUL. */
static char flag_of(int fd, const char *name)
{
	char value[4];
	ssize_t n = fgetxattr(fd, name, value, sizeof(value));

	return n == 1 ? value[0] : '\0';
}

static bool is_whiteout(const struct level *l, const char *name,
			const struct stat *st)
{
	char link[40], value[4];
	_autofd int fd = -1;

	if (S_ISCHR(st->st_mode) && st->st_rdev == makedev(0, 0))
		return true;
	if (!l->xwhiteouts || !S_ISREG(st->st_mode) || st->st_size)
		return false;
	fd = openat(l->upper, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return fd >= 0 && getxattr(link, "user.overlay.whiteout", value,
				   sizeof(value)) >= 0;
}

/*
 * Open a directory of the upper layer. Where its mode keeps us out (it is
 * ours, the guest is our own user), the mode is changed for the time of the
 * look; *ret_mode is what to set it back to, or (mode_t)-1.
 */
static int open_upper(int dirfd, const char *name, mode_t mode,
		      mode_t *ret_mode)
{
	_autofd int path = openat(
		dirfd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	char link[40];
	int fd;

	*ret_mode = (mode_t)-1;
	if (path < 0)
		return -1;
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", path);
	if ((mode & 0500) != 0500 && geteuid() != 0) {
		if (chmod(link, (mode & 07777) | 0500) < 0)
			return -1;
		*ret_mode = mode & 07777;
	}
	fd = openat(path, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && *ret_mode != (mode_t)-1)
		(void)chmod(link, *ret_mode);
	return fd;
}

static int scan_dir(struct scan *s, const struct level *l);

/* Every name of a lower directory that the upper one hides is deleted. */
static int list_hidden(struct scan *s, const struct level *l)
{
	struct names names = { 0 };
	size_t len = s->len;
	struct stat st;
	int r = read_names(s, l->lower, &names);

	for (size_t at = 0; at < names.len && r == 0;
	     at += strlen(names.v + at) + 1) {
		if (fstatat(l->upper, names.v + at, &st, AT_SYMLINK_NOFOLLOW) ==
		    0)
			continue;
		r = push(s, names.v + at);
		if (r == 0)
			r = add(s, OVL_DELETED, NULL);
		pop(s, len);
	}
	names_done(s, &names);
	return r;
}

/* A directory of the upper layer. lower is NULL where there is none. */
static int scan_subdir(struct scan *s, const struct level *l, const char *name,
		       const struct stat *st, const struct stat *lower)
{
	struct level sub = { .upper = -1, .lower = -1, .depth = l->depth + 1 };
	bool merged = lower && S_ISDIR(lower->st_mode);
	mode_t mode;
	char opaque;
	int r = 0;

	if (!merged || (st->st_mode & 07777) != (lower->st_mode & 07777))
		r = add(s, lower ? OVL_MODIFIED : OVL_ADDED, st);
	if (r != 0)
		return r;
	if (sub.depth > MAX_DEPTH) {
		s->out->truncated = true;
		return 0;
	}
	sub.upper = open_upper(l->upper, name, st->st_mode, &mode);
	if (sub.upper < 0)
		return sbx_fail(s->err, errno, "changed directory '%s'",
				s->path);
	opaque = flag_of(sub.upper, "user.overlay.opaque");
	/* what lies below an opaque directory is not merged either */
	sub.opaque = l->opaque || opaque == 'y';
	sub.xwhiteouts = opaque == 'x';
	if (merged)
		sub.lower =
			openat(l->lower, name,
			       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	r = scan_dir(s, &sub);
	if (mode != (mode_t)-1)
		(void)fchmod(sub.upper, mode);
	close_fd(&sub.upper);
	close_fd(&sub.lower);
	return r;
}

static int scan_name(struct scan *s, const struct level *l, const char *name)
{
	struct stat st, lower;
	bool has_lower = l->lower >= 0 && fstatat(l->lower, name, &lower,
						  AT_SYMLINK_NOFOLLOW) == 0;

	if (fstatat(l->upper, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT
			       ? 0
			       : sbx_fail(s->err, errno, "'%s'", s->path);
	if (is_whiteout(l, name, &st))
		return has_lower ? add(s, OVL_DELETED, NULL) : 0;
	s->out->bytes +=
		(uint64_t)st.st_blocks * 512 /
		(S_ISDIR(st.st_mode) || !st.st_nlink ? 1 : st.st_nlink);
	if (S_ISDIR(st.st_mode))
		return scan_subdir(s, l, name, &st, has_lower ? &lower : NULL);
	return add(s, has_lower ? OVL_MODIFIED : OVL_ADDED, &st);
}

static int scan_dir(struct scan *s, const struct level *l)
{
	struct names names = { 0 };
	size_t len = s->len;
	int r = read_names(s, l->upper, &names);

	for (size_t at = 0; at < names.len && r == 0;
	     at += strlen(names.v + at) + 1) {
		r = push(s, names.v + at);
		if (r == 0)
			r = scan_name(s, l, names.v + at);
		pop(s, len);
	}
	if (r == 0 && l->opaque && l->lower >= 0)
		r = list_hidden(s, l);
	names_done(s, &names);
	return r;
}

static int by_path(const void *a, const void *b)
{
	const struct ovl_change *x = a, *y = b;

	return strcmp(x->path, y->path);
}

int ovl_changes_scan(int upperfd, int lowerfd, size_t max,
		     struct ovl_changes *ret, struct sbx_err *err)
{
	struct ovl_changes out = { 0 };
	struct scan s = { .out = &out, .max = max, .err = err };
	struct level top = { .upper = upperfd, .lower = lowerfd };
	char opaque = flag_of(upperfd, "user.overlay.opaque");
	int r;

	top.opaque = opaque == 'y';
	top.xwhiteouts = opaque == 'x';
	s.path = calloc(1, 256);
	s.cap = 256;
	r = s.path ? scan_dir(&s, &top)
		   : sbx_fail(err, ENOMEM, "list of changes");
	free(s.path);
	if (r < 0) {
		ovl_changes_done(&out);
		return r;
	}
	if (out.n)
		qsort(out.v, out.n, sizeof(*out.v), by_path);
	*ret = out;
	return 0;
}

void ovl_changes_done(struct ovl_changes *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->v[i].path);
	free(c->v);
	*c = (struct ovl_changes){ 0 };
}
