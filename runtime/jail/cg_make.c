/* SPDX-License-Identifier: Apache-2.0 */
/* Making a jail's cgroup and writing its limits. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/io.h"
#include "runtime/jail/cg.h"

/* cpu.max: so much of each 100 ms; the kernel takes no less than 1 ms. */
#define CPU_PERIOD_US 100000u
#define CPU_QUOTA_MIN_US 1000u

static void text_plain(uint64_t v, char *buf, size_t size)
{
	(void)snprintf(buf, size, "%" PRIu64, v);
}

static void text_cpu(uint64_t v, char *buf, size_t size)
{
	uint64_t quota = v > UINT64_MAX / CPU_PERIOD_US
				 ? UINT64_MAX / 1000u
				 : v * (CPU_PERIOD_US / 1000u);

	if (quota < CPU_QUOTA_MIN_US)
		quota = CPU_QUOTA_MIN_US;
	(void)snprintf(buf, size, "%" PRIu64 " %u", quota, CPU_PERIOD_US);
}

/* PID 1 of the jail is ours and is in the cgroup too. */
static void text_pids(uint64_t v, char *buf, size_t size)
{
	text_plain(v + 1, buf, size);
}

/* A limit and the file that holds it. io.max is apart: one line per disk. */
static const struct limit {
	const char *key;
	enum cg_controller controller;
	const char *file;
	size_t offset; /* in struct pol_limits */
	void (*text)(uint64_t v, char *buf, size_t size);
} limits[] = {
#define LIMIT(field, controller, file, text)                     \
	{                                                        \
		"limits." #field, controller, file,              \
			offsetof(struct pol_limits, field), text \
	}
	LIMIT(cpu, CG_CPU, "cpu.max", text_cpu),
	LIMIT(cpu_weight, CG_CPU, "cpu.weight", text_plain),
	LIMIT(memory, CG_MEMORY, "memory.max", text_plain),
	LIMIT(memory_high, CG_MEMORY, "memory.high", text_plain),
	LIMIT(swap, CG_MEMORY, "memory.swap.max", text_plain),
	LIMIT(pids, CG_PIDS, "pids.max", text_pids),
	LIMIT(io_read, CG_IO, NULL, NULL),
	LIMIT(io_write, CG_IO, NULL, NULL),
#undef LIMIT
};

static uint64_t value_of(const struct limit *l, const struct pol_limits *lim)
{
	uint64_t v;

	memcpy(&v, (const char *)lim + l->offset, sizeof(v));
	return v;
}

unsigned cg_needs(const struct pol_limits *lim)
{
	unsigned needs = 0;

	for (size_t i = 0; i < ARRAY_LEN(limits); i++)
		if (value_of(&limits[i], lim) != POL_NONE)
			needs |= limits[i].controller;
	return needs;
}

const char *cg_key_of(const struct pol_limits *lim, unsigned set)
{
	for (size_t i = 0; i < ARRAY_LEN(limits); i++)
		if ((limits[i].controller & set) &&
		    value_of(&limits[i], lim) != POL_NONE)
			return limits[i].key;
	return NULL;
}

/* "8:0 rbps=1048576 wbps=max" */
static void text_io(const char *dev, const struct pol_limits *lim, char *buf,
		    size_t size)
{
	char rd[24] = "max", wr[24] = "max";

	if (lim->io_read != POL_NONE)
		text_plain(lim->io_read, rd, sizeof(rd));
	if (lim->io_write != POL_NONE)
		text_plain(lim->io_write, wr, sizeof(wr));
	(void)snprintf(buf, size, "%s rbps=%s wbps=%s", dev, rd, wr);
}

static bool wants_io(const struct pol_limits *lim)
{
	return lim->io_read != POL_NONE || lim->io_write != POL_NONE;
}

int cg_describe(const struct pol_limits *lim, struct buf *out)
{
	char text[96];
	uint64_t v;

	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		v = value_of(&limits[i], lim);
		if (v == POL_NONE || !limits[i].file)
			continue;
		limits[i].text(v, text, sizeof(text));
		buf_printf(out, "%s = %s\n", limits[i].file, text);
	}
	buf_puts(out, "memory.oom.group = 1\n");
	if (wants_io(lim)) {
		text_io("DISK", lim, text, sizeof(text));
		buf_printf(out, "io.max = %s\n", text);
	}
	return out->failed ? -ENOMEM : 0;
}

/* A kernel without swap has no memory.swap.max, and needs none. */
static bool no_swap(void)
{
	char text[256];
	ssize_t n = io_read_file(AT_FDCWD, "/proc/swaps", text, sizeof(text));

	return n >= 0 && (n == 0 || !strchr(strchrnul(text, '\n'), '/'));
}

/*
 * Reads and writes in bytes per second are limited on every disk there is:
 * which of them a jail's file systems lie on cannot be told where a file
 * system has devices of its own making (btrfs, overlay, network).
 */
static int write_io(const struct cgroup *cg, const struct pol_limits *lim)
{
	_autofd int fd = open("/sys/block", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	char path[280], dev[32], text[96];
	int taken = 0;
	ssize_t n;

	if (!d)
		return -errno;
	for (struct dirent *e; (e = readdir(d));) {
		(void)snprintf(path, sizeof(path), "%s/size", e->d_name);
		if (io_read_file(fd, path, text, sizeof(text)) < 0 ||
		    strcmp(text, "0\n") == 0)
			continue;
		(void)snprintf(path, sizeof(path), "%s/dev", e->d_name);
		n = io_read_file(fd, path, dev, sizeof(dev));
		if (n < 2)
			continue;
		dev[n - 1] = '\0';
		text_io(dev, lim, text, sizeof(text));
		taken += io_write_file(cg->dirfd, "io.max", text) == 0;
	}
	(void)take_fd(&fd);
	(void)closedir(d);
	return taken ? 0 : -ENODEV;
}

static int write_limit(struct cgroup *cg, const struct limit *l, uint64_t v,
		       struct sbx_err *err)
{
	char text[96];
	int r;

	l->text(v, text, sizeof(text));
	r = io_write_file(cg->dirfd, l->file, text);
	if (r != -ENOENT)
		return r < 0 ? sbx_fail(err, -r, "cgroup %s: %s = %s", cg->path,
					l->file, text)
			     : 0;
	if (strcmp(l->file, "memory.swap.max") != 0 || !no_swap())
		cg_why(cg, "this kernel has no %s", l->file);
	return 0;
}

int cg_write(struct cgroup *cg, const struct pol_limits *lim,
	     struct sbx_err *err)
{
	uint64_t v;
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(limits) && r == 0; i++) {
		v = value_of(&limits[i], lim);
		if (v != POL_NONE && limits[i].file &&
		    (cg->controllers & limits[i].controller))
			r = write_limit(cg, &limits[i], v, err);
	}
	/* the jail dies as one: half of one is no use to anybody. Before Linux
	 * 4.19 there is no such file */
	if (r == 0 && (cg->controllers & CG_MEMORY))
		(void)io_write_file(cg->dirfd, "memory.oom.group", "1");
	if (r == 0 && wants_io(lim) && (cg->controllers & CG_IO) &&
	    write_io(cg, lim) < 0) {
		cg->controllers &= ~(unsigned)CG_IO;
		cg_why(cg, "no disk takes io.max");
	}
	return r;
}

/* Step out of a directory that is to have children. */
static int step_aside(int dirfd)
{
	if (mkdirat(dirfd, CG_LEAF, 0755) < 0 && errno != EEXIST)
		return -errno;
	return io_write_file(dirfd, CG_LEAF "/cgroup.procs", "0");
}

static void enable(int dirfd, unsigned set)
{
	char names[64], text[64] = "";
	size_t n = 0;

	(void)cg_controller_names(set, names, sizeof(names));
	for (const char *p = names; *p; p++) {
		if (p == names || p[-1] == ' ')
			text[n++] = '+';
		if (*p != ',')
			text[n++] = *p;
	}
	text[n] = '\0';
	(void)io_write_file(dirfd, "cgroup.subtree_control", text);
}

/* Give the place's children all controllers that can be had. */
static int prepare(struct cg_place *place, struct sbx_err *err)
{
	unsigned have, lacks;
	int r;

	if (place->inside) {
		r = step_aside(place->fd);
		if (r < 0)
			return sbx_fail(err, -r, "cgroup %s: move to %s",
					place->path, CG_LEAF);
	}
	have = cg_read_controllers(place->fd, "cgroup.subtree_control");
	lacks = place->controllers & ~have;
	if (lacks) {
		enable(place->fd, lacks);
		/* one that cannot be had spoils a write of several */
		for (unsigned bit = 1; bit <= CG_IO; bit <<= 1)
			if (lacks & bit &
			    ~cg_read_controllers(place->fd,
						 "cgroup.subtree_control"))
				enable(place->fd, bit);
		have = cg_read_controllers(place->fd, "cgroup.subtree_control");
	}
	place->controllers &= have;
	if (!place->controllers)
		return sbx_failx(err, EBUSY,
				 "cgroup %s: cannot give controllers to its "
				 "children",
				 place->path);
	return 0;
}

/*
 * A directory and its lock, which says to others that its owner lives: a lock
 * of flock(2) ends with its last holder, however that one dies. Somebody who
 * clears away the dead may have been faster than our lock: then a new name.
 */
static int make_locked(int parentfd, struct cgroup *ret)
{
	uint32_t random = 0;

	for (int i = 0; i < 8; i++) {
		(void)!getrandom(&random, sizeof(random), GRND_NONBLOCK);
		(void)snprintf(ret->name, sizeof(ret->name),
			       "sbx-%d-%08" PRIx32, (int)getpid(),
			       random + (uint32_t)i);
		if (mkdirat(parentfd, ret->name, 0755) < 0) {
			if (errno == EEXIST)
				continue;
			return -errno;
		}
		ret->dirfd = openat(parentfd, ret->name,
				    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (ret->dirfd >= 0 &&
		    flock(ret->dirfd, LOCK_EX | LOCK_NB) == 0 &&
		    faccessat(ret->dirfd, "cgroup.procs", F_OK, 0) == 0)
			return 0;
		close_fd(&ret->dirfd);
		(void)unlinkat(parentfd, ret->name, AT_REMOVEDIR);
	}
	return -EAGAIN;
}

int cg_make(const struct cg_here *here, struct cg_place *place,
	    struct cgroup *ret, struct sbx_err *err)
{
	int r = prepare(place, err);

	if (r < 0)
		return r;
	r = make_locked(place->fd, ret);
	if (r < 0)
		return sbx_fail(err, -r, "cgroup %s: make %s", place->path,
				ret->name);
	if (snprintf(ret->path, sizeof(ret->path), "%s%s%s", place->path,
		     place->path[1] ? "/" : "",
		     ret->name) >= (int)sizeof(ret->path))
		ret->path[0] = '\0';
	ret->controllers = place->controllers;
	ret->parentfd = take_fd(&place->fd);
	ret->how = here->made ? CG_SYSTEMD : CG_WRITABLE;
	return 0;
}
