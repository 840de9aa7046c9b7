/* SPDX-License-Identifier: Apache-2.0 */
/* A root's directories, files and links, kept for the next start. */
#ifndef SBX_JAIL_MOULD_H
#define SBX_JAIL_MOULD_H

#include <sbx/err.h>

#include "runtime/jail/plan.h"

/*
 * Where the plan's tree could come ready-made from: sets plan->mould, and its
 * inode where it is there. To be called when plan->ops is complete.
 */
int mould_plan(struct jail_plan *plan, const struct jail_host *host,
	       struct sbx_err *err);

/* Whether the plan could have used a mould that is not there. */
bool mould_missing(const struct jail_plan *plan);

/*
 * Make it below the state directory, for the next start. Takes a millisecond
 * or two, so not while somebody waits. Another one making it is no error.
 */
int mould_make(const struct jail_plan *plan, int statefd, struct sbx_err *err);

#endif
