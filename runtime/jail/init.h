/* SPDX-License-Identifier: Apache-2.0 */
/* PID 1 of a jail. */
#ifndef SBX_JAIL_INIT_H
#define SBX_JAIL_INIT_H

#include <stdbool.h>
#include <sys/ioctl.h>

#include "runtime/jail/plan.h"

struct init_args {
	const struct jail_plan *plan;
	char *const *argv;
	int ctl;	     /* our end of the control socket */
	int ctl_peer;	     /* the supervisor's end: to be closed */
	int stdio[3];	     /* the program's, -1: /dev/null */
	int rundir;	     /* for mount_enter(), or -1 */
	bool tty;	     /* give it a terminal, send the master out */
	struct winsize size; /* of that terminal, from its first moment */
	bool watch;	     /* send samples: no cgroup holds all limits */
	unsigned held;	     /* enum cg_controller: but it holds these */
	bool net_beside;     /* the network namespace is still to be made */
	bool new_cgroup_ns;  /* still to be unshared, in our own cgroup */
};

/*
 * The life of PID 1, right after clone3(): build the jail, lock it, start the
 * program, reap, pass signals on, and end with it. Async-signal-safe.
 */
_Noreturn void init_main(const struct init_args *a);

/*
 * Start the program as a child that shares our memory until it has executed.
 * tty: descriptor of its terminal, or -1. Returns its pid, or -errno of the
 * exec with *err filled (step "exec" or "workdir").
 */
int program_start(const struct init_args *a, int tty, struct sbx_err *err);

/*
 * Overwrite this process's arguments and environment, which /proc/PID/cmdline
 * and environ show and which hold what the caller's own environment held.
 */
void wipe_arguments(void);

#endif
