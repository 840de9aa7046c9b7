/* SPDX-License-Identifier: Apache-2.0 */
/* Making the jail's first process and the pipes to it. */
#ifndef SBX_JAIL_SPAWN_H
#define SBX_JAIL_SPAWN_H

#include <sbx/err.h>
#include <sbx/sbx.h>
#include <sys/types.h>

#include "runtime/jail/cgroup.h"
#include "runtime/jail/plan.h"

/* What the supervisor holds of a jail. Zeroed with spawn_blank(). */
struct jail_proc {
	pid_t pid; /* of PID 1, as seen from here */
	int pidfd;
	int ctl;      /* SOCK_SEQPACKET, see wire.h */
	int stdio[3]; /* our ends of its pipes; -1: none */
};

/*
 * Clone PID 1 into its namespaces (and into cg's cgroup), with pipes for those
 * of opts->stdio that there are; returns when the clone is made, not when the
 * jail is ready. On success the caller owns *ret.
 */
int jail_spawn(const struct jail_plan *plan, const struct sbx_run_opts *opts,
	       const struct cgroup *cg, int rundir, struct jail_proc *ret,
	       struct sbx_err *err);
void jail_proc_done(struct jail_proc *p);

/* Map subordinate ids by newuidmap(1) and newgidmap(1) (subuid(5)). */
int subids_map(pid_t pid, const struct jail_plan *plan, struct sbx_err *err);

#endif
