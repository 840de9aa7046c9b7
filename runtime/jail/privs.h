/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of lock_apply(), one by one. All are async-signal-safe. */
#ifndef SBX_JAIL_PRIVS_H
#define SBX_JAIL_PRIVS_H

#include <linux/filter.h>
#include <sbx/err.h>

#include "runtime/jail/plan.h"

int privs_limit(const struct jail_plan *plan, struct sbx_err *err);
/* A session keyring of its own: the caller's is inherited otherwise, even by a
 * user namespace. */
int privs_keyring(const struct jail_plan *plan, struct sbx_err *err);
/* Securebits locked, and every capability set empty for good. */
int privs_drop_caps(struct sbx_err *err);
/* no_new_privs, and no window for ptrace(2) into this process. */
int privs_seal(struct sbx_err *err);
int privs_filter(const struct sock_fprog *prog, struct sbx_err *err);

#endif
