/* SPDX-License-Identifier: Apache-2.0 */
/* The signals that go to the program and not to us. */
#ifndef SBX_TOOLS_SIG_H
#define SBX_TOOLS_SIG_H

#include <sbx/err.h>

/*
 * Block the signals that are to be passed on and return a signalfd(2) of them,
 * or -errno. A signal that was ignored when we were started stays ignored
 * (nohup(1)).
 */
int sig_open(struct sbx_err *err);

#endif
