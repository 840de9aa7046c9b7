/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a jail's cgroup, and of those whose owner had no time for it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/io.h"
#include "runtime/jail/cg.h"

/* How deep a tree in a jail's cgroup is followed. */
#define MAX_DEPTH 32
#define EMPTY_MS 5000

/* Call fn on each subdirectory's name; stops where it returns non-zero. */
static int each_child(int dirfd, int (*fn)(int dirfd, const char *name, int n),
		      int n)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	int r = 0;

	if (!d) {
		r = -errno;
		close_fd(&fd);
		return r;
	}
	for (struct dirent *e; r == 0 && (e = readdir(d));)
		if (e->d_type == DT_DIR && e->d_name[0] != '.')
			r = fn(dirfd, e->d_name, n);
	(void)closedir(d);
	return r;
}

static int kill_members(int dirfd)
{
	char text[65536], *p = text, *end;
	ssize_t n = io_read_file(dirfd, "cgroup.procs", text, sizeof(text));

	/* more than fits: the next pass sees the rest */
	if (n < 0)
		return (int)n;
	for (long pid = strtol(p, &end, 10); end != p;
	     pid = strtol(p, &end, 10)) {
		if (pid > 0 && pid != getpid())
			(void)kill((pid_t)pid, SIGKILL);
		p = end;
	}
	return 0;
}

static int kill_by_signals(int dirfd, const char *name, int depth)
{
	_autofd int fd =
		openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	(void)kill_members(fd);
	return depth ? each_child(fd, kill_by_signals, depth - 1) : 0;
}

static bool is_populated(int dirfd)
{
	char text[256];
	ssize_t n = io_read_file(dirfd, "cgroup.events", text, sizeof(text));

	return n >= 0 && !strstr(text, "populated 0");
}

/* Before Linux 5.14: while it is frozen nothing in it can fork away. */
static int kill_frozen(int dirfd)
{
	uint64_t deadline = io_now_ms() + EMPTY_MS;
	int r;

	(void)io_write_file(dirfd, "cgroup.freeze", "1");
	do {
		r = kill_by_signals(dirfd, ".", MAX_DEPTH);
		if (!is_populated(dirfd))
			break;
		(void)poll(NULL, 0, 1);
	} while (r == 0 && io_now_ms() < deadline);
	(void)io_write_file(dirfd, "cgroup.freeze", "0");
	return r;
}

static int kill_all(int dirfd)
{
	int r = io_write_file(dirfd, "cgroup.kill", "1");

	return r == -ENOENT ? kill_frozen(dirfd) : r;
}

int cg_kill(const struct cgroup *cg)
{
	return cg->dirfd < 0 ? -ENODATA : kill_all(cg->dirfd);
}

/* cgroup.events raises POLLPRI at each change. */
static int wait_empty(int dirfd)
{
	struct pollfd p = { .events = POLLPRI };
	_autofd int fd = openat(dirfd, "cgroup.events", O_RDONLY | O_CLOEXEC);
	uint64_t deadline = io_now_ms() + EMPTY_MS, now;
	char text[256];

	if (fd < 0)
		return -errno;
	p.fd = fd;
	for (;;) {
		ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

		if (n < 0)
			return -errno;
		text[n] = '\0';
		if (strstr(text, "populated 0"))
			return 0;
		now = io_now_ms();
		if (now >= deadline)
			return -ETIMEDOUT;
		(void)poll(&p, 1, (int)(deadline - now));
	}
}

static int remove_dir(int dirfd, const char *name, int depth)
{
	_autofd int fd = -1;

	if (unlinkat(dirfd, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	if (errno != EBUSY || !depth)
		return -errno;
	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	(void)each_child(fd, remove_dir, depth - 1);
	return unlinkat(dirfd, name, AT_REMOVEDIR) < 0 ? -errno : 0;
}

int cg_close(struct cgroup *cg, struct sbx_err *err)
{
	int r = 0;

	if (cg->dirfd >= 0) {
		(void)kill_all(cg->dirfd);
		r = wait_empty(cg->dirfd);
		if (r == 0)
			r = remove_dir(cg->parentfd, cg->name, MAX_DEPTH);
		if (r < 0)
			(void)sbx_fail(err, -r, "remove cgroup %s", cg->path);
	}
	close_fd(&cg->dirfd);
	close_fd(&cg->parentfd);
	return r;
}

/* A directory of a run whose lock nobody holds any more. */
static int sweep(int dirfd, const char *name, int unused)
{
	_autofd int fd = -1;

	(void)unused;
	if (strncmp(name, "sbx-", 4) != 0 || strcmp(name, CG_LEAF) == 0)
		return 0;
	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
		return 0;
	if (is_populated(fd)) {
		(void)kill_all(fd);
		if (wait_empty(fd) < 0)
			return 0;
	}
	(void)remove_dir(dirfd, name, MAX_DEPTH);
	return 0;
}

void cg_sweep_in(int dirfd)
{
	(void)each_child(dirfd, sweep, 0);
}
