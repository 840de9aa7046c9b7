/* SPDX-License-Identifier: Apache-2.0 */
/* What a jail's cgroup has used. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/io.h"
#include "runtime/jail/cg.h"

static uint64_t read_number(int dirfd, const char *file)
{
	char text[32], *end;
	uint64_t v;

	if (io_read_file(dirfd, file, text, sizeof(text)) < 0)
		return SBX_UNKNOWN;
	v = strtoull(text, &end, 10);
	return end == text ? SBX_UNKNOWN : v;
}

/* The number after "key " at the start of a line. */
static uint64_t number_of(const char *text, const char *key)
{
	size_t n = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, n) == 0 && line[n] == ' ')
			return strtoull(line + n + 1, NULL, 10);
	}
	return SBX_UNKNOWN;
}

/* The sum of all "key=N" of io.stat, which has one line per device. */
static uint64_t sum_of(const char *text, const char *key)
{
	size_t n = strlen(key);
	uint64_t sum = 0;

	for (const char *p = text; (p = strstr(p, key)); p += n)
		sum += strtoull(p + n, NULL, 10);
	return sum;
}

static void read_io(int dirfd, struct cg_usage *ret)
{
	char text[8192];

	if (io_read_file(dirfd, "io.stat", text, sizeof(text)) < 0)
		return;
	ret->io_read = sum_of(text, "rbytes=");
	ret->io_write = sum_of(text, "wbytes=");
}

static void read_cpu(int dirfd, struct cg_usage *ret)
{
	char text[2048];

	if (io_read_file(dirfd, "cpu.stat", text, sizeof(text)) < 0)
		return;
	ret->cpu_us = number_of(text, "usage_usec");
	ret->throttled_us = number_of(text, "throttled_usec");
}

static uint64_t read_event(int dirfd, const char *file, const char *key)
{
	char text[512];

	if (io_read_file(dirfd, file, text, sizeof(text)) < 0)
		return SBX_UNKNOWN;
	return number_of(text, key);
}

/* PID 1 of the jail is ours and not to be counted. */
static uint64_t without_init(uint64_t pids)
{
	return pids == SBX_UNKNOWN || pids == 0 ? pids : pids - 1;
}

int cg_usage(const struct cgroup *cg, struct cg_usage *ret)
{
	int fd = cg->dirfd;

	memset(ret, 0xff, sizeof(*ret));
	if (fd < 0)
		return -ENODATA;
	read_cpu(fd, ret);
	ret->memory_peak = read_number(fd, "memory.peak");
	ret->memory_now = read_number(fd, "memory.current");
	ret->pids_peak = without_init(read_number(fd, "pids.peak"));
	ret->pids_now = without_init(read_number(fd, "pids.current"));
	read_io(fd, ret);
	ret->oom_kills = read_event(fd, "memory.events", "oom_kill");
	ret->pids_max_hits = read_event(fd, "pids.events", "max");
	return 0;
}
