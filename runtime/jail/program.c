/* SPDX-License-Identifier: Apache-2.0 */
/* Executing the program inside the jail. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"
#include "runtime/jail/init.h"

/* A child that executes leaves its frames without a return, and the address
 * sanitizer would take what comes to lie there for an error. */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define forget_frames(stack) \
	__asan_unpoison_memory_region((stack), sizeof(stack))
#else
#define forget_frames(stack) ((void)(stack))
#endif

/*
 * The child shares PID 1's memory until it has executed (CLONE_VM, and
 * CLONE_VFORK makes PID 1 wait): no page table is copied, and a failure is
 * simply written where PID 1 reads it. Nothing here may allocate.
 */
#define CHILD_STACK (32 * 1024)
#define ARGV_MAX_SH 4096 /* arguments of a script without "#!" */

struct start {
	const struct init_args *a;
	int tty;
	int code; /* of what failed, 0 while nothing has */
	struct sbx_err *err;
};

static const char *env_path(char *const *env)
{
	for (; env && *env; env++)
		if (strncmp(*env, "PATH=", 5) == 0)
			return *env + 5;
	return "/usr/local/bin:/usr/bin:/bin";
}

/* A text file without "#!" is a shell script, as execvp(3) has it. */
static void exec_script(const char *path, char *const *argv, char *const *env)
{
	const char *sh[ARGV_MAX_SH + 3] = { "/bin/sh", path };
	size_t n = 1;

	for (; argv[n] && n < ARGV_MAX_SH; n++)
		sh[n + 1] = argv[n];
	if (argv[n]) {
		errno = E2BIG;
		return;
	}
	(void)execve(sh[0], (char *const *)sh, env);
}

static void exec_file(const char *path, char *const *argv, char *const *env)
{
	(void)execve(path, argv, env);
	if (errno == ENOEXEC)
		exec_script(path, argv, env);
}

/* Search PATH. A file found but not executable wins over "not found". */
static int exec_search(char *const *argv, char *const *env)
{
	const char *p = env_path(env);
	size_t n, len = strlen(argv[0]);
	char file[PATH_MAX];
	int code = ENOENT;

	if (strchr(argv[0], '/')) {
		exec_file(argv[0], argv, env);
		return errno;
	}
	for (; len; p += n + 1) {
		n = strcspn(p, ":");
		if (n && n + len + 2 <= sizeof(file)) {
			memcpy(file, p, n);
			file[n] = '/';
			memcpy(file + n + 1, argv[0], len + 1);
			exec_file(file, argv, env);
			if (errno != ENOENT && errno != ENOTDIR)
				code = errno;
		}
		if (!p[n])
			break;
	}
	return code;
}

/*
 * Where the program's stream i comes from. PID 1 has closed 0 to 2, so that any
 * descriptor of ours may be one of them: it is moved out of the way first, or
 * dup2(2) would overwrite it, or leave it as it is and close-on-exec.
 */
static int source(const struct start *s, int i)
{
	int fd = s->tty >= 0 ? s->tty : s->a->stdio[i];

	if (fd < 0)
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (fd < 0 || fd > 2)
		return fd;
	return fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

static int take_stdio(const struct start *s)
{
	int from[3];

	for (int i = 0; i < 3; i++) {
		from[i] = source(s, i);
		if (from[i] < 0)
			return errno;
	}
	for (int i = 0; i < 3; i++)
		if (dup2(from[i], i) < 0)
			return errno;
	return 0;
}

/* Own session, or own job on the terminal whose session PID 1 leads. */
static int take_terminal(const struct start *s)
{
	if (s->tty < 0)
		return setsid() < 0 ? errno : 0;
	if (setpgid(0, 0) < 0)
		return errno;
	return tcsetpgrp(s->tty, getpid()) < 0 ? errno : 0;
}

/* PID 1 blocks all; what the caller ignored is reset there already. */
static void unblock_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static int keep_fds(const struct jail_plan *plan)
{
	for (size_t i = 0; i < plan->n_fds; i++)
		if (fcntl(plan->fds[i], F_SETFD, 0) < 0)
			return errno;
	return 0;
}

static int child(void *arg)
{
	struct start *s = arg;
	const struct jail_plan *plan = s->a->plan;
	const char *what = "standard streams";

	s->code = take_terminal(s);
	if (s->code == 0)
		s->code = take_stdio(s);
	if (s->code == 0)
		s->code = keep_fds(plan);
	if (s->code == 0 && chdir(plan->workdir) < 0) {
		s->code = errno;
		what = plan->workdir;
	}
	if (s->code) {
		(void)sbx_fail(s->err, s->code, "workdir: '%s'", what);
		strcpy(s->err->step, "workdir");
		_exit(1);
	}
	(void)umask(plan->umask);
	unblock_signals();
	s->code = exec_search(s->a->argv, plan->env.v);
	(void)sbx_fail(s->err, s->code, "'%s'", s->a->argv[0]);
	strcpy(s->err->step, "exec");
	_exit(1);
}

int program_start(const struct init_args *a, int tty, struct sbx_err *err)
{
	_Alignas(16) char
		stack[CHILD_STACK + sizeof(char *) * ARGV_MAX_SH + PATH_MAX];
	struct start s = { .a = a, .tty = tty, .err = err };
	int pid;

	pid = clone(child, stack + sizeof(stack),
		    CLONE_VM | CLONE_VFORK | SIGCHLD, &s);
	forget_frames(stack);
	if (pid < 0) {
		(void)sbx_fail(err, errno, "start the program");
		strcpy(err->step, "fork");
		return -err->code;
	}
	return s.code ? -s.code : pid;
}
