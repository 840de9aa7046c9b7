/* SPDX-License-Identifier: Apache-2.0 */
/* sbx run at a terminal: tty SBX, in the workspace. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/jail/pty.h"
#include "tests/tap/tap.h"

#define ROWS 31
#define COLS 97

static char *sbx;

/* sbx run -- SHELL -c SCRIPT at a terminal */
static bool shell_in(struct pty *p, const char *shell, const char *script)
{
	char *argv[] = { sbx,		"run", "--quiet",      "--",
			 (char *)shell, "-c",  (char *)script, NULL };

	return ok(pty_start(p, argv, ROWS, COLS), "a terminal for: %.40s",
		  script);
}

/* The job's end, its status, and that the terminal is as it was. */
static void ends(struct pty *p, int want, const char *name)
{
	int status = -1;

	ok(pty_event(p, 'E', &status), "%s: it ends", name);
	if (!is_int(status, want, "%s: exit status", name) && p->seen)
		fprintf(stderr, "# output: %.600s\n", p->seen);
	ok(pty_modes_kept(p), "%s: the terminal is as it was", name);
	is_int(pty_pushed(p), 0, "%s: nothing was typed by the program", name);
	pty_done(p);
}

static void test_real(void)
{
	struct pty p;

	if (!shell_in(&p, "sh",
		      "tty; for i in 0 1 2; do test -t $i || exit 9; done; "
		      "stty size; : </dev/tty && echo has-tty; exit 7"))
		return;
	ok(pty_expect(&p, "/dev/pts/"), "the program's terminal has a name");
	ok(pty_expect(&p, "31 97"), "it has the size of the caller's");
	ok(pty_expect(&p, "has-tty"), "/dev/tty opens");
	ends(&p, 7, "real terminal");
}

static void test_resize(void)
{
	struct pty p;

	if (!shell_in(&p, "sh",
		      "trap 'stty size; exit 0' WINCH; echo ready; "
		      "while :; do sleep 0.05; done"))
		return;
	ok(pty_expect(&p, "ready"), "resize: it runs");
	pty_resize(&p, 40, 100);
	ok(pty_expect(&p, "40 100"), "resize: the new size arrives");
	ends(&p, 0, "resize");
}

static void test_interrupt(void)
{
	struct pty p;

	if (!shell_in(&p, "bash",
		      "set -m; sleep 1000 & bg=$!; "
		      "( trap 'exit 5' INT; echo ready; "
		      "while :; do sleep 0.05; done ); echo fg=$?; "
		      "kill -0 $bg && echo bg-lives; exit 3"))
		return;
	ok(pty_expect(&p, "ready"), "Ctrl-C: it runs");
	pty_type(&p, "\003");
	ok(pty_expect(&p, "fg=5"), "Ctrl-C reaches the foreground job");
	ok(pty_expect(&p, "bg-lives"), "Ctrl-C does not reach the others");
	ends(&p, 3, "Ctrl-C");
}

static void test_suspend(void)
{
	struct pty p;
	int sig = 0;

	if (!shell_in(&p, "sh", "echo ready; read x; echo got=$x; exit 4"))
		return;
	ok(pty_expect(&p, "ready"), "Ctrl-Z: it runs");
	pty_type(&p, "\032");
	ok(pty_event(&p, 'S', &sig), "Ctrl-Z stops sbx itself");
	ok(pty_modes_kept(&p), "Ctrl-Z: the terminal is as it was meanwhile");
	ok(pty_continue(&p), "fg: sbx has the terminal again");
	pty_type(&p, "again\n");
	ok(pty_expect(&p, "got=again"), "fg: it goes on");
	ends(&p, 4, "Ctrl-Z and fg");
}

/* What is typed before the program runs again may be lost to its being
 * continued: hence an answer from it each time. */
static void test_twice(void)
{
	char line[32], answer[32];
	struct pty p;
	int sig = 0;

	if (!shell_in(&p, "sh",
		      "echo ready; while read x; do echo got=$x; done; exit 4"))
		return;
	ok(pty_expect(&p, "ready"), "twice: it runs");
	for (int i = 1; i <= 2; i++) {
		pty_type(&p, "\032");
		ok(pty_event(&p, 'S', &sig), "twice: stop %d", i);
		pty_resize(&p, (unsigned short)(50 + i), 90);
		ok(pty_continue(&p), "twice: fg %d", i);
		(void)snprintf(line, sizeof(line), "line%d\n", i);
		(void)snprintf(answer, sizeof(answer), "got=line%d", i);
		pty_type(&p, line);
		ok(pty_expect(&p, answer), "twice: it goes on %d", i);
	}
	pty_type(&p, "\004");
	ends(&p, 4, "twice");
}

static void test_left_raw(void)
{
	struct pty p;

	if (!shell_in(&p, "sh", "stty raw -echo -isig; exit 6"))
		return;
	ends(&p, 6, "a program that leaves its terminal raw");
}

static void test_signals(void)
{
	static const struct {
		int sig;
		const char *name;
	} rows[] = { { SIGTERM, "SIGTERM" },
		     { SIGHUP, "SIGHUP" },
		     { SIGINT, "SIGINT" },
		     { SIGQUIT, "SIGQUIT" } };
	struct pty p;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!shell_in(&p, "sh", "echo ready; exec sleep 1000"))
			return;
		ok(pty_expect(&p, "ready"), "%s: it runs", rows[i].name);
		(void)kill(p.job, rows[i].sig);
		ends(&p, 128 + rows[i].sig, rows[i].name);
	}
}

static void test_errors(void)
{
	char *unknown[] = { sbx, "run", "--", "/no/such/program", NULL };
	char *policy[] = { sbx,	 "run",	 "--policy", "/no/such/policy.yaml",
			   "--", "true", NULL };
	struct pty p;

	if (ok(pty_start(&p, unknown, ROWS, COLS), "unknown command"))
		ends(&p, 127, "unknown command");
	if (ok(pty_start(&p, policy, ROWS, COLS), "unknown policy"))
		ends(&p, 125, "unknown policy");
}

static void test_input(void)
{
	struct pty p;

	if (!shell_in(&p, "sh", "echo ready; cat | tr a-z A-Z; exit 2"))
		return;
	ok(pty_expect(&p, "ready"), "input: it runs");
	pty_type(&p, "some words\n");
	ok(pty_expect(&p, "SOME WORDS"), "input: lines arrive");
	pty_type(&p, "\004");
	ends(&p, 2, "Ctrl-D ends the input");
}

static void test_much_output(void)
{
	struct pty p;

	if (!shell_in(&p, "sh", "seq 1 100000; echo the-end; exit 1"))
		return;
	ok(pty_expect(&p, "\n100000\r\n"), "much output: the last line");
	ok(pty_expect(&p, "the-end"), "much output: all came in its order");
	ok(strstr(p.seen, "\n54321\r\n54322\r\n"), "much output: the middle");
	ends(&p, 1, "much output");
}

/* The person closes the window: SIGHUP from the kernel, all is gone. */
static void test_hangup(void)
{
	char name[64];
	struct pty p;
	int status = -1;

	(void)snprintf(name, sizeof(name), "echo ready; sleep 98765; : %d",
		       (int)getpid());
	if (!shell_in(&p, "sh", name))
		return;
	ok(pty_expect(&p, "ready"), "hangup: it runs");
	(void)close(p.slave);
	(void)close(p.master);
	p.master = open("/dev/null", O_RDWR | O_CLOEXEC);
	p.slave = open("/dev/null", O_RDWR | O_CLOEXEC);
	ok(pty_event(&p, 'E', &status), "hangup: sbx ends (%d)", status);
	pty_done(&p);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 99;
	sbx = argv[1];
	(void)signal(SIGPIPE, SIG_IGN);
	test_real();
	test_resize();
	test_interrupt();
	test_suspend();
	test_twice();
	test_left_raw();
	test_signals();
	test_errors();
	test_input();
	test_much_output();
	test_hangup();
	return tap_done();
}
