/* SPDX-License-Identifier: Apache-2.0 */
/*
 * onpty COMMAND...: run it at a terminal of its own, copy what it prints to
 * standard output. Exit status: the command's, or 98 where it left characters
 * in the terminal's input or other modes than it found.
 */
#include <stdio.h>

#include "tests/jail/pty.h"

int main(int argc, char **argv)
{
	struct pty p;
	int status = 99;

	if (argc < 2 || !pty_start(&p, argv + 1, 24, 80))
		return 99;
	for (int i = 0; i < 8 && !pty_event(&p, 'E', &status); i++)
		;
	(void)fwrite(p.seen ? p.seen : "", 1, p.len, stdout);
	if (pty_pushed(&p) || !pty_modes_kept(&p)) {
		fputs("the terminal is not as it was\n", stderr);
		status = 98;
	}
	pty_done(&p);
	return fflush(stdout) ? 99 : status;
}
