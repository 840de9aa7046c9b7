/* SPDX-License-Identifier: Apache-2.0 */
/* Supervising a jail from outside until nothing of it is left. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/io.h"
#include "runtime/jail/jail.h"
#include "runtime/jail/relay.h"
#include "runtime/jail/spawn.h"
#include "runtime/jail/wire.h"

/*
 * How this works. One thread, one poll loop: bytes in both directions, the
 * control socket, the caller's signals, the limits' deadlines, and PID 1's
 * pidfd. A limit that is reached ends the run in one way: the cause is noted
 * and PID 1 gets SIGKILL, which takes its namespace with it. The loop ends
 * when PID 1 is gone and its streams are drained.
 */

/* How long a reader that does not read may hold up a run that was killed. */
#define DRAIN_MS 5000
/* How long a look at the overlays' disk space may keep the relays waiting. */
#define DISK_SLICE_US 5000

enum {
	POLL_CTL,
	POLL_PID,
	POLL_SIGNAL,
	POLL_CGROUP,
	POLL_RELAYS,
	POLL_COUNT = POLL_RELAYS + 6,
};

struct super {
	const struct jail_plan *plan;
	const struct sbx_run_opts *opts;
	const struct pol_limits *lim;
	const struct jail_place *place;
	struct cgroup *cg;
	struct jail_proc proc;
	struct relay relay[3];	 /* stdin, stdout, stderr */
	int master;		 /* of the program's terminal, or -1 */
	int pids_events;	 /* of the cgroup, or -1 */
	struct watch_disk *disk; /* NULL: no limit */
	uint64_t unlinked;	 /* bytes on disk that the walk cannot see */
	struct jail_outcome *out;
	bool dead;     /* PID 1 was reaped */
	bool told;     /* how the program ended is known */
	bool emptied;  /* JAIL_EMPTIED was told */
	int forwarded; /* the last signal passed on */
	uint64_t start_ns;
	uint64_t deadline, idle_at, disk_at, drain_at; /* ms, or NEVER */
};

#define NEVER UINT64_MAX

static uint64_t later(uint64_t now, uint64_t ms)
{
	return ms > NEVER - now ? NEVER : now + ms;
}

static void kill_jail(struct super *s)
{
	if (!s->dead)
		(void)syscall(SYS_pidfd_send_signal, s->proc.pidfd, SIGKILL,
			      NULL, 0);
	if (s->cg->dirfd >= 0)
		(void)cg_kill(s->cg);
}

/* A limit was reached. The first cause counts. */
static void stop(struct super *s, enum sbx_cause cause)
{
	if (s->out->cause == SBX_CAUSE_NONE && !s->told)
		s->out->cause = cause;
	s->drain_at = later(io_now_ms(), DRAIN_MS);
	kill_jail(s);
}

static void send_msg(struct super *s, enum wire_kind kind, int value)
{
	struct wire_msg m = { .kind = kind, .value = value };

	(void)io_send(s->proc.ctl, &m, sizeof(m), NULL, 0);
}

static void copy_size(const struct super *s)
{
	struct winsize ws;

	if (s->master >= 0 && ioctl(s->opts->stdio[0], TIOCGWINSZ, &ws) == 0)
		(void)ioctl(s->master, TIOCSWINSZ, &ws);
}

/* The terminal's master has come: join it to the caller's terminal. */
static void join_terminal(struct super *s, int master)
{
	int in = fcntl(master, F_DUPFD_CLOEXEC, 0);

	s->master = master;
	copy_size(s);
	if (in < 0 || fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK) < 0 ||
	    relay_init(&s->relay[0], s->opts->stdio[0], false, in, true) < 0 ||
	    relay_init(&s->relay[1], master, false, s->opts->stdio[1], false) <
		    0)
		kill_jail(s);
}

/* The program, or all of the jail with a job-control stop, stands still. */
static void stand_still(struct super *s)
{
	if (s->opts->stopped)
		s->opts->stopped(s->opts->arg);
	send_msg(s, WIRE_CONT, 0);
	copy_size(s);
}

static void note_sample(struct super *s, const struct watch_sample *sample)
{
	struct jail_outcome *o = s->out;
	enum sbx_cause cause;

	if (o->memory_peak == SBX_UNKNOWN || sample->memory > o->memory_peak)
		o->memory_peak = sample->memory;
	if (o->pids_peak == SBX_UNKNOWN || sample->pids > o->pids_peak)
		o->pids_peak = sample->pids;
	if (sample->cpu_us > o->cpu_us)
		o->cpu_us = sample->cpu_us;
	s->unlinked = sample->unlinked;
	cause = watch_judge(s->lim, sample);
	if (cause != SBX_CAUSE_NONE)
		stop(s, cause);
}

static void note_failure(struct super *s, const struct wire_msg *m)
{
	s->out->err = m->err;
	s->out->err.msg[sizeof(m->err.msg) - 1] = '\0';
	s->out->err.step[sizeof(m->err.step) - 1] = '\0';
	s->out->noexec = m->kind == WIRE_NOEXEC;
	if (s->out->cause == SBX_CAUSE_NONE)
		s->out->cause = SBX_CAUSE_SETUP;
	s->told = true;
}

static void note_exit(struct super *s, int status)
{
	struct jail_outcome *o = s->out;

	s->told = true;
	if (WIFEXITED(status))
		o->exit_code = WEXITSTATUS(status);
	else if (WIFSIGNALED(status))
		o->signal = WTERMSIG(status);
	if (o->cause != SBX_CAUSE_NONE)
		return;
	o->cause = WIFEXITED(status) ? SBX_CAUSE_EXIT : SBX_CAUSE_SIGNAL;
	if (o->signal && o->signal == s->forwarded)
		o->cause = SBX_CAUSE_KILLED;
}

static void hear(struct super *s)
{
	struct wire_msg m;
	int fd = -1;
	size_t n_fds = 0;
	ssize_t n = io_recv(s->proc.ctl, &m, sizeof(m), &fd, 1, &n_fds);

	if (n <= 0 && n != -EPROTO)
		close_fd(&s->proc.ctl);
	if (n == sizeof(m) && !s->told) {
		if (m.kind == WIRE_TTY && n_fds == 1 && s->master < 0 &&
		    s->opts->tty == SBX_TTY_ALWAYS)
			join_terminal(s, take_fd(&fd));
		else if (m.kind == WIRE_FAILED || m.kind == WIRE_NOEXEC)
			note_failure(s, &m);
		else if (m.kind == WIRE_STOPPED)
			stand_still(s);
		else if (m.kind == WIRE_SAMPLE)
			note_sample(s, &m.sample);
		else if (m.kind == WIRE_EXIT)
			note_exit(s, m.value);
	}
	if (n > 0 && n_fds)
		close_fd(&fd);
}

/* A signal for us is one for the program. From the keyboard it is for the
 * program's whole process group, as a terminal would have it. */
static void pass_on(struct super *s)
{
	struct signalfd_siginfo si;
	int sig;

	if (read(s->opts->signal_fd, &si, sizeof(si)) != sizeof(si))
		return;
	sig = (int)si.ssi_signo;
	if (sig == SIGWINCH) {
		copy_size(s);
	} else if (sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU) {
		send_msg(s, WIRE_SIGNAL, SIGTSTP);
		stand_still(s);
	} else if (sig == SIGCONT) {
		send_msg(s, WIRE_CONT, 0);
	} else {
		s->forwarded = sig;
		send_msg(s, WIRE_SIGNAL, si.ssi_code == SI_KERNEL ? -sig : sig);
	}
}

/* pids.events changes when a fork was refused; see cgroup-v2, "pids.max". */
static void look_at_pids(struct super *s)
{
	struct cg_usage u;

	if (cg_usage(s->cg, &u) == 0 && u.pids_max_hits != SBX_UNKNOWN &&
	    u.pids_max_hits > 0)
		stop(s, SBX_CAUSE_PIDS);
}

/* Take PID 1's end. Its rusage holds all it has reaped, itself included; what
 * died with it the last sample has seen. */
static void reap(struct super *s)
{
	struct rusage ru;
	uint64_t us;

	if (wait4(s->proc.pid, NULL, __WALL | WNOHANG, &ru) != s->proc.pid)
		return;
	s->dead = true;
	s->proc.pid = 0;
	us = (uint64_t)ru.ru_utime.tv_sec * 1000000u +
	     (uint64_t)ru.ru_utime.tv_usec +
	     (uint64_t)ru.ru_stime.tv_sec * 1000000u +
	     (uint64_t)ru.ru_stime.tv_usec;
	if (us > s->out->cpu_us)
		s->out->cpu_us = us;
	s->out->largest_rss = (uint64_t)ru.ru_maxrss * 1024u;
	relay_done(&s->relay[0]);
}

static void move_bytes(struct super *s, const struct pollfd *p)
{
	struct jail_outcome *o = s->out;
	uint64_t room, moved = 0;

	for (int i = 0; i < 3; i++) {
		room = UINT64_MAX;
		if (i > 0 && s->lim->output != POL_NONE)
			room = s->lim->output - o->output_bytes + 1;
		moved = relay_move(&s->relay[i], p + 2 * i, room);
		if (!moved)
			continue;
		if (i > 0)
			o->output_bytes += moved;
		if (s->lim->idle != POL_NONE)
			s->idle_at = later(io_now_ms(), s->lim->idle);
		if (i > 0 && s->lim->output != POL_NONE &&
		    o->output_bytes > s->lim->output) {
			o->output_cut = true;
			stop(s, SBX_CAUSE_OUTPUT);
			relay_done(&s->relay[1]);
			relay_done(&s->relay[2]);
		}
	}
}

static void look_at_clock(struct super *s)
{
	uint64_t now, cost;

	if (s->deadline == NEVER && s->idle_at == NEVER &&
	    s->disk_at == NEVER && s->drain_at == NEVER)
		return;
	now = io_now_ms();
	if (!s->dead && now >= s->deadline)
		stop(s, SBX_CAUSE_TIMEOUT);
	if (!s->dead && now >= s->idle_at)
		stop(s, SBX_CAUSE_IDLE);
	if (!s->dead && now >= s->disk_at) {
		if (watch_disk_step(s->disk, DISK_SLICE_US,
				    s->lim->disk > s->unlinked
					    ? s->lim->disk - s->unlinked
					    : 0))
			stop(s, SBX_CAUSE_DISK);
		cost = io_now_ms() - now;
		s->disk_at = later(now, 250 + 20 * cost);
	}
	if (s->dead && now >= s->drain_at) {
		s->out->output_cut |= relay_pending(&s->relay[1]) ||
				      relay_pending(&s->relay[2]);
		relay_done(&s->relay[1]);
		relay_done(&s->relay[2]);
	}
}

static int time_to_wait(const struct super *s)
{
	uint64_t at = s->dead ? s->drain_at : s->deadline, now;

	if (!s->dead && s->idle_at < at)
		at = s->idle_at;
	if (!s->dead && s->disk_at < at)
		at = s->disk_at;
	if (at == NEVER)
		return -1;
	now = io_now_ms();
	if (at <= now)
		return 0;
	return at - now < INT_MAX ? (int)(at - now) : INT_MAX;
}

static void fill_poll(const struct super *s, struct pollfd *p)
{
	p[POLL_CTL] = (struct pollfd){ .fd = s->proc.ctl, .events = POLLIN };
	p[POLL_PID] = (struct pollfd){ .fd = s->dead ? -1 : s->proc.pidfd,
				       .events = POLLIN };
	p[POLL_SIGNAL] =
		(struct pollfd){ .fd = s->dead ? -1 : s->opts->signal_fd,
				 .events = POLLIN };
	p[POLL_CGROUP] = (struct pollfd){ .fd = s->dead ? -1 : s->pids_events,
					  .events = POLLPRI };
	for (int i = 0; i < 3; i++)
		relay_want(&s->relay[i], p + POLL_RELAYS + 2 * i);
}

static bool ended(const struct super *s)
{
	return s->dead && s->relay[1].done && s->relay[2].done &&
	       s->proc.ctl < 0;
}

static void tell(struct super *s, enum jail_moment moment)
{
	if (s->place->moment)
		s->place->moment(moment, s->place->arg);
}

/*
 * PID 1 leaves after it has told the end, and that takes a while: its mounts
 * are taken down. If it said so and does not mean it, it is killed.
 */
static void look_at_end(struct super *s)
{
	if (!s->told || s->dead || s->emptied || !s->relay[1].done ||
	    !s->relay[2].done)
		return;
	s->emptied = true;
	kill_jail(s);
	tell(s, JAIL_EMPTIED);
}

static int loop(struct super *s, struct sbx_err *err)
{
	struct pollfd p[POLL_COUNT];

	while (!ended(s)) {
		fill_poll(s, p);
		if (poll(p, POLL_COUNT, time_to_wait(s)) < 0) {
			if (errno == EINTR)
				continue;
			return sbx_fail(err, errno, "poll");
		}
		if (p[POLL_CTL].revents)
			hear(s);
		if (p[POLL_PID].revents)
			reap(s);
		if (p[POLL_SIGNAL].revents)
			pass_on(s);
		if (p[POLL_CGROUP].revents)
			look_at_pids(s);
		move_bytes(s, p + POLL_RELAYS);
		look_at_clock(s);
		look_at_end(s);
	}
	return 0;
}

static int connect_streams(struct super *s, struct sbx_err *err)
{
	int r = 0;

	for (int i = 0; i < 3; i++) {
		int caller = s->opts->stdio[i];
		int *ours = &s->proc.stdio[i];
		bool input = i == 0;

		if (s->opts->tty == SBX_TTY_ALWAYS)
			caller = -1;
		if (r == 0)
			r = relay_init(&s->relay[i], input ? caller : *ours,
				       !input, input ? *ours : caller, input);
		else
			s->relay[i].done = true;
		if (*ours >= 0 && r == 0)
			*ours = -1;
	}
	return r < 0 ? sbx_fail(err, -r, "standard streams") : 0;
}

static int set_deadlines(struct super *s, int rundir, struct sbx_err *err)
{
	uint64_t now = io_now_ms();
	int r = 0;

	s->deadline = later(now, s->lim->time);
	s->idle_at = later(now, s->lim->idle);
	if (s->lim->disk != POL_NONE && s->plan->n_uppers)
		r = watch_disk_new(&s->disk, rundir, s->plan->n_uppers, err);
	s->disk_at = s->disk ? later(now, 250) : NEVER;
	s->drain_at = NEVER;
	return r;
}

/* Nothing was said of the program's end: PID 1 itself was killed. */
static void conclude(struct super *s)
{
	struct jail_outcome *o = s->out;

	o->wall_us = (io_now_ns() - s->start_ns) / 1000u;
	if (o->cause == SBX_CAUSE_NONE)
		o->cause = SBX_CAUSE_KILLED;
	if (!s->told && !o->signal)
		o->signal = SIGKILL;
}

/*
 * A write to a pipe without a reader raises SIGPIPE: block it for this thread
 * and take ours away again, so that a program that embeds us never sees it.
 */
static void sigpipe_block(sigset_t *ret_old, bool *ret_was_pending)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	(void)pthread_sigmask(SIG_BLOCK, &set, ret_old);
	(void)sigpending(&set);
	*ret_was_pending = sigismember(&set, SIGPIPE) == 1;
}

static void sigpipe_restore(const sigset_t *old, bool was_pending)
{
	struct timespec none = { 0 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	if (!was_pending)
		while (sigtimedwait(&set, NULL, &none) > 0)
			;
	(void)pthread_sigmask(SIG_SETMASK, old, NULL);
}

int jail_run(const struct jail_plan *plan, const struct sbx_run_opts *opts,
	     const struct jail_place *place, struct jail_outcome *ret,
	     struct sbx_err *err)
{
	struct super s = {
		.plan = plan,
		.opts = opts,
		.lim = &plan->pol->limits,
		.place = place,
		.cg = place->cg,
		.master = -1,
		.pids_events = -1,
		.out = ret,
		.start_ns = io_now_ns(),
	};
	bool was_pending;
	sigset_t old;
	int r;

	*ret = (struct jail_outcome){ .exit_code = -1,
				      .memory_peak = SBX_UNKNOWN,
				      .pids_peak = SBX_UNKNOWN,
				      .io_read = SBX_UNKNOWN,
				      .io_write = SBX_UNKNOWN };
	sigpipe_block(&old, &was_pending);
	r = jail_spawn(plan, opts, place->cg, place->rundir, &s.proc, err);
	if (r == 0) {
		if (place->cg->controllers & CG_PIDS)
			s.pids_events = openat(place->cg->dirfd, "pids.events",
					       O_RDONLY | O_CLOEXEC);
		r = connect_streams(&s, err);
		if (r == 0)
			r = set_deadlines(&s, place->rundir, err);
		if (r == 0)
			tell(&s, JAIL_STARTED);
		if (r == 0)
			r = loop(&s, err);
		if (r < 0)
			kill_jail(&s);
		for (int i = 0; i < 3; i++)
			relay_done(&s.relay[i]);
		jail_proc_done(&s.proc);
		watch_disk_free(s.disk);
		close_fd(&s.pids_events);
		close_fd(&s.master);
		conclude(&s);
	}
	sigpipe_restore(&old, was_pending);
	return r;
}
