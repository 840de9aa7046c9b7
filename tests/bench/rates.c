/* SPDX-License-Identifier: Apache-2.0 */
/* Figures other than one start's time: rates, drift, memory. */
#include "tests/bench/bench.h"

#include <err.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/cleanup.h"
#include "runtime/base/io.h"

extern char **environ;

enum { REPEATS = 3, STARTS = 100, DRIFT_STARTS = 500, MAX_WORKERS = 2 };

static const char *const ours[] = { "sbx-binds", "sbx" };

/* Starts per second of `workers` processes that each start it STARTS times. */
static double rate_of(const struct bench *b, const struct cmd *c, int workers)
{
	uint64_t t0 = io_now_ns();
	bool good = true;
	int status;

	for (int w = 0; w < workers; w++) {
		pid_t pid = fork();

		if (pid < 0)
			err(125, "fork");
		if (pid > 0)
			continue;
		for (int i = 0; i < STARTS; i++)
			if (sample_once(c, &b->scratch, -1) < 0)
				_exit(1);
		_exit(0);
	}
	for (int w = 0; w < workers; w++)
		good &= wait(&status) > 0 && status == 0;
	return good ? workers * STARTS / ((double)(io_now_ns() - t0) / 1e9) : 0;
}

struct rates {
	double v[REPEATS];
};

static double median_rate(struct rates *r)
{
	struct stats st;

	stats_of(r->v, REPEATS, &st);
	return st.median;
}

static void throughput(struct bench *b, int workers)
{
	const struct cmd *floor = cmds_find(&b->cmds, "floor");
	const struct cmd *cmds[ARRAY_LEN(ours)];
	struct rates base, rates[ARRAY_LEN(ours)];
	double floor_rate;
	char name[48];

	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		cmds[i] = cmds_find(&b->cmds, ours[i]);
	for (int rep = 0; rep < REPEATS; rep++) {
		base.v[rep] = rate_of(b, floor, workers);
		for (size_t i = 0; i < ARRAY_LEN(ours); i++)
			if (!cmds[i]->absent[0])
				rates[i].v[rep] = rate_of(b, cmds[i], workers);
	}
	floor_rate = median_rate(&base);
	for (size_t i = 0; i <= ARRAY_LEN(ours); i++) {
		struct figure f = { .name = name, .unit = "starts/s" };

		(void)snprintf(name, sizeof(name), "%s, %d worker%s",
			       i ? ours[i - 1] : "floor", workers,
			       workers > 1 ? "s" : "");
		if (i && cmds[i - 1]->absent[0]) {
			report_absent(&b->report, name, cmds[i - 1]->absent);
			continue;
		}
		f.value = i ? median_rate(&rates[i - 1]) : floor_rate;
		f.ratio = floor_rate > 0 ? f.value / floor_rate : 0;
		f.aim = i && workers > 1 ? 0.8 : 0;
		f.at_least = true;
		report_figure(&b->report, &f);
	}
}

void scene_throughput(struct bench *b)
{
	char how[120];

	(void)snprintf(how, sizeof(how),
		       "%d starts a worker, median of %d, against the floor's",
		       STARTS, REPEATS);
	report_scene(&b->report, "throughput", how);
	for (int workers = 1; workers <= MAX_WORKERS; workers++)
		throughput(b, workers);
}

void scene_drift(struct bench *b)
{
	enum { FIFTH = DRIFT_STARTS / 5 };
	double v[DRIFT_STARTS];
	struct stats first, last;
	char how[120];

	(void)snprintf(how, sizeof(how),
		       "last fifth of %d starts against the first",
		       DRIFT_STARTS);
	report_scene(&b->report, "drift", how);
	for (size_t i = 0; i < ARRAY_LEN(ours); i++) {
		const struct cmd *c = cmds_find(&b->cmds, ours[i]);
		struct figure f = { .name = c->name,
				    .unit = "us",
				    .aim = 1.05 };

		if (c->absent[0]) {
			report_absent(&b->report, c->name, c->absent);
			continue;
		}
		for (size_t n = 0; n < DRIFT_STARTS; n++)
			v[n] = sample_once(c, &b->scratch, -1);
		stats_of(v, FIFTH, &first);
		stats_of(v + DRIFT_STARTS - FIFTH, FIFTH, &last);
		f.value = last.median;
		f.ratio = first.median > 0 ? last.median / first.median : 0;
		report_figure(&b->report, &f);
	}
}

/* Private kilobytes of a process; negative: it cannot be read. */
static double private_kb(pid_t pid)
{
	char path[64], text[4096];
	double sum = 0;
	const char *at;

	(void)snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", pid);
	if (io_read_file(AT_FDCWD, path, text, sizeof(text)) < 0)
		return -1;
	for (at = text; (at = strstr(at, "Private_")); at++)
		if (strncmp(at, "Private_Hugetlb", 15) != 0)
			sum += strtod(strchr(at, ':') + 1, NULL);
	return sum;
}

static pid_t first_child(pid_t pid)
{
	char path[64], text[4096];

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid,
		       pid);
	if (io_read_file(AT_FDCWD, path, text, sizeof(text)) <= 0)
		return 0;
	return (pid_t)strtol(text, NULL, 10);
}

static void print_memory(struct bench *b, pid_t sbx)
{
	pid_t init = first_child(sbx);
	struct figure f = { .unit = "kB private", .ratio = -1 };

	f.name = "supervisor";
	f.value = private_kb(sbx);
	report_figure(&b->report, &f);
	f.name = "pid 1 of the jail";
	f.value = init ? private_kb(init) : -1;
	if (f.value >= 0)
		report_figure(&b->report, &f);
	else
		report_absent(&b->report, f.name, "not readable");
}

/* A jail around cat(1): it answers once it runs, and ends with its input. */
void scene_memory(struct bench *b)
{
	const struct cmd *c = cmds_find(&b->cmds, "sbx");
	char *argv[] = { c->argv[0], "run", "--", "/usr/bin/cat", NULL };
	posix_spawn_file_actions_t acts;
	int in[2], out[2];
	char byte = 'x';
	pid_t pid;

	report_scene(&b->report, "memory", "while a program runs in the jail");
	if (c->absent[0]) {
		report_absent(&b->report, c->name, c->absent);
		return;
	}
	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		err(125, "pipe");
	(void)posix_spawn_file_actions_init(&acts);
	(void)posix_spawn_file_actions_adddup2(&acts, in[0], 0);
	(void)posix_spawn_file_actions_adddup2(&acts, out[1], 1);
	if (posix_spawn(&pid, c->argv[0], &acts, NULL, argv, environ) != 0)
		err(125, "%s", c->argv[0]);
	(void)close(in[0]);
	(void)close(out[1]);
	if (write(in[1], &byte, 1) == 1 && read(out[0], &byte, 1) == 1)
		print_memory(b, pid);
	else
		report_absent(&b->report, c->name,
			      "the program gave no answer");
	(void)close(in[1]);
	(void)close(out[0]);
	(void)waitpid(pid, NULL, 0);
	(void)posix_spawn_file_actions_destroy(&acts);
}
