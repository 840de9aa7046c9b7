/* SPDX-License-Identifier: Apache-2.0 */
/* A terminal with a job in it, seen from the side of the person. */
#ifndef SBX_TESTS_JAIL_PTY_H
#define SBX_TESTS_JAIL_PTY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <termios.h>

/*
 * How this works. The driver holds the master. A leader, forked by it, owns the
 * session and runs the job in a process group of its own in the foreground, as
 * a shell does; it reports each change of the job's state down a pipe, and
 * continues a stopped job when told so. The leader's end does not come before
 * the job was reaped, so what is looked at afterwards holds still.
 */
struct pty {
	int master;
	int slave; /* kept open: the terminal outlives the job */
	pid_t leader;
	pid_t job;
	int events, orders;
	struct termios before;
	char *seen; /* what came out so far, NUL-terminated */
	size_t len, cap;
};

/* What the leader says of the job. */
struct pty_event {
	int kind;  /* 'P' its number, 'S' stopped, 'C' continued,
		      'E' ended */
	int value; /* pid, or as a shell shows the status */
};

/* Make the terminal and start the job. False: no terminal to be had. */
bool pty_start(struct pty *p, char *const argv[], unsigned short rows,
	       unsigned short cols);
/* Read what comes out for at most ms milliseconds; false at nothing. */
bool pty_pump(struct pty *p, int ms);
/* Wait until the output has text; false after 30 s. */
bool pty_expect(struct pty *p, const char *text);
void pty_type(struct pty *p, const char *text);
void pty_resize(struct pty *p, unsigned short rows, unsigned short cols);
/* Wait for the job to stop or end, while reading its output; false: 30 s. */
bool pty_event(struct pty *p, int kind, int *ret_value);
/* Continue a stopped job in the foreground, as fg does, and wait for it to put
 * the terminal into raw mode again; false after 30 s. */
bool pty_continue(struct pty *p);
/* The terminal's modes are those from before the job; waits for up to 5 s. */
bool pty_modes_kept(struct pty *p);
/* Characters that somebody has pushed into the terminal's input. */
int pty_pushed(struct pty *p);
/* End whatever is left and free all. */
void pty_done(struct pty *p);

#endif
