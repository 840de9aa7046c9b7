/* SPDX-License-Identifier: Apache-2.0 */
/* Starts commands one at a time and says how long each took. */
#include "tests/bench/bench.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/io.h"

extern char **environ;

enum { FILTER_FD = 9 };

double sample_once(const struct cmd *cmd, const struct scratch *s, int errfd)
{
	posix_spawn_file_actions_t acts;
	struct rusage usage;
	uint64_t t0, t1;
	int status = -1, r;
	pid_t pid;

	(void)posix_spawn_file_actions_init(&acts);
	for (int fd = 0; fd < 3; fd++)
		(void)posix_spawn_file_actions_addopen(&acts, fd, "/dev/null",
						       O_RDWR, 0);
	if (cmd->filter)
		(void)posix_spawn_file_actions_addopen(
			&acts, FILTER_FD, scratch_find(s, "filter", 6),
			O_RDONLY, 0);
	if (errfd >= 0)
		(void)posix_spawn_file_actions_adddup2(&acts, errfd, 2);
	t0 = io_now_ns();
	r = posix_spawn(&pid, cmd->argv[0], &acts, NULL, cmd->argv, environ);
	if (r == 0)
		while (wait4(pid, &status, 0, &usage) < 0 && errno == EINTR)
			;
	t1 = io_now_ns();
	(void)posix_spawn_file_actions_destroy(&acts);
	return r == 0 && status == 0 ? (double)(t1 - t0) / 1e3 : -1;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

void stats_of(double *v, size_t n, struct stats *ret)
{
	*ret = (struct stats){ .n = n };
	if (n == 0)
		return;
	qsort(v, n, sizeof(*v), by_value);
	ret->median = n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
	ret->p10 = v[n / 10];
	ret->p90 = v[n - 1 - n / 10];
}

static void shuffle(size_t *v, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = (size_t)random() % i;
		size_t t = v[i - 1];

		v[i - 1] = v[j];
		v[j] = t;
	}
}

void sample_rounds(const struct cmds *c, const struct scratch *s,
		   unsigned groups, size_t rounds, struct stats *ret)
{
	double *v = calloc(c->n * rounds, sizeof(*v));
	size_t *got = calloc(c->n, sizeof(*got));
	size_t *order = calloc(c->n, sizeof(*order));
	size_t n = 0;

	if (!v || !got || !order)
		abort();
	for (size_t i = 0; i < c->n; i++)
		if ((c->v[i].group & groups) && !c->v[i].absent[0])
			order[n++] = i;
	for (size_t round = 0; round < rounds; round++) {
		shuffle(order, n);
		for (size_t i = 0; i < n; i++) {
			size_t k = order[i];
			double us = sample_once(&c->v[k], s, -1);

			if (us >= 0)
				v[k * rounds + got[k]++] = us;
		}
	}
	for (size_t i = 0; i < c->n; i++)
		stats_of(v + i * rounds, got[i], &ret[i]);
	free(v);
	free(got);
	free(order);
}

enum prio prio_set(enum prio want)
{
	struct sched_param fifo = { .sched_priority = 1 };
	struct sched_param other = { 0 };

	if (want == PRIO_REAL_TIME &&
	    sched_setscheduler(0, SCHED_FIFO, &fifo) == 0)
		return PRIO_REAL_TIME;
	(void)sched_setscheduler(0, SCHED_OTHER, &other);
	if (want <= PRIO_NICE && setpriority(PRIO_PROCESS, 0, -10) == 0)
		return PRIO_NICE;
	(void)setpriority(PRIO_PROCESS, 0, 0);
	return PRIO_PLAIN;
}

const char *prio_name(enum prio p)
{
	static const char *const names[] = {
		[PRIO_REAL_TIME] = "real-time priority",
		[PRIO_NICE] = "nice -10",
		[PRIO_PLAIN] = "nice 0",
	};

	return names[p];
}
