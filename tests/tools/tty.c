/* SPDX-License-Identifier: Apache-2.0 */
/* sbx run at a terminal: modes, sizes, keys, job control, and their end. */
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
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "tests/tap/tap.h"

/*
 * How this works. The test holds the master of a terminal. A child is what a
 * shell is to a job: leader of the terminal's session, it starts sbx as a job
 * in the foreground, tells the test of its end or stop by a pipe, and moves it
 * to the foreground again when told to.
 */

#define DEADLINE_S 60

struct job {
	int master;
	int events;   /* what the shell tells: 'S' or 'X', and a status */
	int commands; /* what it is told: 'C' for fg */
	pid_t shell, sbx;
	struct termios before;
	char seen[65536]; /* what came out of the terminal */
	size_t n;
};

struct event {
	char kind;
	int status;
	pid_t pid;
};

static const char *program;

/* The shell's side: one job, until it ends. */
static void tend(pid_t job, int events, int commands)
{
	struct event e;
	int status;
	char c;

	while (waitpid(job, &status, WUNTRACED) == job) {
		e = (struct event){ 'X', status, job };
		if (WIFSTOPPED(status))
			e.kind = 'S';
		(void)tcsetpgrp(0, getpgrp());
		if (write(events, &e, sizeof(e)) != sizeof(e) || e.kind == 'X')
			return;
		if (read(commands, &c, 1) != 1)
			return;
		(void)tcsetpgrp(0, job);
		(void)kill(-job, SIGCONT);
	}
}

static void shell(const char *slave, char *const *argv, int events,
		  int commands)
{
	struct event e = { 'P', 0, 0 };
	int fd;

	(void)setsid();
	fd = open(slave, O_RDWR);
	if (fd < 0 || ioctl(fd, TIOCSCTTY, 0) < 0)
		_exit(99);
	for (int i = 0; i < 3; i++)
		(void)dup2(fd, i);
	(void)signal(SIGTTOU, SIG_IGN);
	e.pid = fork();
	if (e.pid == 0) {
		(void)setpgid(0, 0);
		(void)tcsetpgrp(0, getpid());
		(void)signal(SIGTTOU, SIG_DFL);
		(void)execv(program, argv);
		_exit(98);
	}
	if (e.pid < 0)
		_exit(97);
	(void)setpgid(e.pid, e.pid);
	if (write(events, &e, sizeof(e)) == sizeof(e))
		tend(e.pid, events, commands);
	_exit(0);
}

static bool next_event(struct job *j, struct event *e);

/* Start "sbx run --tty ... -- sh -c script". */
static bool start(struct job *j, const char *option, const char *script)
{
	char *argv[] = { (char *)(uintptr_t)program,
			 "run",
			 "--discard",
			 (char *)(uintptr_t)option,
			 "--",
			 "sh",
			 "-c",
			 (char *)(uintptr_t)script,
			 NULL };
	struct winsize ws = { .ws_row = 33, .ws_col = 77 };
	struct event e;
	int events[2], commands[2];

	*j = (struct job){ 0 };
	j->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (j->master < 0 || grantpt(j->master) < 0 ||
	    unlockpt(j->master) < 0 || pipe2(events, O_CLOEXEC) < 0 ||
	    pipe2(commands, O_CLOEXEC) < 0)
		return false;
	(void)ioctl(j->master, TIOCSWINSZ, &ws);
	(void)tcgetattr(j->master, &j->before);
	j->shell = fork();
	if (j->shell == 0)
		shell(ptsname(j->master), argv, events[1], commands[0]);
	(void)close(events[1]);
	(void)close(commands[0]);
	j->events = events[0];
	j->commands = commands[1];
	if (!next_event(j, &e))
		return false;
	j->sbx = e.pid;
	return e.kind == 'P';
}

static void take_output(struct job *j)
{
	ssize_t n = read(j->master, j->seen + j->n, sizeof(j->seen) - 1 - j->n);

	if (n > 0)
		j->n += (size_t)n;
	j->seen[j->n] = '\0';
}

static bool late(time_t since)
{
	return time(NULL) - since > DEADLINE_S;
}

/* Until text has come out of the terminal, behind what was looked for last. */
static bool shows(struct job *j, const char *text)
{
	char *at;
	struct pollfd p = { .fd = j->master, .events = POLLIN };
	time_t since = time(NULL);

	while (!(at = strstr(j->seen, text))) {
		if (late(since)) {
			tap_note("instead of '%s': '%s'", text, j->seen);
			return false;
		}
		if (poll(&p, 1, 200) > 0)
			take_output(j);
	}
	at += strlen(text);
	j->n -= (size_t)(at - j->seen);
	memmove(j->seen, at, j->n + 1);
	return true;
}

static bool next_event(struct job *j, struct event *e)
{
	struct pollfd p[2] = { { .fd = j->events, .events = POLLIN },
			       { .fd = j->master, .events = POLLIN } };
	time_t since = time(NULL);

	while (!late(since)) {
		if (poll(p, 2, 200) <= 0)
			continue;
		if (p[1].revents & POLLIN)
			take_output(j);
		if (p[0].revents)
			return read(j->events, e, sizeof(*e)) == sizeof(*e);
	}
	return false;
}

static void type(struct job *j, const char *keys)
{
	ok(write(j->master, keys, strlen(keys)) == (ssize_t)strlen(keys),
	   "typed %zu key%s", strlen(keys), strlen(keys) == 1 ? "" : "s");
}

static bool is_raw(struct job *j)
{
	struct termios t;

	return tcgetattr(j->master, &t) == 0 && !(t.c_lflag & ICANON) &&
	       !(t.c_lflag & ECHO) && !(t.c_lflag & ISIG);
}

/* Modes are set a moment after the program is seen to go on. */
static bool becomes_raw(struct job *j)
{
	struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	time_t since = time(NULL);

	while (!is_raw(j) && !late(since))
		(void)nanosleep(&pause, NULL);
	return is_raw(j);
}

static bool as_before(struct job *j)
{
	struct termios t;

	return tcgetattr(j->master, &t) == 0 &&
	       t.c_iflag == j->before.c_iflag &&
	       t.c_oflag == j->before.c_oflag &&
	       t.c_lflag == j->before.c_lflag &&
	       memcmp(t.c_cc, j->before.c_cc, sizeof(t.c_cc)) == 0;
}

/* The job's end: its status as a shell shows it, or -1. */
static int finish(struct job *j)
{
	struct event e = { 0 };
	int status = -1;

	if (next_event(j, &e) && e.kind == 'X')
		status = WIFEXITED(e.status) ? WEXITSTATUS(e.status)
					     : 128 + WTERMSIG(e.status);
	return status;
}

static void done(struct job *j)
{
	/* 0 and -1 would mean everybody */
	if (j->sbx > 0)
		(void)kill(j->sbx, SIGKILL);
	if (j->shell > 0) {
		(void)kill(j->shell, SIGKILL);
		while (waitpid(j->shell, NULL, 0) < 0 && errno == EINTR)
			;
	}
	(void)close(j->master);
	(void)close(j->events);
	(void)close(j->commands);
}

static void test_modes(struct job *j)
{
	struct winsize ws = { .ws_row = 44, .ws_col = 55 };

	ok(start(j, "--quiet",
		 "test -t 0 && test -t 1 && test -t 2 && tty && stty size;"
		 "echo ready; read -r x; stty size; echo got:$x"),
	   "modes: a run at a terminal");
	ok(shows(j, "33 77"), "modes: the program's terminal has our size");
	ok(shows(j, "ready"), "modes: it waits for a line");
	ok(becomes_raw(j), "modes: our terminal is raw meanwhile");
	is_int(ioctl(j->master, TIOCSWINSZ, &ws), 0, "modes: a new size");
	type(j, "abc\r");
	ok(shows(j, "44 55"), "modes: the new size has reached the program");
	ok(shows(j, "got:abc"), "modes: and the line");
	is_int(finish(j), 0, "modes: it ends well");
	ok(as_before(j), "modes: the terminal is as it was");
	done(j);
}

static void test_keys(struct job *j)
{
	ok(start(j, "--quiet",
		 "trap 'echo interrupted; exit 5' INT; echo ready;"
		 "while :; do sleep 1; done"),
	   "keys: a run at a terminal");
	ok(shows(j, "ready"), "keys: it goes on");
	type(j, "\003");
	ok(shows(j, "interrupted"), "keys: ^C reaches the program");
	is_int(finish(j), 5, "keys: and its status us");
	ok(as_before(j), "keys: the terminal is as it was");
	done(j);
}

static void test_stop(struct job *j)
{
	struct event e = { 0 };

	ok(start(j, "--quiet",
		 "echo ready; while read -r x; do echo got:$x;"
		 "test $x = end && exit 6; done"),
	   "stop: a run at a terminal");
	ok(shows(j, "ready"), "stop: it waits for a line");
	for (int round = 1; round <= 2; round++) {
		type(j, "\032");
		ok(next_event(j, &e) && e.kind == 'S',
		   "stop: ^Z stops the job, round %d", round);
		ok(as_before(j), "stop: the terminal is as it was, round %d",
		   round);
		ok(write(j->commands, "C", 1) == 1, "stop: fg, round %d",
		   round);
		ok(becomes_raw(j), "stop: raw again, round %d", round);
		type(j, "line\r");
		ok(shows(j, "got:line"), "stop: it goes on, round %d", round);
	}
	type(j, "end\r");
	is_int(finish(j), 6, "stop: it ends with its status");
	ok(as_before(j), "stop: the terminal is as it was at the end");
	done(j);
}

/* Without a terminal of its own the program is stopped by us, and we as well.
 */
static void test_stop_pipes(struct job *j)
{
	struct event e = { 0 };

	ok(start(j, "--no-tty",
		 "test -t 0 || echo ready; while read -r x; do echo got:$x;"
		 "test $x = end && exit 6; done"),
	   "pipes: a run at a terminal, with pipes");
	ok(shows(j, "ready"), "pipes: it has none and waits for a line");
	ok(as_before(j), "pipes: our terminal is not touched");
	type(j, "\032");
	ok(next_event(j, &e) && e.kind == 'S', "pipes: ^Z stops the job");
	ok(write(j->commands, "C", 1) == 1, "pipes: fg");
	type(j, "line\r");
	ok(shows(j, "got:line"), "pipes: it goes on");
	type(j, "end\r");
	is_int(finish(j), 6, "pipes: it ends with its status");
	done(j);
	ok(start(j, "--no-tty", "echo ready; exec sleep 1000"),
	   "pipes: another one");
	ok(shows(j, "ready"), "pipes: it goes on");
	type(j, "\003");
	is_int(finish(j), 130, "pipes: ^C ends it by SIGINT");
	done(j);
}

static void ends_by(struct job *j, int sig, int status, const char *name)
{
	ok(start(j, "--quiet", "echo ready; exec sleep 1000"),
	   "%s: a run at a terminal", name);
	ok(shows(j, "ready"), "%s: it goes on", name);
	ok(becomes_raw(j), "%s: raw meanwhile", name);
	is_int(kill(j->sbx, sig), 0, "%s: sent", name);
	is_int(finish(j), status, "%s: the status", name);
	ok(as_before(j), "%s: the terminal is as it was", name);
	done(j);
}

static void test_failures(struct job *j)
{
	ok(start(j, "--quiet", "kill -9 $$"), "killed: a run at a terminal");
	is_int(finish(j), 137, "killed: the status");
	ok(as_before(j), "killed: the terminal is as it was");
	done(j);
	ok(start(j, "--set=workdir=/nonexistent", "true"),
	   "set-up: a run that cannot start");
	is_int(finish(j), 125, "set-up: the status");
	ok(as_before(j), "set-up: the terminal is as it was");
	has_str(j->seen, "workdir", "set-up: the message is seen");
	done(j);
}

int main(void)
{
	struct job j;

	program = getenv("SBX");
	if (!program)
		return 99;
	(void)signal(SIGPIPE, SIG_IGN);
	test_modes(&j);
	test_keys(&j);
	test_stop(&j);
	test_stop_pipes(&j);
	ends_by(&j, SIGTERM, 143, "SIGTERM");
	ends_by(&j, SIGSEGV, 139, "a crash of ours");
	test_failures(&j);
	return tap_done();
}
