/* SPDX-License-Identifier: Apache-2.0 */
/* Taking power away, in the one order that works. */
#include "runtime/jail/lock.h"

#include <string.h>

#include "runtime/jail/landlock.h"
#include "runtime/jail/privs.h"

static int named(int r, const char *step, struct sbx_err *err)
{
	if (r < 0 && err)
		strcpy(err->step, step);
	return r;
}

/*
 * Limits first, where there is still the right to set them; capabilities
 * before no_new_privs, since locking them takes one; Landlock and the filter
 * need no_new_privs; and the filter last, for it refuses what the others do.
 */
int lock_apply(const struct jail_plan *plan, struct sbx_err *err)
{
	int r = named(privs_limit(plan, err), "limits", err);

	if (r == 0)
		r = named(privs_keyring(plan, err), "keyring", err);
	if (r == 0)
		r = named(privs_drop_caps(err), "capabilities", err);
	if (r == 0)
		r = named(privs_seal(err), "privileges", err);
	if (r == 0 && plan->landlock_abi > 0)
		r = named(landlock_apply(plan, err), "landlock", err);
	if (r == 0)
		r = named(privs_filter(&plan->filter, err), "seccomp", err);
	return r;
}
