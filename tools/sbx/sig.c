/* SPDX-License-Identifier: Apache-2.0 */
/* The signals that go to the program and not to us. */
#include "tools/sbx/sig.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>

static const int passed_on[] = {
	SIGTERM, SIGINT,   SIGHUP,  SIGQUIT, SIGUSR1,
	SIGUSR2, SIGWINCH, SIGCONT, SIGTSTP,
};

int sig_open(struct sbx_err *err)
{
	struct sigaction now;
	sigset_t set;
	int fd;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < sizeof(passed_on) / sizeof(passed_on[0]); i++) {
		(void)sigaction(passed_on[i], NULL, &now);
		if (now.sa_handler != SIG_IGN)
			(void)sigaddset(&set, passed_on[i]);
	}
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	/* a parent that ignored these would lose us exit statuses and pipes */
	(void)signal(SIGCHLD, SIG_DFL);
	(void)signal(SIGPIPE, SIG_IGN);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? sbx_fail(err, errno, "signalfd") : fd;
}
