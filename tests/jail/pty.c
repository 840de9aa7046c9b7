/* SPDX-License-Identifier: Apache-2.0 */
/* A terminal with a job in it, seen from the side of the person. */
#include "tests/jail/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 30000

static int64_t now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static bool open_pair(struct pty *p)
{
	const char *name;

	p->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (p->master < 0 || grantpt(p->master) < 0 || unlockpt(p->master) < 0)
		return false;
	name = ptsname(p->master);
	p->slave = name ? open(name, O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;
	return p->slave >= 0 && tcgetattr(p->slave, &p->before) == 0;
}

static void tell(int fd, int kind, int value)
{
	struct pty_event e = { kind, value };

	(void)!write(fd, &e, sizeof(e));
}

/* The job's own process: a group of its own, in the foreground. */
static void run_job(const struct pty *p, char *const argv[])
{
	(void)setpgid(0, 0);
	(void)tcsetpgrp(p->slave, getpid());
	for (int s = 1; s < NSIG; s++)
		(void)signal(s, SIG_DFL);
	for (int fd = 0; fd < 3; fd++)
		(void)dup2(p->slave, fd);
	(void)execvp(argv[0], argv);
	perror(argv[0]);
	_exit(127);
}

static volatile pid_t led;

/* The window was closed: the job is to know, as from a shell. */
static void hang_up(int sig)
{
	if (led > 0)
		(void)kill(-led, sig);
}

/* Wait for the job's changes until its end, as a shell does. */
static void lead(const struct pty *p, char *const argv[], int events,
		 int orders)
{
	int status;
	pid_t job;
	char order;

	(void)setsid();
	(void)ioctl(p->slave, TIOCSCTTY, 0);
	for (int s = 1; s < NSIG; s++)
		(void)signal(s, SIG_IGN);
	(void)signal(SIGCHLD, SIG_DFL);
	job = fork();
	if (job == 0)
		run_job(p, argv);
	(void)setpgid(job, job);
	led = job;
	(void)signal(SIGHUP, hang_up);
	tell(events, 'P', (int)job);
	for (;;) {
		if (waitpid(job, &status, WUNTRACED) != job) {
			if (errno == EINTR)
				continue;
			break;
		}
		(void)tcsetpgrp(p->slave, getpid());
		if (!WIFSTOPPED(status)) {
			tell(events, 'E',
			     WIFEXITED(status) ? WEXITSTATUS(status)
					       : 128 + WTERMSIG(status));
			break;
		}
		tell(events, 'S', WSTOPSIG(status));
		if (read(orders, &order, 1) != 1)
			break;
		(void)tcsetpgrp(p->slave, job);
		(void)kill(-job, SIGCONT);
		tell(events, 'C', (int)job);
	}
	/* until the driver has looked: the terminal is ours up to then */
	(void)!read(orders, &order, 1);
	_exit(0);
}

bool pty_start(struct pty *p, char *const argv[], unsigned short rows,
	       unsigned short cols)
{
	int events[2], orders[2], value;

	*p = (struct pty){ .master = -1, .slave = -1 };
	if (!open_pair(p) || pipe2(events, O_CLOEXEC) < 0 ||
	    pipe2(orders, O_CLOEXEC) < 0)
		return false;
	pty_resize(p, rows, cols);
	p->leader = fork();
	if (p->leader == 0) {
		(void)close(orders[1]);
		(void)close(p->master);
		lead(p, argv, events[1], orders[0]);
	}
	(void)close(events[1]);
	(void)close(orders[0]);
	p->events = events[0];
	p->orders = orders[1];
	if (p->leader < 0 || !pty_event(p, 'P', &value))
		return false;
	p->job = value;
	return true;
}

/* Whatever is there to be read, into seen. */
static bool take_output(struct pty *p)
{
	ssize_t n;

	if (p->cap - p->len < 65536) {
		p->cap = p->cap * 2 + 131072;
		p->seen = realloc(p->seen, p->cap);
		if (!p->seen)
			abort();
	}
	n = read(p->master, p->seen + p->len, p->cap - p->len - 1);
	if (n <= 0)
		return false;
	for (ssize_t i = 0; i < n; i++)
		if (!p->seen[p->len + (size_t)i])
			p->seen[p->len + (size_t)i] = '?';
	p->len += (size_t)n;
	p->seen[p->len] = 0;
	return true;
}

bool pty_pump(struct pty *p, int ms)
{
	struct pollfd fd = { p->master, POLLIN, 0 };

	return poll(&fd, 1, ms) == 1 && (fd.revents & POLLIN) && take_output(p);
}

bool pty_expect(struct pty *p, const char *text)
{
	int64_t end = now_ms() + PATIENCE_MS;

	while (!p->seen || !strstr(p->seen, text)) {
		if (now_ms() > end)
			return false;
		(void)pty_pump(p, 100);
	}
	return true;
}

void pty_type(struct pty *p, const char *text)
{
	(void)!write(p->master, text, strlen(text));
}

void pty_resize(struct pty *p, unsigned short rows, unsigned short cols)
{
	struct winsize ws = { .ws_row = rows, .ws_col = cols };

	(void)ioctl(p->master, TIOCSWINSZ, &ws);
}

bool pty_event(struct pty *p, int kind, int *ret_value)
{
	int64_t end = now_ms() + PATIENCE_MS;
	struct pty_event e;

	while (now_ms() < end) {
		struct pollfd fds[2] = { { p->events, POLLIN, 0 },
					 { p->master, POLLIN, 0 } };

		if (poll(fds, 2, 100) <= 0)
			continue;
		if (fds[1].revents & POLLIN)
			(void)take_output(p);
		if (!fds[0].revents)
			continue;
		if (read(p->events, &e, sizeof(e)) != sizeof(e))
			return false;
		if (e.kind != kind)
			return false;
		*ret_value = e.value;
		/* the last of the output was written before the event */
		while (kind != 'P' && pty_pump(p, 0))
			;
		return true;
	}
	return false;
}

bool pty_continue(struct pty *p)
{
	int64_t end = now_ms() + PATIENCE_MS;
	struct termios t;
	int job;

	if (write(p->orders, "c", 1) != 1 || !pty_event(p, 'C', &job))
		return false;
	while (tcgetattr(p->slave, &t) == 0 && (t.c_lflag & ICANON)) {
		if (now_ms() > end)
			return false;
		(void)pty_pump(p, 20);
	}
	return true;
}

static bool same_modes(const struct termios *a, const struct termios *b)
{
	return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag &&
	       a->c_cflag == b->c_cflag && a->c_lflag == b->c_lflag &&
	       !memcmp(a->c_cc, b->c_cc, sizeof(a->c_cc));
}

bool pty_modes_kept(struct pty *p)
{
	int64_t end = now_ms() + 5000;
	struct termios t;

	do {
		if (tcgetattr(p->slave, &t) == 0 && same_modes(&t, &p->before))
			return true;
		(void)pty_pump(p, 50);
	} while (now_ms() < end);
	return false;
}

int pty_pushed(struct pty *p)
{
	struct termios raw = p->before;
	int pending = 0;

	cfmakeraw(&raw);
	(void)tcsetattr(p->slave, TCSANOW, &raw);
	(void)ioctl(p->slave, FIONREAD, &pending);
	(void)tcsetattr(p->slave, TCSANOW, &p->before);
	return pending;
}

void pty_done(struct pty *p)
{
	if (p->job > 0)
		(void)kill(-p->job, SIGKILL);
	if (p->leader > 0) {
		(void)kill(p->leader, SIGKILL);
		(void)waitpid(p->leader, NULL, 0);
	}
	(void)close(p->master);
	(void)close(p->slave);
	(void)close(p->events);
	(void)close(p->orders);
	free(p->seen);
	*p = (struct pty){ .master = -1, .slave = -1 };
}
