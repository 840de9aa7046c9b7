/* SPDX-License-Identifier: Apache-2.0 */
/* Paths as text, and opening mount sources without following planted links. */
#include "runtime/base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/cleanup.h"
#include "runtime/base/sys.h"

/*
 * How this works. A guest that may write to a directory may swap any name in
 * it for a symbolic link at any moment, and a later jail's mount source could
 * pass through that name. So a source is opened with RESOLVE_NO_SYMLINKS, and
 * only where that meets a link is the path walked part by part, each part held
 * by a descriptor: what was checked is what is used.
 */

#define MAX_LINKS 16

/* Append the parts of path to out ("/a/b"), resolving . and .. as text. */
static void append_parts(struct buf *out, const char *path)
{
	size_t n;

	while (*path) {
		n = strcspn(path, "/");
		if (n == 2 && path[0] == '.' && path[1] == '.') {
			while (out->len && out->data[--out->len] != '/')
				;
			if (out->data)
				out->data[out->len] = '\0';
		} else if (n && !(n == 1 && path[0] == '.')) {
			buf_puts(out, "/");
			buf_add(out, path, n);
		}
		path += n;
		path += *path == '/';
	}
}

char *path_clean(const char *base, const char *path)
{
	_autobuf struct buf out = { 0 };

	if (path[0] != '/' && base)
		append_parts(&out, base);
	append_parts(&out, path);
	if (!out.len)
		buf_puts(&out, "/");
	return buf_take(&out);
}

bool path_within(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	if (n == 1)
		return true;
	return strncmp(path, dir, n) == 0 &&
	       (path[n] == '\0' || path[n] == '/');
}

/* Whether a link in this directory can only have been made by root. */
static bool links_trusted(int dirfd, bool is_root_dir)
{
	struct stat st;

	if (fstat(dirfd, &st) < 0 || st.st_uid != 0 ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)))
		return false;
	return geteuid() != 0 || is_root_dir;
}

struct walk {
	struct buf real;     /* what has been walked, no link in it */
	char rest[PATH_MAX]; /* what is still to be walked */
	int dirfd;
	int links;
};

/* Replace the link `name` of the current directory by its target. */
static int follow(struct walk *w, const char *name, struct sbx_err *err)
{
	char target[PATH_MAX], joined[PATH_MAX];
	ssize_t n;

	if (!links_trusted(w->dirfd, w->real.len == 0))
		return sbx_failx(err, ELOOP,
				 "'%s/%s' is a symbolic link that others than "
				 "root can change; write the path it leads to",
				 w->real.len ? w->real.data : "", name);
	if (++w->links > MAX_LINKS)
		return sbx_fail(err, ELOOP, "'%s/%s'", w->real.data, name);
	n = readlinkat(w->dirfd, name, target, sizeof(target) - 1);
	if (n < 0)
		return sbx_fail(err, errno, "read link '%s'", name);
	target[n] = '\0';
	if ((size_t)n + strlen(w->rest) + 2 > sizeof(joined))
		return sbx_fail(err, ENAMETOOLONG, "link '%s'", name);
	memcpy(joined, target, (size_t)n);
	joined[n] = '/';
	strcpy(joined + n + 1, w->rest);
	strcpy(w->rest, joined);
	if (target[0] != '/')
		return 0;
	buf_done(&w->real);
	close_fd(&w->dirfd);
	w->dirfd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return w->dirfd < 0 ? sbx_fail(err, errno, "/") : 0;
}

/* Go to the parent: text and descriptor alike. */
static int step_up(struct walk *w, struct sbx_err *err)
{
	int fd = openat(w->dirfd, "..", O_PATH | O_CLOEXEC);

	if (fd < 0)
		return sbx_fail(err, errno, "'..' of '%s'", w->real.data);
	close_fd(&w->dirfd);
	w->dirfd = fd;
	while (w->real.len && w->real.data[--w->real.len] != '/')
		;
	if (w->real.data)
		w->real.data[w->real.len] = '\0';
	return 0;
}

/* Walk one name. */
static int step(struct walk *w, const char *name, struct sbx_err *err)
{
	struct stat st;
	int fd;

	if (strcmp(name, "..") == 0)
		return step_up(w, err);
	fd = openat(w->dirfd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0) {
		int r = sbx_fail(err, errno, "'%s/%s'",
				 w->real.len ? w->real.data : "", name);

		close_fd(&fd);
		return r;
	}
	if (S_ISLNK(st.st_mode)) {
		close_fd(&fd);
		return follow(w, name, err);
	}
	close_fd(&w->dirfd);
	w->dirfd = fd;
	buf_puts(&w->real, "/");
	buf_puts(&w->real, name);
	return 0;
}

/* Take the first name of w->rest. False: none is left. */
static bool next_name(struct walk *w, char name[NAME_MAX + 1], int *ret_long)
{
	char *p = w->rest;
	size_t n;

	*ret_long = 0;
	for (;;) {
		p += strspn(p, "/");
		n = strcspn(p, "/");
		if (n != 1 || p[0] != '.')
			break;
		p += n;
	}
	if (!n)
		return false;
	if (n > NAME_MAX) {
		*ret_long = -ENAMETOOLONG;
		return true;
	}
	memcpy(name, p, n);
	name[n] = '\0';
	memmove(w->rest, p + n, strlen(p + n) + 1);
	return true;
}

static int walk_all(struct walk *w, struct sbx_err *err)
{
	char name[NAME_MAX + 1];
	int r;

	while (next_name(w, name, &r)) {
		if (r < 0)
			return sbx_fail(err, ENAMETOOLONG, "'%s'", w->rest);
		r = step(w, name, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The slow way, part by part. */
static int open_by_parts(const char *path, char **ret_real, struct sbx_err *err)
{
	struct walk w = { 0 };
	char *real;
	int r;

	strcpy(w.rest, path);
	w.dirfd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	r = w.dirfd < 0 ? sbx_fail(err, errno, "/") : walk_all(&w, err);
	if (r == 0 && !w.real.len)
		buf_puts(&w.real, "/");
	real = r == 0 ? buf_take(&w.real) : NULL;
	buf_done(&w.real);
	if (r == 0 && !real)
		r = sbx_fail(err, ENOMEM, "path '%s'", path);
	if (r < 0) {
		close_fd(&w.dirfd);
		return r;
	}
	*ret_real = real;
	return w.dirfd;
}

int path_open_trusted(const char *path, char **ret_real, struct sbx_err *err)
{
	_autofd int fd = -1;
	char *real;

	if (path[0] != '/')
		return sbx_failx(err, EINVAL, "'%s' is not an absolute path",
				 path);
	if (strlen(path) >= PATH_MAX)
		return sbx_fail(err, ENAMETOOLONG, "path of %zu bytes",
				strlen(path));
	fd = sys_openat2(AT_FDCWD, path, O_PATH | O_CLOEXEC, 0,
			 RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
	if (fd < 0 && errno == ELOOP)
		return open_by_parts(path, ret_real, err);
	if (fd < 0)
		return sbx_fail(err, errno, "'%s'", path);
	real = path_clean(NULL, path);
	if (!real)
		return sbx_fail(err, ENOMEM, "path '%s'", path);
	*ret_real = real;
	return take_fd(&fd);
}
