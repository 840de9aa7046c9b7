/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock: rules from the plan's mounts, and putting them in force. */
#ifndef SBX_JAIL_LANDLOCK_H
#define SBX_JAIL_LANDLOCK_H

#include <sbx/err.h>
#include <stdint.h>

#include "runtime/jail/plan.h"

/* The rights that an ABI knows: no others may be named to its kernel. */
uint64_t landlock_handled(int abi);

/* Restrict the calling process to plan->rules. Needs no_new_privs, and the
 * jail's root as "/". Async-signal-safe. */
int landlock_apply(const struct jail_plan *plan, struct sbx_err *err);

#endif
