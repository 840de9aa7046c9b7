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
 * and make it "/". rundir: descriptor of the run's directory that holds N/upper
 * and N/work of each overlay on disk, or -1. The old root still lies over "/",
 * in *ret_old mounts: until they are gone ".." leads to it. Async-signal-safe:
 * runs between clone and exec. err->step is set. Leaves plan->umask.
 */
int mount_enter(const struct jail_plan *plan, int rundir, unsigned *ret_old,
		struct sbx_err *err);

/*
 * Detach so many of them, and make sure that none is left; with 0, where
 * somebody else has detached them, make sure only. The working directory is
 * "/" then. Async-signal-safe. err->step is set.
 */
int mount_leave_old(unsigned old, struct sbx_err *err);

#endif
