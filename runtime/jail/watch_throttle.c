/* SPDX-License-Identifier: Apache-2.0 */
/* Holding a rate of CPU time where no cgroup does. */
#include <signal.h>

#include "runtime/base/io.h"
#include "runtime/jail/watch_state.h"

/*
 * How this works. A bucket of CPU time fills at the limit's rate and holds what
 * the limit allows in 100 ms, as cpu.max has it. When more was used than was in
 * it, everything but PID 1 is stopped until the debt is paid. What had been
 * stopped before (by job control, by a debugger) is left stopped afterwards.
 *
 * This can be seen from inside: a parent that asks for it (WUNTRACED, SIGCHLD
 * without SA_NOCLDSTOP) hears of stops and continuations, and a handler of
 * SIGCONT runs. A wait that cannot be restarted ends with EINTR.
 *
 * A stopped process can have the kernel send it a SIGCONT (timer_create(2),
 * F_SETSIG). Nothing honest does; so who uses more than a little time while it
 * stands still defies the limit, and the sample says so.
 */

#define BURST_MS 100
#define MIN_WAIT_MS 5
#define MAX_WAIT_MS 50
/* What a stop may still let through until it has reached all processors. */
#define STOP_LAG_US 200000u

static void note_stop(struct watch *w)
{
	struct watch_table *t = watch_tasks(w);

	for (size_t i = 0; i < t->n; i++)
		t->v[i].held = t->v[i].state == 'T';
	w->state->stopped_us = w->state->total_us;
	w->stopped = true;
}

void watch_release(struct watch *w)
{
	struct watch_table *t;
	bool any = false;

	if (!w->stopped)
		return;
	w->stopped = false;
	/* nothing was created while all stood still: the table is complete,
	 * but for processes born while the last one was made */
	t = watch_tasks(w);
	for (size_t i = 0; i < t->n; i++)
		any |= t->v[i].held;
	if (any && watch_scan(w) == 0) {
		t = watch_tasks(w);
		for (size_t i = 0; i < t->n; i++)
			if (t->v[i].pid != 1 && !t->v[i].held)
				(void)kill(t->v[i].pid, SIGCONT);
	}
	if (!any || t->over)
		(void)kill(-1, SIGCONT);
	w->state->scan_ns = io_now_ns();
}

/* Put in what time has brought, take out what was used. */
static int64_t settle(struct watch *w)
{
	struct watch_state *s = w->state;
	uint64_t now = io_now_ns(), limit = w->cpu_limit;
	int64_t burst = (int64_t)(limit * BURST_MS);

	if (s->tokens_ns)
		s->tokens_us +=
			(int64_t)((now - s->tokens_ns) / 1000 * limit / 1000);
	else
		s->tokens_us = burst;
	s->tokens_ns = now;
	s->tokens_us -= (int64_t)(s->total_us - s->spent_us);
	s->spent_us = s->total_us;
	if (s->tokens_us > burst)
		s->tokens_us = burst;
	return s->tokens_us;
}

static uint64_t at_least(uint64_t ms)
{
	return ms < MIN_WAIT_MS ? MIN_WAIT_MS : ms;
}

uint64_t watch_throttle(struct watch *w)
{
	uint64_t wait;
	int64_t left;

	if (w->cpu_limit == POL_NONE || !w->state ||
	    w->cpu_limit >= w->state->cpus * 1000u)
		return UINT64_MAX;
	if (watch_scan(w) < 0)
		return MIN_WAIT_MS;
	left = settle(w);
	if (left < 0) {
		if (!w->stopped)
			note_stop(w);
		(void)kill(-1, SIGSTOP);
		if (w->state->total_us - w->state->stopped_us > STOP_LAG_US)
			w->state->defiant = true;
		wait = (uint64_t)-left / (w->cpu_limit ? w->cpu_limit : 1);
		return wait < MAX_WAIT_MS ? at_least(wait + 1) : MAX_WAIT_MS;
	}
	watch_release(w);
	/* the soonest that it can be empty */
	return at_least((uint64_t)left / 1000 / w->state->cpus);
}
