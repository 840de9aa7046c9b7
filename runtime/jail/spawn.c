/* SPDX-License-Identifier: Apache-2.0 */
/* Making the jail's first process and the pipes to it. */
#include "runtime/jail/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"
#include "runtime/base/io.h"
#include "runtime/base/strv.h"
#include "runtime/jail/init.h"
#include "runtime/jail/net.h"
#include "runtime/jail/wire.h"

/* clone_args of Linux 5.7, which knows the cgroup (clone(2)). */
struct clone3_args {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal;
	uint64_t stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};

struct pipes {
	int ours[3], theirs[3];
	int ctl[2];
};

static void pipes_done(struct pipes *p)
{
	for (int i = 0; i < 3; i++) {
		close_fd(&p->ours[i]);
		close_fd(&p->theirs[i]);
	}
	close_fd(&p->ctl[0]);
	close_fd(&p->ctl[1]);
}

#define _autopipes __attribute__((cleanup(pipes_done)))

/* Nothing to relay: no descriptor, or the null device. */
static bool is_nothing(int fd)
{
	struct stat st;

	return fd < 0 || fstat(fd, &st) < 0 ||
	       (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3));
}

static int open_pipes(struct pipes *p, const struct sbx_run_opts *opts,
		      struct sbx_err *err)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, p->ctl) < 0)
		return sbx_fail(err, errno, "control socket");
	if (opts->tty == SBX_TTY_ALWAYS)
		return 0;
	for (int i = 0; i < 3; i++) {
		if (is_nothing(opts->stdio[i]))
			continue;
		if (pipe2(fds, O_CLOEXEC) < 0)
			return sbx_fail(err, errno, "pipe");
		p->ours[i] = i == 0 ? fds[1] : fds[0];
		p->theirs[i] = i == 0 ? fds[0] : fds[1];
		if (fcntl(p->ours[i], F_SETFL, O_NONBLOCK) < 0)
			return sbx_fail(err, errno, "pipe");
	}
	return 0;
}

/* A user namespace that cannot be made has many reasons; name the usual. */
static int clone_failed(int code, struct sbx_err *err)
{
	const char *why = "";

	if (code == ENOSPC)
		why = ": user.max_user_namespaces or "
		      "user.max_net_namespaces is used up or 0";
	else if (code == EPERM)
		why = ": this host forbids unprivileged user namespaces";
	(void)sbx_failx(err, code, "make the namespaces: %s%s",
			strerrordesc_np(code), why);
	strcpy(err->step, "namespaces");
	return -code;
}

static int clone_init(const struct jail_plan *plan, const struct cgroup *cg,
		      struct init_args *a, struct jail_proc *ret,
		      struct sbx_err *err)
{
	struct clone3_args c = {
		.flags = plan->clone_flags | CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)&ret->pidfd,
		/* no exit signal: an embedding program's wait(2) and SIGCHLD
		 * handler never see this child */
		.exit_signal = 0,
	};
	long pid;

	if (cg->dirfd >= 0) {
		c.flags |= CLONE_INTO_CGROUP;
		c.flags &= ~(uint64_t)CLONE_NEWCGROUP;
		c.cgroup = (uint64_t)cg->dirfd;
		a->new_cgroup_ns = true;
	}
	if ((c.flags & CLONE_NEWNET) && plan->loopback && net_beside_pays()) {
		c.flags &= ~(uint64_t)CLONE_NEWNET;
		a->net_beside = true;
	}
	pid = syscall(SYS_clone3, &c, sizeof(c));
	if (pid == 0)
		init_main(a);
	if (pid < 0)
		return clone_failed(errno, err);
	ret->pid = (pid_t)pid;
	return 0;
}

/* With subordinate ids PID 1 waits until its maps are written. */
static int write_subids(const struct jail_plan *plan, struct jail_proc *p,
			struct sbx_err *err)
{
	struct wire_msg go = { .kind = WIRE_GO };
	int r;

	if (!plan->subids)
		return 0;
	r = subids_map(p->pid, plan, err);
	if (r < 0)
		return r;
	r = io_send(p->ctl, &go, sizeof(go), NULL, 0);
	return r < 0 ? sbx_fail(err, -r, "control socket") : 0;
}

static bool needs_watch(const struct jail_plan *plan, const struct cgroup *cg)
{
	const struct pol_limits *l = &plan->pol->limits;

	return (l->memory != POL_NONE && !(cg->controllers & CG_MEMORY)) ||
	       (l->pids != POL_NONE && !(cg->controllers & CG_PIDS)) ||
	       (l->cpu != POL_NONE && !(cg->controllers & CG_CPU)) ||
	       l->cpu_time != POL_NONE ||
	       (l->disk != POL_NONE && plan->n_uppers);
}

int jail_spawn(const struct jail_plan *plan, const struct sbx_run_opts *opts,
	       const struct cgroup *cg, int rundir, struct jail_proc *ret,
	       struct sbx_err *err)
{
	_autopipes struct pipes p = { { -1, -1, -1 },
				      { -1, -1, -1 },
				      { -1, -1 } };
	struct strv argv = { 0 };
	struct init_args a = {
		.plan = plan,
		.rundir = rundir,
		.tty = opts->tty == SBX_TTY_ALWAYS,
		.watch = needs_watch(plan, cg),
		.held = cg->controllers,
	};
	int r = open_pipes(&p, opts, err);

	/* PID 1 wipes the strings that main() was given: copies for it. */
	for (size_t i = 0; r == 0 && opts->argv[i]; i++)
		if (strv_add(&argv, opts->argv[i]) < 0)
			r = sbx_fail(err, ENOMEM, "arguments");
	a.argv = argv.v;
	a.ctl = p.ctl[1];
	a.ctl_peer = p.ctl[0];
	memcpy(a.stdio, p.theirs, sizeof(a.stdio));
	/* a caller's stream that is no terminal leaves the size unknown: 0 */
	if (a.tty)
		(void)ioctl(opts->stdio[0], TIOCGWINSZ, &a.size);
	*ret = (struct jail_proc){ .pidfd = -1,
				   .ctl = -1,
				   .stdio = { -1, -1, -1 } };
	if (r == 0)
		r = clone_init(plan, cg, &a, ret, err);
	strv_done(&argv);
	if (r < 0)
		return r;
	ret->ctl = take_fd(&p.ctl[0]);
	for (int i = 0; i < 3; i++)
		ret->stdio[i] = take_fd(&p.ours[i]);
	r = write_subids(plan, ret, err);
	if (r < 0)
		jail_proc_done(ret);
	return r;
}

void jail_proc_done(struct jail_proc *p)
{
	if (p->pid > 0) {
		(void)syscall(SYS_pidfd_send_signal, p->pidfd, SIGKILL, NULL,
			      0);
		while (waitpid(p->pid, NULL, __WALL) < 0 && errno == EINTR)
			;
	}
	p->pid = 0;
	close_fd(&p->pidfd);
	close_fd(&p->ctl);
	for (int i = 0; i < 3; i++)
		close_fd(&p->stdio[i]);
}
