/* SPDX-License-Identifier: Apache-2.0 */
/* The caller's terminal, while the program has one of its own. */
#ifndef SBX_TOOLS_TERM_H
#define SBX_TOOLS_TERM_H

#include <sbx/err.h>

/*
 * Put the terminal on fd in raw mode. From here on term_restore() must run on
 * every way out; a crash of ours does it too.
 */
int term_raw(int fd, struct sbx_err *err);

/* As it was. Does nothing where it is not raw, or where another process group
 * has the terminal now. */
void term_restore(void);

/*
 * Stop as the shell's job control expects it: the terminal as it was, the
 * whole job stopped (only this process where the terminal is not ours), and
 * raw again when it goes on. For sbx_run_opts.stopped.
 */
void term_stop(void *unused);

#endif
