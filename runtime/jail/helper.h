/* SPDX-License-Identifier: Apache-2.0 */
/* A second pair of hands for PID 1 while it makes the jail. */
#ifndef SBX_JAIL_HELPER_H
#define SBX_JAIL_HELPER_H

#include <sbx/err.h>
#include <stdbool.h>
#include <sys/types.h>

struct helper {
	pid_t pid;
	int made;	    /* a futex: 1 once sock is set */
	int sock;	    /* in the new network namespace, or -errno */
	int go;		    /* a futex: 1 once old_roots is set */
	unsigned old_roots; /* mounts over "/" that are to go */
	long code;	    /* of what came after sock: 0 or -errno */
	const char *what;   /* failed then */
	_Alignas(16) char stack[8192];
};

/* Whether there is a second processor for it, and so something to gain. */
bool helper_pays(void);

/*
 * In PID 1, in this order: start it, and it makes a network namespace, as
 * CLONE_NEWNET would have; enter that namespace, whose loopback it sets up;
 * after pivot_root(2) have it detach the old root; and before anything else may
 * run, wait until all is done and it is gone. Between the first and the last
 * *h must stay where it is, and no descriptor may be closed but by its number.
 * The second and the third may change places. Async-signal-safe; err->step is
 * set.
 */
int helper_start(struct helper *h, struct sbx_err *err);
int helper_enter_net(struct helper *h, struct sbx_err *err);
void helper_detach(struct helper *h, unsigned old_roots);
int helper_finish(struct helper *h, struct sbx_err *err);

#endif
