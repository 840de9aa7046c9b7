/* SPDX-License-Identifier: Apache-2.0 */
/* What a jail uses, and when to look again. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/io.h"
#include "runtime/jail/watch_state.h"

/*
 * How this works. The time between samples follows from how fast what is left
 * of the memory could be used up. In between only the number of processes is
 * looked at, by a figure that costs next to nothing.
 */

#define MIB (1u << 20)
#define MIN_PERIOD_MS 10
#define MAX_PERIOD_MS WATCH_PERIOD_MS
/* Bytes that a processor can take in a millisecond, and how many of them the
 * memory can serve at once. */
#define RATE_PER_MS (3u * MIB)
#define MAX_CPUS 8
/* A short look at the number of processes. */
#define PIDS_PERIOD_MS 20
/* No more than a quarter of a processor for looking, and that only where there
 * are hundreds of processes beside a small limit. */
#define DUTY 4

static uint64_t next_period(const struct watch *w, uint64_t memory,
			    uint64_t cost_ns)
{
	unsigned cpus = w->state->cpus < MAX_CPUS ? w->state->cpus : MAX_CPUS;
	uint64_t ms = MAX_PERIOD_MS, least = cost_ns * DUTY / 1000000u;

	if (w->memory_limit != POL_NONE)
		ms = memory < w->memory_limit
			     ? (w->memory_limit - memory) / cpus / RATE_PER_MS
			     : 0;
	if (ms > MAX_PERIOD_MS)
		ms = MAX_PERIOD_MS;
	if (ms < MIN_PERIOD_MS)
		ms = MIN_PERIOD_MS;
	return ms > least ? ms : least;
}

/* The number that was given out last in our namespace, which tells cheaply how
 * many there can be more than before. */
static uint64_t read_last_pid(const struct watch *w)
{
	char text[128];
	const char *p;

	(void)watch_read(w, "loadavg", text, sizeof(text));
	p = strrchr(text, ' ');
	return p ? watch_number(&p) : 0;
}

/* Whether there can be too many processes by now. */
static bool is_crowding(const struct watch *w)
{
	const struct watch_state *s = w->state;
	uint64_t last;

	if (w->pids_limit == POL_NONE)
		return false;
	last = read_last_pid(w);
	return last < s->last_pid ||
	       last - s->last_pid + s->pids > w->pids_limit;
}

static uint64_t count_processes(const struct watch *w)
{
	struct watch_dir d;
	const char *name;
	uint64_t n = 0;

	(void)lseek(w->procfd, 0, SEEK_SET);
	watch_dir_init(&d, w->procfd);
	while ((name = watch_dir_next(&d)))
		n += *name >= '0' && *name <= '9';
	return n ? n - 1 : 0;
}

/*
 * Among thousands of processes a look at each takes far too long, and whoever
 * makes them does not wait: so they stand still from here on, and the sample
 * says no more than how many they are.
 */
static bool stop_crowd(struct watch *w, struct watch_sample *ret)
{
	uint64_t n;

	if (!is_crowding(w))
		return false;
	n = count_processes(w);
	if (n <= w->pids_limit)
		return false;
	(void)kill(-1, SIGSTOP);
	*ret = (struct watch_sample){ .memory = SBX_UNKNOWN,
				      .cpu_us = w->state->total_us,
				      .pids = n };
	return true;
}

/* Not before all of it is due, unless something is up. */
static bool is_due(struct watch *w)
{
	uint64_t now = io_now_ns();

	if (now >= w->state->next_full_ns || is_crowding(w))
		return true;
	w->period_ms = (w->state->next_full_ns - now) / 1000000u + 1;
	if (w->period_ms > PIDS_PERIOD_MS)
		w->period_ms = PIDS_PERIOD_MS;
	return false;
}

/* Between whole samples only the number of processes is watched. */
static void plan_next(struct watch *w, const struct watch_sample *s,
		      uint64_t cost_ns)
{
	w->period_ms = next_period(w, s->memory, cost_ns);
	w->state->next_full_ns = io_now_ns() + w->period_ms * 1000000u;
	w->state->pids = s->pids;
	if (w->pids_limit == POL_NONE)
		return;
	w->state->last_pid = read_last_pid(w);
	if (w->period_ms > PIDS_PERIOD_MS)
		w->period_ms = PIDS_PERIOD_MS;
}

int watch_sample(struct watch *w, struct watch_sample *ret)
{
	uint64_t start = watch_effort(), memory;
	struct watch_table *t;
	struct watch_parts p;
	int r;

	if (!is_due(w))
		return -EAGAIN;
	if (stop_crowd(w, ret))
		return 0;
	r = watch_scan(w);
	if (r < 0)
		return r;
	memory = watch_measure(w, &p);
	t = watch_tasks(w);
	*ret = (struct watch_sample){
		.memory = memory,
		.swap = p.swap,
		.cpu_us = w->state->total_us,
		.unlinked = w->state->found.unlinked,
		.defiant = w->state->defiant,
		.pids = t->over,
	};
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].pid != 1)
			ret->pids += t->v[i].threads;
	plan_next(w, ret, watch_effort() - start);
	return 0;
}
