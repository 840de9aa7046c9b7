/* SPDX-License-Identifier: Apache-2.0 */
/* The jail's root file system: planning it, and building it in the child. */
#ifndef SBX_JAIL_MOUNT_H
#define SBX_JAIL_MOUNT_H

#include <sbx/err.h>

#include "runtime/jail/plan.h"

/* Add the steps for the root, /dev, /proc, /tmp, /etc and the policy's mounts
 * to the plan. */
int mount_plan(struct jail_plan *plan, const struct jail_host *host,
	       struct sbx_err *err);

/*
 * Make N/upper and N/work below rundir for each overlay of the plan that keeps
 * its changes on disk. To be called before the jail is started.
 */
int overlay_prepare(const struct jail_plan *plan, int rundir,
		    struct sbx_err *err);

/*
 * Build the root from plan->ops in the calling process's new mount namespace
 * and make it "/", the old root gone. rundir: descriptor of the run's
 * directory that holds N/upper and N/work of each overlay on disk, or -1.
 * Async-signal-safe: runs between clone and exec. err->step is set. Leaves the
 * process in "/" with plan->umask.
 */
int mount_enter(const struct jail_plan *plan, int rundir, struct sbx_err *err);

#endif
