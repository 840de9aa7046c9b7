/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a policy file that nobody else can have changed. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "policy/load.h"
#include "runtime/base/cleanup.h"
#include "runtime/base/io.h"

/*
 * How this works. A policy decides what a program may do to its caller, so
 * whoever can change the file holds the caller's powers. It must belong to
 * the caller or to root and be writable by nobody else, and so must every
 * directory above it, except sticky ones like /tmp, where others cannot
 * replace what is not theirs. The last part of the path is no symbolic link:
 * a link is how one file is passed off as another. Links further up are
 * resolved by the kernel, and the directories that count are those of the file
 * that was in fact opened.
 */

/* In a user namespace every id without a mapping shows as this one. */
#define OVERFLOW_UID 65534

/* Whether this process's user namespace leaves ids unmapped. */
static bool ids_unmapped(void)
{
	char text[256];
	unsigned inside, outside, count;

	if (io_read_file(AT_FDCWD, "/proc/self/uid_map", text, sizeof(text)) <=
	    0)
		return false;
	return sscanf(text, "%u %u %u", &inside, &outside, &count) == 3 &&
	       count != UINT_MAX;
}

static bool trusted_owner(uid_t uid)
{
	if (uid == 0 || uid == geteuid())
		return true;
	return uid == OVERFLOW_UID && ids_unmapped();
}

/* A group of one's own, as most distributions give each user, or root's. */
static bool own_group(gid_t gid)
{
	return gid == 0 || (gid == getegid() && getegid() == geteuid());
}

/* Whether an access control list may give the group's bits to others. */
static bool has_acl(const char *path)
{
	return lgetxattr(path, "system.posix_acl_access", NULL, 0) > 0;
}

/* Whether others than its owner may write to what was found at path. */
static bool others_write(const char *path, const struct stat *st)
{
	if (st->st_mode & S_IWOTH)
		return true;
	return (st->st_mode & S_IWGRP) &&
	       (!own_group(st->st_gid) || has_acl(path));
}

static int check_file(const char *real, const struct stat *st, const char *name,
		      struct sbx_err *err)
{
	if (!trusted_owner(st->st_uid))
		return sbx_failx(err, EINVAL,
				 "%s: belongs to user %u, who "
				 "could change it; a policy belongs to its "
				 "user or root",
				 name, (unsigned)st->st_uid);
	if (others_write(real, st))
		return sbx_failx(err, EINVAL,
				 "%s: other users can write it "
				 "(mode %03o); chmod go-w",
				 name, (unsigned)st->st_mode & 0777);
	return 0;
}

static int check_dir(const char *dir, const char *name, struct sbx_err *err)
{
	struct stat st;

	if (stat(dir, &st) < 0)
		return sbx_fail(err, errno, "%s: directory '%s'", name, dir);
	if (!trusted_owner(st.st_uid))
		return sbx_failx(err, EINVAL,
				 "%s: its directory '%.200s' "
				 "belongs to user %u, who could replace it",
				 name, dir, (unsigned)st.st_uid);
	if (!(st.st_mode & S_ISVTX) && others_write(dir, &st))
		return sbx_failx(err, EINVAL,
				 "%s: its directory '%.200s' is "
				 "writable by others, who could replace "
				 "it",
				 name, dir);
	return 0;
}

static int check_dirs(const char *real, const char *name, struct sbx_err *err)
{
	char dir[PATH_MAX];
	char *slash;
	int r = 0;

	(void)snprintf(dir, sizeof(dir), "%s", real);
	while (r == 0 && (slash = strrchr(dir, '/')) && slash != dir) {
		*slash = '\0';
		r = check_dir(dir, name, err);
	}
	return r < 0 ? r : check_dir("/", name, err);
}

static int check_type(const struct stat *st, const char *name,
		      struct sbx_err *err)
{
	if (S_ISREG(st->st_mode))
		return 0;
	if (S_ISLNK(st->st_mode))
		return sbx_failx(err, EINVAL,
				 "%s: is a symbolic link; name "
				 "the file itself",
				 name);
	if (S_ISDIR(st->st_mode))
		return sbx_failx(err, EINVAL, "%s: is a directory", name);
	return sbx_failx(err, EINVAL, "%s: is not a regular file", name);
}

static int real_path(int fd, char **ret, const char *name, struct sbx_err *err)
{
	char link[32], real[PATH_MAX];
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, real, sizeof(real) - 1);
	if (n < 0)
		return sbx_fail(err, errno, "%s: %s", name, link);
	real[n] = '\0';
	*ret = strdup(real);
	return *ret ? 0 : sbx_fail(err, ENOMEM, "%s", name);
}

static int read_text(int fd, struct pol_file *f, const char *name,
		     struct sbx_err *err)
{
	_autobuf struct buf text = { 0 };
	int r = buf_read_fd(&text, fd, TREE_BYTES);

	if (r == -EFBIG)
		return sbx_failx(err, EINVAL,
				 "%s: larger than 1 MiB, which no "
				 "policy is",
				 name);
	if (r < 0)
		return sbx_fail(err, -r, "%s", name);
	f->len = text.len;
	f->text = buf_take(&text);
	return f->text ? 0 : sbx_fail(err, ENOMEM, "%s", name);
}

/* Opening a device can do things, so what it is comes first. */
static int open_regular(const char *path, struct stat *st, const char *name,
			struct sbx_err *err)
{
	_autofd int fd = -1;
	int r;

	if (lstat(path, st) < 0)
		return sbx_fail(err, errno, "%s", name);
	r = check_type(st, name, err);
	if (r < 0)
		return r;
	fd = open(path,
		  O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, st) < 0)
		return sbx_fail(err, errno, "%s", name);
	r = check_type(st, name, err);
	return r < 0 ? r : take_fd(&fd);
}

int pol_file_read(struct pol_file *ret, const char *name, const char *path,
		  struct sbx_err *err)
{
	struct pol_file f = { 0 };
	struct stat st;
	_autofd int fd = open_regular(path, &st, name, err);
	int r = fd < 0 ? fd : real_path(fd, &f.real, name, err);

	if (r == 0)
		r = check_file(f.real, &st, name, err);
	if (r == 0)
		r = check_dirs(f.real, name, err);
	if (r == 0)
		r = read_text(fd, &f, name, err);
	if (r < 0) {
		pol_file_done(&f);
		return r;
	}
	f.dev = st.st_dev;
	f.ino = st.st_ino;
	*ret = f;
	return 0;
}

void pol_file_done(struct pol_file *f)
{
	free(f->text);
	free(f->real);
	*f = (struct pol_file){ 0 };
}
