/* SPDX-License-Identifier: Apache-2.0 */
/* Where `sbx run --report` writes. */
#include "tools/sbx/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool below(const char *path, const char *dir)
{
	return strncmp(path, dir, strlen(dir)) == 0;
}

static bool is_direct(const char *path)
{
	struct stat st;

	if (below(path, "/dev/") || below(path, "/proc/"))
		return true;
	return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

static int open_direct(struct report *rep, struct sbx_err *err)
{
	rep->fd = open(rep->path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY);
	if (rep->fd < 0)
		return sbx_fail(err, errno, "report '%s'", rep->path);
	return 0;
}

static int open_dir(struct report *rep, struct sbx_err *err)
{
	const char *slash = strrchr(rep->path, '/');
	char *dir = slash ? strndup(rep->path, (size_t)(slash - rep->path) + 1)
			  : strdup(".");

	if (!dir)
		return sbx_fail(err, ENOMEM, "report");
	rep->name = slash ? slash + 1 : rep->path;
	rep->dirfd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	free(dir);
	if (rep->dirfd < 0 || faccessat(rep->dirfd, ".", W_OK, AT_EACCESS) < 0)
		return sbx_fail(err, errno, "report '%s'", rep->path);
	return 0;
}

static int open_stdout(struct report *rep, struct sbx_err *err)
{
	rep->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	if (rep->fd < 0)
		return sbx_fail(err, errno, "report on standard output");
	return 0;
}

int report_open(struct report *ret, const char *path, struct sbx_err *err)
{
	int r;

	*ret = (struct report){ .path = path, .dirfd = -1, .fd = -1 };
	if (!path)
		return 0;
	if (strcmp(path, "-") == 0)
		r = open_stdout(ret, err);
	else
		r = is_direct(path) ? open_direct(ret, err)
				    : open_dir(ret, err);
	if (r < 0) {
		report_done(ret);
		ret->path = NULL;
	}
	return r;
}

static int put(int fd, const char *text)
{
	size_t len = strlen(text);

	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

static int replace(struct report *rep, const char *text)
{
	char temp[64];
	int r;

	(void)snprintf(temp, sizeof(temp), ".report.%d.tmp", (int)getpid());
	/* left by one who had our number and died */
	(void)unlinkat(rep->dirfd, temp, 0);
	rep->fd = openat(rep->dirfd, temp,
			 O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			 0666);
	if (rep->fd < 0)
		return -errno;
	r = put(rep->fd, text);
	if (r == 0 && renameat(rep->dirfd, temp, rep->dirfd, rep->name) < 0)
		r = -errno;
	if (r < 0)
		(void)unlinkat(rep->dirfd, temp, 0);
	return r;
}

int report_write(struct report *rep, const char *text, struct sbx_err *err)
{
	int r;

	if (!rep->path)
		return 0;
	r = rep->dirfd >= 0 ? replace(rep, text) : put(rep->fd, text);
	if (r < 0)
		return sbx_fail(err, -r, "report '%s'", rep->path);
	return 0;
}

void report_done(struct report *rep)
{
	if (rep->fd >= 0)
		(void)close(rep->fd);
	if (rep->dirfd >= 0)
		(void)close(rep->dirfd);
	rep->fd = rep->dirfd = -1;
}
