/* SPDX-License-Identifier: Apache-2.0 */
/* The circumstances under which starts are compared one at a time. */
#include "tests/bench/bench.h"

#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/io.h"

/* Results that a child may fill in. */
static struct stats *stats_new(const struct bench *b)
{
	struct stats *st = mmap(NULL, b->cmds.n * sizeof(*st),
				PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (st == MAP_FAILED)
		err(125, "results");
	return st;
}

/* aim > 0 replaces the rows' own. */
static void print_times(struct bench *b, struct stats *st, unsigned groups,
			double aim)
{
	const struct cmd *floor = cmds_find(&b->cmds, "floor");
	double base = st[floor - b->cmds.v].median;

	for (size_t i = 0; i < b->cmds.n; i++) {
		const struct cmd *c = &b->cmds.v[i];

		if (!(c->group & groups))
			continue;
		if (c->absent[0])
			report_absent(&b->report, c->name, c->absent);
		else if (st[i].n == 0)
			report_absent(&b->report, c->name, "fails here");
		else
			report_time(&b->report, c->name, &st[i], base,
				    c->aim > 0 && aim > 0 ? aim : c->aim);
	}
	(void)munmap(st, b->cmds.n * sizeof(*st));
}

void scene_idle(struct bench *b)
{
	struct stats *st = stats_new(b);
	unsigned all = CMD_OURS | CMD_PEER | CMD_REST;
	char how[120];

	(void)snprintf(how, sizeof(how), "one start at a time, %zu rounds, %s",
		       b->rounds, prio_name(b->prio));
	report_scene(&b->report, "idle", how);
	sample_rounds(&b->cmds, &b->scratch, all, b->rounds, st);
	print_times(b, st, all, 0);
}

/*
 * Measure in a child that `prepare` has put into other circumstances, which end
 * with it. false: it could not.
 */
static bool sample_apart(struct bench *b, unsigned groups, size_t rounds,
			 struct stats *st,
			 bool (*prepare)(struct bench *b, size_t n), size_t n)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		if (!prepare(b, n))
			_exit(1);
		sample_rounds(&b->cmds, &b->scratch, groups, rounds, st);
		_exit(0);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static bool start_busy(struct bench *b, size_t n)
{
	(void)prio_set(PRIO_PLAIN);
	for (; n; n--) {
		pid_t pid = fork();

		if (pid < 0)
			return false;
		if (pid > 0)
			continue;
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			__asm__ volatile("" ::: "memory");
	}
	return true;
}

void scene_load(struct bench *b)
{
	struct stats *st = stats_new(b);
	unsigned groups = CMD_OURS | CMD_PEER;
	size_t n = 2 * (size_t)sysconf(_SC_NPROCESSORS_ONLN);
	size_t rounds = 2 * b->rounds;
	char how[120];

	(void)snprintf(how, sizeof(how),
		       "%zu busy loops beside it, all at nice 0, %zu rounds", n,
		       rounds);
	report_scene(&b->report, "load", how);
	if (sample_apart(b, groups, rounds, st, start_busy, n))
		print_times(b, st, groups, 1.35);
	else
		report_absent(&b->report, "all", "no processes to be had");
}

/* A mount namespace of our own; not root: in a user namespace of our own. */
static bool own_mounts(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	char map[64];

	if (unshare(CLONE_NEWNS) == 0)
		return mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) == 0;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return false;
	(void)io_write_file(AT_FDCWD, "/proc/self/setgroups", "deny");
	(void)snprintf(map, sizeof(map), "%u %u 1", uid, uid);
	if (io_write_file(AT_FDCWD, "/proc/self/uid_map", map) < 0)
		return false;
	(void)snprintf(map, sizeof(map), "%u %u 1", gid, gid);
	return io_write_file(AT_FDCWD, "/proc/self/gid_map", map) == 0;
}

static bool make_mounts(struct bench *b, size_t n)
{
	const char *many = scratch_find(&b->scratch, "many", 4);
	char path[300];

	if (!own_mounts() || mount("many", many, "tmpfs", 0, "mode=0755") < 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		(void)snprintf(path, sizeof(path), "%s/%zu", many, i);
		if (mkdir(path, 0755) < 0 ||
		    mount("/usr", path, NULL, MS_BIND, NULL) < 0)
			return false;
	}
	return true;
}

static void scene_mounts(struct bench *b, const char *name, size_t n)
{
	struct stats *st = stats_new(b);
	unsigned groups = CMD_OURS | CMD_PEER;
	size_t rounds = (b->rounds + 1) / 2;
	char how[120];

	(void)snprintf(how, sizeof(how),
		       "%zu mounts more on the host, %zu rounds, %s", n, rounds,
		       prio_name(b->prio));
	report_scene(&b->report, name, how);
	if (sample_apart(b, groups, rounds, st, make_mounts, n))
		print_times(b, st, groups, 0);
	else
		report_absent(&b->report, "all", "no mount namespace here");
}

void scene_mounts_1000(struct bench *b)
{
	scene_mounts(b, "mounts-1000", 1000);
}

void scene_mounts_4000(struct bench *b)
{
	scene_mounts(b, "mounts-4000", 4000);
}
