/* SPDX-License-Identifier: Apache-2.0 */
/* PID 1 of a jail: from clone to the end of all processes in it. */
#include "runtime/jail/init.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/io.h"
#include "runtime/jail/cgroup.h"
#include "runtime/jail/lock.h"
#include "runtime/jail/mount.h"
#include "runtime/jail/net.h"
#include "runtime/jail/wire.h"

/*
 * How this works. PID 1 is a fork of the supervisor that never executes
 * anything itself: an exec would cost more than all mounts together. It builds
 * the jail as root of its own user namespace, gives up every power for good
 * (so that it is no better placed than the guest if the guest takes it over),
 * and starts the program. Then it does three things until the program ends:
 * reap whatever is re-parented to it, pass signals on, and, where no cgroup
 * holds the limits, sample. When the program has ended it kills what is left,
 * reaps it, and only then tells the supervisor; so a run whose end was told
 * has nothing alive but PID 1, which is leaving.
 *
 * If the supervisor dies, the kernel kills PID 1 (PR_SET_PDEATHSIG), and with
 * it, since it is PID 1 of its namespace, everything in the jail.
 */

/* Looking at a program that has only just started would slow its start. */
#define FIRST_SAMPLE_MS 10

struct init {
	const struct init_args *a;
	struct net_beside *net;
	int tty; /* the program's terminal, or -1 */
	int sigfd;
	pid_t pid; /* the program */
	struct watch watch;
	uint64_t next_sample; /* io_now_ms() of the next one */
	uint64_t next_throttle;
};

static int step_failed(struct sbx_err *err, const char *step, int code,
		       const char *what)
{
	(void)sbx_fail(err, code, "%s", what);
	(void)snprintf(err->step, sizeof(err->step), "%s", step);
	return -code;
}

/* Tell the supervisor what went wrong and end. */
_Noreturn static void give_up(const struct init_args *a, enum wire_kind kind,
			      const struct sbx_err *err)
{
	struct wire_msg m = { .kind = kind, .err = *err };

	(void)io_send(a->ctl, &m, sizeof(m), NULL, 0);
	_exit(SBX_EXIT_FAILED);
}

/* Die with the supervisor; it may have died before we asked for that. */
static int bind_to_supervisor(const struct init_args *a, struct sbx_err *err)
{
	struct pollfd p = { .fd = a->ctl };

	(void)close(a->ctl_peer);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return step_failed(err, "start", errno, "PR_SET_PDEATHSIG");
	if (poll(&p, 1, 0) > 0 && (p.revents & POLLHUP))
		_exit(SBX_EXIT_FAILED);
	return 0;
}

/* Close all descriptors but those listed; PID 1 must hold nothing of the
 * host's. keep is ascending. */
static int close_others(const int *keep, size_t n)
{
	unsigned from = 0;

	for (size_t i = 0; i < n; i++) {
		if (keep[i] < 0 || (unsigned)keep[i] < from)
			continue;
		if ((unsigned)keep[i] > from &&
		    close_range(from, (unsigned)keep[i] - 1, 0) < 0)
			return -errno;
		from = (unsigned)keep[i] + 1;
	}
	return close_range(from, UINT_MAX, 0) < 0 ? -errno : 0;
}

static void sort_fds(int *v, size_t n)
{
	for (size_t i = 1; i < n; i++)
		for (size_t j = i; j > 0 && v[j] < v[j - 1]; j--) {
			int t = v[j];

			v[j] = v[j - 1];
			v[j - 1] = t;
		}
}

#define MAX_KEEP 64

static int drop_descriptors(const struct init_args *a, struct sbx_err *err)
{
	int keep[MAX_KEEP];
	size_t n = 0;
	int r;

	keep[n++] = a->ctl;
	keep[n++] = a->rundir;
	for (int i = 0; i < 3; i++)
		keep[n++] = a->stdio[i];
	for (size_t i = 0; i < a->plan->n_fds && n < MAX_KEEP; i++)
		keep[n++] = a->plan->fds[i];
	sort_fds(keep, n);
	r = close_others(keep, n);
	return r < 0 ? step_failed(err, "start", -r, "close descriptors") : 0;
}

/* A user namespace maps ids by these three files (user_namespaces(7)). */
static int write_maps(const struct init_args *a, struct sbx_err *err)
{
	const struct jail_plan *plan = a->plan;
	struct wire_msg m;
	size_t none;
	int r;

	if (plan->subids) {
		if (io_recv(a->ctl, &m, sizeof(m), NULL, 0, &none) !=
			    sizeof(m) ||
		    m.kind != WIRE_GO)
			_exit(SBX_EXIT_FAILED);
		return 0;
	}
	r = io_write_file(AT_FDCWD, "/proc/self/setgroups", "deny");
	if (r < 0)
		return step_failed(err, "id maps", -r, "/proc/self/setgroups");
	r = io_write_file(AT_FDCWD, "/proc/self/uid_map", plan->uid_map);
	if (r < 0)
		return step_failed(err, "id maps", -r, "/proc/self/uid_map");
	r = io_write_file(AT_FDCWD, "/proc/self/gid_map", plan->gid_map);
	return r < 0 ? step_failed(err, "id maps", -r, "/proc/self/gid_map")
		     : 0;
}

static int set_names(const struct init_args *a, struct sbx_err *err)
{
	const char *name = a->plan->hostname;

	if (a->new_cgroup_ns && unshare(CLONE_NEWCGROUP) < 0)
		return step_failed(err, "cgroup namespace", errno, "unshare");
	if (sethostname(name, strlen(name)) < 0)
		return step_failed(err, "hostname", errno, name);
	return 0;
}

static int enter_network(struct init *in, struct sbx_err *err)
{
	int r;

	if (in->a->net_beside)
		return net_beside_enter(in->net, err);
	r = in->a->plan->loopback ? net_loopback_up(err) : 0;

	if (r < 0)
		strcpy(err->step, "network");
	return r;
}

/* Open a terminal of the jail's own devpts and send its master out. */
static int open_terminal(struct init *in, struct sbx_err *err)
{
	_autofd int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct wire_msg m = { .kind = WIRE_TTY };
	int zero = 0, r;

	if (master < 0)
		return step_failed(err, "terminal", errno, "/dev/ptmx");
	if (ioctl(master, TIOCSPTLCK, &zero) < 0)
		return step_failed(err, "terminal", errno, "unlock");
	in->tty = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (in->tty < 0)
		return step_failed(err, "terminal", errno, "open its peer");
	(void)ioctl(master, TIOCSWINSZ, &in->a->size);
	if (setsid() < 0 || ioctl(in->tty, TIOCSCTTY, 0) < 0)
		return step_failed(err, "terminal", errno, "take it");
	r = io_send(in->a->ctl, &m, sizeof(m), &master, 1);
	return r < 0 ? step_failed(err, "terminal", -r, "send it") : 0;
}

/* The caller may have ignored signals; the program starts as from a shell. */
static int block_signals(struct init *in, struct sbx_err *err)
{
	struct sigaction sa = { .sa_handler = SIG_DFL };
	sigset_t all, chld;

	for (int sig = 1; sig < NSIG; sig++)
		(void)sigaction(sig, &sa, NULL);
	sigfillset(&all);
	if (sigprocmask(SIG_SETMASK, &all, NULL) < 0)
		return step_failed(err, "start", errno, "block signals");
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	in->sigfd = signalfd(-1, &chld, SFD_CLOEXEC | SFD_NONBLOCK);
	if (in->sigfd < 0)
		return step_failed(err, "start", errno, "signalfd");
	return 0;
}

/* All of the set-up, in the one order that works: what needs power first. */
static int set_up(struct init *in, struct sbx_err *err)
{
	const struct init_args *a = in->a;
	int r = bind_to_supervisor(a, err);

	if (r == 0)
		r = drop_descriptors(a, err);
	if (r == 0 && a->net_beside)
		r = net_beside_start(in->net, err);
	if (r == 0)
		r = block_signals(in, err);
	if (r == 0)
		r = write_maps(a, err);
	if (r == 0)
		r = set_names(a, err);
	if (r == 0)
		r = mount_enter(a->plan, a->rundir, err);
	if (r == 0 && a->rundir >= 0)
		(void)close(a->rundir);
	if (r == 0 && a->tty)
		r = open_terminal(in, err);
	if (r == 0 && a->watch) {
		r = watch_init(&in->watch, a->plan, a->held, err);
		if (r < 0)
			strcpy(err->step, "watchdog");
	}
	wipe_arguments();
	if (r == 0)
		r = enter_network(in, err);
	if (r == 0)
		r = lock_apply(a->plan, err);
	return r;
}

/* Giving up powers may have cleared it: ask again, and look again. */
static int bind_again(const struct init_args *a, struct sbx_err *err)
{
	struct pollfd p = { .fd = a->ctl };

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return step_failed(err, "start", errno, "PR_SET_PDEATHSIG");
	if (poll(&p, 1, 0) > 0 && (p.revents & POLLHUP))
		_exit(SBX_EXIT_FAILED);
	return 0;
}

/* PID 1 must not hold the program's streams, or they would never end. */
static void close_stdio(const struct init_args *a)
{
	for (int i = 0; i < 3; i++)
		if (a->stdio[i] >= 0)
			(void)close(a->stdio[i]);
	for (size_t i = 0; i < a->plan->n_fds; i++)
		(void)close(a->plan->fds[i]);
}

/* Kill and reap all there is; then tell how the program ended. */
_Noreturn static void finish(struct init *in, int status)
{
	struct wire_msg m = { .kind = WIRE_EXIT, .value = status };

	/* whoever is left in the namespace is, or descends from, a child */
	if (waitpid(-1, NULL, __WALL | WNOHANG) >= 0 || errno != ECHILD)
		(void)kill(-1, SIGKILL);
	while (waitpid(-1, NULL, __WALL) > 0 || errno == EINTR)
		;
	(void)io_send(in->a->ctl, &m, sizeof(m), NULL, 0);
	_exit(0);
}

static void tell(struct init *in, enum wire_kind kind)
{
	struct wire_msg m = { .kind = kind };

	(void)io_send(in->a->ctl, &m, sizeof(m), NULL, 0);
}

static void reap(struct init *in)
{
	struct signalfd_siginfo si;
	int status, flags = WNOHANG | __WALL | (in->tty >= 0 ? WUNTRACED : 0);
	pid_t pid;

	while (read(in->sigfd, &si, sizeof(si)) > 0)
		;
	while ((pid = waitpid(-1, &status, flags)) > 0) {
		if (pid != in->pid)
			continue;
		if (!WIFSTOPPED(status))
			finish(in, status);
		if (!in->watch.stopped)
			tell(in, WIRE_STOPPED);
	}
}

static void obey(struct init *in)
{
	struct wire_msg m;
	size_t none;
	ssize_t n = io_recv(in->a->ctl, &m, sizeof(m), NULL, 0, &none);

	if (n == 0)
		_exit(SBX_EXIT_FAILED);
	if (n != sizeof(m))
		return;
	if (m.kind == WIRE_SIGNAL && m.value == SIGTSTP)
		(void)kill(-1, SIGSTOP);
	else if (m.kind == WIRE_SIGNAL)
		(void)kill(m.value < 0 ? -in->pid : in->pid, abs(m.value));
	if (m.kind == WIRE_CONT)
		(void)kill(-1, SIGCONT);
}

/* Sample when it is time to. Returns milliseconds to wait, -1: for ever. */
static int look_after_limits(struct init *in)
{
	uint64_t now, wait, next;
	struct wire_msg m = { .kind = WIRE_SAMPLE };

	if (!in->a->watch)
		return -1;
	now = io_now_ms();
	if (now >= in->next_sample) {
		if (watch_sample(&in->watch, &m.sample) == 0)
			(void)io_send(in->a->ctl, &m, sizeof(m), NULL, 0);
		in->next_sample = now + in->watch.period_ms;
	}
	if (now >= in->next_throttle) {
		wait = watch_throttle(&in->watch);
		in->next_throttle = wait > UINT64_MAX - now ? UINT64_MAX
							    : now + wait;
	}
	next = in->next_sample < in->next_throttle ? in->next_sample
						   : in->next_throttle;
	return next > now ? (int)(next - now) : 0;
}

_Noreturn static void watch_over(struct init *in)
{
	struct pollfd p[2] = {
		{ .fd = in->sigfd, .events = POLLIN },
		{ .fd = in->a->ctl, .events = POLLIN },
	};

	for (;;) {
		if (poll(p, 2, look_after_limits(in)) < 0 && errno != EINTR)
			_exit(SBX_EXIT_FAILED);
		if (p[0].revents)
			reap(in);
		if (p[1].revents)
			obey(in);
	}
}

_Noreturn void init_main(const struct init_args *a)
{
	struct net_beside net;
	struct init in = { .a = a, .net = &net, .tty = -1 };
	struct sbx_err err = { 0 };
	int r = set_up(&in, &err);

	if (r == 0)
		r = bind_again(a, &err);
	if (r == 0 && a->net_beside)
		r = net_beside_finish(in.net, &err);
	if (r < 0)
		give_up(a, WIRE_FAILED, &err);
	r = program_start(a, in.tty, &err);
	if (r < 0)
		give_up(a, strcmp(err.step, "exec") ? WIRE_FAILED : WIRE_NOEXEC,
			&err);
	in.pid = r;
	close_stdio(a);
	in.next_sample = io_now_ms() + FIRST_SAMPLE_MS;
	watch_over(&in);
}
