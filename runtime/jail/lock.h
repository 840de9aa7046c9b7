/* SPDX-License-Identifier: Apache-2.0 */
/* Taking power away: capabilities, seccomp, Landlock, rlimits, keyring. */
#ifndef SBX_JAIL_LOCK_H
#define SBX_JAIL_LOCK_H

#include <linux/filter.h>
#include <sbx/err.h>

#include "runtime/base/strv.h"
#include "runtime/jail/plan.h"

/* ---- planning --------------------------------------------------------- */

/* Set plan->filter from the default profile and the policy's allow/deny.
 * Where the policy changes nothing, the program compiled at build time. A name
 * that is unknown, or that cannot be allowed or denied: -EINVAL. */
int filter_plan(struct jail_plan *plan, struct sbx_err *err);
/* Whether the policy's seccomp.allow and seccomp.deny can be obeyed; the errors
 * of filter_plan(). */
int filter_check(const struct policy *pol, struct sbx_err *err);
/* Describe the filter by verdict, some lines, for --dry-run. */
int filter_describe(const struct jail_plan *plan, struct buf *out);
/* Set plan->rules and plan->landlock_abi. Needs plan->ops. -ENOTSUP where the
 * policy demands Landlock and the kernel has none. */
int landlock_plan(struct jail_plan *plan, const struct jail_host *host,
		  struct sbx_err *err);
/* Set plan->rlimits. */
int rlimit_plan(struct jail_plan *plan, struct sbx_err *err);

/* ---- applying, in the child: async-signal-safe ------------------------ */

/*
 * In this order, after mount_enter(): rlimits, keyring of its own, securebits
 * locked, bounding/ambient/inheritable/permitted sets empty, no_new_privs,
 * not dumpable, Landlock, and last the filter. err->step is set.
 */
int lock_apply(const struct jail_plan *plan, struct sbx_err *err);

/* The Landlock ABI of this kernel, 0 where there is none or it is off. */
int landlock_probe(void);

#endif
