/* SPDX-License-Identifier: Apache-2.0 */
/* The CPU time of all that live in a jail, and of all that have lived. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/jail/watch_state.h"

/*
 * How this works. The kernel adds a dead process's CPU time, and that of its
 * own dead, to the parent that waits for it; orphans go to PID 1, which waits
 * for all. So the sum over the living, PID 1 included, of their own time and
 * their children's would be all there ever was, were it not for parents that
 * let the kernel reap for them (SIGCHLD ignored, SA_NOCLDWAIT): the time of
 * their children is lost. We therefore remember of each process what its
 * children had when they were last seen alive, and compare that, when they
 * have gone, with what the parent has collected. What is missing is counted.
 * A parent that was once caught loses the benefit of the doubt: its children
 * are taken to have run from one pass to the next whenever they are seen
 * running, so that many short-lived ones cannot slip through between passes.
 */

/* A time in /proc is cut to ticks, in four fields of two processes. */
#define SLACK_TICKS 4

struct watch_task *watch_find(struct watch_table *t, pid_t pid)
{
	size_t low = 0, high = t->n, mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (t->v[mid].pid == pid)
			return &t->v[mid];
		if (t->v[mid].pid < pid)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* What children of `t` had that it has not collected. */
static uint64_t uncollected(const struct watch_state *s,
			    const struct watch_task *t)
{
	uint64_t had =
		t->child_us - t->child_first_us + SLACK_TICKS * s->tick_us;

	return t->gone_us > had ? t->gone_us - had : 0;
}

/* Who was there before, and still is: carry what we know of it. */
static void carry(const struct watch_task *old, struct watch_task *now)
{
	now->child_first_us = old->child_first_us;
	now->gone_us = old->gone_us;
	now->hidden_us = old->hidden_us;
	now->forgetful = old->forgetful;
	now->held = old->held;
	if (now->self_us < old->self_us)
		now->self_us = old->self_us;
}

/* Gone: its time is with its parent now, or should be. */
static void bury(struct watch_state *s, struct watch_table *old,
		 struct watch_table *now, const struct watch_task *dead)
{
	struct watch_task *parent = watch_find(now, dead->ppid);
	struct watch_task *before = watch_find(old, dead->ppid);

	s->lost_us += uncollected(s, dead) + dead->hidden_us;
	if (!parent || !before || parent->start != before->start)
		parent = watch_find(now, 1);
	if (parent)
		parent->gone_us += dead->self_us + dead->child_us;
}

/* Children of a forgetful parent that run now have run all the while. */
static void suspect(struct watch_state *s, struct watch_table *now,
		    uint64_t dt_us)
{
	uint64_t room = s->cpus * dt_us;
	struct watch_task *parent, *t;

	for (size_t i = 0; i < now->n; i++) {
		t = &now->v[i];
		parent = t->state == 'R' ? watch_find(now, t->ppid) : NULL;
		if (!parent || !parent->forgetful || room < dt_us ||
		    t->self_us >= dt_us)
			continue;
		parent->hidden_us += dt_us - t->self_us;
		room -= dt_us;
	}
}

void watch_account(struct watch_state *s, struct watch_table *old,
		   struct watch_table *now, uint64_t dt_us)
{
	struct watch_task *a, *b;
	uint64_t sum = 0;

	for (size_t i = 0; i < now->n; i++)
		now->v[i].child_first_us = now->v[i].child_us;
	for (size_t i = 0; i < old->n; i++) {
		a = &old->v[i];
		b = watch_find(now, a->pid);
		if (b && b->start == a->start)
			carry(a, b);
	}
	for (size_t i = 0; i < old->n; i++) {
		a = &old->v[i];
		b = watch_find(now, a->pid);
		if (!b || b->start != a->start)
			bury(s, old, now, a);
	}
	suspect(s, now, dt_us);
	for (size_t i = 0; i < now->n; i++) {
		uint64_t lost = uncollected(s, &now->v[i]);

		/* PID 1 is ours: it collects, and what it uses itself is no
		 * doing of the guest's */
		if (now->v[i].pid != 1) {
			now->v[i].forgetful |= lost > 0;
			sum += now->v[i].self_us;
		}
		sum += now->v[i].child_us + lost + now->v[i].hidden_us;
	}
	sum += s->lost_us;
	if (sum > s->total_us)
		s->total_us = sum;
}

/* Ticks are too coarse for what lives a few milliseconds; nanoseconds of its
 * first thread are there for those that ask (schedstat). */
static void look_closer(const struct watch *w, struct watch_task *t)
{
	char path[WATCH_PATH], text[96];
	const char *p = text;
	uint64_t us;

	if (t->state != 'R' || t->self_us > 2 * w->state->tick_us)
		return;
	watch_path(path, t->pid, "schedstat");
	if (!watch_read(w, path, text, sizeof(text)))
		return;
	us = watch_number(&p) / 1000;
	if (us > t->self_us)
		t->self_us = us;
}

static bool read_task(const struct watch *w, const char *name,
		      struct watch_task *ret)
{
	char path[WATCH_PATH], text[1024];
	const char *p = name;
	pid_t pid = (pid_t)watch_number(&p);

	if (*p || p == name)
		return false;
	watch_path(path, pid, "stat");
	if (!watch_read(w, path, text, sizeof(text)) ||
	    !watch_parse_stat(text, w->state->tick_us, ret) || ret->pid != pid)
		return false;
	look_closer(w, ret);
	return true;
}

int watch_scan(struct watch *w)
{
	struct watch_state *s = w->state;
	struct watch_table *old = &s->tables[s->cur];
	struct watch_table *now = &s->tables[!s->cur];
	uint64_t ns = io_now_ns();
	struct watch_dir d;
	const char *name;

	if (lseek(w->procfd, 0, SEEK_SET) < 0)
		return -errno;
	now->n = 0;
	now->over = 0;
	watch_dir_init(&d, w->procfd);
	while ((name = watch_dir_next(&d))) {
		if (now->n == WATCH_TASKS)
			now->over += *name >= '0' && *name <= '9';
		else if (read_task(w, name, &now->v[now->n]))
			now->n++;
	}
	if (!now->n)
		return -ESRCH;
	watch_account(s, old, now, s->scan_ns ? (ns - s->scan_ns) / 1000 : 0);
	s->scan_ns = ns;
	s->cur = !s->cur;
	return 0;
}
