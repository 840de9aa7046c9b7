/* SPDX-License-Identifier: Apache-2.0 */
/* Giving up power: limits, keyring, capabilities, privileges by exec. */
#include "runtime/jail/privs.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/base/cleanup.h"

int privs_limit(const struct jail_plan *plan, struct sbx_err *err)
{
	for (size_t i = 0; i < plan->n_rlimits; i++) {
		const struct jail_rlimit *l = &plan->rlimits[i];
		struct rlimit lim = { .rlim_cur = l->soft,
				      .rlim_max = l->hard };

		if (setrlimit((__rlimit_resource_t)l->resource, &lim) < 0)
			return sbx_fail(err, errno, "setrlimit %d",
					l->resource);
	}
	return 0;
}

static bool keys_allowed(const struct policy *pol)
{
	return strv_has(&pol->seccomp.allow, "keyctl") ||
	       strv_has(&pol->seccomp.allow, "request_key") ||
	       strv_has(&pol->seccomp.allow, "add_key");
}

/*
 * A kernel without keys, a container that refuses them, a user whose quota of
 * keys is used up: then the inherited keyring stays, and it is out of reach as
 * long as the filter refuses the calls. Where the policy allows one, it fails.
 */
int privs_keyring(const struct jail_plan *plan, struct sbx_err *err)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) >= 0 ||
	    errno == ENOSYS || !keys_allowed(plan->pol))
		return 0;
	return sbx_fail(err, errno, "new session keyring");
}

#define LOCKED_BITS                                                      \
	(SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP | \
	 SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |       \
	 SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED)

/* One call each: the kernel has no other way (it has none for all at once). */
static int drop_bounding(struct sbx_err *err)
{
	for (unsigned long cap = 0; cap < 64; cap++) {
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0)
			continue;
		if (errno == EINVAL && cap > CAP_SETFCAP)
			return 0; /* past the kernel's last one */
		return sbx_fail(err, errno, "drop %lu from the bounding set",
				cap);
	}
	return 0;
}

/* The kernel keeps the ambient set within the permitted one: empty as well. */
int privs_drop_caps(struct sbx_err *err)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };
	int r;

	if (prctl(PR_SET_SECUREBITS, LOCKED_BITS, 0, 0, 0) < 0)
		return sbx_fail(err, errno, "lock securebits");
	r = drop_bounding(err);
	if (r < 0)
		return r;
	if (syscall(SYS_capset, &head, none) < 0)
		return sbx_fail(err, errno, "empty the capability sets");
	return 0;
}

int privs_seal(struct sbx_err *err)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return sbx_fail(err, errno, "no_new_privs");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return sbx_fail(err, errno, "not dumpable");
	return 0;
}

int privs_filter(const struct sock_fprog *prog, struct sbx_err *err)
{
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, prog) < 0)
		return sbx_fail(err, errno, "load the filter");
	return 0;
}
