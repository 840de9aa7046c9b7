/* SPDX-License-Identifier: Apache-2.0 */
/* The caller's terminal, while the program has one of its own. */
#include "tools/sbx/term.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <termios.h>
#include <unistd.h>

/*
 * A signal handler has no argument, and a process has one terminal: hence the
 * one variable of this program that is neither constant nor on a stack.
 */
static struct {
	volatile sig_atomic_t raw;
	int fd;
	struct termios before;
} term;

static const int crashes[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE,
			       SIGABRT, SIGSYS, SIGTRAP };

static void crashed(int sig)
{
	term_restore();
	/* SA_RESETHAND: now it ends us, with a core where one is wanted */
	(void)raise(sig);
}

static void catch_crashes(void)
{
	struct sigaction sa = { .sa_handler = crashed,
				.sa_flags = (int)SA_RESETHAND };

	for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
		(void)sigaction(crashes[i], &sa, NULL);
}

static int set_raw(void)
{
	struct termios t = term.before;

	cfmakeraw(&t);
	while (tcsetattr(term.fd, TCSADRAIN, &t) < 0)
		if (errno != EINTR)
			return -errno;
	term.raw = true;
	return 0;
}

int term_raw(int fd, struct sbx_err *err)
{
	int r;

	term.fd = fd;
	if (tcgetattr(fd, &term.before) < 0)
		return sbx_fail(err, errno, "terminal on standard input");
	catch_crashes();
	r = set_raw();
	return r < 0 ? sbx_fail(err, -r, "raw mode of the terminal") : 0;
}

void term_restore(void)
{
	if (!term.raw)
		return;
	term.raw = false;
	/* a shell that took the terminal back has set its own modes */
	if (tcgetpgrp(term.fd) == getpgrp())
		(void)tcsetattr(term.fd, TCSADRAIN, &term.before);
}

void term_stop(void *unused)
{
	bool was_raw = term.raw;
	sigset_t tstp, before;

	term_restore();
	(void)sigemptyset(&tstp);
	(void)sigaddset(&tstp, SIGTSTP);
	(void)sigprocmask(SIG_UNBLOCK, &tstp, &before);
	/*
	 * In raw mode ^Z reached the program alone: the rest of our job (a
	 * script that called us) must stop too, or its shell never learns. In
	 * an orphaned group nothing stops, and nobody could wake it.
	 */
	(void)kill(was_raw ? 0 : getpid(), SIGTSTP);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	if (!was_raw)
		return;
	(void)set_raw();
	/* the window may have another size by now */
	(void)kill(getpid(), SIGWINCH);
}
